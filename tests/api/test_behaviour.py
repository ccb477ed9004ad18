"""Behaviour by GraphQL against what bandicoot's authors worked out and what bandicoot says.

Every expected number is bandicoot's own, from files of its repository or made with it; nothing is
computed here. What is left out, and why, is in ``docs/behaviour.md``.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from graph.database.session import Endpoint
from loaders.behaviour import analyse
from loaders.progress import Silence
from tests.bandicoot import HEADER, INDICATORS, MADE, Asked, expected, lines, usual_name, write_csv
from tests.lab import Lab

pytestmark = pytest.mark.database

RECHARGES = "datetime,amount,retailer_id"
NETWORK = """query ($who: String!) { subscriber(identity: $who) { behaviour {
  network {
    mutualContacts clusteringCoefficientUnweighted clusteringCoefficientWeighted
    assortativityAttributes { name value contacts }
    assortativityIndicators { name value contacts }
  } } } }"""
PEOPLE = """
title: Who the people of bandicoot's network are
licence: none
identities: {namespace: bandicoot}
tables:
  people:
    records:
      - kind: subscribers
        columns: {subscriber_id: who, gender: gender, birth_year: born}
"""
# They describe bandicoot's own run, or are not numbers of behaviour.
NOT_INDICATORS = ("name", "reporting", "attributes")


# What depends on which of two antennas of one instant came first, where bandicoot goes by the file.
OF_ONE_INSTANT = ("radius_of_gyration_km__mean", "radius_of_gyration_km__std", "churn_rate__mean")


@pytest.fixture
def lab(tmp_path: Path, empty_graph: Endpoint) -> Lab:
    # Events of one instant stand in the order of pseudonyms, so the key has a say in them.
    key = tmp_path / "identity.key"
    key.write_bytes(bytes(range(32)))
    return Lab(tmp_path / "home", empty_graph, {"identity_key_file": key})


@pytest.fixture
def samples(shared_data: Path) -> Path:
    return shared_data / "bandicoot" / "tests_samples" / "samples"


def settled(lab: Lab, *paths: Path) -> None:
    lab.load("bandicoot", *paths)
    analyse(lab.settings, Silence())


def compared(
    asked: Asked, wanted: dict[str, Any], tolerance: float = 1e-9, leave_out: tuple[str, ...] = ()
) -> Counter[str]:
    """Compare every value and return how many of which kind."""
    counts: Counter[str] = Counter()
    for name, value in wanted.items():
        if name.startswith((*NOT_INDICATORS, *leave_out)):
            counts["left out"] += 1
            continue
        found = asked.value(name)
        close = None if value is None else pytest.approx(value, rel=tolerance, abs=tolerance)
        assert found == close, name
        counts["numbers" if value is not None else "nothing"] += 1
    return counts


def manual(samples: Path, name: str, folder: Path) -> list[Path]:
    """Return the files of a hand-made user, who is called ego here.

    Their own name is among the correspondents, and contact with oneself is refused. bandicoot
    reads the amount that one recharge lacks as 0, our mapping refuses the row: the 0 is written.
    """
    records = write_csv(folder / "ego.csv", HEADER, lines(samples / "manual" / f"{name}.csv"))
    recharges = samples / "manual" / "recharges" / f"{name}.csv"
    paths = [records, samples / "towers.csv"]
    if recharges.exists():
        rows = [row.replace("2015-2-3,,", "2015-2-3,0,") for row in lines(recharges)]
        paths.append(write_csv(folder / "recharges" / "ego.csv", RECHARGES, rows))
    return paths


def test_made_by_hand_a(lab: Lab, samples: Path, tmp_path: Path) -> None:
    """The authors' file has four decimals."""
    settled(lab, *manual(samples, "A", tmp_path))
    wanted = expected(samples / "manual" / "A.json")
    assert compared(Asked(lab, "ego", "NONE"), wanted, 1e-4) == {"numbers": 38}


def test_made_by_hand_b(lab: Lab, samples: Path, tmp_path: Path) -> None:
    """The authors' file has three decimals."""
    settled(lab, *manual(samples, "B", tmp_path))
    wanted = expected(samples / "manual" / "B.json")
    assert compared(Asked(lab, "ego", "NONE"), wanted, 1e-3) == {"numbers": 25}


def test_weeks_splits_and_recharges(lab: Lab, samples: Path, tmp_path: Path) -> None:
    """All of manual_a.json but the balance of recharges, which a slip of bandicoot's makes 10.

    12 for 19 days, 4 for one, 4 for another, each used up evenly, then 0 and 2 on the last day:
    (12 * 19 + 4 + 4 + 0) / 2 over 21 days.
    """
    settled(lab, *manual(samples, "A", tmp_path))
    wanted = expected(samples / "regressions" / "manual_a.json")
    asked = Asked(lab, "ego", "WEEK")
    counts = compared(asked, wanted, leave_out=("average_balance_recharges",))
    assert counts == {"numbers": 804, "nothing": 926, "left out": 40}
    assert asked.slice()["periods"] == wanted["reporting__bins_with_data"]
    balance_minor = asked.slice()["recharges"]["averageBalanceRechargesMinor"]
    assert balance_minor == pytest.approx(100 * 118 / 21, abs=1e-9)


def test_a_layout_with_positions_differs_in_nothing(
    lab: Lab, samples: Path, tmp_path: Path
) -> None:
    """A_orange.csv has the records of A.csv; nobody else's file was there for the network."""
    settled(lab, *manual(samples, "A", tmp_path))
    wanted = expected(samples / "regressions" / "manual_a_orange_network.json")
    counts = compared(Asked(lab, "ego", "WEEK"), wanted, leave_out=("clustering", "assortativity"))
    assert counts == {"numbers": 640, "nothing": 802, "left out": 49}


def test_all_time_and_splits(lab: Lab, samples: Path, tmp_path: Path) -> None:
    """Bandicoot's sample user: 1,482 records, every indicator with all its statistics."""
    ego = write_csv(tmp_path / "ego.csv", HEADER, lines(MADE / "sample_user.csv"))
    towers = write_csv(
        tmp_path / "antennas.csv",
        "antenna_id,latitude,longitude",
        lines(MADE / "sample_user_antennas.csv"),
    )
    settled(lab, ego, towers)
    wanted = expected(samples / "regressions" / "sample_user.json")
    counts = compared(Asked(lab, "ego", "NONE"), wanted)
    assert counts == {"numbers": 715, "nothing": 7, "left out": 39}


def test_somebody_without_events(lab: Lab, samples: Path, tmp_path: Path) -> None:
    """empty_user.json knows no number of any indicator."""
    introduce(lab, tmp_path)
    analyse(lab.settings, Silence())
    wanted = expected(samples / "regressions" / "empty_user.json")
    asked = Asked(lab, "ego", "WEEK")
    assert compared(asked, wanted) == {"nothing": 1442, "left out": 33}
    assert asked.slice()["periods"] == wanted["reporting__bins_with_data"]


def introduce(lab: Lab, folder: Path) -> None:
    """Load the gender and the age of ego and A, as bandicoot's samples/attributes state them."""
    (folder / "people.yaml").write_text(PEOPLE)
    people = write_csv(folder / "people.csv", "who,gender,born", ["ego,male,1972", "A,female,1972"])
    lab.load(str(folder / "people.yaml"), people)


def network(samples: Path, folder: Path) -> list[Path]:
    """Return the files of the network without the rows that only one of both ends reports.

    bandicoot drops these as it reads: ego's three with H, which H's file has a day before.
    """
    paths = [samples / "towers.csv"]
    for name in "ABFH":
        rows = lines(samples / "network" / f"{name}.csv")
        kept = [row for row in rows if name != "H" or ",ego," not in row]
        paths.append(write_csv(folder / f"{name}.csv", HEADER, kept))
    rows = [row for row in lines(samples / "network" / "ego.csv") if ",H," not in row]
    return [*paths, write_csv(folder / "ego.csv", HEADER, rows)]


def test_a_record_that_stands_twice_counts_once(lab: Lab, samples: Path, tmp_path: Path) -> None:
    """ego.json counts a text of Thursday, 11 December 2014, 10:00 twice, so 101 values differ.

    They are those of texts in daytime. What bandicoot itself says without the duplicate agrees in
    everything.
    """
    settled(lab, *network(samples, tmp_path))
    asked = Asked(lab, "ego", "WEEK")
    without = json.loads((MADE / "ego_without_duplicate.json").read_text())
    counts = compared(asked, without, leave_out=("clustering", "assortativity"))
    assert counts == {"numbers": 990, "nothing": 452, "left out": 80}
    twice = expected(samples / "regressions" / "ego.json")
    differing = {
        name
        for name, value in twice.items()
        if not name.startswith(NOT_INDICATORS)
        and asked.value(name) != (None if value is None else pytest.approx(value, abs=1e-9))
    }
    assert len(differing) == 101
    assert all("__text" in name for name in differing)
    assert not any("__night" in name or "__weekend" in name for name in differing)


def test_network(lab: Lab, samples: Path, tmp_path: Path) -> None:
    """Bandicoot's test_network.py compares with networkx: 1/3 and 0.2646 of ego's ties.

    Attributes are of ego and A: not of one gender, but of one age.
    """
    introduce(lab, tmp_path)
    settled(lab, *network(samples, tmp_path))
    found = lab.ask(NETWORK, "care", who="ego")["subscriber"]["behaviour"]["network"]
    said = json.loads((MADE / "ego_without_duplicate.json").read_text())
    assert found["mutualContacts"] == 3
    for field, name in (
        ("clusteringCoefficientUnweighted", "clustering_coefficient_unweighted"),
        ("clusteringCoefficientWeighted", "clustering_coefficient_weighted"),
    ):
        assert found[field] == pytest.approx(said[name], abs=1e-12)
    assert found["assortativityAttributes"] == [
        {"name": "gender", "value": 0.0, "contacts": 1},
        {"name": "birth_year", "value": 1.0, "contacts": 1},
    ]
    likeness = {each["name"]: each["value"] for each in found["assortativityIndicators"]}
    wanted = {
        usual_name(name): value for name, value in said.items() if name.startswith(INDICATORS)
    }
    for name in OF_ONE_INSTANT:
        del likeness[name], wanted[name]
    assert likeness == pytest.approx(wanted, abs=1e-9)
    assert len(wanted) == 71


def test_what_has_not_been_computed_is_said(lab: Lab, samples: Path, tmp_path: Path) -> None:
    paths = manual(samples, "A", tmp_path)
    lab.load("bandicoot", *paths)
    query = "query ($who: String) { subscriber(identity: $who) { key behaviour { isCurrent } } }"
    answer = lab.answer(query, "care", who="ego")
    assert answer["data"]["subscriber"]["behaviour"] is None
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "FAILED_PRECONDITION"
    assert "tiegraph analyse behaviour" in error["message"]
    assert lab.run("analyse", "behaviour").returncode == 0
    assert lab.ask(query, "care", who="ego")["subscriber"]["behaviour"] == {"isCurrent": True}
    lab.load("bandicoot", *paths)
    assert lab.ask(query, "care", who="ego")["subscriber"]["behaviour"] == {"isCurrent": False}
