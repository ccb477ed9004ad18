"""Write a synthetic population."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from commands.terminal import NOTES, OUT


def generate_command(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder for the files.")],
    people: Annotated[int, typer.Option(help="How many subscribers.")] = 10_000,
    days: Annotated[int, typer.Option(help="How many days of records.")] = 7,
    seed: Annotated[int, typer.Option(help="Equal seeds and options, equal files.")] = 1,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day, UTC.")
    ] = datetime(2026, 1, 5),  # noqa: DTZ001 (a day, without a time)
    records: Annotated[
        int | None, typer.Option(help="About how many in all; unset: as people live.")
    ] = None,
    homophily: Annotated[float, typer.Option(help="0 to 1: how alike friends are.")] = 0.6,
    contagion: Annotated[
        float, typer.Option(help="0 to 10: how leaving spreads; 0: no way.")
    ] = 0.5,
    discontent: Annotated[float, typer.Option(help="0 to 1: hazard a day of the upset.")] = 0.02,
    churn: Annotated[float, typer.Option(help="0 to 1: hazard in 30 days of the others.")] = 0.02,
    problems: Annotated[int, typer.Option(help="How many are planted in the network.")] = 6,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What they are of, in turn: cell, site, device, app, voice, subscriber, messages; "
            "the first four where absent."
        ),
    ] = None,
    episodes: Annotated[int, typer.Option(help="How often each problem comes.")] = 1,
    file_format: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="Of the files.")
    ] = "csv",
) -> None:
    """Write the records of a synthetic population, and the truth about it beside them."""
    from loaders.generate.generate import generate
    from loaders.generate.options import SCOPES, Options

    options = Options(
        people=people,
        days=days,
        seed=seed,
        start=start.date(),
        records=records,
        homophily=homophily,
        contagion=contagion,
        discontent=discontent,
        churn=churn,
        problems=problems,
        scopes=tuple(scope) if scope else SCOPES[:4],
        episodes=episodes,
        file_format=file_format,
    )
    with NOTES.status("Settling people") as status:
        generated = generate(folder, options, lambda day: status.update(f"Day {day} of {days}"))
    listing = Table("records", "rows", title=str(folder))
    for kind, rows in generated.rows.items():
        listing.add_row(kind, f"{rows:,}")
    OUT.print(listing)
    OUT.print(f"Load them: tiegraph load generated {folder}", markup=False, highlight=False)
