"""Densities that a partner gets later, at its sink: a SQLite file keeps what is to be answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from graph.identity import IdentityKey
from graph.sink.message import Message, Sink
from graph.sink.outbox import TABLES, put
from graph.sqlite import SqliteFile

_TABLES = f"""{TABLES}
CREATE TABLE IF NOT EXISTS density_order (
  operation_id TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT;
"""


class Order(BaseModel):
    """What a partner asked for.

    Attributes
    ----------
    operation_id : str
        By what the partner knows it.
    hours : sequence of datetime
        Beginnings of hours, in UTC.
    geohashes : Mapping
        Whether the network is in each cell.
    """

    model_config = ConfigDict(frozen=True)

    operation_id: str
    partner: str
    purpose: str
    hours: tuple[datetime, ...]
    geohashes: Mapping[str, bool]
    sink: Sink
    at: datetime


@dataclass(frozen=True)
class Orders:
    """Those that are not answered yet; safe for several processes at once."""

    file: SqliteFile
    key: IdentityKey

    @classmethod
    def at(cls, path: Path, key: IdentityKey) -> "Orders":
        """Return those of a file, made on first use."""
        return cls(SqliteFile(path, _TABLES), key)

    def add(self, order: Order) -> None:
        """Keep one until it is answered."""
        row: tuple[Any, ...] = order.operation_id, self.key.seal(order.model_dump_json().encode())
        with self.file.writing() as file:
            file.execute("INSERT INTO density_order VALUES (?, ?)", row)

    def all(self) -> list[Order]:
        """Return those that are not answered yet."""
        with self.file.reading() as file:
            rows = file.execute("SELECT sealed FROM density_order ORDER BY rowid").fetchall()
        return [Order.model_validate_json(self.key.unseal(sealed)) for (sealed,) in rows]

    def answer(self, order: Order, content: bytes, content_type: str) -> None:
        """Let the answer wait for its sink in the place of the order."""
        operation = order.operation_id
        message = Message(operation, operation, order.partner, content, content_type, order.at)
        with self.file.writing() as file:
            gone = file.execute("DELETE FROM density_order WHERE operation_id = ?", (operation,))
            if gone.rowcount:
                put(file, self.key, message, order.sink)

    def let_go(self) -> None:
        """Let the file go."""
        self.file.close()
