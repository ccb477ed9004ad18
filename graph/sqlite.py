"""A SQLite file that keeps what it was told: one connection a process, one writer at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from graph.errors import LedgerError

_PATIENCE_S = 30.0


class SqliteFile:
    """A SQLite file that keeps what it was told even when the power fails.

    Parameters
    ----------
    tables : str
        The statements that make its tables where they are absent.
    """

    def __init__(self, path: Path, tables: str) -> None:
        self._path = path
        self._tables = tables
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction that no other process's interferes with; an error undoes it."""
        with self._lock, self._in_plain_words():
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one state of the file."""
        with self._lock, self._in_plain_words():
            connection = self._opened()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    def beside(self) -> "SqliteFile":
        """Return the same file by a connection of its own, for what reads long: nobody waits."""
        return SqliteFile(self._path, self._tables)

    @contextmanager
    def forgetting(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction after which what it deleted stands in no byte on the disk any more."""
        with self.writing() as connection:
            yield connection
        with self._lock, self._in_plain_words():
            # Else it would stay in the file beside as long as any process has that open.
            self._opened().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let the file go; whoever uses it again opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.parent.chmod(0o700)
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(
                self._path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(self._tables)
            self._connection = connection
        return self._connection

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            # SQLite's own words: they hold no data.
            raise LedgerError(f"{self._path} cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            raise LedgerError(f"{self._path} is damaged: bring back a copy of it") from error
