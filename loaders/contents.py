"""What a file holds, as its format gives it: names of columns, and blocks of rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from loaders.rows import Block
from loaders.streams import Digest

_SHOWN_CHARACTERS = 60
_SHOWN_DIGITS = 5


class Unfit(Exception):
    """A file is no table that can be read; the text says why, without naming the file."""


@dataclass(frozen=True)
class Content:
    """An open file.

    Attributes
    ----------
    names : tuple[str, ...]
        Its columns; of JSON lines, the keys of its first objects.
    blocks : Callable[[Sequence[str]], Iterator[Block]]
        Returns its rows with those of the given columns that it has. To be called once.
    digest : Callable[[], Digest]
        Reads what is left, and returns the size and the digest of the whole file.
    """

    names: tuple[str, ...]
    blocks: Callable[[Sequence[str]], Iterator[Block]]
    digest: Callable[[], Digest]


def without_twins(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns, of which none may stand twice.

    Raises
    ------
    Unfit
        One does.
    """
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None and is_harmless(twice):
        raise Unfit(f"column {twice!r} stands twice in the header")
    if twice is not None:
        raise Unfit("a column stands twice in the header")
    return tuple(names)


def is_harmless(name: str) -> bool:
    """Tell whether a name can be shown: what has many digits or an @ may be an identity.

    Examples
    --------
    >>> is_harmless("A_NUMBER"), is_harmless("4512345678"), is_harmless("a@b.dk")
    (True, False, False)
    """
    digits = sum(map(str.isdigit, name))
    is_short = len(name) <= _SHOWN_CHARACTERS
    return is_short and digits < _SHOWN_DIGITS and "@" not in name and name.isprintable()
