"""What each subscriber lived through: every call and message, seen from either end."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

import ibis
from ibis.expr.types import Table


def history(calls: Table, messages: Table) -> Table:
    """Return every report of an event as both of its ends saw it.

    Where both ends reported a call, each saw it twice, and the two rows differ in nothing but the
    cell.

    Returns
    -------
    Table
        subscriber_id, counterpart_id, at, is_call, is_outgoing, duration_s (null: a message, or
        a call that nobody took), cell_id.
    """
    spoken_s = ibis.ifelse(calls.is_answered, calls.duration_s.fill_null(0), ibis.null("int64"))
    call = {"at": calls.started_at, "is_call": ibis.literal(True)}
    text = {"at": messages.sent_at, "is_call": ibis.literal(False)}
    silent = ibis.null("int64")
    sides = (
        _side(calls, "caller_id", "callee_id", call, spoken_s, "caller_cell_id", True),
        _side(calls, "callee_id", "caller_id", call, spoken_s, "callee_cell_id", False),
        _side(messages, "sender_id", "recipient_id", text, silent, "sender_cell_id", True),
        _side(messages, "recipient_id", "sender_id", text, silent, "recipient_cell_id", False),
    )
    return ibis.union(*sides)


def _side(
    records: Table,
    subscriber: str,
    counterpart: str,
    event: dict[str, ibis.Value],
    duration_s: ibis.Value,
    cell: str,
    is_outgoing: bool,
) -> Table:
    return records.select(
        subscriber_id=records[subscriber],
        counterpart_id=records[counterpart],
        **event,
        is_outgoing=ibis.literal(is_outgoing),
        duration_s=duration_s,
        cell_id=records[cell],
    )


def sessions_begun(sessions: Table, positions: Table) -> Table:
    """Return when data sessions began, and where their cells are: subscriber_id, at, lat, lon."""
    located = sessions.left_join(positions, "cell_id")
    told = located.select("subscriber_id", "lat_deg", "lon_deg", at=located.started_at)
    return told.order_by("subscriber_id", "at")


def positions(cells: Table) -> Table:
    """Return one position per cell, of the version that became valid last: cell_id, lat, lon.

    Of versions that became valid at once the northernmost counts, then the easternmost: any rule
    would do, as long as the order of loading has no say.
    """
    newest = ibis.row_number().over(
        group_by=cells.cell_id,
        order_by=[
            ibis.desc(cells.valid_from, nulls_first=False),
            ibis.desc(cells.lat_deg),
            ibis.desc(cells.lon_deg),
        ],
    )
    ranked = cells.mutate(rank=newest)
    return ranked.filter(ranked["rank"] == 0).select("cell_id", "lat_deg", "lon_deg")
