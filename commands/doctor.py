"""Examine the installation."""

import typer

from commands.terminal import OUT
from graph.doctor import examine
from graph.settings import Settings


def doctor_command() -> None:
    """Examine the installation and say in plain words what is wrong."""
    findings = examine(Settings())
    for finding in findings:
        mark = "[green]ok[/]" if finding.is_ok else "[red]wrong[/]"
        OUT.print(f"{mark:>14}  [bold]{finding.check}[/]: ", end="")
        OUT.print(finding.explanation, markup=False, highlight=False)
        if not finding.is_ok:
            OUT.print(f"       → {finding.remedy}", markup=False, highlight=False)
    if not all(finding.is_ok for finding in findings):
        raise typer.Exit(1)
