"""Who is in touch with whom has the shape that published networks of telephones have."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from loaders.generate.generate import generate
from tests.loaders.generate.conftest import OPTIONS
from tests.loaders.generate.observed import (
    Contacts,
    columns,
    contacts,
    contacts_of,
    exponent,
    largest_component,
    overlap,
)

SAMPLE = Path(__file__).parents[3] / "loaders" / "samples" / "copenhagen"


@pytest.fixture(scope="module")
def seen(crowd: Path) -> Contacts:
    return contacts(crowd)


def test_a_few_people_have_far_more_contacts_than_most(seen: Contacts) -> None:
    """The degrees of 2.5 M Belgian subscribers fall as k^-5: Lambiotte et al., Physica A 387, 2008.

    Ours do within 1 of that, as far as one can tell from the few in the tail of a small population.
    Were degrees Poisson with our mean, nobody among 12,000 would have five times as many as that.
    """
    degree = seen.degree
    assert 4 <= exponent(degree, 20) <= 6
    assert degree.max() > 5 * degree.mean()


def test_overlap_rises_with_the_strength_of_a_tie(seen: Contacts) -> None:
    """As in Onnela et al., PNAS 104, 2007: friends of the strong ties are friends of both."""
    order = np.argsort(seen.count, kind="stable")
    means = [float(part.mean()) for part in np.array_split(overlap(seen)[order], 8)]
    assert means == sorted(means)
    assert means[-1] > 3 * means[0]


@pytest.mark.parametrize("by", ["count", "overlap"])
def test_without_weak_ties_the_network_falls_apart(seen: Contacts, by: str) -> None:
    """As in Onnela et al., PNAS 104, 2007: without as many strong ones it does not."""
    strength = seen.count if by == "count" else overlap(seen)
    order = np.lexsort((np.random.default_rng(1).random(len(strength)), strength))
    fifth = len(order) // 5
    assert largest_component(seen, order) > 0.98
    assert largest_component(seen, order[-fifth:]) < 0.1
    assert largest_component(seen, order[:fifth]) > 0.4


def test_most_contacts_are_mutual(seen: Contacts) -> None:
    """Between calls (0.66) and messages (0.93) of the Copenhagen set, see its description."""
    directed = 2 * seen.is_mutual.sum() / (len(seen.count) + seen.is_mutual.sum())
    assert 0.6558 < directed < 0.9302


def test_the_measures_are_right_about_the_copenhagen_set() -> None:
    """What its description says of calls: 536 people, 924 directed pairs, reciprocity .6558."""
    caller, callee = columns(SAMPLE, "calls", "caller", "callee")
    measured = contacts_of([(caller, callee)])
    mutual = measured.is_mutual.sum()
    assert len(measured.people) == 536
    assert len(measured.count) + mutual == 924
    assert round(float(2 * mutual / 924), 4) == 0.6558


def test_contacts_are_those_of_the_truth(crowd: Path, seen: Contacts) -> None:
    """Nobody calls but along a tie; weekly contacts of each kind are far apart."""
    first, second, kind, weekly = columns(
        crowd / "truth", "ties", "subscriber_id", "other_id", "kind", "contacts_a_week"
    )
    truth = set(zip(first.tolist(), second.tolist(), strict=True))
    people = seen.people
    pairs = zip(people[seen.first].tolist(), people[seen.second].tolist(), strict=True)
    assert {tuple(sorted(pair)) for pair in pairs} <= truth
    by_kind = {str(name): float(weekly[kind == name].mean()) for name in np.unique(kind)}
    assert sorted(by_kind, key=lambda name: by_kind[name]) == [
        "acquaintance",
        "neighbour",
        "colleague",
        "circle",
        "household",
    ]


def _alike(folder: Path) -> tuple[float, float]:
    """Return the share of friends of the same taste, and of any two people."""
    who, taste = columns(folder / "truth", "people", "subscriber_id", "taste")
    first, second, kind = columns(folder / "truth", "ties", "subscriber_id", "other_id", "kind")
    taste_of: dict[int, int] = dict(zip(who.tolist(), taste.tolist(), strict=True))
    is_friend = kind == "circle"
    alike = [
        taste_of[one] == taste_of[other]
        for one, other in zip(first[is_friend].tolist(), second[is_friend].tolist(), strict=True)
    ]
    shares = np.bincount(taste) / len(taste)
    return float(np.mean(alike)), float((shares**2).sum())


@pytest.mark.parametrize(("homophily", "expected"), [(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)])
def test_friends_are_as_alike_as_asked_for(
    homophily: float, expected: float, tmp_path: Path
) -> None:
    """Both follow the circle with that probability: h^2 of them agree for it, others by chance."""
    options = replace(OPTIONS, people=4_000, days=1, records=30_000, homophily=homophily)
    generate(tmp_path / "f", options)
    alike, by_chance = _alike(tmp_path / "f")
    assert alike == pytest.approx(expected + (1 - expected) * by_chance, abs=0.03)
