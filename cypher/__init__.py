"""Every statement that is sent to Neo4j, one file each.

A file opens with a header that says what the statement means, whether it reads or writes, and the
names and types of its parameters and columns::

    // One subscriber by pseudonym.
    // mode: read
    // params: subscriber_id: str
    // returns: subscriber_id: str, status: str

A column of type ``instant`` is sent as microseconds since 1970, which takes much less to receive
than a ``datetime``, and handed out as what it means: ``at.epochMillis * 1000 + at.microsecond %
1000``, for Cypher rounds ``epochSeconds`` the wrong way before 1970.

The header is checked against the body when the statement is first asked for, so that a wrong
parameter fails at start-up and not in front of a user.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, LiteralString

_FOLDER = Path(__file__).parent
Mode = Literal["read", "write", "schema"]
_MODES: Mapping[str, Mode] = {"read": "read", "write": "write", "schema": "schema"}
_PLAIN = re.compile(r"instant( \| null)?|(list\[)?(bool|float|int|str)( \| null)?\]?")


class StatementError(Exception):
    """A statement file is missing, or its header does not fit its body."""


@dataclass(frozen=True)
class Statement:
    """A checked statement: its file's text and what its header declares.

    Attributes
    ----------
    name : str
        Path below ``cypher/`` without the ending, for example ``tie/contacts``.
    mode : {"read", "write", "schema"}
        ``schema`` statements create constraints and indexes.
    params, returns : Mapping[str, str]
        Parameter and column names with their types, in the order of the header.
    """

    name: str
    summary: str
    text: LiteralString
    mode: Mode
    params: Mapping[str, str]
    returns: Mapping[str, str]

    @cached_property
    def is_plain(self) -> bool:
        """Whether all columns are sent as numbers, texts, or lists of such, so none as dates.

        Examples
        --------
        >>> statement("tie/columns").is_plain, statement("tie/contacts").is_plain
        (True, False)
        """
        kinds = self.returns.values()
        return bool(kinds) and all(_PLAIN.fullmatch(kind) for kind in kinds)

    @cached_property
    def instants(self) -> tuple[str, ...]:
        """The columns that are instants.

        Examples
        --------
        >>> statement("location/last").instants
        ('last_at',)
        """
        return tuple(name for name, kind in self.returns.items() if kind.startswith("instant"))


def names() -> list[str]:
    """Return the name of every statement file, sorted."""
    return sorted(str(path.relative_to(_FOLDER).with_suffix("")) for path in _files())


@cache
def statement(name: str) -> Statement:
    """Return the statement of the file ``cypher/<name>.cypher``.

    Raises
    ------
    StatementError
        The file is absent, its header is incomplete, or the parameters that the header declares
        are not those that the body uses.

    Examples
    --------
    >>> statement("database/ping").returns
    {'answer': 'int'}
    """
    path = _FOLDER / f"{name}.cypher"
    if not path.is_file():
        raise StatementError(f"{name}: there is no cypher/{name}.cypher")
    text = path.read_text(encoding="utf-8")
    comments = [line[2:].strip() for line in text.splitlines() if line.startswith("//")]
    fields = {
        key: value.strip()
        for key, separator, value in (comment.partition(":") for comment in comments)
        if separator and key in ("mode", "params", "returns")
    }
    missing = [key for key in ("mode", "params", "returns") if key not in fields]
    if missing or not comments:
        raise StatementError(f"{name}: the header lacks {', '.join(missing)}")
    mode = _MODES.get(fields["mode"])
    if mode is None:
        raise StatementError(f"{name}: mode is {fields['mode']!r}, not one of {', '.join(_MODES)}")
    params = _declared(name, fields["params"])
    used = set(re.findall(r"\$(\w+)", "\n".join(_body_lines(text))))
    if used != set(params):
        raise StatementError(f"{name}: header declares {sorted(params)}, body uses {sorted(used)}")
    returns = _declared(name, fields["returns"])
    return Statement(name, comments[0], _literal(text), mode, params, returns)


def _files() -> list[Path]:
    return list(_FOLDER.rglob("*.cypher"))


def _body_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith("//")]


def _declared(name: str, field: str) -> dict[str, str]:
    """Parse ``a: int, b: list[str]``; a lone dash means none."""
    if field in ("", "-"):
        return {}
    pairs = (part.partition(":") for part in re.split(r",\s*(?![^\[]*\])", field))
    declared = {key.strip(): kind.strip() for key, _, kind in pairs}
    if not all(key and kind for key, kind in declared.items()):
        raise StatementError(f"{name}: {field!r} is not a list of 'name: type'")
    return declared


def _literal(text: str) -> LiteralString:
    # A file of this package is as trusted as its code. This is the one place where text becomes
    # a statement, so pyright rejects a statement that is put together anywhere else.
    return text  # pyright: ignore[reportReturnType]
