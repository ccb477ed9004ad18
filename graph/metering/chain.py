"""Tables whose rows are signed in a chain: the last column is the signature."""

import sqlite3
from collections.abc import Iterator

from graph.metering.signature import START, Head, Signer


def append(
    connection: sqlite3.Connection, signer: Signer, table: str, row: tuple[object, ...]
) -> int:
    """Add a signed row to a table of ours, and return its position."""
    last = connection.execute(
        f"SELECT signature FROM {table} ORDER BY position DESC LIMIT 1"  # noqa: S608 (ours)
    ).fetchone()
    signature = signer.sign(last[0] if last else START, row)
    marks = ", ".join("?" * (len(row) + 2))
    added = connection.execute(
        f"INSERT INTO {table} VALUES ({marks})",  # noqa: S608
        (None, *row, signature),
    )
    return int(added.lastrowid or 0)


def verify(connection: sqlite3.Connection, signer: Signer, table: str) -> Head:
    """Check the signatures of a table, and return where its chain is.

    Raises
    ------
    UsageAltered
        A row is not what was signed, or not where it was signed.
    """
    return signer.verify(table, _signed(connection, table))


def _signed(connection: sqlite3.Connection, table: str) -> Iterator[tuple[tuple[object, ...], str]]:
    rows = connection.execute(f"SELECT * FROM {table} ORDER BY position")  # noqa: S608
    for _position, *row, signature in rows:
        yield tuple(row), signature
