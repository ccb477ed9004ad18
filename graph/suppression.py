"""Who was erased and must not come back with the next load of an old file.

The list lies in one file outside of record store and graph: pseudonyms, sealed as a whole under the
identity key (docs/adr/0011). It appears whole or not at all, is readable by its owner only, and
says to nobody without the key more than about how many it has.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from graph.errors import IdentityKeyError
from graph.identity import IdentityKey
from graph.settings import Settings


class Erasure(BaseModel):
    """The proof that people were erased.

    Attributes
    ----------
    subjects : tuple of str
        Keyed digests of their pseudonyms: whoever has the key and the identity finds them here.
    rows : dict of str to int
        Rows that were erased, by kind of record.
    """

    model_config = ConfigDict(frozen=True)

    erasure_id: str
    erased_at: datetime
    subjects: tuple[str, ...]
    rows: dict[str, int]


@dataclass(frozen=True)
class Suppression:
    """The people whose rows no load may store.

    Attributes
    ----------
    people : frozenset of str
        Their pseudonyms.

    Examples
    --------
    >>> erased = Suppression(frozenset({"bf304a627e04eae637b3a361f3eee992"}))
    >>> erased.has_any(["bf304a627e04eae637b3a361f3eee992", "00"]), erased.has_any([])
    (True, False)
    """

    people: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings, key: IdentityKey) -> "Suppression":
        """Return the home folder's list; nobody is on it where there is none.

        Raises
        ------
        IdentityKeyError
            It cannot be unsealed, so nothing may be loaded: who must stay away is not known.
        """
        path = settings.suppression_file
        if not path.is_file():
            return cls()
        try:
            return cls(frozenset(key.unseal(path.read_bytes()).decode().split()))
        except IdentityKeyError as error:
            raise IdentityKeyError(
                f"{path} is damaged, or was sealed with another identity key than the present one: "
                "bring back both from the same backup; until then nothing can be loaded"
            ) from error

    def has_any(self, pseudonyms: Iterable[str]) -> bool:
        """Tell whether any of the people is on the list."""
        return not self.people.isdisjoint(pseudonyms)


NOBODY = Suppression()


def suppress(settings: Settings, key: IdentityKey, pseudonyms: frozenset[str]) -> None:
    """Put people on the list; who is on it already stays."""
    people = Suppression.of(settings, key).people
    if not pseudonyms <= people:
        _write(settings.suppression_file, key, people | pseudonyms)


def unsuppress(settings: Settings, key: IdentityKey, pseudonyms: frozenset[str]) -> None:
    """Take people off the list."""
    people = Suppression.of(settings, key).people
    _write(settings.suppression_file, key, people - pseudonyms)


def _write(path: Path, key: IdentityKey, people: frozenset[str]) -> None:
    """Put a new list in the place of the former at once, on the disk before anything else is."""
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        # Sorted, because the order of a set would tell nothing and change each time.
        file.write(key.seal("\n".join(sorted(people)).encode()))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
