"""The open lab: generated people, sandbox partners, and every API as in production."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from commands.serve import Port, serve
from commands.terminal import NOTES, with_database
from graph.consent.book import ConsentBook
from graph.database.server import leased
from graph.database.session import Database, Endpoint
from graph.lab import SOURCE, consent_for, found
from graph.partner.registry import Partners
from graph.settings import Settings

_PARTNER = "sandbox"


def lab_command(
    port: Port = 8001,
    people: Annotated[int, typer.Option(min=10, help="How many, of a new lab.")] = 2_000,
    days: Annotated[int, typer.Option(min=1, help="Days of records up to today.")] = 7,
    seed: Annotated[int, typer.Option(help="Equal seeds, equal people.")] = 1,
) -> None:
    """Serve a sandbox of its own home folder, beside the one of production."""
    settings = lab_settings(Settings())
    with leased(settings) as locate:
        if secret := furnish(settings, locate, people, days, seed):
            print(secret)
            NOTES.print(f"That is the secret of the partner {_PARTNER}, shown once.")
        serve(settings, "127.0.0.1", port)


def lab_settings(base: Settings) -> Settings:
    """Return the settings of the lab beside a home folder, which is made where there is none.

    Raises
    ------
    BadInput
        The folder beside it is no lab.
    ValidationError
        The environment leads to a database, a key or an issuer that may be real.
    """
    home = base.home_dir if base.is_lab else base.home_dir.with_name(f"{base.home_dir.name}-lab")
    settings = base.model_copy(update={"home_dir": home})
    found(settings)
    return Settings(home_dir=home, jars_dir=base.jars_folder)


def furnish(
    settings: Settings, locate: Callable[[], Endpoint], people: int, days: int, seed: int
) -> str | None:
    """Give a new lab people, a partner and consents; return the secret of a new partner."""
    from api.partner_entry import enter
    from loaders import behaviour, density, insight, preference
    from loaders.load import load
    from loaders.progress import watched

    files = settings.home_dir / "files"
    if not files.is_dir():
        _generate(files, people, days, seed)
    with watched() as watch:
        load(SOURCE, [str(files)], settings, locate, watch)
        preference.analyse(settings, locate, watch)
        for domain in (behaviour, density, insight):
            domain.analyse(settings, watch)
    partners = Partners.of(settings)
    secret = None if partners.find(_PARTNER) else enter(settings, _PARTNER, "Sandbox")
    asyncio.run(with_database(locate, settings, _Consents(settings, partners)))
    return secret


@dataclass(frozen=True)
class _Consents:
    settings: Settings
    partners: Partners

    async def __call__(self, database: Database) -> None:
        """Have people consent to partners whom nobody has consented to yet."""
        book = ConsentBook(self.settings.consents_file)
        given = self.settings.home_dir / "consenting"
        given.mkdir(exist_ok=True)
        for partner in self.partners.all():
            done = given / partner.partner_id
            if partner.state == "active" and not done.exists():
                await consent_for(database, book, partner.partner_id)
                done.touch()


def _generate(files: Path, people: int, days: int, seed: int) -> None:
    from loaders.generate.generate import generate
    from loaders.generate.options import Options

    draft = files.with_name("files.new")
    shutil.rmtree(draft, ignore_errors=True)  # of a command that was interrupted
    start = datetime.now(UTC).date() - timedelta(days=days)
    with NOTES.status("Settling people"):
        generate(draft, Options(people=people, days=days, seed=seed, start=start))
    draft.rename(files)
