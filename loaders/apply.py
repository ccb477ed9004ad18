"""From the record store to the graph: what it lacks is computed and told.

A graph is only asked what it has where there is one. Before its server was ever started there is
none, so a large first load builds it and starts the server on what was built.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from ibis.expr.types import Table

from cypher import statement
from graph.database.schema import Prepared, await_indexes, prepare, recognise
from graph.database.server import was_started
from graph.database.session import Database, Endpoint, opened
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.settings import Settings
from graph.totals import Totals
from loaders.bulk import rebuild
from loaders.changes import Changes, changes
from loaders.engine import working
from loaders.progress import Watch
from loaders.store import RecordStore, load_ids
from loaders.totals import totals_of_all
from loaders.turn import staging_folder
from loaders.writer import write

_GRAPH_IDENTITY = statement("database/identity")
_ANY_NODE = statement("database/any_node")


@dataclass(frozen=True)
class _Known:
    """What a graph has.

    Attributes
    ----------
    loads : frozenset[str]
        Those that it has in full.
    is_empty : bool
        Whether it has nothing at all.
    totals : Totals or None
        What its ties add up to; None: nobody knows.
    """

    loads: frozenset[str] = frozenset()
    is_empty: bool = True
    totals: Totals | None = field(default_factory=Totals)


async def apply(
    settings: Settings, ledger: Ledger, locate: Callable[[], Endpoint], watch: Watch
) -> None:
    """Tell the graph everything that it lacks, from the last load and from any that was cut short.

    Raises
    ------
    LocalTimeError
        The graph was computed in another time zone.
    DatabaseUnavailable
        The graph is not up to date; the next load completes it.
    """
    known = await _known(settings, ledger, locate)
    with staging_folder(settings) as spill, working(settings, spill) as engine:
        records, found, totals = RecordStore(settings.records_folder).tables(engine), None, None
        lacking = load_ids(records) - known.loads
        if lacking:
            watch.begin("Computing the graph", 1)
            found = changes(
                engine,
                records,
                lacking,
                is_whole=not known.loads,
                local_zone=settings.local_time_zone,
            )
            totals = _totals(records, known, found)
            watch.advance(1)
        is_built = found is not None and known.is_empty and _is_for_importer(settings, found)
        if found and is_built:
            rebuild(engine, found.rows, settings, watch)
        async with opened(locate, settings) as database:
            prepared = await prepare(database, IdentityKey.of(settings))
            graph = await _met(settings, ledger, database, prepared)
            if is_built:
                await await_indexes(database)
            elif found:
                await write(database, found, settings.batch_rows, watch)
    ledger.applied(graph, lacking, totals)


async def _known(settings: Settings, ledger: Ledger, locate: Callable[[], Endpoint]) -> _Known:
    if not was_started(locate):
        return _Known()
    async with opened(locate, settings) as database:
        found = await recognise(database, IdentityKey.of(settings))
        graph = await _met(settings, ledger, database, found)
        loads = ledger.applied_to(graph)
        if loads:
            return _Known(loads, is_empty=False, totals=ledger.totals(graph))
        return _Known(is_empty=found.is_new or not await database.read(_ANY_NODE))


async def _met(settings: Settings, ledger: Ledger, database: Database, found: Prepared) -> str:
    """Let the ledger know a graph; return its identity."""
    graph = str((await database.read(_GRAPH_IDENTITY))[0]["graph"])
    if found.is_new:
        ledger.forget(graph)
    ledger.bind_local_time(graph, settings.local_time_zone)
    return graph


def _totals(records: Mapping[str, Table], known: _Known, found: Changes) -> Totals:
    return totals_of_all(records) if known.totals is None else known.totals + found.gained


def _is_for_importer(settings: Settings, found: Changes) -> bool:
    """Tell whether the rows are so many, and the server ours, that a whole graph is built."""
    # The tables are counted only as far as it takes.
    totals = accumulate(map(found.count, found.rows), initial=0)
    return settings.neo4j_uri is None and any(rows >= settings.bulk_rows for rows in totals)
