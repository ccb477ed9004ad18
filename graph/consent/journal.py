"""The journal of consents: entries that are added and never changed, each bound to the one before.

An entry has the SHA-256 over itself and the hash of the entry before, so that no entry can be
changed, taken out or put in between without all later hashes changing. Of what was agreed it has a
salted digest alone. The content lies beside it and goes when its subject is erased; the salt goes
with it, so that nobody can try contents against the digest that stays.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

import orjson

from graph.consent.consent import Act, Entry, encoded
from graph.errors import ConsentBookError

TABLES = """
CREATE TABLE IF NOT EXISTS entry (
  number INTEGER PRIMARY KEY,
  consent_id TEXT NOT NULL,
  act TEXT NOT NULL,
  at TEXT NOT NULL,
  digest BLOB NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entry_of_consent ON entry (consent_id, number);
CREATE TABLE IF NOT EXISTS content (
  number INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  salt BLOB NOT NULL,
  content BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS content_of_subject ON content (subject);
CREATE TRIGGER IF NOT EXISTS entries_follow BEFORE INSERT ON entry
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM entry)
BEGIN SELECT raise(ABORT, 'entries are added one after the other'); END;
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER IF NOT EXISTS entries_remain BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'an entry is never deleted'); END;
CREATE TRIGGER IF NOT EXISTS contents_are_new BEFORE INSERT ON content
WHEN EXISTS (SELECT 1 FROM content WHERE number = NEW.number)
BEGIN SELECT raise(ABORT, 'a content is never replaced'); END;
CREATE TRIGGER IF NOT EXISTS contents_stay BEFORE UPDATE ON content
BEGIN SELECT raise(ABORT, 'a content is never changed'); END;
CREATE TRIGGER IF NOT EXISTS contents_remain BEFORE DELETE ON content
WHEN NOT EXISTS (
  SELECT 1 FROM entry AS erasure JOIN entry USING (consent_id)
  WHERE entry.number = OLD.number AND erasure.act = 'erase'
)
BEGIN SELECT raise(ABORT, 'only a content whose subject is erased is deleted'); END;
"""
_NOTHING = bytes(32)
_SALT_BYTES = 32
_READ = (
    "SELECT number, consent_id, act, at, content FROM content JOIN entry USING (number) "
    "WHERE {} ORDER BY {}"
)
_READ_OF_SUBJECT = _READ.format("subject = ?", "number")
_READ_OF_CONSENT = _READ.format("consent_id = ?", "number")
_READ_ALL = _READ.format("true", "consent_id, number")
_WALK = """
SELECT entry.*, subject, salt, content, EXISTS (
  SELECT 1 FROM entry AS erasure
  WHERE erasure.consent_id = entry.consent_id AND erasure.act = 'erase'
)
FROM entry LEFT JOIN content USING (number) ORDER BY number
"""


def append(
    book: sqlite3.Connection, consent_id: str, act: Act, at: datetime, content: dict[str, Any]
) -> Entry:
    """Add an entry; an empty content has none kept."""
    return append_all(book, act, at, [(consent_id, content)])[0]


def append_all(
    book: sqlite3.Connection, act: Act, at: datetime, told: Iterable[tuple[str, dict[str, Any]]]
) -> list[Entry]:
    """Add entries, of a consent and its content each, one after the other."""
    last = book.execute("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1").fetchone()
    last_number, previous = last or (0, _NOTHING)
    written_at = at.astimezone(UTC).isoformat()
    contents, links, entries = [], [], []
    for number, (consent_id, content) in enumerate(told, last_number + 1):
        digest = _NOTHING
        if content:
            salt, kept = os.urandom(_SALT_BYTES), encoded(content)
            digest = _digest(salt, kept)
            contents.append((number, content["subject"], salt, kept))
        hashed = _hash(number, consent_id, act, written_at, digest, previous)
        links.append((number, consent_id, act, written_at, digest, previous, hashed))
        entries.append(Entry(number, consent_id, act, at, content.get("by", ""), content))
        previous = hashed
    book.executemany("INSERT INTO content VALUES (?, ?, ?, ?)", contents)
    book.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", links)
    return entries


def entries_of_subject(book: sqlite3.Connection, subject: str) -> list[Entry]:
    """Return the entries about somebody, in the order of writing."""
    return [_entry(*row) for row in book.execute(_READ_OF_SUBJECT, (subject,)).fetchall()]


def entries_of_consent(book: sqlite3.Connection, consent_id: str) -> list[Entry]:
    """Return the entries of a consent; none where there is none, or its subject was erased."""
    return [_entry(*row) for row in book.execute(_READ_OF_CONSENT, (consent_id,)).fetchall()]


def consents(book: sqlite3.Connection) -> Iterator[list[Entry]]:
    """Yield the entries of each consent, except of those whose subject was erased."""
    entries = (_entry(*row) for row in book.execute(_READ_ALL))
    for _, its_entries in groupby(entries, lambda entry: entry.consent_id):
        yield list(its_entries)


def verify(book: sqlite3.Connection) -> tuple[int, str]:
    """Walk along all entries; return how many there are, and the last hash in hexadecimal digits.

    Raises
    ------
    ConsentBookError
        An entry is not what was written; the message names the first such one.
    """
    count, previous = 0, _NOTHING
    for row in book.execute(_WALK):
        link = _Link(*row)
        fault = link.fault(count + 1, previous)
        if fault:
            raise ConsentBookError(f"the book of consents is damaged: entry {count + 1} {fault}")
        count, previous = link.number, link.hash
    return count, previous.hex()


@dataclass(frozen=True)
class _Link:
    number: int
    consent_id: str
    act: str
    at: str
    digest: bytes
    previous: bytes
    hash: bytes
    subject: str | None
    salt: bytes | None
    content: bytes | None
    is_erased: bool

    def fault(self, number: int, previous: bytes) -> str | None:
        """Return what is wrong with it where ``number`` and the hash ``previous`` are expected."""
        hashed = _hash(self.number, self.consent_id, self.act, self.at, self.digest, previous)
        if self.number != number:
            return "is missing"
        if self.previous != previous or self.hash != hashed:
            return "was changed"
        if self.salt is None or self.content is None:
            return None if self.is_erased else "has lost its content"
        if self.is_erased:
            return "still has its content, though its subject was erased"
        is_true = self.digest == _digest(self.salt, self.content)
        is_filed = self.subject == orjson.loads(self.content)["subject"] if is_true else False
        return None if is_filed else "has another content"


def _digest(salt: bytes, content: bytes) -> bytes:
    return sha256(salt + content).digest()


def _hash(number: int, consent_id: str, act: str, at: str, digest: bytes, previous: bytes) -> bytes:
    line = [number, consent_id, act, at, digest.hex(), previous.hex()]
    return sha256(orjson.dumps(line)).digest()


def _entry(number: int, consent_id: str, act: Act, at: str, content: bytes) -> Entry:
    told: dict[str, Any] = orjson.loads(content)
    return Entry(number, consent_id, act, datetime.fromisoformat(at), told["by"], told)
