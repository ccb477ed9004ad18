"""The tables of the book, whose rows are never changed or removed, and how they are read."""

import sqlite3
from datetime import datetime
from typing import Any

from graph.revenue.statement import Dispute, Item, Posting, Statement

_APPENDED = ("line", "rated", "posting", "statement", "dispute", "verdict")
_GUARDS = "".join(
    f"CREATE TRIGGER IF NOT EXISTS {table}_keeps_{what} BEFORE {what} ON {table} "
    "BEGIN SELECT raise(ABORT, 'entries are never changed'); END;\n"
    for table in _APPENDED
    for what in ("UPDATE", "DELETE")
)
TABLES = (
    """
CREATE TABLE IF NOT EXISTS line (
  position INTEGER PRIMARY KEY,
  month TEXT NOT NULL,
  partner TEXT NOT NULL,
  operation TEXT NOT NULL,
  plan TEXT NOT NULL,
  agreement TEXT NOT NULL,
  currency TEXT NOT NULL,
  records INTEGER NOT NULL,
  units INTEGER NOT NULL,
  amount_minor INTEGER NOT NULL,
  signature TEXT NOT NULL,
  UNIQUE (month, partner, operation)
) STRICT;
CREATE TABLE IF NOT EXISTS rated (
  record_id TEXT PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES line (position),
  amount_minor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rated_by_line ON rated (line, record_id);
CREATE TABLE IF NOT EXISTS posting (
  position INTEGER PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES line (position),
  month TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('charge', 'reversal', 'correction')),
  records INTEGER NOT NULL,
  units INTEGER NOT NULL,
  party TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('owed', 'due')),
  amount_minor INTEGER NOT NULL,
  dispute_id TEXT,
  signature TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS posting_by_party ON posting (month, party);
CREATE INDEX IF NOT EXISTS posting_by_line ON posting (line);
CREATE TABLE IF NOT EXISTS statement (
  number TEXT PRIMARY KEY,
  month TEXT NOT NULL,
  party TEXT NOT NULL,
  currency TEXT NOT NULL,
  owed_minor INTEGER NOT NULL,
  due_minor INTEGER NOT NULL,
  issued_at TEXT NOT NULL,
  UNIQUE (month, party, currency)
) STRICT;
CREATE TABLE IF NOT EXISTS dispute (
  dispute_id TEXT PRIMARY KEY,
  record_id TEXT NOT NULL REFERENCES rated (record_id),
  partner TEXT NOT NULL,
  reason TEXT NOT NULL,
  opened_by TEXT NOT NULL,
  opened_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS verdict (
  dispute_id TEXT PRIMARY KEY REFERENCES dispute (dispute_id),
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused')),
  corrected_minor INTEGER,
  note TEXT NOT NULL,
  settled_by TEXT NOT NULL,
  settled_at TEXT NOT NULL
) STRICT;
"""
    + _GUARDS
)
POSTING = (
    "SELECT posting.month, kind, line.month, operation, partner, posting.records, posting.units, "
    "party, side, posting.amount_minor, dispute_id, currency "
    "FROM posting JOIN line ON posting.line = line.position"
)
STATEMENT = "SELECT number, month, party, currency, owed_minor, due_minor, issued_at FROM statement"
ITEM = (
    "SELECT record_id, reserved_at, usage.operation, usage.units, rated.amount_minor FROM rated "
    "JOIN usage USING (record_id) JOIN line ON rated.line = line.position"
)
DISPUTE = (
    "SELECT dispute_id, record_id, partner, reason, opened_at, coalesce(outcome, 'open'), "
    "settled_at, note, corrected_minor FROM dispute LEFT JOIN verdict USING (dispute_id)"
)


def posting(*row: Any) -> Posting:
    """Return a row of ``POSTING``."""
    *plain, _currency = row
    return Posting(*plain)


def statement(*row: Any) -> Statement:
    """Return a row of ``STATEMENT``."""
    number, month, party, currency, owed, due, issued_at = row
    at = datetime.fromisoformat(issued_at)
    return Statement(number, month, party, currency, owed, due, at)


def item(record_id: str, at: str, operation: str, units: int, amount_minor: int) -> Item:
    """Return a row of ``ITEM``."""
    return Item(record_id, datetime.fromisoformat(at), operation, units, amount_minor)


def dispute(*row: Any) -> Dispute:
    """Return a row of ``DISPUTE``."""
    dispute_id, record_id, partner, reason, opened_at, state, settled_at, *rest = row
    return Dispute(
        dispute_id,
        record_id,
        partner,
        reason,
        datetime.fromisoformat(opened_at),
        state,
        datetime.fromisoformat(settled_at) if settled_at else None,
        *rest,
    )


def balance_minor(book: sqlite3.Connection, line: int) -> int:
    """Return what a line costs by now, after all that was taken back."""
    (owed,) = book.execute(
        "SELECT sum(amount_minor) FROM posting WHERE line = ? AND side = 'owed'", (line,)
    ).fetchone()
    return -int(owed)
