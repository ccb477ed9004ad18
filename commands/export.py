"""Write what others take from here."""

from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import OUT, Engine
from graph.settings import Settings


def export_tables_command(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")], engine: Engine = None
) -> None:
    """Write every table of the graph as Parquet, for Neo4j's importer and Spark connector."""
    from loaders.export import export_tables
    from loaders.progress import watched

    with watched() as watch:
        done = export_tables(folder, Settings(engine=engine) if engine else Settings(), watch)
    tables = f"{len(done.nodes)} of nodes, {len(done.relationships)} of relationships"
    OUT.print(f"{tables} in {folder}", markup=False, highlight=False)
