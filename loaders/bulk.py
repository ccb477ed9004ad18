"""A whole graph built by Neo4j's importer: far quicker than transactions, but only from empty."""

from collections.abc import Mapping

from ibis.backends import BaseBackend
from ibis.expr.types import Table

from graph.database.importer import build, exchange, new_draft
from graph.settings import Settings
from loaders.export import write_tables
from loaders.progress import Watch


def rebuild(
    engine: BaseBackend, rows: Mapping[str, Table], settings: Settings, watch: Watch
) -> None:
    """Build the graph that the rows are, and put it in the place of the embedded server's.

    Parameters
    ----------
    engine : BaseBackend
        Where the rows live.
    rows : Mapping[str, Table]
        All rows of every table of the graph, as ``changes`` returns them for an empty one.

    Raises
    ------
    RuntimeFault
        The disk is full, or the server cannot be stopped or started.
    DatabaseError
        The importer refuses the rows.
    """
    draft = new_draft(settings)
    files = write_tables(engine, rows, draft, watch)
    watch.begin("Building the graph", 1)
    build(settings, draft, files)
    exchange(settings, draft)
    watch.advance(1)
