"""Half-open times that lists are cut to."""

from datetime import UTC, datetime

from graph.errors import BadInput


def span(since: datetime | None, until: datetime | None) -> dict[str, datetime | None]:
    """Return a time as the parameters ``since`` and ``until`` of a statement; None: no bound.

    Raises
    ------
    BadInput
        A bound has no zone, or nothing lies between them.
    """
    bounds = [bound for bound in (since, until) if bound is not None]
    if any(bound.tzinfo is None for bound in bounds):
        raise BadInput("since and until must state their zone, such as 2026-01-05T00:00:00Z")
    if since is not None and until is not None and since >= until:
        raise BadInput("since must be before until")
    return {"since": since and since.astimezone(UTC), "until": until and until.astimezone(UTC)}
