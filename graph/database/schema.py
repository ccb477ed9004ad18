"""Constraints and indexes: numbered statements, applied once each and in order.

The files ``cypher/schema/NNNN_<what>.cypher`` are the schema's history: a change is a new file,
never an edit. The graph carries the number of the last one applied, so that a newer program
brings an older graph up to date and an older program refuses a newer graph.
"""

from dataclasses import dataclass

from cypher import names, statement
from graph.database.session import Database
from graph.errors import IdentityKeyError, SchemaTooNew
from graph.identity import IdentityKey

_READ_MARK = statement("database/read_mark")
_WRITE_MARK = statement("database/write_mark")
_AWAIT_INDEXES = statement("database/await_indexes")
_INDEXES_WITHIN_S = 3_600


def versions() -> list[tuple[int, str]]:
    """Return number and statement name of every schema change, in order."""
    changes = (name for name in names() if name.startswith("schema/"))
    return sorted((int(name.removeprefix("schema/").partition("_")[0]), name) for name in changes)


@dataclass(frozen=True)
class Prepared:
    """A graph that we can write to.

    Attributes
    ----------
    version : int
        Version of its schema.
    is_new : bool
        Whether it was empty until now, whatever it may have held before.
    """

    version: int
    is_new: bool


async def recognise(database: Database, key: IdentityKey) -> Prepared:
    """Look at a graph as it is, and check that we can write to it.

    Returns
    -------
    Prepared
        Of a graph without a schema, version 0.

    Raises
    ------
    SchemaTooNew
        A newer Tiegraph wrote this graph.
    IdentityKeyError
        The graph's pseudonyms were made with another key: loading would split every subscriber
        in two.
    """
    rows = await database.read(_READ_MARK)
    applied, fingerprint = (
        (rows[0]["schema_version"], rows[0]["key_fingerprint"]) if rows else (0, key.fingerprint())
    )
    latest = versions()[-1][0]
    if applied > latest:
        raise SchemaTooNew(f"the graph has schema {applied}, this Tiegraph knows up to {latest}")
    if fingerprint != key.fingerprint():
        raise IdentityKeyError(
            "the graph's pseudonyms were made with another identity key than the one in the home "
            "folder: bring back that key, or load into an empty database"
        )
    return Prepared(applied, is_new=not rows)


async def prepare(database: Database, key: IdentityKey) -> Prepared:
    """Bring the schema of a graph up to date that we can write to (``recognise``)."""
    found = await recognise(database, key)
    changes = [statement(name) for number, name in versions() if number > found.version]
    # Constraints wait to be filled, each alone. Indexes that one transaction makes are filled
    # together, by one pass over the nodes.
    for is_index in (False, True):
        alike = [change for change in changes if ("\nCREATE INDEX" in change.text) is is_index]
        if alike:
            await database.alter(*alike)
    latest = versions()[-1][0]
    if found.version != latest:
        await database.write(_WRITE_MARK, schema_version=latest, key_fingerprint=key.fingerprint())
    return Prepared(latest, is_new=found.is_new)


async def await_indexes(database: Database) -> None:
    """Wait until every index of a graph has been filled."""
    async for _ in database.stream(_AWAIT_INDEXES, seconds=_INDEXES_WITHIN_S):
        pass
