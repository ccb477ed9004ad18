"""Who knows whom around a subscriber: clustering, and how alike their contacts are."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa

from graph.behaviour.arrays import ordered, runs
from graph.behaviour.events import Events, Periods
from graph.database.session import Row

ATTRIBUTES = (
    "status",
    "gender",
    "birth_year",
    "is_senior",
    "has_partner",
    "has_dependents",
    "segment",
    "plan",
)
_Weights = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Likeness:
    """How alike a subscriber and their mutual contacts are in one thing.

    Attributes
    ----------
    name : str
        The attribute or the indicator.
    value : float
        Of an attribute the share of contacts that have the same; of an indicator the mean squared
        difference.
    contacts : int
        Of how many contacts it is known.
    """

    name: str
    value: float
    contacts: int


class Network:
    """A subscriber among all their contacts.

    A tie counts where both have addressed each other. Its weight is the number of half hours in
    which one addressed the other, in both directions together.

    Parameters
    ----------
    subscriber_id : str
        The subscriber in the middle.
    events : Events
        Those of the subscriber and of all their contacts.
    """

    def __init__(self, subscriber_id: str, events: Events, time_zone: str) -> None:
        self._ego = subscriber_id
        members = set(events.subscriber_ids.to_pylist())
        blocks = _half_hours(events, time_zone)
        self._weights: _Weights = {
            (one, other): number + blocks[other, one]
            for (one, other), number in blocks.items()
            if other in members and (other, one) in blocks
        }
        self.mutual_contacts = sorted(other for one, other in self._weights if one == self._ego)

    def clustering_unweighted(self) -> float:
        """Return the share of pairs of mutual contacts that are mutual contacts themselves."""
        closed = sum(pair in self._weights for pair in combinations(self.mutual_contacts, 2))
        return self._of_all_pairs(closed)

    def clustering_weighted(self) -> float:
        """Return the same share, each triangle counting as the geometric mean of its weights.

        They are divided by the greatest weight between any of the subscriber and the contacts.
        """
        if not self.mutual_contacts:
            return 0.0
        greatest = max(self._weights.values())
        closed = sum(
            (
                self._weights[self._ego, one]
                * self._weights[self._ego, other]
                * self._weights[one, other]
            )
            ** (1 / 3)
            / greatest
            for one, other in combinations(self.mutual_contacts, 2)
            if (one, other) in self._weights
        )
        return self._of_all_pairs(closed)

    def attributes(self, people: Mapping[str, Row]) -> list[Likeness]:
        """Return how many mutual contacts share each attribute that is known of both."""
        ego, found = people.get(self._ego, {}), []
        for name in ATTRIBUTES:
            others = [people.get(other, {}).get(name) for other in self.mutual_contacts]
            known = [value for value in others if value is not None]
            if ego.get(name) is not None and known:
                same = sum(value == ego[name] for value in known)
                found.append(Likeness(name, same / len(known), len(known)))
        return found

    def indicators(self, usual: pa.Table) -> list[Likeness]:
        """Return how far the usual indicators of mutual contacts are from the subscriber's."""
        rows = {row["subscriber_id"]: row for row in usual.to_pylist()}
        ego, found = rows.get(self._ego, {}), []
        for name in usual.column_names[1:]:
            others = [rows[other][name] for other in self.mutual_contacts if other in rows]
            known = [value for value in others if value is not None]
            if ego.get(name) is not None and known:
                squares = [(value - ego[name]) ** 2 for value in known]
                found.append(Likeness(name, sum(squares) / len(squares), len(squares)))
        return found

    def _of_all_pairs(self, closed: float) -> float:
        degree = len(self.mutual_contacts)
        return 2 * closed / (degree * (degree - 1)) if degree > 1 else 0.0


def _half_hours(events: Events, time_zone: str) -> dict[tuple[str, str], int]:
    """Return in how many half hours each addressed whom."""
    periods = Periods(events, time_zone, "none")
    row = np.flatnonzero(periods.events.is_outgoing)
    one, other = periods.events.subscriber[row], periods.events.contact[row]
    half_hour = periods.half_hour[row]
    order = ordered(one, other, half_hour)
    distinct = order[runs(one[order], other[order], half_hour[order])[1]]
    code, first = runs(one[distinct], other[distinct])
    pairs = distinct[first]
    names = events.subscriber_ids.to_pylist(), events.contact_ids.to_pylist()
    return {
        (names[0][one[pair]], names[1][other[pair]]): int(number)
        for pair, number in zip(pairs, np.bincount(code), strict=True)
    }
