"""How far a load is: steps with a total, shown as bars on a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Watch(Protocol):
    """Is told about progress."""

    def begin(self, step: str, total: int | None) -> None:
        """Tell that a step begins; ``total`` is its size in its own unit, where known."""

    def advance(self, amount: int) -> None:
        """Tell that a part of the present step is done."""


class Silence:
    """Shows nothing."""

    def begin(self, step: str, total: int | None) -> None:
        """Ignore the step."""

    def advance(self, amount: int) -> None:
        """Ignore the part."""


class Bars:
    """Shows a bar a step."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", visible=False)

    def begin(self, step: str, total: int | None) -> None:
        """Add the step's bar."""
        self._task = self._progress.add_task(step, total=total)

    def advance(self, amount: int) -> None:
        """Move the step's bar."""
        self._progress.advance(self._task, amount)


@contextmanager
def watched() -> Iterator[Watch]:
    """Show progress on standard error where that is a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield Silence()
        return
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bars(progress)
