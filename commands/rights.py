"""Serve the rights of whom data is about: access, portability, rectification."""

import asyncio
import getpass
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from commands.records import People
from commands.terminal import OUT, services_of, with_database
from graph.database.server import leased
from graph.database.session import Database, Endpoint
from graph.errors import BadInput, NotFound
from graph.identity import IdentityKey
from graph.rights.parcel import Manifest, Sheet, check, pack
from graph.settings import Settings

Out = Annotated[Path, typer.Argument(help="The ZIP file to write; there must be none yet.")]
Namespace = Annotated[
    str | None, typer.Option(help="Whose numbering the identity is of; unset: it is a pseudonym.")
]


def access_command(file: People, out: Out, namespace: Namespace = None) -> None:
    """Write down for one person all that is held about them, and who read it (GDPR, article 15)."""
    from api.profile import profile_sheet
    from graph.rights.holdings import holding_sheets
    from loaders.rights import record_sheets, rejected_sheet

    settings = Settings()
    person = _one(file, settings, namespace)

    async def profile(database: Database) -> Sheet:
        return await profile_sheet(services_of(settings, database), person, getpass.getuser())

    def sheets(locate: Callable[[], Endpoint]) -> Iterator[Sheet]:
        yield asyncio.run(with_database(locate, settings, profile))
        yield from record_sheets(settings, person)
        yield rejected_sheet(settings, person)
        yield from holding_sheets(settings, person)

    with leased(settings) as locate:
        _tell(pack(out, "access", person, sheets(locate), IdentityKey.of(settings)))


def export_command(file: People, out: Out, namespace: Namespace = None) -> None:
    """Write down for one person what they can take elsewhere: records, consents (article 20)."""
    from graph.rights.holdings import consent_sheet
    from loaders.rights import record_sheets

    settings = Settings()
    person = _one(file, settings, namespace)
    sheets = [*record_sheets(settings, person), consent_sheet(settings, person)]
    if len(sheets) == 1 and not sheets[0][1]:
        raise NotFound("no record and no consent names this person")
    _tell(pack(out, "portability", person, sheets, IdentityKey.of(settings)))


def rectify_command(
    file: Annotated[
        typer.FileText, typer.Argument(help="CSV: subscriber_id, attributes; - for standard input.")
    ],
    namespace: Annotated[str, typer.Option(help="Whose numbering the identities are of.")],
) -> None:
    """Correct what is known of people; what they state counts from now on (article 16)."""
    from loaders.progress import watched
    from loaders.rectification import rectify

    settings = Settings()
    with leased(settings) as locate, watched() as watch:
        done = rectify(file, namespace, settings, locate, watch)
    corrected = sum(count.loaded for count in done.report.records)
    OUT.print(f"{corrected:,} corrected; proof: load {done.load_id}", highlight=False)


def verify_command(
    file: Annotated[Path, typer.Argument(help="A ZIP file that was handed over.")],
) -> None:
    """Check that a parcel is as it was made here."""
    _tell(check(file, IdentityKey.of(Settings())))


def _one(file: typer.FileText, settings: Settings, namespace: str | None) -> str:
    from loaders.erasure import people
    from loaders.rights import known

    named = people(file, settings, namespace)
    found = named if len(named) == 1 else known(settings, named)
    if len(found) != 1:
        raise BadInput("name one person, and the identity as the source spells it")
    return next(iter(found))


def _tell(manifest: Manifest) -> None:
    for sheet in manifest.sheets:
        OUT.print(f"{sheet.name}: {sheet.lines:,} lines", markup=False, highlight=False)
    OUT.print(f"proof: parcel {manifest.parcel_id}, {manifest.made_at:%Y-%m-%d}", highlight=False)
