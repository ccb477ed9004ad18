"""What a request asks, out of its JSON: the same members over HTTP and WebSocket."""

from collections.abc import Mapping
from typing import Any

from api.errors import BAD_USER_INPUT, Refused, problem
from api.execution import Question


def question_of(members: Mapping[str, Any]) -> Question:
    """Return what is asked; members that are unknown are ignored, as the specification says.

    Raises
    ------
    Refused
        A member is missing, or not of its type.
    """
    match members:
        case {"query": str()}:
            pass
        case _:
            raise refusal(400, "query must be a text")
    variables = members.get("variables")
    if not isinstance(variables, dict | None):
        raise refusal(400, "variables must be an object")
    if not isinstance(members.get("extensions"), dict | None):
        raise refusal(400, "extensions must be an object")
    name = members.get("operationName")
    if not isinstance(name, str | None):
        raise refusal(400, "operationName must be a text")
    return Question(members["query"], variables or {}, name)


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Refused:
    """Return the refusal of a request that cannot be right."""
    return Refused(status, [problem(BAD_USER_INPUT, message)], headers)
