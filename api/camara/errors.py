"""Errors as CAMARA has them: a status, a code of its list, and a message for people."""

from collections.abc import Mapping

from pydantic import ValidationError
from starlette.responses import JSONResponse

from api.errors import INTERNAL, Refused
from graph.errors import TiegraphError, TooManyRequests

_MOST_MESSAGE = 512


class CamaraError(Exception):
    """A request gets an error instead of an answer.

    Attributes
    ----------
    status : int
        The HTTP status.
    code : str
        As the API's definition lists it.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}

    @property
    def response(self) -> JSONResponse:
        """What the client gets."""
        body = {"status": self.status, "code": self.code, "message": str(self)[:_MOST_MESSAGE]}
        return JSONResponse(body, self.status, {"Cache-Control": "no-store", **self.headers})


def denied() -> CamaraError:
    """Return the one error for all that a partner may not ask or learn."""
    message = "Client does not have sufficient permissions to perform this action."
    return CamaraError(403, "PERMISSION_DENIED", message)


def invalid(error: ValidationError) -> CamaraError:
    """Return the error for a body that is not as the API defines it; it does not repeat values."""
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "the body"
    return CamaraError(400, "INVALID_ARGUMENT", f"{place}: {first['msg']}")


def of_ours(error: TiegraphError) -> CamaraError:
    """Return an error of ours in CAMARA's form; our codes are of its list where it has one."""
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_s)
    code = error.code if error.http_status < 500 else _UNAVAILABLE.get(error.http_status, INTERNAL)
    return CamaraError(error.http_status, code, str(error), headers)


def of_refusal(refused: Refused) -> CamaraError:
    """Return in CAMARA's form what was refused in GraphQL's."""
    problem = refused.problems[0]
    code = str(problem["extensions"]["code"])
    return CamaraError(refused.status, code, str(problem["message"]), refused.headers)


_UNAVAILABLE = {503: "UNAVAILABLE", 504: "TIMEOUT"}
