"""Which columns of an unknown file are which of a canonical record, by what they are called.

The vocabulary is in ``vocabulary.yaml``: data, not code.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.documents import Document
from loaders.contents import is_harmless
from loaders.kinds import KINDS
from loaders.records import Column, Kind
from loaders.sample import Sample, given, plain

# Mandatory columns that files seldom have, and that a draft can still say something for.
MADE_UP = ("is_answered", "currency", "payment_id", "touchpoint_id", "kind")
_VOCABULARY = Path(__file__).parent / "vocabulary.yaml"
_MOST_CHOICES = 20
_LONGEST_CHOICE = 20  # characters


@dataclass(frozen=True)
class Guess:
    """Which columns of the file are which of a kind's, and which texts choose its rows."""

    kind: Kind
    columns: Mapping[str, Sequence[str]]
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def missing(self) -> list[Column]:
        """Mandatory columns that no column of the file seems to be."""
        return [
            column
            for column in self.kind.columns
            if column.is_mandatory and column.name not in self.columns
        ]

    def reads(self, name: str) -> bool:
        """Tell whether a column of the file is used."""
        return name in self.when or any(name in names for names in self.columns.values())

    @property
    def score(self) -> int:
        """How much of the file it explains; nothing unless what tells the kind is there."""
        telling = vocabulary()["telling"].get(self.kind.name, [])
        if telling and not any(name in self.columns for name in telling):
            return -1
        unknown = [column for column in self.missing if column.name not in MADE_UP]
        return len(self.columns) - 2 * len(unknown)


@cache
def vocabulary() -> Any:
    """Return what networks and studies call their columns and values."""
    return Document(_VOCABULARY).content


@cache
def known_words() -> frozenset[str]:
    """Return all names of columns that the vocabulary has."""
    words = vocabulary()
    named = [*words["columns"].values(), *words["parts"], words["kinds"]]
    return frozenset(plain(name) for names in named for name in names)


def guesses(sample: Sample) -> list[Guess]:
    """Return a guess for each kind that a column tells apart, else the one that explains most."""
    for name, column in sample.columns.items():
        if is_harmless(name) and plain(name) in vocabulary()["kinds"]:
            chosen = _by_value(sample, name, column)
            if chosen:
                return chosen
    tried = [_guess(sample, kind) for kind in KINDS.values()]
    best = max(tried, key=lambda guess: guess.score)
    return [best] if best.score > 0 else []


def _by_value(sample: Sample, name: str, column: pa.StringArray) -> list[Guess]:
    texts = few(column)
    found = []
    for kind, words in vocabulary()["rows"].items():
        told = [text for text in texts if plain(text) in words]
        if told:
            guess = _guess(sample, KINDS[kind], leave_out=name)
            found.append(Guess(guess.kind, guess.columns, {name: told}))
    return found


def _guess(sample: Sample, kind: Kind, leave_out: str | None = None) -> Guess:
    free = [name for name in sample.columns if name != leave_out and is_harmless(name)]
    columns: dict[str, Sequence[str]] = {}
    for column in kind.columns:
        names = _parts(free) if column.name.endswith("cell_id") else None
        name = None if names else _named(column, free)
        names = names or ([name] if name else None)
        if names:
            columns[column.name] = names
            free = [one for one in free if one not in names]
    return Guess(kind, columns)


def _parts(free: Sequence[str]) -> list[str] | None:
    by_word = {plain(name): name for name in free}
    for words in vocabulary()["parts"]:
        if all(word in by_word for word in words):
            return [by_word[word] for word in words]
    return None


def _named(column: Column, free: Sequence[str]) -> str | None:
    """Return the column of the file that is called as a canonical column may be."""
    words = [plain(column.name), *vocabulary()["columns"].get(column.name, [])]
    is_time = column.type in ("instant", "date")
    for spelling in (_whole, _without_unit) if is_time else (_whole, _without_unit, _last_word):
        spelt = {spelling(name): name for name in reversed(free)}
        for word in words:
            if word in spelt:
                return spelt[word]
    return None


def _whole(name: str) -> str:
    return plain(name)


def _without_unit(name: str) -> str:
    words = re.split(r"[^A-Za-z0-9]+", name)
    has_unit = len(words) > 1 and any(
        words[-1].lower() in said for said in vocabulary()["units"].values()
    )
    return plain("".join(words[:-1] if has_unit else words))


def _last_word(name: str) -> str:
    return plain(re.split(r"[^A-Za-z0-9]+", name)[-1])


def few(column: pa.StringArray) -> list[str]:
    """Return the texts of a column that has few, short and harmless ones, else none."""
    texts = sorted(given(column).unique().to_pylist())
    is_small = len(texts) <= _MOST_CHOICES and all(
        is_harmless(text) and len(text) <= _LONGEST_CHOICE for text in texts
    )
    return texts if is_small else []
