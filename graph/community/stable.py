"""The same group keeps its name from one analysis to the next.

Of all pairs of a former and a present community, the one with the most members in common is matched
first, equals by name; each is matched once. A present community that is matched keeps the former
one's name. So of a community that split, the part with most of its members keeps the name and the
others get new ones; of several that merged, that which brought most members keeps it, and the other
names end. A new name is a digest of the members by whom the community is first met.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from graph.projection import Ints

_DIGITS = 16


def names(
    keys: npt.NDArray[np.str_], community: Ints, former: Mapping[str, str], level: int
) -> list[str]:
    """Return the name of each community, by number.

    Parameters
    ----------
    keys : array of str
        Of the subscribers, in order.
    community : array of int
        The present number of everybody's community.
    former : Mapping
        From key to the name of the former community, of those who had one.
    level : int
        Stands before every new name, so that levels share none.

    Examples
    --------
    >>> now = np.array([0, 0, 0, 1])
    >>> names(np.array(["a", "b", "c", "d"]), now, {"a": "x", "b": "x", "d": "x"}, 1)
    ['x', '1-18ac3e7343f01689']
    """
    if not len(community):
        return []
    found: list[str | None] = [None] * (int(community.max()) + 1)
    taken: set[str] = set()
    for number, name in _most_in_common(community, [former.get(key) for key in keys.tolist()]):
        if found[number] is None and name not in taken:
            found[number] = name
            taken.add(name)
    members = _members(keys, community)
    return [name or _new_name(members[number], level, taken) for number, name in enumerate(found)]


def _most_in_common(community: Ints, former: Sequence[str | None]) -> list[tuple[int, str]]:
    """Return pairs of a present community and a former name, the most members first."""
    known = sorted({name for name in former if name is not None})
    number_of = {name: number for number, name in enumerate(known)}
    before = np.array([-1 if name is None else number_of[name] for name in former], np.int64)
    had = before >= 0
    span = max(1, len(known))
    code, times = np.unique(community[had] * span + before[had], return_counts=True)
    order = np.lexsort((code // span, code % span, -times))
    return [(int(one // span), known[int(one % span)]) for one in code[order]]


def _members(keys: npt.NDArray[np.str_], community: Ints) -> list[npt.NDArray[np.str_]]:
    order = np.argsort(community, kind="stable")
    return np.split(keys[order], np.cumsum(np.bincount(community))[:-1])


def _new_name(members: npt.NDArray[np.str_], level: int, taken: set[str]) -> str:
    """Return a name that nobody has; a former community that was met by the same has it already."""
    text, tries = "\n".join(members.tolist()), 0
    while True:
        digest = hashlib.sha256(f"{text}{tries or ''}".encode()).hexdigest()
        name = f"{level}-{digest[:_DIGITS]}"
        if name not in taken:
            taken.add(name)
            return name
        tries += 1
