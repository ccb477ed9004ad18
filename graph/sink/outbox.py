"""Messages that wait to be taken: one SQLite file, which geofences and orders share.

What happens and the message about it are written together, so that neither a crash nor a second
process tells something twice or not at all. What is told, and to where, is sealed.
"""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from graph.identity import IdentityKey
from graph.sink.message import About, Message, Sink, Waiting
from graph.sqlite import SqliteFile

TABLES = """
CREATE TABLE IF NOT EXISTS message (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id TEXT NOT NULL UNIQUE,
  stream TEXT NOT NULL,
  partner TEXT NOT NULL,
  subject TEXT,
  purpose TEXT,
  item TEXT,
  operation TEXT,
  content_type TEXT NOT NULL,
  sealed BLOB NOT NULL,
  at TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS message_of_stream ON message (stream, position);
"""
_COLUMNS = (
    "message_id, stream, partner, subject, purpose, item, operation, content_type, sealed, at"
)
# Of each stream the first message alone, so that the order is kept.
_DUE = f"""
SELECT {_COLUMNS}, attempts FROM message
WHERE due_at <= ? AND position IN (SELECT min(position) FROM message GROUP BY stream)
ORDER BY position LIMIT ?
"""  # noqa: S608 (ours)


class Outbox:
    """All messages that wait; safe for several processes at once."""

    def __init__(self, path: Path, key: IdentityKey) -> None:
        self._file = SqliteFile(path, TABLES)
        self._key = key

    def add(self, message: Message, sink: Sink) -> None:
        """Let a message wait."""
        with self._file.writing() as file:
            put(file, self._key, message, sink)

    def due(self, now: datetime, limit: int) -> list[Waiting]:
        """Return what is to be sent now, the oldest first; of a stream one at a time."""
        with self._file.reading() as file:
            rows = file.execute(_DUE, (now.isoformat(), limit)).fetchall()
        return [_waiting(self._key, *row) for row in rows]

    def done(self, message: Message) -> None:
        """Write down that a message was taken, or need not go any more."""
        with self._file.writing() as file:
            file.execute("DELETE FROM message WHERE message_id = ?", (message.message_id,))

    def put_off(self, message: Message, until: datetime) -> None:
        """Write down that a message was sent in vain."""
        with self._file.writing() as file:
            file.execute(
                "UPDATE message SET attempts = attempts + 1, due_at = ? WHERE message_id = ?",
                (until.isoformat(), message.message_id),
            )

    def let_go(self) -> None:
        """Let the file go."""
        self._file.close()


def put(file: sqlite3.Connection, key: IdentityKey, message: Message, sink: Sink) -> None:
    """Let a message wait, within a transaction that writes down what it is about."""
    about = message.about
    told = {"content": message.content.decode(), "sink": sink.model_dump(mode="json")}
    at = message.at.isoformat()
    row = (
        message.message_id,
        message.stream,
        message.partner,
        *((about.subject, about.purpose, about.item) if about else (None, None, None)),
        message.operation,
        message.content_type,
        key.seal(orjson.dumps(told)),
        at,
    )
    places = ", ".join("?" * (len(row) + 1))
    file.execute(f"INSERT INTO message ({_COLUMNS}, due_at) VALUES ({places})", (*row, at))  # noqa: S608


def _waiting(
    key: IdentityKey,
    message_id: str,
    stream: str,
    partner: str,
    subject: str | None,
    purpose: str | None,
    item: str | None,
    operation: str | None,
    content_type: str,
    sealed: bytes,
    at: str,
    attempts: int,
) -> Waiting:
    told: dict[str, Any] = orjson.loads(key.unseal(sealed))
    about = About(subject, purpose, item) if subject and purpose else None
    message = Message(
        message_id,
        stream,
        partner,
        told["content"].encode(),
        content_type,
        datetime.fromisoformat(at),
        about,
        operation,
    )
    return Waiting(message, Sink.model_validate(told["sink"]), attempts)
