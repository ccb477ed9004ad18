"""The real sets, loaded and asked for by GraphQL alone.

Every expected number is from the sets' own descriptions (`SOURCE.md` of each, measured there with
pandas), not from our code.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from graph.database.session import Endpoint
from tests.lab import Lab

pytestmark = pytest.mark.database

FIGURES = """{
  people: subscribers(filter: {namespace: "copenhagen"}) { totalCount }
  women: subscribers(filter: {namespace: "copenhagen", gender: FEMALE}) { totalCount }
  men: subscribers(filter: {namespace: "copenhagen", gender: MALE}) { totalCount }
  calls: contactsAggregate(channel: CALL) { subscribers directedPairs reciprocity calls missed }
  messages: contactsAggregate(channel: MESSAGE) { subscribers directedPairs reciprocity messages }
  friendships: friendshipsAggregate { pairs toOneself }
  loads { nodes {
    state rowsRead rowsRejected
    records { kind loaded duplicate known }
    files { file rowsRead }
  } }
}"""


@pytest.fixture
def lab(tmp_path: Path, empty_graph: Endpoint) -> Lab:
    return Lab(tmp_path / "home", empty_graph)


def test_copenhagen(lab: Lab, shared_data: Path) -> None:
    """844 people; 787 with a gender; 11 of the 6,429 friendships are stated with oneself."""
    lab.load("copenhagen", shared_data / "cns")
    answer = lab.ask(FIGURES)
    assert answer["people"]["totalCount"] == 844
    assert answer["women"]["totalCount"] + answer["men"]["totalCount"] == 787
    assert round(answer["calls"].pop("reciprocity"), 4) == 0.6558
    assert answer["calls"] == {
        "subscribers": 536,
        "directedPairs": 924,
        "calls": 3600,
        "missed": 366,
    }
    assert round(answer["messages"].pop("reciprocity"), 4) == 0.9302
    assert answer["messages"] == {
        "subscribers": 568,
        "directedPairs": 1303,
        "messages": 24333 - 21,
    }
    assert answer["friendships"] == {"pairs": 6429, "toOneself": 11}
    (load,) = answer["loads"]["nodes"]
    assert (load["state"], load["rowsRejected"]) == ("APPLIED", 0)
    assert {file["file"]: file["rowsRead"] for file in load["files"]} == {
        "calls.csv": 3600,
        "sms.csv": 24333,
        "fb_friends.csv": 6429,
        "genders.csv": 787,
    }
    counts = {count["kind"]: count for count in load["records"]}
    assert counts["messages"] == {
        "kind": "messages",
        "loaded": 24312,
        "duplicate": 21,
        "known": 0,
    }


def test_the_bundled_set_is_the_real_one(shared_data: Path) -> None:
    bundled = Path(__file__).parents[2] / "loaders" / "samples" / "copenhagen"
    for name in ("calls.csv", "sms.csv", "fb_friends.csv", "genders.csv"):
        assert (bundled / name).read_bytes() == (shared_data / "cns" / name).read_bytes()


def test_a_raw_number_finds_its_subscriber(lab: Lab, shared_data: Path) -> None:
    """Participant 512 sent participant 0 their first message 134 s after the start."""
    lab.load("copenhagen", shared_data / "cns")
    answer = lab.ask(
        "query ($who: String!) { subscriber(identity: $who) { key namespace } }", "care", who="512"
    )
    assert answer["subscriber"]["namespace"] == "copenhagen"
    denied = lab.answer('{ subscriber(identity: "512") { key } }', "analyst")
    assert denied["errors"][0]["extensions"]["code"] == "PERMISSION_DENIED"


def test_bandicoot_places_every_record_with_an_antenna(lab: Lab, shared_data: Path) -> None:
    """ego.csv: 314 records, each with one of 27 antennas; A.csv: 42, of which 18 name oneself."""
    lab.load("bandicoot", shared_data / "bandicoot")
    answer = lab.ask(
        """query ($ego: String!) {
          subscriber(identity: $ego) {
            traffic { events locatedEvents unlocatedEvents callsOut callsIn messagesOut messagesIn }
            places(first: 100) { totalCount edges { events node { h3 resolution } } }
          }
          loads { nodes { files { file rowsRead rowsRejected } records { kind loaded } } }
        }""",
        "care",
        ego="ego",
    )
    files = {file["rowsRead"]: file for file in answer["loads"]["nodes"][0]["files"]}
    assert sorted(files) == [27, 42, 314]
    assert [files[rows]["rowsRejected"] for rows in (27, 42, 314)] == [0, 18, 0]
    ego = answer["subscriber"]
    placed = sum(edge["events"] for edge in ego["places"]["edges"])
    assert placed == ego["traffic"]["locatedEvents"] == 314
    assert {edge["node"]["resolution"] for edge in ego["places"]["edges"]} == {9}


def test_ibm_telco(lab: Lab, shared_data: Path) -> None:
    """7,043 customers, 1,869 of them churned; 6,361 with phone service by the file's own column."""
    lab.load("ibm-telco", shared_data / "ibm_telco_churn" / "Telco-Customer-Churn.csv")
    answer = lab.ask(
        """{
          all: subscribers { totalCount }
          churned: subscribers(filter: {status: CHURNED}) { totalCount }
          packages { totalCount nodes { name } }
        }"""
    )
    assert (answer["all"]["totalCount"], answer["churned"]["totalCount"]) == (7043, 1869)


FLOWKIT_CALLS = """outgoing,datetime,duration,msisdn,msisdn_counterpart,location_id,tac
true,2016-01-01 00:01:35+00,1.5,AAA,BBB,X1,
false,2016-01-01 00:01:35+00,1.5,BBB,AAA,Y1,
false,2016-01-01 00:09:00+00,1,AAA,CCC,X1,
"""
FLOWKIT_CELLS = "id,longitude,latitude\nX1,26.7,58.3\nY1,24.7,59.4\n"


def test_both_ends_of_a_flowkit_call_are_one_call(lab: Lab, tmp_path: Path) -> None:
    """AAA calls BBB, both ends say so, each from its cell; of CCC calling AAA only AAA does."""
    (tmp_path / "calls.csv").write_text(FLOWKIT_CALLS)
    (tmp_path / "cells.csv").write_text(FLOWKIT_CELLS)
    lab.load("flowkit", tmp_path / "calls.csv", tmp_path / "cells.csv")
    answer = lab.ask(
        """query ($a: String!, $b: String!) {
          contactsAggregate(channel: CALL) { directedPairs calls missed }
          a: subscriber(identity: $a) { ...seen }
          b: subscriber(identity: $b) { ...seen }
        }
        fragment seen on Subscriber {
          traffic { callsOut callsIn durationOutS durationInS locatedEvents unlocatedEvents }
        }""",
        "care",
        a="AAA",
        b="BBB",
    )
    assert answer == {
        "contactsAggregate": {"directedPairs": 2, "calls": 2, "missed": 0},
        "a": {
            "traffic": {
                "callsOut": 1,
                "callsIn": 1,
                "durationOutS": 90,
                "durationInS": 60,
                "locatedEvents": 2,
                "unlocatedEvents": 0,
            }
        },
        "b": {
            "traffic": {
                "callsOut": 0,
                "callsIn": 1,
                "durationOutS": 0,
                "durationInS": 90,
                "locatedEvents": 1,
                "unlocatedEvents": 0,
            }
        },
    }


PEOPLE = """query ($after: String) {
  subscribers(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      usage { sessions durationS volumeDownBytes }
      services { edges { sessions node { key } } }
      devices { totalCount nodes { key } }
      surveys(kind: MOS, first: 50) { totalCount nodes { score service { key } } }
    }
  }
}"""
DEVICES = "{ devices(first: 50) { nodes { key model operatingSystem subscribers } } }"


def test_poqemon(lab: Lab, shared_data: Path) -> None:
    """Every person's sessions, models and scores, and every model, as DuckDB reads off the file."""
    file = shared_data / "poqemon" / "pokemon.csv"
    lab.load("poqemon", file)
    rows = duckdb.read_csv(str(file))
    people = rows.aggregate(
        "count(*), list_sort(list(DISTINCT 'poqemon:' || QoD_model)), list_sort(list(MOS))",
        "user_id",
    )
    assert sorted(found_people(lab)) == sorted(people.fetchall())
    models = rows.aggregate(
        'QoD_model, max("QoD_os-version"), count(DISTINCT user_id)', "QoD_model"
    )
    found = [
        (node["model"], node["operatingSystem"], node["subscribers"])
        for node in lab.ask(DEVICES)["devices"]["nodes"]
    ]
    assert (len(found), sorted(found)) == (15, sorted(models.fetchall()))
    (video,) = lab.ask("{ services { nodes { key subscribers } } }")["services"]["nodes"]
    assert video == {"key": "video", "subscribers": 181}


def found_people(lab: Lab) -> Iterator[tuple[int, list[str], list[float]]]:
    """Yield of every person how many sessions, which models, and which scores, in order."""
    after = None
    while True:
        shown = lab.ask(PEOPLE, after=after)["subscribers"]
        for person in shown["nodes"]:
            sessions = person["usage"].pop("sessions")
            assert person["usage"] == {"durationS": 0, "volumeDownBytes": 0}
            assert person["services"]["edges"] == [{"sessions": sessions, "node": {"key": "video"}}]
            answers = person["surveys"]["nodes"]
            assert person["surveys"]["totalCount"] == len(answers)
            assert all(answer["service"] == {"key": "video"} for answer in answers)
            models = [device["key"] for device in person["devices"]["nodes"]]
            yield sessions, models, sorted(answer["score"] for answer in answers)
        after = shown["pageInfo"]["endCursor"]
        if not shown["pageInfo"]["hasNextPage"]:
            return
