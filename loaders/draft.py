"""A first mapping for a file that nobody has described: guesses, each unsure one with a comment.

Names of columns are compared with a vocabulary of what networks and studies call them. Of the
values in the file a draft shows only those that stand for a choice, such as a radio technology:
never what may be an identity.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from graph.kernels import pc
from loaders.contents import is_harmless
from loaders.guess import Guess, few, guesses, known_words, vocabulary
from loaders.kinds import KINDS
from loaders.records import Column
from loaders.sample import Sample, formats, given, is_numeric, plain, read_sample
from loaders.units import UNITS

_WORDS = {"true", "false", "yes", "no", "1", "0"}
_MISSING = ("-", "NULL", "null", "NaN")
# What a record must have and files seldom say: the text to start from, and what is assumed by it.
_ASSUMED = {
    "is_answered": ('{constant: "true"}', "assumed: no column says that a call was missed"),
    "currency": ("{constant: XXX}", "not stated: XXX means no currency; name yours, such as EUR"),
}
_AT = " " * 10
_EPOCHS = ((3e8, 5e9, "s"), (3e11, 5e12, "ms"), (3e14, 5e15, "us"))


def draft(path: Path) -> str:
    """Propose a mapping for a file, as YAML.

    Raises
    ------
    SourceError
        The file cannot be read as a table.
    """
    sample = read_sample(path, known_words())
    return "\n".join(_lines(path, sample)) + "\n"


def _lines(path: Path, sample: Sample) -> Iterator[str]:
    name = _scalar(path.name) if is_harmless(path.name) else "a file"
    yield f"# Drafted from {name}: check every line."
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
    found = guesses(sample)
    for guess in found:
        yield from _Record(sample, guess).lines()
    if not found:
        yield f"      # missing: what a row is; one of {', '.join(KINDS)}"
    unread = [name for name in sample.columns if not any(guess.reads(name) for guess in found)]
    shown = [_scalar(name) for name in unread if is_harmless(name)]
    if shown:
        yield f"# Not read: {', '.join(shown)}"


def _holds(column: pa.StringArray, text: str) -> bool:
    return bool(pc.any(pc.equal(column, text)).as_py())


@dataclass(frozen=True)
class _Record:
    """Writes one record of a draft."""

    sample: Sample
    guess: Guess

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
        texts = few(self.sample.columns[name])
        words = vocabulary()["values"].get(column.name, {})
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
        for unit, words in vocabulary()["units"].items():
            if unit in UNITS[canonical] and last in words:
                return str(unit)
        return canonical if len(UNITS[canonical]) == 1 else None

    def _is_bool(self, name: str) -> bool:
        return {text.lower() for text in few(self.sample.columns[name])} <= _WORDS


def _usual(canonical: str, guess: Guess) -> str:
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
