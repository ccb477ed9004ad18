"""Campaigns: who was called and who was not, by chance, and who stayed. One SQLite file.

It lies outside the graph, which can be built again from records; what is written here cannot.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from graph.errors import BadInput, NotFound
from graph.influence.maximisation.reverse import Flags
from graph.projection import Floats
from graph.retention.uplift import controls
from graph.span import bounds
from graph.sqlite import SqliteFile

MOST_MEMBERS = 100_000
_MOST_TEXT = 200
_TABLES = """
CREATE TABLE IF NOT EXISTS campaign (
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  started_at TEXT NOT NULL,
  started_by TEXT NOT NULL,
  control_share REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS member (
  campaign TEXT NOT NULL REFERENCES campaign (key),
  rank INTEGER NOT NULL,
  subscriber_id TEXT NOT NULL,
  is_called INTEGER NOT NULL,
  stayed INTEGER,
  recorded_at TEXT,
  recorded_by TEXT,
  PRIMARY KEY (campaign, rank),
  UNIQUE (campaign, subscriber_id)
) STRICT, WITHOUT ROWID;
"""
_CAMPAIGNS = """
SELECT key, name, started_at, started_by, control_share, count(rank), sum(is_called), count(stayed)
FROM campaign JOIN member ON campaign = key
"""
_ONE = f"{_CAMPAIGNS} WHERE key = ? GROUP BY key"
_PAGE = f"""{_CAMPAIGNS} WHERE started_at || ' ' || key < ? AND started_at >= ? AND started_at < ?
GROUP BY key ORDER BY started_at || ' ' || key DESC LIMIT ?"""

_OF = """
SELECT key AS campaign, name, started_at, is_called, stayed, recorded_at
FROM campaign JOIN member ON campaign = key WHERE subscriber_id = ? ORDER BY started_at, key
"""


@dataclass(frozen=True)
class Campaign:
    """A campaign, and how far its outcomes are known.

    Attributes
    ----------
    started_by : str
        The subject of the token by which it was started.
    members, called, known : int
        Subscribers in it, those of them to be called, and those whose outcome was recorded.
    """

    key: str
    name: str
    started_at: datetime
    started_by: str
    control_share: float
    members: int
    called: int
    known: int

    @property
    def place(self) -> str:
        """Where it stands among all, by start."""
        return f"{self.started_at.isoformat()} {self.key}"


@dataclass(frozen=True)
class Member:
    """A subscriber in a campaign; ``stayed`` is None until the outcome is recorded."""

    rank: int
    subscriber_id: str
    is_called: bool
    stayed: bool | None
    recorded_at: datetime | None


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Of all whose outcome is known: how promising they seemed, who was called, who stayed."""

    scores: Floats
    is_called: Flags
    stayed: Flags


class Campaigns:
    """The campaigns in one file; safe for several processes and threads.

    Parameters
    ----------
    path : Path
        Made on first use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = SqliteFile(path, _TABLES)

    def start(self, name: str, keys: Sequence[str], control_share: float, by: str) -> Campaign:
        """Write down a campaign, and draw by chance who of it is not called.

        Parameters
        ----------
        keys : sequence of str
            Subscribers, the most promising first.
        control_share : float
            Part of them in (0, 1) that is not called; both groups get at least one.

        Raises
        ------
        BadInput
            There are fewer than two of them, or too many, or one twice; or the name or the share
            cannot be right.
        """
        if not name.strip() or len(name) > _MOST_TEXT:
            raise BadInput(f"a campaign needs a name of at most {_MOST_TEXT} characters")
        if not 2 <= len(keys) <= MOST_MEMBERS:
            raise BadInput(f"a campaign has 2 to {MOST_MEMBERS:,} subscribers, not {len(keys):,}")
        if len(set(keys)) < len(keys):
            raise BadInput("a subscriber is named twice")
        if not 0 < control_share < 1:
            raise BadInput("the share of the control group is not between 0 and 1")
        key, now = uuid4().hex, datetime.now(UTC).isoformat()
        least = 1 / len(keys)
        drawn = controls(key, list(keys), min(max(control_share, least), 1 - least))
        rows = [(key, rank, one, one not in drawn) for rank, one in enumerate(keys, 1)]
        with self._file.writing() as file:
            told = (key, name, now, by, control_share)
            file.execute("INSERT INTO campaign VALUES (?, ?, ?, ?, ?)", told)
            file.executemany(
                "INSERT INTO member (campaign, rank, subscriber_id, is_called) VALUES (?, ?, ?, ?)",
                rows,
            )
            return _found(file, key)

    def record(self, key: str, stayed: Mapping[str, bool], by: str) -> Campaign:
        """Write down who stayed and who left; a later word about somebody replaces the former.

        Raises
        ------
        NotFound
            There is no such campaign, or somebody is not in it; then nothing is written.
        """
        now = datetime.now(UTC).isoformat()
        with self._file.writing() as file:
            _found(file, key)
            for number, (one, did) in enumerate(stayed.items(), 1):
                written = file.execute(
                    "UPDATE member SET stayed = ?, recorded_at = ?, recorded_by = ? "
                    "WHERE campaign = ? AND subscriber_id = ?",
                    (did, now, by, key, one),
                )
                if not written.rowcount:
                    raise NotFound(f"subscriber {number} of {len(stayed)} is not in the campaign")
            return _found(file, key)

    def campaign(self, key: str) -> Campaign | None:
        """Return a campaign; None where there is none."""
        with self._file.reading() as file:
            row = file.execute(_ONE, (key,)).fetchone()
        return _campaign(row) if row else None

    def page(
        self,
        before: str,
        limit: int,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Campaign]:
        """Return campaigns that started in a time, the latest first, that come after a place."""
        with self._file.reading() as file:
            rows = file.execute(_PAGE, (before, *bounds(since, until), limit)).fetchall()
        return [_campaign(row) for row in rows]

    def count(self, since: datetime | None = None, until: datetime | None = None) -> int:
        """Return how many started in a time."""
        counted = "SELECT count(*) FROM campaign WHERE started_at >= ? AND started_at < ?"
        with self._file.reading() as file:
            return int(file.execute(counted, bounds(since, until)).fetchone()[0])

    def members(self, key: str, after: int, limit: int) -> list[Member]:
        """Return the members of a campaign that come after a rank."""
        with self._file.reading() as file:
            rows = file.execute(
                "SELECT rank, subscriber_id, is_called, stayed, recorded_at FROM member "
                "WHERE campaign = ? AND rank > ? ORDER BY rank LIMIT ?",
                (key, after, limit),
            ).fetchall()
        return [_member(row) for row in rows]

    def of(self, subscriber_id: str) -> list[dict[str, Any]]:
        """Return in which campaigns somebody is, whether to be called, and what was recorded."""
        if not self._path.exists():
            return []
        with self._file.reading() as file:
            found = file.execute(_OF, (subscriber_id,))
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def outcomes(self, key: str) -> Outcomes:
        """Return all outcomes of a campaign that are known."""
        with self._file.reading() as file:
            rows = file.execute(
                "SELECT rank, is_called, stayed FROM member "
                "WHERE campaign = ? AND stayed IS NOT NULL ORDER BY rank",
                (key,),
            ).fetchall()
        columns = np.array(rows, np.int64).reshape(-1, 3)
        return Outcomes(-columns[:, 0].astype(np.float64), columns[:, 1] == 1, columns[:, 2] == 1)

    def forget(self, people: frozenset[str]) -> None:
        """Let nothing in the file lead to these people any more; outcomes stay as counts."""
        if self._path.exists():
            with self._file.forgetting() as file:
                rows = [(uuid4().hex, person) for person in people]
                file.executemany(
                    "UPDATE member SET subscriber_id = 'erased ' || ? WHERE subscriber_id = ?", rows
                )


def _found(file: sqlite3.Connection, key: str) -> Campaign:
    row = file.execute(_ONE, (key,)).fetchone()
    if not row:
        raise NotFound("there is no such campaign")
    return _campaign(row)


def _campaign(row: tuple[str, str, str, str, float, int, int, int]) -> Campaign:
    key, name, at, by, share, members, called, known = row
    return Campaign(key, name, datetime.fromisoformat(at), by, share, members, called, known)


def _member(row: tuple[int, str, int, int | None, str | None]) -> Member:
    rank, subscriber_id, is_called, stayed, at = row
    return Member(
        rank,
        subscriber_id,
        bool(is_called),
        None if stayed is None else bool(stayed),
        datetime.fromisoformat(at) if at else None,
    )
