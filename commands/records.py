"""Look after the record store."""

from typing import Annotated

import typer

from graph.database.server import leased
from graph.errors import BadInput
from graph.settings import Settings

People = Annotated[
    typer.FileText, typer.Argument(help="File with one a line, or - for standard input.")
]
Namespace = Annotated[
    str | None, typer.Option(help="Whose numbering they are; unset: they are pseudonyms.")
]


def compact_command() -> None:
    """Write the many small files of the record store as few large ones."""
    from loaders.compaction import compact

    for table in compact(Settings()):
        print(f"{table.kind}: {table.files_before} files, now {table.files_after}")


def erase_command(
    file: Annotated[
        typer.FileText | None,
        typer.Argument(help="File with one a line, or - for standard input."),
    ] = None,
    namespace: Namespace = None,
    requested: Annotated[
        bool, typer.Option("--requested", help="Those for whom it was asked for by GraphQL.")
    ] = False,
) -> None:
    """Erase people from the record store, the quarantine and the graph."""
    from graph.rights.requests import ErasureRequests
    from loaders.erasure import erase, people
    from loaders.progress import watched

    settings = Settings()
    if requested == (file is not None):
        raise BadInput("name a file, or say --requested, and not both")
    if file is not None:
        pseudonyms = people(file, settings, namespace)
    elif not (pseudonyms := ErasureRequests.at(settings.erasure_requests_file).waiting()):
        print("nobody waits to be erased")
        return
    with leased(settings) as locate, watched() as watch:
        done = erase(pseudonyms, settings, locate, watch)
    for kind, rows in done.rows.items():
        print(f"{kind}: {rows:,} erased")
    print(f"proof: {done.erasure_id}; nothing of them is left in the record store")
    print("Loads leave their rows out from now on; `tiegraph records readmit` ends that.")


def readmit_command(file: People, namespace: Namespace = None) -> None:
    """Let people who were erased, and are customers again, be loaded again."""
    from loaders.erasure import people, readmit

    settings = Settings()
    print(f"{readmit(people(file, settings, namespace), settings):,} readmitted")
