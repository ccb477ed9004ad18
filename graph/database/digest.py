"""One number for a whole graph, by which two graphs are known to be the same or not.

Every node and every relationship becomes one line of canonical JSON, with all labels and all
properties; ends of relationships are named by their keys, never by Neo4j's own numbers. The digest
is the sum of the lines' SHA-256 modulo 2^256 (the additive multiset hash of Bellare and Micciancio,
1997): it does not depend on any order, so that nothing is sorted or kept in memory.
"""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from cypher import statement
from graph.database.session import Database, Row

_KEYS = statement("database/keys")
_NODES = statement("database/nodes")
_RELATIONSHIPS = statement("database/relationships")
_MODULUS = 2**256


@dataclass(frozen=True)
class GraphDigest:
    """What a graph holds, in three figures.

    Attributes
    ----------
    nodes, relationships : int
        Their number.
    sha256 : str
        Equal for two graphs exactly if all their nodes, relationships, labels and properties are
        (64 hexadecimal digits).
    """

    nodes: int
    relationships: int
    sha256: str


async def digest(database: Database) -> GraphDigest:
    """Digest a graph that nothing is writing to at the same time."""
    nodes = relationships = total = 0
    async for line in _node_lines(database):
        nodes += 1
        total += _number(line)
    async for line in _relationship_lines(database):
        relationships += 1
        total += _number(line)
    return GraphDigest(nodes, relationships, f"{total % _MODULUS:064x}")


async def dump_lines(database: Database) -> list[str]:
    """Return the lines that are digested, sorted, so that two graphs can be compared by reading."""
    lines = [line async for line in _node_lines(database)]
    lines += [line async for line in _relationship_lines(database)]
    return sorted(line.decode() for line in lines)


async def _node_lines(database: Database) -> AsyncIterator[bytes]:
    async for row in database.stream(_NODES):
        yield _line({"node": sorted(row["labels"]), "properties": dict(row["properties"])})


async def _relationship_lines(database: Database) -> AsyncIterator[bytes]:
    keys: dict[str, list[str]] = {}
    for key in await database.read(_KEYS):
        keys.setdefault(key["label"], []).extend(key["properties"])
    async for row in database.stream(_RELATIONSHIPS, keys=keys):
        yield _line(
            {
                "relationship": row["type"],
                "from": _end(row, "start"),
                "to": _end(row, "end"),
                "properties": dict(row["properties"]),
            }
        )


def _end(row: Row, end: str) -> list[Any]:
    return sorted(zip(row[f"{end}_labels"], row[f"{end}_keys"], strict=True))


def _line(value: dict[str, Any]) -> bytes:
    # Python's own instants are passed through, so that an instant and its text stay different.
    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    return orjson.dumps(value, default=_typed, option=options)


def _typed(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return {type(value).__name__: str(value)}


def _number(line: bytes) -> int:
    return int.from_bytes(hashlib.sha256(line).digest())
