"""Write what others take from here."""

import asyncio
from datetime import datetime
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

    settings = Settings(engine=engine) if engine else Settings()
    with watched() as watch:
        done = export_tables(folder, settings, watch)
    tables = f"{len(done.nodes)} of nodes, {len(done.relationships)} of relationships"
    OUT.print(f"{tables} in {folder}", markup=False, highlight=False)


def export_graph_command(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day (UTC) that counts.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day that does not.")
    ] = None,
    around: Annotated[
        list[str] | None, typer.Option(help="Key of a subscriber around whom ties are taken.")
    ] = None,
    hops: Annotated[int, typer.Option(help="How far around, in ties.")] = 1,
) -> None:
    """Write the social graph as GraphML and Parquet, of any days, around anybody."""
    from graph.database.analyst import contact_ties
    from loaders.graphml import export_graph
    from loaders.progress import watched

    days = [day.date() if day else None for day in (since, until)]
    ties = asyncio.run(
        contact_ties(*days, around=around or (), hops=hops, operation="export graph")
    )
    with watched() as watch:
        done = export_graph(folder, ties, watch)
    told = f"{done.subscribers:,} subscribers, {done.ties:,} ties in {folder}"
    OUT.print(told, markup=False, highlight=False)
