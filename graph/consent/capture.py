"""Requests for consent: addresses at which a person is asked, and how often a partner gets one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict

from graph.identity import IdentityKey
from graph.sqlite import SqliteFile

MOST_REQUESTS = 3
WITHIN = timedelta(days=1)
_TABLES = """
CREATE TABLE IF NOT EXISTS request (
  partner TEXT NOT NULL,
  subject TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS request_of_subject ON request (partner, subject);
"""


class Request(BaseModel):
    """What a partner wants to be consented to, as the operator's own channel shows it.

    Whom it is about is not in it: the channel has people log in.

    Attributes
    ----------
    callback_url : str, optional
        Where the person goes afterwards, with ``capture_result``.
    """

    model_config = ConfigDict(frozen=True)

    partner: str
    purpose: str
    scopes: tuple[str, ...]
    items: tuple[str, ...]
    callback_url: str | None = None

    def address(self, channel: str, key: IdentityKey) -> str:
        """Return the channel's address for this request, which only we can read or make."""
        sealed = key.seal(orjson.dumps(self.model_dump())).decode()
        return f"{channel}?{urlencode({'request': sealed})}"

    @classmethod
    def read(cls, sealed: str, key: IdentityKey) -> "Request":
        """Return what ``request`` of an address says.

        Raises
        ------
        IdentityKeyError
            We did not make it.
        """
        return cls.model_validate_json(key.unseal(sealed.encode()))


@dataclass(frozen=True)
class Requests:
    """Whom partners lately had asked; what is older than a day is forgotten."""

    file: SqliteFile

    @classmethod
    def at(cls, path: Path) -> "Requests":
        """Return the list of a file, made on first use."""
        return cls(SqliteFile(path, _TABLES))

    def lately(self, partner: str, subject: str, now: datetime) -> int:
        """Return how often a partner had somebody asked within a day."""
        with self.file.reading() as requests:
            found = requests.execute(
                "SELECT count(*) FROM request WHERE partner = ? AND subject = ? AND at > ?",
                (partner, subject, (now - WITHIN).isoformat()),
            )
            return int(found.fetchone()[0])

    def add(self, partner: str, subject: str, now: datetime) -> None:
        """Write down that a partner has somebody asked."""
        with self.file.writing() as requests:
            before = (now - WITHIN).isoformat()
            requests.execute("DELETE FROM request WHERE at <= ?", (before,))
            row = (partner, subject, now.isoformat())
            requests.execute("INSERT INTO request VALUES (?, ?, ?)", row)

    def forget(self, subjects: Iterable[str]) -> None:
        """Let nothing lead to some people any more."""
        with self.file.forgetting() as requests:
            rows = [(subject,) for subject in subjects]
            requests.executemany("DELETE FROM request WHERE subject = ?", rows)

    def let_go(self) -> None:
        """Let the file go."""
        self.file.close()
