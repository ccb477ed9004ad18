"""Delivery tokens: each reaches one person once, and tells nobody whom. One SQLite file.

A token is random, and only its digest is kept, with whom it reaches, until it is used
or expires. Consents are looked at whenever a token is. A use is noted in the transaction that uses
the token up, and stays noted until it has a usage record, so that a process that dies between the
two leaves nothing unbilled.
"""

import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from graph.consent.book import ConsentBook
from graph.errors import BadInput, NotFound
from graph.metering.meter import Meter
from graph.metering.record import Call
from graph.process import Process
from graph.sqlite import SqliteFile

OPERATION = "audience"  # of usage records: contacts that were delivered
ITEMS = frozenset({"audience", "contact"})  # of consents: what a token needs
MOST_TOKENS = 10_000
LONGEST = timedelta(days=30)
_MOST_TEXT = 2_000
_TOKEN_BYTES = 24
_TABLES = """
CREATE TABLE IF NOT EXISTS delivery (
  number INTEGER PRIMARY KEY,
  partner TEXT NOT NULL,
  purpose TEXT NOT NULL,
  message TEXT NOT NULL,
  started_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS token (
  digest TEXT PRIMARY KEY,
  delivery INTEGER NOT NULL REFERENCES delivery (number),
  subscriber_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS token_of_subscriber ON token (subscriber_id);
CREATE INDEX IF NOT EXISTS token_of_delivery ON token (delivery);
CREATE TABLE IF NOT EXISTS used (
  digest TEXT PRIMARY KEY,
  partner TEXT NOT NULL,
  used_at TEXT NOT NULL,
  process_id INTEGER NOT NULL,
  process_started_s REAL NOT NULL
) STRICT, WITHOUT ROWID;
"""
_USED = "SELECT partner, used_at, process_id, process_started_s FROM used WHERE digest = ?"
_FIND = """
SELECT subscriber_id, partner, purpose, message, expires_at
FROM token JOIN delivery ON delivery = number WHERE digest = ?
"""
_OF = """
SELECT partner, purpose, message, started_at, expires_at
FROM token JOIN delivery ON delivery = number WHERE subscriber_id = ? ORDER BY number, digest
"""


@dataclass(frozen=True)
class Recipient:
    """Whom a token reaches, on whose behalf, what for, and with which message."""

    subject: str
    partner: str
    purpose: str
    message: str
    expires_at: datetime


class Deliveries:
    """The tokens that are good; safe for several processes and threads.

    Parameters
    ----------
    path : Path
        Made on first use.
    book : ConsentBook
        By which a token is void as soon as its consent is.
    clock : callable
        Tells the present instant.
    """

    def __init__(
        self,
        path: Path,
        book: ConsentBook,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._path = path
        self._book = book
        self._clock = clock
        self._file = SqliteFile(path, _TABLES)

    def start(
        self,
        partner: str,
        purpose: str,
        message: str,
        people: Collection[str],
        most: int,
        expires_at: datetime,
    ) -> list[str]:
        """Return tokens for some people, chosen and ordered by chance, at most so many.

        What is given must have been found right (``check``).
        """
        now = self._clock()
        chosen = secrets.SystemRandom().sample(sorted(people), min(most, len(people)))
        tokens = {secrets.token_urlsafe(_TOKEN_BYTES): one for one in chosen}
        times = (now.isoformat(), expires_at.astimezone(UTC).isoformat())
        with self._file.writing() as file:
            _clear(file, now)
            number = file.execute(
                "INSERT INTO delivery (partner, purpose, message, started_at, expires_at) "
                "VALUES (?, ?, ?, ?, ?)",
                (partner, purpose, message, *times),
            ).lastrowid
            rows = [(_digest(token), number, one) for token, one in tokens.items()]
            file.executemany("INSERT INTO token VALUES (?, ?, ?)", rows)
        return list(tokens)

    def recipient(self, token: str) -> Recipient | None:
        """Return whom a token reaches; None where it is void, for whatever reason."""
        with self._file.reading() as file:
            row = file.execute(_FIND, (_digest(token),)).fetchone()
        found = _recipient(row) if row else None
        return found if found and self._is_good(found) else None

    def owner(self, token: str) -> str | None:
        """Return the partner whose token this is, if it can be delivered."""
        with self._file.reading() as file:
            if left := _left(file, token):
                return left[0]
        found = self.recipient(token)
        return found.partner if found else None

    def deliver(self, token: str, partner: str) -> datetime:
        """Use a token up, and return when: of several who try, one succeeds.

        It is billed by ``key_of`` and then ``billed``. Whoever dies before has told nobody that it
        succeeded: the next one who tries is told instead.

        Raises
        ------
        NotFound
            It is void: used, expired, another partner's, of no token at all, or of somebody who
            does not consent any more. Which of these is not told.
        """
        with self._file.writing() as file:
            if (left := _left(file, token)) and left[0] == partner:
                return left[1]
            row = file.execute(_FIND, (_digest(token),)).fetchone()
            found = _recipient(row) if row else None
            if found is None or found.partner != partner or not self._is_good(found):
                raise void()
            at, process = self._clock(), Process.own()
            file.execute("DELETE FROM token WHERE digest = ?", (_digest(token),))
            noted = (_digest(token), partner, at.isoformat())
            used = (*noted, process.process_id, process.started_s)
            file.execute("INSERT INTO used VALUES (?, ?, ?, ?, ?)", used)
        return at

    def billed(self, key: str) -> None:
        """Say that a use has its usage record."""
        with self._file.writing() as file:
            file.execute("DELETE FROM used WHERE digest = ?", (key,))

    def bill(self, meter: Meter) -> int:
        """Give what was used its usage record, where a process died before it could.

        Returns
        -------
        int
            How many uses were noted. Billing them once more, or at once with the process that
            used them, gives them no second record.
        """
        if not self._path.exists():
            return 0
        with self._file.reading() as file:
            noted = file.execute("SELECT partner, digest FROM used ORDER BY used_at").fetchall()
        for partner, key in noted:
            meter.make_good(Call(partner, OPERATION, key))
            self.billed(key)
        return len(noted)

    def of(self, subject: str) -> list[dict[str, Any]]:
        """Return the deliveries in which somebody is to be reached yet."""
        if not self._path.exists():
            return []
        names = ("partner", "purpose", "message", "started_at", "expires_at")
        with self._file.reading() as file:
            return [dict(zip(names, row, strict=True)) for row in file.execute(_OF, (subject,))]

    def forget(self, people: Iterable[str]) -> None:
        """Let no token reach some people, and nothing in the file lead to them, any more."""
        if self._path.exists():
            with self._file.forgetting() as file:
                rows = [(person,) for person in people]
                file.executemany("DELETE FROM token WHERE subscriber_id = ?", rows)

    def let_go(self) -> None:
        """Let the file go."""
        self._file.close()

    def _is_good(self, found: Recipient) -> bool:
        now = self._clock()
        opened = self._book.opens(found.partner, found.subject, found.purpose, now)
        return now < found.expires_at and opened >= ITEMS


def key_of(token: str) -> str:
    """Return by what the meter knows the use of a token again."""
    return _digest(token)


def check(message: str, most: int, expires_at: datetime, now: datetime) -> None:
    """Refuse a delivery that cannot be.

    Raises
    ------
    BadInput
        There is no message, or it, the number or the time is too large.
    """
    if not message.strip() or len(message) > _MOST_TEXT:
        raise BadInput(f"a delivery needs a message of at most {_MOST_TEXT} characters")
    if not 1 <= most <= MOST_TOKENS:
        raise BadInput(f"most must be from 1 to {MOST_TOKENS}")
    if expires_at.utcoffset() is None or not now < expires_at <= now + LONGEST:
        raise BadInput("expiresAt must be an instant with a time zone, within 30 days from now")


def void() -> NotFound:
    """Return the error that is the same for every token that is void."""
    return NotFound("this token is void: used, expired, closed by its person, or none of yours")


def _clear(file: sqlite3.Connection, now: datetime) -> None:
    """Drop what has expired."""
    expired = "SELECT number FROM delivery WHERE expires_at <= ?"
    at = (now.isoformat(),)
    file.execute(f"DELETE FROM token WHERE delivery IN ({expired})", at)  # noqa: S608
    file.execute("DELETE FROM delivery WHERE expires_at <= ?", at)


def _recipient(row: tuple[str, str, str, str, str]) -> Recipient:
    subject, partner, purpose, message, until = row
    return Recipient(subject, partner, purpose, message, datetime.fromisoformat(until))


def _left(file: sqlite3.Connection, token: str) -> tuple[str, datetime] | None:
    """Return whose token it was and when it was used, by a process that died before it told."""
    row = file.execute(_USED, (_digest(token),)).fetchone()
    if row is None or Process(*row[2:]).is_alive:
        return None
    return row[0], datetime.fromisoformat(row[1])


def _digest(token: str) -> str:
    # 192 random bits: nobody finds them by trying.
    return sha256(token.encode()).hexdigest()
