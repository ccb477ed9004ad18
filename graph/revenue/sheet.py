"""A statement as CSV (RFC 4180): a row for each record that is charged for and each other entry.

The column ``amount_minor`` adds up to the statement's balance.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from graph.revenue.statement import Item, Posting, Statement

COLUMNS = (
    "statement",
    "party",
    "currency",
    "kind",
    "side",
    "payer",
    "usage_month",
    "operation",
    "record_id",
    "at",
    "records",
    "units",
    "amount_minor",
)


def sheet(statement: Statement, postings: Sequence[Posting], items: Iterable[Item]) -> str:
    """Return a statement as CSV, with the records behind what it charges."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    own = (statement.number, statement.party, statement.currency)
    writer.writerows((*own, *row) for row in _rows(statement, postings, items))
    return text.getvalue()


def _rows(
    statement: Statement, postings: Sequence[Posting], items: Iterable[Item]
) -> Iterator[tuple[object, ...]]:
    for item in items:
        whose = ("charge", "owed", statement.party, statement.month, item.operation)
        at = item.at.isoformat(timespec="microseconds")
        yield (*whose, item.record_id, at, 1, item.units, -item.amount_minor)
    for one in postings:
        if (one.kind, one.side) != ("charge", "owed"):
            whose = (one.kind, one.side, one.payer, one.usage_month, one.operation)
            yield (*whose, "", "", one.records, one.units, one.amount_minor)
