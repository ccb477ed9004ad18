"""How many calls of a day and of a month a partner has left."""

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.errors import TooManyRequests
from graph.metering.record import month_of

TABLES = """
CREATE TABLE IF NOT EXISTS spent (
  partner TEXT NOT NULL,
  span TEXT NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (partner, span)
) STRICT;
"""


@dataclass(frozen=True)
class Quota:
    """Most calls of a UTC day and of a UTC month; ``None``: any number."""

    day: int | None = None
    month: int | None = None


UNLIMITED = Quota()


def spend(usage: sqlite3.Connection, partner: str, now: datetime) -> None:
    """Count a call."""
    usage.executemany(
        "INSERT INTO spent VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET calls = calls + 1",
        [(partner, span) for span in (_day_of(now), month_of(now))],
    )


def spent(usage: sqlite3.Connection, partner: str, span: str) -> int:
    """Return how many calls of a day or month were counted."""
    found = usage.execute(
        "SELECT calls FROM spent WHERE partner = ? AND span = ?", (partner, span)
    ).fetchone()
    return int(found[0]) if found else 0


def refuse_beyond(usage: sqlite3.Connection, partner: str, quota: Quota, now: datetime) -> None:
    """Refuse a call too many.

    Raises
    ------
    TooManyRequests
        The calls of the day or of the month are spent; it says when there are new ones.
    """
    for name, span, most, ends_at in _limits(quota, now):
        if most is not None and spent(usage, partner, span) >= most:
            wait_s = max(1, math.ceil((ends_at - now).total_seconds()))
            raise TooManyRequests(f"your {most} calls of this {name} are spent", wait_s)


def _limits(quota: Quota, now: datetime) -> Iterator[tuple[str, str, int | None, datetime]]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    yield "month", month_of(now), quota.month, next_month
    yield "day", _day_of(now), quota.day, today + timedelta(days=1)


def _day_of(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
