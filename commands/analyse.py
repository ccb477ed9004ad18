"""Compute what takes long: analyses, and calibrations of the experience model."""

from typing import Annotated, Literal

import typer

from commands.terminal import OUT
from graph.settings import Settings


def analyse_command(
    domains: Annotated[
        list[str] | None,
        typer.Argument(
            help="What: behaviour, experience, problems, ties, communities, influence, churn, "
            "apps, preferences, density; all where absent."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Version of the experience model.")] = None,
) -> None:
    """Compute from the stored records what takes long to compute."""
    from loaders.analysis import analysed
    from loaders.progress import watched

    with watched() as watch:
        for line in analysed(Settings(), domains or (), model, watch):
            OUT.print(line, markup=False, highlight=False)


def calibrate_command(
    service: Annotated[str, typer.Argument(help="A service whose sessions were rated.")],
    version: Annotated[str, typer.Argument(help="Name of the new version of the model.")],
    opinion: Annotated[Literal["mos", "nps"], typer.Option(help="Kind of survey.")] = "mos",
    model: Annotated[str | None, typer.Option(help="Version to begin with; unset: ours.")] = None,
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Take answers that name no session: for people's sessions so many days before.",
        ),
    ] = None,
) -> None:
    """Fit the experience model to what people said, as a new version with its report."""
    from graph.experience.model import DEFAULT_VERSION
    from loaders.calibrate import calibrate_service, told

    begun = model or DEFAULT_VERSION
    OUT.print(told(*calibrate_service(Settings(), begun, service, opinion, version, days)))
