"""Programs that may fetch tokens for themselves from the issuer of the default set-up.

Of a secret, 256 random bits, only the digest is kept: it is shown once, when it is made.
"""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from graph.errors import BadInput
from graph.settings import Role

_TABLE = """
CREATE TABLE IF NOT EXISTS client (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL,
  made_at TEXT NOT NULL
)
"""
_NOBODYS = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Client:
    """A program with a name, a role and a secret that only it knows."""

    name: str
    role: Role
    made_at: datetime


class Clients:
    """The clients in a SQLite file, which its owner alone can read."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, name: str, role: Role) -> str:
        """Add a client and return its secret.

        Raises
        ------
        BadInput
            There is a client of that name.
        """
        secret = secrets.token_urlsafe(32)
        made_at = datetime.now(UTC).isoformat()
        with self._opened() as database:
            try:
                database.execute(
                    "INSERT INTO client VALUES (?, ?, ?, ?)", (name, role, _digest(secret), made_at)
                )
            except sqlite3.IntegrityError as error:
                raise BadInput(f"there is a client {name} already: remove it first") from error
        return secret

    def remove(self, name: str) -> None:
        """Remove a client; tokens that it has stay good until they end.

        Raises
        ------
        BadInput
            There is no client of that name.
        """
        with self._opened() as database:
            if not database.execute("DELETE FROM client WHERE name = ?", (name,)).rowcount:
                raise BadInput(f"there is no client {name}")

    def all(self) -> list[Client]:
        """Return the clients by name."""
        with self._opened() as database:
            rows = database.execute("SELECT name, role, made_at FROM client ORDER BY name")
            return [Client(name, role, datetime.fromisoformat(at)) for name, role, at in rows]

    def role_of(self, name: str, secret: str) -> Role | None:
        """Return the role of a client that knows its secret; ``None``: it does not."""
        with self._opened() as database:
            found = database.execute(
                "SELECT role, secret_sha256 FROM client WHERE name = ?", (name,)
            ).fetchone()
        role, digest = found or (None, _NOBODYS)
        # It takes as long for a name that does not exist.
        is_known = hmac.compare_digest(_digest(secret), digest)
        return cast(Role, role) if role and is_known else None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.parent.chmod(0o700)
        self._file.touch(mode=0o600)
        with closing(sqlite3.connect(self._file)) as database, database:
            database.execute(_TABLE)
            yield database


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
