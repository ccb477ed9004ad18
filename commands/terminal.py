"""What commands share: where they print, their options, and the database they ask."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from graph.database.session import Database, Endpoint, opened
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.settings import Settings

if TYPE_CHECKING:
    from api.context import Services

OUT = Console(soft_wrap=True)
NOTES = Console(stderr=True, soft_wrap=True)

Engine = Annotated[
    Literal["duckdb", "spark"] | None, typer.Option(help="Instead of TIEGRAPH_ENGINE.")
]


async def with_database(
    locate: Callable[[], Endpoint], settings: Settings, work: Callable[[Database], Any]
) -> Any:
    """Return what `work` makes of the database."""
    async with opened(locate, settings) as database:
        return await work(database)


def services_of(settings: Settings, database: Database) -> "Services":
    """Return what answering a question needs."""
    from api.context import Services

    return Services(settings, database, Ledger(settings.ledger_file), IdentityKey.of(settings))
