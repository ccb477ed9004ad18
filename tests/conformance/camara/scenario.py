"""CAMARA's feature files: Gherkin is parsed, and each sentence bound to a function."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from tests.conftest import SHARED

Step = Callable[..., None]


@dataclass(frozen=True)
class Scenario:
    """One scenario with its background, and of an outline one of its examples."""

    tag: str
    steps: tuple[str, ...]


def scenarios(api: str) -> list[Any]:
    """Return a feature file's scenarios as parameters; none where the file is absent."""
    path = SHARED / "standards" / "camara" / "Test_definitions" / f"{api}.feature"
    return [pytest.param(one, id=one.tag) for one in (_read(path) if path.is_file() else ())]


def _read(path: Path) -> Iterator[Scenario]:
    return of_text(path.read_text(), str(path))


def of_text(text: str, uri: str = "") -> Iterator[Scenario]:
    """Yield the scenarios of a feature."""
    document: Any = {**Parser().parse(text), "uri": uri}
    for pickle in Compiler().compile(document):
        steps = (re.sub(r"\s+\|$", "", step["text"]).strip() for step in pickle["steps"])
        yield Scenario(pickle["tags"][0]["name"].removeprefix("@"), tuple(steps))


class Steps:
    """Sentences, and what they do to a world."""

    def __init__(self) -> None:
        self._steps: list[tuple[re.Pattern[str], Step]] = []

    def __call__(self, *patterns: str) -> Callable[[Step], Step]:
        """Bind a function to sentences, whose groups are its arguments."""

        def bound(step: Step) -> Step:
            self._steps.extend((re.compile(pattern), step) for pattern in patterns)
            return step

        return bound

    def run(self, world: Any, scenario: Scenario) -> None:
        """Go through a scenario."""
        for sentence in scenario.steps:
            self.run_sentence(world, sentence)

    def run_sentence(self, world: Any, sentence: str) -> None:
        """Do what a sentence says, as it was bound last; one that nothing is bound to fails."""
        for pattern, step in reversed(self._steps):
            if found := pattern.fullmatch(sentence):
                step(world, *found.groups())
                return
        pytest.fail(f"nothing is bound to: {sentence}")
