"""Months that are closed: they have no more records, and where the chain of records was then."""

import sqlite3
from datetime import datetime

from graph.errors import IllegalTransition, UsageAltered
from graph.metering.signature import START, Head

TABLES = """
CREATE TABLE IF NOT EXISTS closed_month (
  month TEXT PRIMARY KEY,
  closed_at TEXT NOT NULL,
  records INTEGER NOT NULL,
  signature TEXT NOT NULL
) STRICT;
"""


def close(usage: sqlite3.Connection, month: str, head: Head, now: datetime) -> Head:
    """Close a month, and return where the chain was when that was done first.

    Raises
    ------
    IllegalTransition
        Answers of the month are still under way.
    """
    if under_way := _reserved(usage, month):
        raise IllegalTransition(f"{under_way} answers of {month} are still under way")
    usage.execute(
        "INSERT OR IGNORE INTO closed_month VALUES (?, ?, ?, ?)",
        (month, now.isoformat(timespec="microseconds"), head.length, head.signature),
    )
    found = usage.execute(
        "SELECT records, signature FROM closed_month WHERE month = ?", (month,)
    ).fetchone()
    return Head(*found)


def refuse_closed(usage: sqlite3.Connection, month: str) -> None:
    """Refuse a record of a month that is closed.

    Raises
    ------
    IllegalTransition
        The month, or a later one, is closed.
    """
    if usage.execute("SELECT 1 FROM closed_month WHERE month >= ?", (month,)).fetchone():
        raise IllegalTransition(f"{month} is closed: this machine's clock is behind")


def refuse_shortened(usage: sqlite3.Connection) -> None:
    """Refuse records that were more when a month was closed.

    Raises
    ------
    UsageAltered
        Records are missing.
    """
    heads = usage.execute("SELECT month, records, signature FROM closed_month").fetchall()
    for month, length, signature in heads:
        if not _was_at(usage, Head(length, signature)):
            raise UsageAltered(f"records of {month} or before are missing")


def _was_at(usage: sqlite3.Connection, head: Head) -> bool:
    if head.length == 0:
        return head.signature == START
    found = usage.execute(
        "SELECT signature FROM usage ORDER BY position LIMIT 1 OFFSET ?", (head.length - 1,)
    ).fetchone()
    return found is not None and found[0] == head.signature


def _reserved(usage: sqlite3.Connection, month: str) -> int:
    (count,) = usage.execute(
        "SELECT count(*) FROM usage LEFT JOIN settlement USING (record_id) "
        "WHERE state IS NULL AND reserved_at BETWEEN ?1 AND ?1 || '~'",
        (month,),
    ).fetchone()
    return int(count)
