"""Start, stop and compare the database."""

import asyncio

import typer

from commands.terminal import with_database
from graph.database.digest import digest
from graph.database.home import ServerState
from graph.database.server import leased, start, status, stop
from graph.settings import Settings


def start_command() -> None:
    """Start the embedded database and keep it running until `stop`."""
    _print_server(start(Settings()))


def stop_command() -> None:
    """Stop the embedded database."""
    print("stopped" if stop(Settings()) else "was not running")


def status_command() -> None:
    """Tell whether the embedded database runs; exit status 1 where it does not."""
    state = status(Settings())
    if state is None:
        print("not running")
        raise typer.Exit(1)
    _print_server(state)


def digest_command() -> None:
    """Print a digest of the whole graph: two graphs with equal digests are the same."""
    settings = Settings()
    with leased(settings) as locate:
        found = asyncio.run(with_database(locate, settings, digest))
    print(f"{found.sha256}  {found.nodes} nodes, {found.relationships} relationships")


def _print_server(state: ServerState) -> None:
    print(f"running at {state.uri} as process {state.process_id}")
