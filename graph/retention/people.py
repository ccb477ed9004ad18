"""What the graph says of those who may be kept: their risk, what they are charged, and where."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from cypher import statement
from graph.errors import BadInput
from graph.influence.maximisation.reverse import Flags
from graph.projection import Floats, Projection
from graph.reader import Reader

_PEOPLE = statement("retention/people")
_CURRENCIES = statement("retention/currencies")
_AT_HOME = statement("retention/at_home")
_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class People:
    """Arrays with an entry a subscriber, in the order of a projection's keys.

    Attributes
    ----------
    risk : array
        Probability of leaving within the churn model's horizon; 0 of whoever cannot.
    may_leave : array of bool
        Who has a risk: whoever left, or is not known to the operator, has none.
    value : array
        What each is charged a month for packages, in minor units of the currency; 1 of everybody
        where nobody's charge is known.
    segment : array of str
        Empty where it is not known.
    currency : str or None
        None: nobody's charge is known, so that heads are counted.
    """

    risk: Floats
    may_leave: Flags
    value: Floats
    segment: npt.NDArray[np.str_]
    currency: str | None

    def of_segments(self, wanted: frozenset[str]) -> Flags:
        """Tell who is of some segments.

        Raises
        ------
        BadInput
            Nobody is of one of them.
        """
        known = sorted({str(name) for name in np.unique(self.segment)} - {""})
        if unknown := wanted - set(known):
            told = ", ".join(known) or "none at all"
            raise BadInput(f"nobody is of the segment {min(unknown)}; segments are {told}")
        return np.isin(self.segment, sorted(wanted))


async def read_people(reader: Reader, ties: Projection, on: date, currency: str | None) -> People:
    """Read what is asked of everybody in the graph.

    Parameters
    ----------
    on : date
        Packages that were given up before count no more.
    currency : str or None
        In which charges count; None: in the only one there is.

    Raises
    ------
    BadInput
        Charges are in several currencies and none was named, or in none like that.
    """
    rows = await reader.read(_CURRENCIES)
    chosen = _currency([str(row["currency"]) for row in rows], currency)
    found = await _read(reader, chosen, on)
    if len(found) != len(ties) or (found.keys != ties.keys).any():
        found = found.among(ties.keys)  # somebody came or went meanwhile
    may_leave = found.risk >= 0
    value = found.charge if chosen is not None else np.ones(len(ties))
    return People(np.maximum(found.risk, 0), may_leave, value, found.segment, chosen or None)


async def living_in(reader: Reader, ties: Projection, h3: str) -> Flags:
    """Tell who lives in a place of any resolution."""
    rows = await reader.read(_AT_HOME, h3=h3)
    return np.isin(ties.keys, np.array(rows[0]["keys"] if rows else [], np.str_))


def _currency(known: list[str], wanted: str | None) -> str | None:
    if wanted is not None and wanted not in known:
        told = ", ".join(filter(None, known)) or "no currency"
        raise BadInput(f"nobody who may leave is charged in {wanted}; charges are in {told}")
    if wanted is None and len(known) > 1:
        told = ", ".join(filter(None, known))
        raise BadInput(f"subscribers are charged in {told}: name one currency")
    return wanted if wanted is not None else next(iter(known), None)


@dataclass(frozen=True, eq=False)
class _Read:
    keys: npt.NDArray[np.str_]
    risk: Floats
    charge: Floats
    segment: npt.NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.keys)

    def among(self, keys: npt.NDArray[np.str_]) -> "_Read":
        """Return the same of other keys; nothing is known of those that were not read."""
        at = np.minimum(np.searchsorted(self.keys, keys), max(0, len(self) - 1))
        if not len(self):
            nothing = np.zeros(len(keys))
            return _Read(keys, nothing - 1, nothing, np.full(len(keys), ""))
        same = self.keys[at] == keys
        return _Read(
            keys,
            np.where(same, self.risk[at], -1.0),
            np.where(same, self.charge[at], 0.0),
            np.where(same, self.segment[at], ""),
        )


async def _read(reader: Reader, currency: str | None, on: date) -> _Read:
    keys: list[str] = []
    risks: list[float] = []
    charges: list[int] = []
    segments: list[str] = []
    while True:
        after = keys[-1] if keys else ""
        told = {"after": after, "limit": _AT_ONCE, "currency": currency or "", "on": on}
        row = (await reader.read(_PEOPLE, **told))[0]
        if not row["keys"]:
            break
        keys += row["keys"]
        risks += row["risks"]
        charges += row["charges"]
        segments += row["segments"]
    return _Read(
        np.array(keys, np.str_),
        np.array(risks, np.float64),
        np.array(charges, np.float64),
        np.array(segments, np.str_),
    )
