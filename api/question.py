"""What a request asks, out of its JSON: the same members over HTTP and WebSocket."""

from collections.abc import Mapping
from typing import Any

from api.errors import BAD_USER_INPUT, NOT_PERSISTED, Refused, problem
from api.execution import Question
from api.trusted import Trusted, hashed
from graph.settings import Role

Members = Mapping[str, Any]


def question_of(members: Members, trusted: Trusted, role: Role) -> Question:
    """Return what is asked; members that are unknown are ignored, as the specification says.

    The document stands in ``query``; or it is one that the service has, named by ``documentId``
    (GraphQL over HTTP, appendix A) or by Apollo's ``extensions.persistedQuery``.

    Raises
    ------
    Refused
        A member is missing, or not of its type; no document has that name; or the role may run
        trusted documents only.
    """
    variables, extensions = members.get("variables"), members.get("extensions")
    if not isinstance(variables, dict | None):
        raise refusal(400, "variables must be an object")
    if not isinstance(extensions, dict | None):
        raise refusal(400, "extensions must be an object")
    name = members.get("operationName")
    if not isinstance(name, str | None):
        raise refusal(400, "operationName must be a text")
    persisted = (extensions or {}).get("persistedQuery")
    return Question(_document(members, persisted, trusted, role), variables or {}, name)


def _document(members: Members, persisted: Any, trusted: Trusted, role: Role) -> str:
    match members.get("query"), members.get("documentId"), persisted:
        case str(text), None, None:
            trusted.check(text, role)
            return text
        case None, str(name), None:
            return _found(trusted.named(name), "no trusted document has this documentId")
        case text, None, {"version": 1, "sha256Hash": str(digest)} if isinstance(text, str | None):
            return _persisted(text, digest, trusted, role)
        case _, None, None:
            raise refusal(400, "query must be a text")
        case None, _, None:
            raise refusal(400, "documentId must be a text")
        case _, None, _:
            raise refusal(400, "persistedQuery must have the version 1 and a text sha256Hash")
        case _:
            raise refusal(400, "send one of query, documentId and extensions.persistedQuery")


def _persisted(text: str | None, digest: str, trusted: Trusted, role: Role) -> str:
    """Return the document of Apollo's protocol; whoever sends text and hash may send it alone."""
    if text is None:
        known = trusted.named if trusted.is_closed_to(role) else trusted.kept
        # By this very message clients know that they must send the text.
        return _found(known(digest), "PersistedQueryNotFound")
    trusted.check(text, role)
    if digest != hashed(text):
        raise refusal(400, "sha256Hash is not the SHA-256 of the query")
    trusted.keep(digest, text)
    return text


def _found(text: str | None, otherwise: str) -> str:
    if text is None:
        raise Refused(404, [problem(NOT_PERSISTED, otherwise)], is_about_document=True)
    return text


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Refused:
    """Return the refusal of a request that cannot be right."""
    return Refused(status, [problem(BAD_USER_INPUT, message)], headers)
