"""JSON lines as rows: one object a line, nested keys joined by dots.

Numbers are kept as the text that stands in the file, so that no digit of a long identifier is lost.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa

from loaders.contents import Content, Unfit
from loaders.lines import Lines, each_line, read_lines
from loaders.rows import Block, Refused, Rows
from loaders.streams import Start, Text

_MARKS = '":,{}[] \t\r\n\\'


class _Odd(Exception):
    """A line is no row; the text says why."""


@dataclass(frozen=True)
class JsonBlock:
    """Whole lines of JSON."""

    lines: Lines
    wanted: tuple[str, ...]

    def take_apart(self) -> tuple[Rows, list[Refused]]:
        """Take the objects apart into columns, and refuse what is no object."""
        is_row = ~self.lines.is_blank()
        values: list[list[str]] = []
        refused: list[Refused] = []
        for index in np.flatnonzero(is_row):
            text = self.lines.row(int(index)).rstrip(b"\r\n")
            try:
                values.append(_values(text, self.wanted))
            except _Odd as odd:
                is_row[index] = False
                refused.append(Refused(int(self.lines.numbers[index]), text, str(odd), _MARKS))
        indices = np.flatnonzero(is_row)
        columns = zip(*values, strict=True) if values else ([] for _ in self.wanted)
        arrays = [pa.array(column, pa.string()) for column in columns]
        return Rows(
            self.lines.numbers[indices],
            lambda row: self.lines.row(int(indices[row])).rstrip(b"\r\n"),
            dict(zip(self.wanted, arrays, strict=True)),
        ), refused


def read_json_lines(text: Text, start: Start) -> Content:
    """Read the first objects of JSON lines; the rows come later, as they are asked for.

    A key that only later objects have is still read where it is wanted.

    Raises
    ------
    Unfit
        The first line is no object.
    """
    try:
        objects = [_object(start.line), *_whole_objects(start.rest)]
    except _Odd as odd:
        reason = f"its first line {odd}; JSON lines have one object on each"
        raise Unfit(reason) from odd
    names = dict.fromkeys(name for content in objects for name in _names(content))

    def blocks(wanted: Sequence[str]) -> Iterator[Block]:
        for lines in read_lines(text, start, each_line, text.shown):
            yield JsonBlock(lines, tuple(wanted))

    return Content(tuple(names), blocks, text.digest)


def _whole_objects(rest: bytes) -> Iterator[Mapping[str, Any]]:
    for line in rest.split(b"\n")[:-1]:
        try:
            yield _object(line)
        except _Odd:
            continue


def _values(text: bytes, wanted: Sequence[str]) -> list[str]:
    content = _object(text)
    values = []
    for name in wanted:
        value = content.get(name)
        # Numbers are text already, so that most values go this short way.
        values.append(value if type(value) is str else _text(_at(content, name)))
    if b"\\u" in text:
        _check_escapes(values)
    return values


def _at(content: Mapping[str, Any], name: str) -> object:
    """Return what a name leads to, or None: a key, or else keys joined by dots."""
    if name in content:
        return content[name]
    at: object = content
    for key in name.split("."):
        if not isinstance(at, dict):
            return None
        at = at.get(key)
    return at


def _text(value: object) -> str:
    """Return a value as text; what is not known is an empty one."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    raise _Odd("has a list or an object where a value is wanted")


def _check_escapes(values: Sequence[str]) -> None:
    """Refuse what an escape can say and text cannot hold."""
    text = "".join(values)
    if "\0" in text:
        raise _Odd("holds a NUL byte")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _Odd("holds half a character")


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        content = _DECODER.decode(text.decode())
    except UnicodeDecodeError as error:
        raise _Odd("is not UTF-8") from error
    except RecursionError as error:
        raise _Odd("is nested too deeply") from error
    except ValueError as error:
        raise _Odd("is not JSON") from error
    if not isinstance(content, dict):
        raise _Odd("is not a JSON object")
    return content


def _names(content: Mapping[str, Any]) -> Iterator[str]:
    """Return the keys of an object, those of objects in it joined to theirs by a dot."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from (f"{key}.{name}" for name in _names(value))
        else:
            yield key


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _Odd("has a key twice")
    return content


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("JSON has neither NaN nor Infinity")


_DECODER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=_refuse, object_pairs_hook=_distinct
)
