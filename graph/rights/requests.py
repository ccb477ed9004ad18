"""Requests for erasure: asked for on somebody's behalf, due in a month, and what became of them.

The erasure itself rewrites the record store, which is a command's work (``tiegraph records
erase --requested``); what is asked for is written down here meanwhile, and nothing else waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from graph.errors import BadInput
from graph.sqlite import SqliteFile

MOST_TEXT = 2_000
DUE_WITHIN = timedelta(days=30)  # "within one month": GDPR, article 12 (3)
_TABLES = """
CREATE TABLE IF NOT EXISTS request (
  key TEXT PRIMARY KEY,
  subject TEXT UNIQUE,
  requested_at TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  evidence TEXT,
  erased_at TEXT,
  erasure TEXT
) STRICT;
"""
_COLUMNS = "key, subject, requested_at, requested_by, evidence, erased_at, erasure"


@dataclass(frozen=True)
class ErasureRequest:
    """A request, as it stands.

    Attributes
    ----------
    subject : str or None
        Pseudonym of who is to be erased; None afterwards.
    evidence : str or None
        How it was asked for, and where that can be looked up; None afterwards.
    erasure : str or None
        The proof in the ledger; None: not erased yet.
    """

    key: str
    subject: str | None
    requested_at: datetime
    requested_by: str
    evidence: str | None
    erased_at: datetime | None
    erasure: str | None

    @property
    def due_at(self) -> datetime:
        """The instant by which it has to be done."""
        return self.requested_at + DUE_WITHIN


@dataclass(frozen=True)
class ErasureRequests:
    """The requests in one file; safe for several processes and threads."""

    file: SqliteFile

    @classmethod
    def at(cls, path: Path) -> "ErasureRequests":
        """Return the requests of a file, made on first use."""
        return cls(SqliteFile(path, _TABLES))

    def add(self, subject: str, evidence: str, by: str) -> ErasureRequest:
        """Write down that somebody wants to be erased; asked for before, it stays as it was.

        Raises
        ------
        BadInput
            The evidence says nothing, or has more than 2,000 characters.
        """
        if not 0 < len(evidence.strip()) <= MOST_TEXT:
            raise BadInput(f"evidence has 1 to {MOST_TEXT} characters")
        now = datetime.now(UTC)
        row = (f"{now:%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}", subject, now.isoformat(), by, evidence)
        with self.file.writing() as requests:
            requests.execute(
                "INSERT OR IGNORE INTO request VALUES (?, ?, ?, ?, ?, NULL, NULL)", row
            )
            wanted = f"SELECT {_COLUMNS} FROM request WHERE subject = ?"  # noqa: S608
            return _request(requests.execute(wanted, (subject,)).fetchone())

    def all(self) -> list[ErasureRequest]:
        """Return all requests, the newest first."""
        with self.file.reading() as requests:
            wanted = f"SELECT {_COLUMNS} FROM request ORDER BY key DESC"  # noqa: S608
            return [_request(row) for row in requests.execute(wanted).fetchall()]

    def waiting(self) -> frozenset[str]:
        """Return the pseudonyms of those who are to be erased."""
        return frozenset(one.subject for one in self.all() if one.subject)

    def done(self, subjects: Iterable[str], at: datetime, erasure: str) -> None:
        """Write down that people were erased, and let nothing here lead to them any more."""
        with self.file.forgetting() as requests:
            requests.executemany(
                "UPDATE request SET subject = NULL, evidence = NULL, erased_at = ?, erasure = ? "
                "WHERE subject = ?",
                [(at.isoformat(), erasure, subject) for subject in subjects],
            )


def _request(row: Any) -> ErasureRequest:
    key, subject, requested_at, by, evidence, erased_at, erasure = row
    done_at = datetime.fromisoformat(erased_at) if erased_at else None
    asked_at = datetime.fromisoformat(requested_at)
    return ErasureRequest(key, subject, asked_at, by, evidence, done_at, erasure)
