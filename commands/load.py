"""Bring files in: load, and the sources that can be loaded."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commands.terminal import OUT, Engine
from graph.database.server import leased
from graph.settings import Settings


def load_command(
    source: Annotated[str, typer.Argument(help="A source, see `tiegraph sources`; or a mapping.")],
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs.")],
    table: Annotated[
        str | None, typer.Option(help="The source's table, where name and header do not tell.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")
    ] = False,
    engine: Engine = None,
) -> None:
    """Load files into the record store and the graph."""
    from loaders.load import load
    from loaders.progress import watched
    from loaders.rehearsal import rehearse
    from loaders.report import told

    settings = Settings(engine=engine) if engine else Settings()
    if dry_run:
        with watched() as watch:
            rehearsed = rehearse(source, paths, settings, watch, table)
        OUT.print(told("Dry run: nothing was changed", rehearsed.report, rehearsed.skipped))
        return
    with leased(settings, when_asked=True) as locate, watched() as watch:
        loaded = load(source, paths, settings, locate, watch, table)
    OUT.print(told(f"Load {loaded.load_id}", loaded.report, loaded.skipped))


def sources_command(context: typer.Context) -> None:
    """List the sources that can be loaded by name."""
    if context.invoked_subcommand is not None:
        return
    from loaders.mapping import read_source, source_names
    from loaders.report import plain

    listing = Table("source", "what it is", "tables", "licence")
    for name in source_names():
        source = read_source(name)
        listing.add_row(*plain(name, source.title, ", ".join(source.tables), source.licence))
    OUT.print(listing)


def draft_command(
    file: Annotated[Path, typer.Argument(help="A file as it will be loaded.")],
) -> None:
    """Propose a mapping for a file, to be completed by hand."""
    from loaders.draft import draft

    print(draft(file), end="")
