"""Entity tags (RFC 9110, section 8.8.3): a client that has an answer is told that it still holds.

Every question is answered anew, with all checks of role and consent, before its tag is compared:
what is saved is the way back. So an answer that somebody may not have any more is never kept up.
"""

from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

_KEPT_BY = {
    "Cache-Control": "private, no-cache",  # kept by the asker alone, and never used unasked
    "Vary": "Accept, Authorization",
}


def tagged(response: Response, request: Request) -> Response:
    """Return the response with its tag; without its body, if the client has that."""
    tag = _tag(response, request)
    headers = {**_KEPT_BY, "ETag": tag}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _tag(response: Response, request: Request) -> str:
    """Return what two answers share only if they are equal and went to the same token."""
    digest = blake2b(digest_size=16)
    for part in (request.headers.get("authorization", ""), response.headers["content-type"]):
        digest.update(part.encode() + b"\0")
    digest.update(response.body)
    return f'"{digest.hexdigest()}"'


def _has(if_none_match: str, tag: str) -> bool:
    """Tell whether a tag is listed, by the weak comparison that GET asks for.

    Examples
    --------
    >>> _has('W/"a", "b"', '"a"'), _has("*", '"a"'), _has('"c"', '"a"')
    (True, True, False)
    """
    listed = (part.strip().removeprefix("W/") for part in if_none_match.split(","))
    return any(part in ("*", tag) for part in listed)
