"""Every error that Tiegraph raises on purpose.

::

    TiegraphError
      NotFound                 nothing has that key
      NotAnalysed              what is asked for has not been computed yet
      BadInput                 the caller's argument cannot be right
      IllegalTransition        what is asked for cannot be done in the state that something is in
      Conflict                 somebody else changed it in the meantime
      NotAuthenticated         the caller did not prove who they are
      IssuerUnavailable        tokens cannot be checked: their issuer does not answer
      NotAllowed               the caller's role does not include this
      TooCostly                an answer could be larger than the caller's role may ask for
      TooManyRequests          the caller asks too often, or too much at once
      BudgetSpent              the caller was told as much of people as may be told for now
      SourceError              a file or mapping cannot be loaded; names the file and the reason
      IdentityKeyError         the identity key is missing, unreadable or not the graph's
      LocalTimeError           the graph was computed by the clock of another time zone
      DatabaseError            Neo4j refused or failed a statement
        DatabaseUnavailable    Neo4j does not answer
        DatabaseTimeout        the statement took longer than its limit
        SchemaTooNew           the graph was written by a newer Tiegraph
        SchemaAlreadyThere     another command has just made the same index or constraint
      RuntimeFault             the embedded server cannot be set up or started
      LedgerError              the ledger of loads, or of usage, cannot be read or written
      UsageAltered             usage records are not as they were signed
      ConsentBookError         the book of consents cannot be read or written
      AuditError               the audit log cannot be written
      AuditAltered             the audit log is not as it was written
      DiskFull                 there is no room for what has to be written

Messages are shown to users and logged: they never hold an identity, a password or a row.
"""

from typing import ClassVar

from pydantic import ValidationError


class TiegraphError(Exception):
    """Base of all errors that a user can act on.

    Attributes
    ----------
    code : str
        Stable name for programs, in UPPER_SNAKE, as in GraphQL's ``extensions.code``.
    http_status : int
        What an HTTP answer that carries nothing else should say.
    """

    code: ClassVar[str] = "INTERNAL"
    http_status: ClassVar[int] = 500


class NotFound(TiegraphError):
    """Nothing has that key."""

    code = "NOT_FOUND"
    http_status = 404


class NotAnalysed(TiegraphError):
    """What is asked for has not been computed yet; the message names the command that does."""

    code = "FAILED_PRECONDITION"
    http_status = 412


class BadInput(TiegraphError):
    """The caller's argument cannot be right."""

    code = "INVALID_ARGUMENT"
    http_status = 400


class IllegalTransition(TiegraphError):
    """What is asked for cannot be done in the state that something is in."""

    code = "FAILED_PRECONDITION"
    http_status = 412


class Conflict(TiegraphError):
    """Somebody else changed it in the meantime."""

    code = "ABORTED"
    http_status = 409


class NotAuthenticated(TiegraphError):
    """The caller did not prove who they are."""

    code = "UNAUTHENTICATED"
    http_status = 401


class IssuerUnavailable(TiegraphError):
    """Tokens cannot be checked: their issuer does not answer."""

    code = "UNAVAILABLE"
    http_status = 503


class NotAllowed(TiegraphError):
    """The caller's role does not include this."""

    code = "PERMISSION_DENIED"
    http_status = 403


class TooCostly(TiegraphError):
    """An answer could be larger than the caller's role may ask for.

    Attributes
    ----------
    cost, budget : int
        Most fields that the answer can have, and that the role may ask for.
    """

    code = "QUERY_TOO_COSTLY"
    http_status = 400

    def __init__(self, cost: int, budget: int) -> None:
        super().__init__(
            f"the answer could have {cost:,} fields, and your role may ask for {budget:,}: ask "
            "for smaller pages"
        )
        self.cost = cost
        self.budget = budget


class TooManyRequests(TiegraphError):
    """The caller asks too often, or too much at once.

    Attributes
    ----------
    retry_after_s : int
        Whole seconds after which it is worth asking again, at least 1.
    """

    code = "TOO_MANY_REQUESTS"
    http_status = 429

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(f"{message}: ask again later")
        self.retry_after_s = retry_after_s


class BudgetSpent(TiegraphError):
    """The caller was told as much of people as may be told for now."""

    code = "QUOTA_EXCEEDED"
    http_status = 429


class SourceError(TiegraphError):
    """A file or a mapping cannot be loaded; the message names it and the reason."""

    code = "SOURCE_UNUSABLE"
    http_status = 422


class IdentityKeyError(TiegraphError):
    """The identity key is missing, unreadable or not the one that the graph was made with."""

    code = "FAILED_PRECONDITION"
    http_status = 412


class LocalTimeError(TiegraphError):
    """The graph's homes and workplaces were computed by the clock of another time zone."""

    code = "FAILED_PRECONDITION"
    http_status = 412


class DatabaseError(TiegraphError):
    """Neo4j refused or failed a statement."""

    code = "DATABASE_ERROR"


class DatabaseUnavailable(DatabaseError):
    """Neo4j does not answer."""

    code = "DATABASE_UNAVAILABLE"
    http_status = 503


class DatabaseTimeout(DatabaseError):
    """The statement took longer than its limit and was cancelled."""

    code = "TIMEOUT"
    http_status = 504


class SchemaAlreadyThere(DatabaseError):
    """Another command has just made the same index or constraint."""


class SchemaTooNew(DatabaseError):
    """The graph was written by a newer Tiegraph."""

    code = "FAILED_PRECONDITION"
    http_status = 412


class RuntimeFault(TiegraphError):
    """The embedded server cannot be set up or started."""

    code = "DATABASE_UNAVAILABLE"
    http_status = 503


class LedgerError(TiegraphError):
    """The ledger of loads, or of usage, cannot be read or written."""

    code = "LEDGER_UNUSABLE"
    http_status = 503


class UsageAltered(TiegraphError):
    """Usage records are not as they were signed."""

    code = "DATA_LOSS"


class ConsentBookError(TiegraphError):
    """The book of consents cannot be read or written, or is not what was written into it."""

    code = "CONSENTS_UNUSABLE"
    http_status = 503


class AuditError(TiegraphError):
    """The audit log cannot be written, so nobody is shown to anybody."""

    code = "AUDIT_UNUSABLE"
    http_status = 503


class AuditAltered(TiegraphError):
    """The audit log is not as it was written."""

    code = "DATA_LOSS"


class DiskFull(TiegraphError):
    """There is no room for what has to be written."""

    code = "DISK_FULL"
    http_status = 507


def one_line(error: Exception) -> str:
    """Return what a user is told of an error; of one that we did not foresee, its type alone."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        if not first["loc"]:
            return f"settings: {first['msg']}"
        name = "_".join(str(part) for part in first["loc"]).upper()
        return f"setting TIEGRAPH_{name}: {first['msg']}"
    if isinstance(error, TiegraphError):
        return " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the output'}: {error.strerror}"
    # Its text may quote data, so it is for whoever asks for it.
    return f"unexpected {type(error).__name__}; TIEGRAPH_TRACEBACK=1 shows where"
