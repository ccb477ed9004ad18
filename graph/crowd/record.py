"""Who has been told the count of whom: one SQLite file, from which the audits are made again.

People stand in it by numbers that are never given twice. Whoever is erased loses the number: the
bits in past answers stay, without which later ones could tell too much, and lead to nobody.
"""

import json
import sqlite3
import threading
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from graph.crowd.audit import Audit, Key, greatest_first, random_prime
from graph.crowd.file import writing
from graph.errors import LedgerError
from graph.projection import Ints

PublicKey = tuple[str | int, ...]
_TABLES = """
CREATE TABLE IF NOT EXISTS secret (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  prime INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS member (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  subscriber_id TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS answer (
  asker TEXT NOT NULL,
  position INTEGER NOT NULL,
  members BLOB NOT NULL,
  PRIMARY KEY (asker, position)
);
CREATE TABLE IF NOT EXISTS publication (
  topic TEXT NOT NULL,
  cell TEXT NOT NULL,
  members BLOB NOT NULL,
  PRIMARY KEY (topic, cell)
);
"""
_PUBLISH = "INSERT OR REPLACE INTO publication VALUES (?, ?, ?)"
_PUBLISHED = "SELECT members FROM publication WHERE topic = ? AND cell = ?"
_ANSWERS = "SELECT members FROM answer WHERE asker = ? AND position >= ? ORDER BY position"
_NUMBERS = """
SELECT subscriber_id, number FROM member
WHERE subscriber_id IN (SELECT value FROM json_each(?))
"""


class CrowdRecord:
    """Counts of people for askers, each audited by all that the asker was told before.

    Several processes may share the file: each sees what the others have answered, and an answer is
    written down before it is given.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._audits: dict[str, Audit] = {}
        self._turn = threading.Lock()

    def counted(self, asker: str, cells: Mapping[Key, Collection[str]]) -> dict[Key, int | None]:
        """Count people in the cells of a table; ``None``: the answer would tell of too few.

        Parameters
        ----------
        asker : str
            Who must not be told too much in all, such as a partner.
        cells : Mapping
            Pseudonyms of those in each cell; cells may overlap, and margins are cells.

        Raises
        ------
        LedgerError
            The file cannot be used, so that nothing can be answered.
        """
        with self._asked_by(asker) as (database, audit):
            return _told(database, asker, audit, _numbered(database, cells))

    def publish(self, topic: str, cells: Mapping[PublicKey, Collection[str]]) -> None:
        """Keep whom counts are about that were computed for all, for ``admitted``.

        Parameters
        ----------
        topic : str
            What they are about; a cell of the same topic and key is replaced.
        """
        with self._turn, writing(self._file, _TABLES) as database:
            for key, members in _numbered(database, cells).items():
                database.execute(_PUBLISH, (topic, json.dumps(key), _packed(members)))

    def admitted(self, asker: str, topic: str, keys: Iterable[PublicKey]) -> set[PublicKey]:
        """Return which published counts an asker may be told, after all that they were told.

        Raises
        ------
        LedgerError
            The file cannot be used, so that nothing can be told.
        """
        with self._asked_by(asker) as (database, audit):
            populations = {key: _published(database, topic, key) for key in set(keys)}
            told = _told(database, asker, audit, populations)
        return {key for key, count in told.items() if count is not None}

    @contextmanager
    def _asked_by(self, asker: str) -> Iterator[tuple[sqlite3.Connection, Audit]]:
        """Open the file for one answer, with the audit of all former ones."""
        with self._turn, writing(self._file, _TABLES) as database:
            # What is taken here for told may not be written down in the end; then it is forgotten.
            audit = self._audits.pop(asker, None) or Audit(_prime(database))
            _catch_up(database, asker, audit)
            yield database, audit
        self._audits[asker] = audit

    def forget(self, people: Iterable[str]) -> None:
        """Let nothing in the file lead to these people any more."""
        if self._file.exists():
            with self._turn, writing(self._file, _TABLES) as database:
                rows = [(person,) for person in people]
                database.executemany("DELETE FROM member WHERE subscriber_id = ?", rows)


def _prime(database: sqlite3.Connection) -> int:
    database.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (random_prime(),))
    return int(database.execute("SELECT prime FROM secret").fetchone()[0])


def _catch_up(database: sqlite3.Connection, asker: str, audit: Audit) -> None:
    for (members,) in database.execute(_ANSWERS, (asker, len(audit))).fetchall():
        if not audit.admits(_unpacked(members)):
            raise LedgerError("the record of counts does not hold together: nothing can be counted")


def _told(
    database: sqlite3.Connection, asker: str, audit: Audit, populations: Mapping[Key, Ints]
) -> dict[Key, int | None]:
    """Count what the audit admits, the greatest first, and write down what is new."""
    told: dict[Key, int | None] = dict.fromkeys(populations)
    for cell in greatest_first(populations):
        members, known = populations[cell], len(audit)
        if audit.admits(members):
            told[cell] = len(members)
        if len(audit) > known:
            row = (asker, known, _packed(members))
            database.execute("INSERT INTO answer VALUES (?, ?, ?)", row)
    return told


def _published(database: sqlite3.Connection, topic: str, key: PublicKey) -> Ints:
    found = database.execute(_PUBLISHED, (topic, json.dumps(key))).fetchone()
    return _unpacked(found[0]) if found else np.zeros(0, np.int64)


def _numbered(
    database: sqlite3.Connection, cells: Mapping[Key, Collection[str]]
) -> dict[Key, Ints]:
    people = sorted(set().union(*cells.values()))
    rows = [(person,) for person in people]
    database.executemany("INSERT OR IGNORE INTO member (subscriber_id) VALUES (?)", rows)
    numbers = dict(database.execute(_NUMBERS, (json.dumps(people),)))
    return {
        cell: np.unique(np.array([numbers[person] for person in there], np.int64))
        for cell, there in cells.items()
    }


def _packed(members: Ints) -> bytes:
    """Return sorted numbers as the compressed steps between them."""
    return zlib.compress(np.diff(members, prepend=0).astype("<u4").tobytes())


def _unpacked(packed: bytes) -> Ints:
    return np.cumsum(np.frombuffer(zlib.decompress(packed), "<u4"), dtype=np.int64)
