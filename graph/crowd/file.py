"""The SQLite file of what was told of crowds: one writer at a time, and all or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from graph.errors import LedgerError

_PATIENCE_S = 30


@contextmanager
def writing(file: Path, tables: str) -> Iterator[sqlite3.Connection]:
    """Open the file for one transaction, which is on the disk when this ends without an error.

    Raises
    ------
    LedgerError
        The file cannot be used.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(file, _PATIENCE_S, isolation_level=None)) as database:
            database.execute("PRAGMA secure_delete = ON")
            database.executescript(tables)
            database.execute("BEGIN IMMEDIATE")
            with database:
                yield database
    except sqlite3.Error as error:
        # SQLite's own words: they hold no data.
        raise LedgerError(f"{file} cannot be used: {error}") from error
