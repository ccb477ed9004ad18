"""A first mapping for a file that nobody has described: guesses, each unsure one with a comment.

Names of columns are compared with a vocabulary of what networks and studies call them. Of the
values in the file a draft shows only those that stand for a choice, such as a radio technology:
never what may be an identity.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from loaders.contents import is_harmless
from loaders.documents import Document
from loaders.kernels import pc
from loaders.kinds import KINDS
from loaders.records import Column, Kind
from loaders.sample import Sample, formats, given, is_numeric, plain, read_sample
from loaders.units import UNITS

_VOCABULARY = Path(__file__).parent / "vocabulary.yaml"
_MOST_CHOICES = 20
_WORDS = {"true", "false", "yes", "no", "1", "0"}
_MISSING = ("-", "NULL", "null", "NaN")
# What a record must have and files seldom say: the text to start from, and what is assumed by it.
_ASSUMED = {
    "is_answered": ('{constant: "true"}', "assumed: no column says that a call was missed"),
    "currency": ("{constant: XXX}", "not stated: XXX means no currency; name yours, such as EUR"),
}
_MADE_UP = {*_ASSUMED, "payment_id", "touchpoint_id", "kind"}
_AT = " " * 10
_EPOCHS = ((3e8, 5e9, "s"), (3e11, 5e12, "ms"), (3e14, 5e15, "us"))


def draft(path: Path) -> str:
    """Propose a mapping for a file, as YAML.

    Raises
    ------
    SourceError
        The file cannot be read as a table.
    """
    sample = read_sample(path, _known())
    return "\n".join(_lines(path, sample)) + "\n"


@dataclass(frozen=True)
class _Guess:
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

    @property
    def score(self) -> int:
        """How much of the file it explains; nothing unless what tells the kind is there."""
        telling = _vocabulary()["telling"].get(self.kind.name, [])
        if telling and not any(name in self.columns for name in telling):
            return -1
        unknown = [column for column in self.missing if column.name not in _MADE_UP]
        return len(self.columns) - 2 * len(unknown)


@cache
def _vocabulary() -> Any:
    return Document(_VOCABULARY).content


@cache
def _known() -> frozenset[str]:
    words = _vocabulary()
    named = [*words["columns"].values(), *words["parts"], words["kinds"]]
    return frozenset(plain(name) for names in named for name in names)


def _lines(path: Path, sample: Sample) -> Iterator[str]:
    yield f"# Drafted from {path.name if is_harmless(path.name) else 'a file'}: check every line."
    yield "title: what these data are"
    yield "licence: under which they may be used"
    yield "# Where telephone numbers are the identities:"
    yield "# identities: {namespace: msisdn, format: msisdn, country_code: ...}"
    yield "tables:"
    yield "  table:"
    if sample.delimiter != "," and sample.is_text:
        yield f"    delimiter: {json.dumps(sample.delimiter)}"
    if sample.header:
        header = f"    header: [{', '.join(sample.header)}]"
        yield _noted(header, "the first line seems to be data: name its columns")
    missing = [
        text for text in _MISSING if any(_holds(column, text) for column in sample.columns.values())
    ]
    if missing:
        yield f"    missing: {json.dumps(missing)}"
    yield "    records:"
    guesses = _guesses(sample)
    for guess in guesses:
        yield from _Record(sample, guess).lines()
    if not guesses:
        yield f"      # missing: what a row is; one of {', '.join(KINDS)}"
    unread = [name for name in sample.columns if not any(_reads(guess, name) for guess in guesses)]
    shown = [name for name in unread if is_harmless(name)]
    if shown:
        yield f"# Not read: {', '.join(shown)}"


def _holds(column: pa.StringArray, text: str) -> bool:
    return bool(pc.any(pc.equal(column, text)).as_py())


def _reads(guess: _Guess, name: str) -> bool:
    return name in guess.when or any(name in names for names in guess.columns.values())


def _guesses(sample: Sample) -> list[_Guess]:
    """Return a guess for each kind that a column tells apart, else the one that explains most."""
    for name, column in sample.columns.items():
        if plain(name) in _vocabulary()["kinds"]:
            chosen = _by_value(sample, name, column)
            if chosen:
                return chosen
    guesses = [_guess(sample, kind) for kind in KINDS.values()]
    best = max(guesses, key=lambda guess: guess.score)
    return [best] if best.score > 0 else []


def _by_value(sample: Sample, name: str, column: pa.StringArray) -> list[_Guess]:
    texts = _few(column)
    found = []
    for kind, words in _vocabulary()["rows"].items():
        told = [text for text in texts if plain(text) in words]
        if told:
            guess = _guess(sample, KINDS[kind], leave_out=name)
            found.append(_Guess(guess.kind, guess.columns, {name: told}))
    return found


def _guess(sample: Sample, kind: Kind, leave_out: str | None = None) -> _Guess:
    free = [name for name in sample.columns if name != leave_out and is_harmless(name)]
    columns: dict[str, Sequence[str]] = {}
    for column in kind.columns:
        names = _parts(free) if column.name.endswith("cell_id") else None
        name = None if names else _named(column, free)
        names = names or ([name] if name else None)
        if names:
            columns[column.name] = names
            free = [one for one in free if one not in names]
    return _Guess(kind, columns)


def _parts(free: Sequence[str]) -> list[str] | None:
    by_word = {plain(name): name for name in free}
    for words in _vocabulary()["parts"]:
        if all(word in by_word for word in words):
            return [by_word[word] for word in words]
    return None


def _named(column: Column, free: Sequence[str]) -> str | None:
    """Return the column of the file that is called as a canonical column may be."""
    words = [plain(column.name), *_vocabulary()["columns"].get(column.name, [])]
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
        words[-1].lower() in said for said in _vocabulary()["units"].values()
    )
    return plain("".join(words[:-1] if has_unit else words))


def _last_word(name: str) -> str:
    return plain(re.split(r"[^A-Za-z0-9]+", name)[-1])


def _few(column: pa.StringArray) -> list[str]:
    """Return the texts of a column that has few and short ones, else none."""
    texts = sorted(given(column).unique().to_pylist())
    is_small = len(texts) <= _MOST_CHOICES and all(
        is_harmless(text) and len(text) <= 20 for text in texts
    )
    return texts if is_small else []


@dataclass(frozen=True)
class _Record:
    """Writes one record of a draft."""

    sample: Sample
    guess: _Guess

    def lines(self) -> Iterator[str]:
        """Return its lines."""
        yield f"      - kind: {self.guess.kind.name}"
        if self.guess.when:
            (name, texts), *_ = self.guess.when.items()
            yield f"        when: {{{_scalar(name)}: {json.dumps(texts)}}}"
        yield "        columns:"
        for column in self.guess.kind.columns:
            if column.name in self.guess.columns:
                yield from self._column(column)
            elif column.is_mandatory:
                yield from self._absent(column)

    def _column(self, column: Column) -> Iterator[str]:
        names = self.guess.columns[column.name]
        if len(names) > 1:
            yield f"{_AT}{column.name}: {{join: [{', '.join(map(_scalar, names))}]}}"
        elif column.choices:
            yield from self._choice(column, names[0])
        elif column.type in ("instant", "date"):
            yield from self._time(column, names[0])
        elif column.type in ("int", "float"):
            yield self._number(column, names[0])
        elif column.type == "bool" and not self._is_bool(names[0]):
            line = f"# {column.name}: {{column: {_scalar(names[0])}, values: ...}}"
            yield _noted(_AT + line, "which texts mean true?")
        else:
            yield f"{_AT}{column.name}: {_scalar(names[0])}"

    def _absent(self, column: Column) -> Iterator[str]:
        text, comment = self._assumed.get(column.name, ("", ""))
        if text:
            yield _noted(f"{_AT}{column.name}: {text}", comment)
        else:
            yield f"{_AT}# missing: {column.name} ({column.meaning}): no column seems to be it"

    @cached_property
    def _assumed(self) -> dict[str, tuple[str, str]]:
        parts = ("subscriber_id", "paid_at", "at", "amount_minor", "topic")
        names = [_scalar(name) for part in parts for name in self.guess.columns.get(part, ())]
        made = (f"{{join: [{', '.join(names)}]}}", "no column names it: made of what it says")
        ids = {"payment_id": made, "touchpoint_id": made} if len(names) > 1 else {}
        return {**_ASSUMED, **ids, **self._assumed_kind()}

    def _assumed_kind(self) -> dict[str, tuple[str, str]]:
        if self.guess.kind.name == "surveys":
            named = plain("".join(self.guess.columns.get("score", ())))
            kind = next((scale for scale in ("mos", "nps", "csat") if scale in named), "")
            return {"kind": (f"{{constant: {kind}}}", "the scale, by the name")} if kind else {}
        if self.guess.kind.name == "ties":
            return {"kind": ("{constant: friendship}", "or family, or colleague")}
        return {}

    def _choice(self, column: Column, name: str) -> Iterator[str]:
        texts = _few(self.sample.columns[name])
        words = _vocabulary()["values"].get(column.name, {})
        told = {
            text: choice
            for text in texts
            for choice in column.choices
            if plain(text) in (plain(choice), *words.get(choice, []))
        }
        values = ", ".join(f"{json.dumps(text)}: {choice}" for text, choice in told.items())
        rest = [text for text in texts if text not in told]
        if told and not rest and texts == list(told.values()):
            yield f"          {column.name}: {_scalar(name)}"
            return
        comments = []
        if rest:
            comments.append(f"not told: {json.dumps(rest, ensure_ascii=False)}")
        if rest or not texts:
            comments.append(f"each is one of {', '.join(column.choices)}")
        line = f"{column.name}: {{column: {_scalar(name)}, values: {{{values}}}}}"
        yield _noted(_AT + ("" if told else "# ") + line, *comments)
        if not told and column.is_mandatory:
            yield f"{_AT}# missing: {column.name}: which of its texts mean what"

    def _time(self, column: Column, name: str) -> Iterator[str]:
        texts = self.sample.columns[name]
        fits = list(formats(texts))
        if not fits and is_numeric(texts):
            yield self._epoch(column, name)
            return
        if not fits:
            line = f"{column.name}: {{column: {_scalar(name)}, format: ...}}"
            yield _noted(f"{_AT}# missing: {line}", "its texts are in no format that is known")
            return
        comments = []
        if len(fits) > 1 and fits[0] != "iso":
            comments.append(f"fits as well: {', '.join(json.dumps(fit) for fit in fits[1:])}")
        zone = ", time_zone: UTC" if column.type == "instant" else ""
        if zone and not _states_offset(texts):
            comments.append("which clock wrote it is not stated")
        value = f"{{column: {_scalar(name)}, format: {json.dumps(fits[0])}{zone}}}"
        yield _noted(f"{_AT}{column.name}: {value}", *comments)

    def _epoch(self, column: Column, name: str) -> str:
        most = pc.max(given(self.sample.columns[name]).cast(pa.float64())).as_py()
        unit = next((unit for least, end, unit in _EPOCHS if least <= most < end), None)
        start = "1970-01-01T00:00:00Z" if unit else "2000-01-01T00:00:00Z"
        if column.type == "date":
            return f"{_AT}# {column.name}: {_scalar(name)} is a number; a date needs a format"
        value = f"{{column: {_scalar(name)}, epoch: {start}, unit: {unit or 's'}}}"
        comments = [] if unit else ["counts from an instant that the file does not tell"]
        return _noted(f"{_AT}{column.name}: {value}", *comments)

    def _number(self, column: Column, name: str) -> str:
        parts, comments = [f"column: {_scalar(name)}"], []
        if column.unit:
            unit = self._unit(column.unit, name)
            parts.append(f"unit: {unit or _usual(column.unit, self.guess)}")
            comments += [] if unit else ["unit assumed"]
        if _has_comma(self.sample.columns[name]):
            parts.append('decimal_mark: ","')
        value = f"{{{', '.join(parts)}}}" if len(parts) > 1 else _scalar(name)
        return _noted(f"{_AT}{column.name}: {value}", *comments)

    def _unit(self, canonical: str, name: str) -> str | None:
        last = re.split(r"[^A-Za-z0-9]+", name)[-1].lower()
        for unit, words in _vocabulary()["units"].items():
            if unit in UNITS[canonical] and last in words:
                return str(unit)
        return canonical if len(UNITS[canonical]) == 1 else None

    def _is_bool(self, name: str) -> bool:
        return {text.lower() for text in _few(self.sample.columns[name])} <= _WORDS


def _usual(canonical: str, guess: _Guess) -> str:
    """Return the unit to start from; money is whole where no constant currency has decimals."""
    return "major" if canonical == "minor" and "currency" not in guess.columns else canonical


def _noted(line: str, *comments: str) -> str:
    """Return a line with what is not sure about it."""
    return f"{line}  # {'; '.join(comments)}" if comments else line


def _states_offset(texts: pa.StringArray) -> bool:
    return bool(
        pc.all(pc.match_substring_regex(given(texts), r"(?:Z|[+-]\d{2}:?\d{0,2})$")).as_py()
    )


def _has_comma(texts: pa.StringArray) -> bool:
    return bool(pc.any(pc.match_substring(texts, ",")).as_py())


def _scalar(text: str) -> str:
    """Return a name as YAML: quoted wherever it may be anything but a word.

    Examples
    --------
    >>> _scalar("A_NUMBER"), _scalar("LAC/CI"), _scalar("2G: on")
    ('A_NUMBER', '"LAC/CI"', '"2G: on"')
    """
    is_word = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", text)
    return text if is_word else json.dumps(text, ensure_ascii=False)
