"""Who knows whom: dense and strong ties in groups, sparse and weak ones between them."""

from dataclasses import dataclass

import numpy as np

from loaders.generate.draws import Array, stream
from loaders.generate.options import Options
from loaders.generate.place import Country
from loaders.generate.subscriber import People

KINDS = ("household", "circle", "colleague", "neighbour", "acquaintance")
COLLEAGUE = KINDS.index("colleague")
_CONTACTS_A_WEEK = np.array([10.0, 3.2, 1.6, 0.5, 0.25])  # typical, of a tie of each kind
_ACQUAINTANCES_EACH = 2.2


@dataclass(frozen=True)
class Ties:
    """Arrays with an entry a tie, in order of its first end, which has the smaller number.

    Attributes
    ----------
    kind : Array
        Position in ``KINDS``.
    strength : Array
        Expected contacts a week.
    """

    first: Array
    second: Array
    kind: Array
    strength: Array

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.first)


def tie(options: Options, country: Country, people: People) -> Ties:
    """Return the ties of people, each pair once."""
    rng, count = stream(options.seed, "ties"), len(people)
    pairs = [
        _within(people.household, 5, 1.0, rng),
        _within(people.circle, 8, 0.7, rng),
        _within(people.team, 2, 0.6, rng),
        _within(people.home_site, 1, 0.4, rng),
        _acquaintances(options, country, people, rng),
    ]
    kinds = np.repeat(np.arange(len(KINDS), dtype=np.int8), [len(pair[0]) for pair in pairs])
    ends = np.concatenate([np.stack(pair) for pair in pairs], axis=1)
    key = ends.min(axis=0) * count + ends.max(axis=0)
    key, kept = np.unique(key, return_index=True)  # of several kinds the first, the closest
    is_tie = key // count != key % count
    first, second = (key // count)[is_tie], (key % count)[is_tie]
    kind = kinds[kept][is_tie]
    strength = _CONTACTS_A_WEEK[kind] * rng.lognormal(-0.125, 0.5, len(kind))
    strength *= np.sqrt(people.activity[first] * people.activity[second])
    return Ties(first.astype(np.int32), second.astype(np.int32), kind, strength.astype(np.float32))


def _within(
    group: Array, reach: int, share: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Tie members of a group who stand at most ``reach`` apart in a random order of it."""
    order = np.lexsort((rng.random(len(group)), group))
    order = order[np.searchsorted(group[order], 0) :]
    firsts, seconds = [], []
    for step in range(1, reach + 1):
        first, second = order[:-step], order[step:]
        chosen = (group[first] == group[second]) & (rng.random(len(first)) < share)
        firsts.append(first[chosen])
        seconds.append(second[chosen])
    return np.concatenate(firsts), np.concatenate(seconds)


def _acquaintances(
    options: Options, country: Country, people: People, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Tie sociable people more often, and nearby ones, some rather of the same taste."""
    count = int(len(people) * _ACQUAINTANCES_EACH)
    by_site = np.argsort(people.home_site, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(people.sociability[by_site], dtype=np.float64)])
    starts = np.searchsorted(people.home_site[by_site], np.arange(country.sites + 1))
    anywhere = rng.random(count) * total[-1]
    first = by_site[_at(total, anywhere)]
    # The probability of a tie falls about as distance^-2: Lambiotte et al. 2008.
    distance_km = 0.3 * np.power(1000.0, rng.random(count))
    site = country.site_at(people.home_site[first], distance_km, rng)
    low, high = total[starts[site]], total[starts[site + 1]]
    second, other = (by_site[_at(total, low + rng.random(count) * (high - low))] for _ in range(2))
    is_alike = people.taste[first] == people.taste[other]
    prefers = is_alike & (rng.random(count) < options.homophily)
    return first, np.where(prefers, other, second)


def _at(total: Array, value: Array) -> Array:
    return np.minimum(np.searchsorted(total, value, side="right") - 1, len(total) - 2)
