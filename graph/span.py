"""Half-open times that lists are cut to."""

from datetime import UTC, datetime

from graph.errors import BadInput


def instant(at: datetime) -> datetime:
    """Return an instant in UTC.

    Raises
    ------
    BadInput
        It has no zone, or lies outside the years 1 to 9999 there.
    """
    if at.tzinfo is None:
        raise BadInput("since and until must state their zone, such as 2026-01-05T00:00:00Z")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise BadInput("since and until must be of the years 1 to 9999, in UTC") from error


def span(since: datetime | None, until: datetime | None) -> dict[str, datetime | None]:
    """Return a time as the parameters ``since`` and ``until`` of a statement; None: no bound.

    Raises
    ------
    BadInput
        A bound is no instant, or nothing lies between them.
    """
    begins, ends = since and instant(since), until and instant(until)
    if begins and ends and begins >= ends:
        raise BadInput("since must be before until")
    return {"since": begins, "until": ends}


def bounds(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    """Return a time as two texts that instants, written in UTC by ``isoformat``, are between.

    Raises
    ------
    BadInput
        A bound is no instant, or nothing lies between them.

    Examples
    --------
    >>> bounds(None, datetime(2026, 1, 5, tzinfo=UTC))
    ('', '2026-01-05T00:00:00+00:00')
    """
    begins, ends = span(since, until).values()
    return begins.isoformat() if begins else "", ends.isoformat() if ends else "~"
