"""What can be seen in generated files, computed anew: nothing here is the generator's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

Array = npt.NDArray[Any]


def table(folder: Path, kind: str) -> pa.Table:
    """Return all rows of a kind, of all days."""
    paths = sorted([*folder.glob(f"{kind}.csv"), *folder.glob(f"{kind}-2*.csv")])
    text = dict.fromkeys(("tac", "device_id", "target_id", "package_id"), pa.string())
    options = csv.ConvertOptions(column_types=text)
    tables = [csv.read_csv(path, convert_options=options) for path in paths]
    return pa.concat_tables(tables, promote_options="permissive")


def columns(folder: Path, kind: str, *names: str) -> list[Array]:
    """Return columns of a kind."""
    rows = table(folder, kind)
    return [rows[name].to_numpy() for name in names]


def seconds(instants: Array) -> Array:
    """Return instants as seconds since 1970."""
    return instants.astype("datetime64[s]").astype(np.int64)


@dataclass(frozen=True)
class Contacts:
    """Who was in touch with whom, each pair once, people numbered from 0.

    Attributes
    ----------
    count : Array
        Calls and messages of the pair.
    is_mutual : Array
        Whether both turned to the other.
    """

    people: Array
    first: Array
    second: Array
    count: Array
    is_mutual: Array

    @property
    def degree(self) -> Array:
        """Contacts of each."""
        return np.bincount(np.concatenate([self.first, self.second]), minlength=len(self.people))


def contacts_of(pairs: list[tuple[Array, Array]]) -> Contacts:
    """Return the contacts that calls and messages show, given as who and whom."""
    who = np.concatenate([pair[0] for pair in pairs])
    whom = np.concatenate([pair[1] for pair in pairs])
    people, number = np.unique(np.concatenate([who, whom]), return_inverse=True)
    one, other = number[: len(who)], number[len(who) :]
    key = np.minimum(one, other) * len(people) + np.maximum(one, other)
    keys, place, count = np.unique(key, return_inverse=True, return_counts=True)
    forth = np.bincount(place, one < other, minlength=len(keys))
    is_mutual = (forth > 0) & (forth < count)
    return Contacts(people, keys // len(people), keys % len(people), count, is_mutual)


def contacts(folder: Path) -> Contacts:
    """Return the contacts that a folder's calls and messages show."""
    calls = columns(folder, "calls", "caller_id", "callee_id")
    messages = columns(folder, "messages", "sender_id", "recipient_id")
    return contacts_of([(calls[0], calls[1]), (messages[0], messages[1])])


def overlap(contacts: Contacts) -> Array:
    """Return the overlap of each pair, n / (k1 - 1 + k2 - 1 - n): Onnela et al. 2007."""
    neighbours: list[set[int]] = [set() for _ in contacts.people]
    pairs = list(zip(contacts.first.tolist(), contacts.second.tolist(), strict=True))
    for first, second in pairs:
        neighbours[first].add(second)
        neighbours[second].add(first)
    common = np.array([len(neighbours[one] & neighbours[other]) for one, other in pairs])
    degree = contacts.degree
    most = degree[contacts.first] + degree[contacts.second] - 2 - common
    shares: Array = common / np.maximum(most, 1)
    return shares


def largest_component(contacts: Contacts, kept: Array) -> float:
    """Return the share of people in the largest component of the pairs that are kept."""
    first, second = contacts.first[kept], contacts.second[kept]
    label = np.arange(len(contacts.people))
    while True:  # each takes the smallest label around, and its label's label
        smallest = label.copy()
        np.minimum.at(smallest, first, label[second])
        np.minimum.at(smallest, second, label[first])
        smallest = smallest[smallest]
        if np.array_equal(smallest, label):
            return float(np.bincount(label).max() / len(label))
        label = smallest


def exponent(values: Array, least: float) -> float:
    """Return the exponent of a power-law tail: Hill's estimate, eq. 3.7 of Clauset et al. 2009."""
    tail = values[values >= least]
    return float(1 + len(tail) / np.log(tail / (least - 0.5)).sum())


def distance_km(lat: Array, lon: Array, other_lat: Array, other_lon: Array) -> Array:
    """Return great-circle distances, by the haversine formula."""
    one, other = np.radians(lat), np.radians(other_lat)
    half = np.sin((other - one) / 2) ** 2
    half = half + np.cos(one) * np.cos(other) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    distances: Array = 2 * 6371.0088 * np.arcsin(np.sqrt(half))
    return distances
