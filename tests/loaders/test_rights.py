"""What a person gets to see, take along and have corrected; of nobody else, and unforgeable."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from zipfile import ZipFile

import pytest
from graphql import GraphQLObjectType
from neo4j import GraphDatabase

from api.schema import SCHEMA
from cypher import statement
from graph.consent.book import ConsentBook
from graph.consent.terms import Terms
from graph.database.session import Endpoint
from graph.errors import BadInput
from graph.identity import IdentityKey
from graph.rights.holdings import consent_sheet
from graph.rights.parcel import check, pack
from loaders.progress import Silence
from loaders.rectification import rectify
from loaders.rights import record_sheets
from tests.lab import Lab
from tests.loaders.test_erasure import everything
from tests.loaders.test_erasure_whole import ANN, BOB, CAT, ROWS, loaded, pseudonym_of, written

pytestmark = pytest.mark.database

#: Fields of a subscriber whose single records are sheets, and those that only name the node.
ELSEWHERE = {"contacts", "friends", "packages", "payments", "devices", "touchpoints", "surveys"}
NAMING = {"id", "key", "consents"}


@pytest.fixture(scope="module")
def lab(graph_server: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a lab that all tests here share; what one writes disturbs no other."""
    folder = tmp_path_factory.mktemp("rights")
    auth = (graph_server.user, graph_server.password)
    with GraphDatabase.driver(graph_server.uri, auth=auth) as driver:
        driver.execute_query(statement("database/wipe").text)
    lab = Lab(folder / "home", graph_server)
    loaded(lab, written(folder / "all"))
    return lab


def named(tmp_path: Path, *people: str) -> Path:
    file = tmp_path / "named"
    file.write_text("\n".join(people))
    return file


def taken(lab: Lab, person: str, out: Path) -> None:
    """Pack what one person can take along."""
    pseudonym = pseudonym_of(lab, person)
    sheets = [*record_sheets(lab.settings, pseudonym), consent_sheet(lab.settings, pseudonym)]
    pack(out, "portability", pseudonym, sheets, IdentityKey.of(lab.settings))


def sheets_of(path: Path) -> dict[str, list[str]]:
    with ZipFile(path) as parcel:
        return {name: parcel.read(name).decode().splitlines() for name in parcel.namelist()}


def test_an_access_report_has_every_record_and_nobody_else(lab: Lab, tmp_path: Path) -> None:
    """How many records name ANN is counted by hand, in ``ROWS``."""
    until = datetime(2090, 1, 1, tzinfo=UTC)
    ann, bob = pseudonym_of(lab, ANN), pseudonym_of(lab, BOB)
    opened = ("cinema", "dpv:Marketing", frozenset({"apps"}), datetime.now(UTC), until, "call 7")
    ConsentBook(lab.settings.consents_file).give_all(
        [Terms(ann, *opened), Terms(bob, *opened)], "x"
    )
    out = tmp_path / "ann.zip"
    done = lab.run("rights", "access", named(tmp_path, ANN), out, "--namespace", "shop")
    assert done.returncode == 0, done.stderr
    sheets = sheets_of(out)
    found = {name: len(lines) for name, lines in sheets.items() if name.startswith("records/")}
    wanted = {f"records/{kind}.jsonl": rows for kind, rows in ROWS.items() if kind != "quarantine"}
    assert found == wanted
    assert len(sheets["rejected.jsonl"]) == ROWS["quarantine"]
    assert all(ANN in json.loads(line)["row"] for line in sheets["rejected.jsonl"])
    assert [json.loads(line)["act"] for line in sheets["consents.jsonl"]] == ["give"]
    profile = json.loads("\n".join(sheets["profile.json"]))
    assert (profile["segment"], profile["traffic"]["callsOut"]) == ("old", 1)
    told = "\n".join(line for name in wanted for line in sheets[name])
    assert not [who for who in (BOB, CAT) if who in told or pseudonym_of(lab, who) in told]
    calls = [json.loads(line) for line in sheets["records/calls.jsonl"]]
    assert {call[end] for call in calls for end in ("caller_id", "callee_id")} == {
        "you",
        "person 1",
        "person 2",
    }

    readers = [json.loads(line) for line in sheets["readers.jsonl"]]
    assert readers[-1]["operation"] == "Profile"
    assert ann not in "\n".join(sheets["readers.jsonl"])


def test_everything_that_is_shown_of_a_subscriber_is_in_the_profile() -> None:
    """A field that is added to ``Subscriber`` is told to the person, too."""
    document = (Path(__file__).parents[2] / "api" / "profile.graphql").read_text()
    shown = set(re.findall(r"^ {4}(\w+)", document, re.MULTILINE))
    fields = set(cast(GraphQLObjectType, SCHEMA.type_map["Subscriber"]).fields)
    assert fields - shown == ELSEWHERE | NAMING


def test_what_is_taken_along_holds_records_and_consents_only(lab: Lab, tmp_path: Path) -> None:
    out = tmp_path / "cat.zip"
    taken(lab, CAT, out)
    kinds = {"calls", "messages", "payments", "subscribers", "subscriptions", "ties", "touchpoints"}
    own = {"about.md", "manifest.json", "manifest.sig", "consents.jsonl"}
    assert set(sheets_of(out)) == own | {f"records/{kind}.jsonl" for kind in kinds}
    with pytest.raises(BadInput, match="name a new file"):
        taken(lab, CAT, out)
    nobody = named(tmp_path, "4587651234987009")
    unknown = lab.run("rights", "export", nobody, tmp_path / "x.zip", "--namespace", "shop")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("sheet", ["records/calls.jsonl", "manifest.json"])
def test_a_changed_parcel_is_found_out(lab: Lab, tmp_path: Path, sheet: str) -> None:
    out, forged = tmp_path / "bob.zip", tmp_path / "forged.zip"
    taken(lab, BOB, out)
    key = IdentityKey.of(lab.settings)
    assert check(out, key).subject == key.digest(pseudonym_of(lab, BOB).encode())
    with ZipFile(out) as parcel, ZipFile(forged, "w") as other:
        for name in parcel.namelist():
            content = parcel.read(name)
            other.writestr(name, content.replace(b"1", b"2") if name == sheet else content)
    with pytest.raises(BadInput, match=r"was changed|not the one that was signed"):
        check(forged, key)


def test_a_correction_counts_from_now_on(lab: Lab) -> None:
    lines = ["subscriber_id,birth_year,segment", f"{BOB},1980,"]
    done = rectify(lines, "shop", lab.settings, lambda: lab.endpoint, Silence())
    assert [count.loaded for count in done.report.records] == [1]
    asked = "query ($k: ID!) { subscriber(key: $k) { segment demographics { birthYear } } }"
    known = {"segment": "new", "demographics": {"birthYear": 1980}}
    assert lab.ask(asked, k=pseudonym_of(lab, BOB)) == {"subscriber": known}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("subscriber_id,birth_year\n{BOB},1700\n", "birth_year"),
        ("subscriber_id,birth_year\n4587651234987009,1980\n", "row 2: no record names"),
        ("subscriber_id,shoe_size\n{BOB},44\n", "line 1: a column is none of"),
        ("subscriber_id,plan\n{BOB},\n", "line 2: says nothing"),
        ("subscriber_id,plan\n", "no correction"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(lab: Lab, text: str, reason: str) -> None:
    before = lab.digest()
    lines = text.replace("{BOB}", BOB).splitlines()
    with pytest.raises(BadInput, match=reason) as refused:
        rectify(lines, "shop", lab.settings, lambda: lab.endpoint, Silence())
    assert BOB not in str(refused.value)
    assert lab.digest() == before


def test_an_erasure_that_was_asked_for_is_carried_out(lab: Lab) -> None:
    cat = pseudonym_of(lab, CAT)
    until = datetime(2090, 1, 1, tzinfo=UTC)
    book = ConsentBook(lab.settings.consents_file)
    scope = frozenset({"apps"})
    book.give(Terms(cat, "cinema", "dpv:Marketing", scope, datetime.now(UTC), until, "y"), "x")
    asking = """mutation ($k: ID!) {
        requestErasure(subscriber: $k, evidence: "letter 8") { key subject evidence erasedAt }
    }"""
    asked = lab.ask(asking, "care", k=cat)["requestErasure"]
    assert lab.ask(asking, "care", k=cat)["requestErasure"] == asked
    assert (asked["subject"], asked["evidence"], asked["erasedAt"]) == (cat, "letter 8", None)
    assert [one.revoked_at is not None for one in book.of(cat)] == [True]
    refused = [lab.answer(asking, "analyst", k=cat), lab.answer(asking, "care", k="0" * 32)]
    codes = [answer["errors"][0]["extensions"]["code"] for answer in refused]
    assert codes == ["PERMISSION_DENIED", "NOT_FOUND"]

    done = lab.run("records", "erase", "--requested")
    assert done.returncode == 0, done.stderr
    assert "proof: " in done.stdout
    listed = "{ erasureRequests { totalCount nodes { key subject evidence erasure } } }"
    found = lab.ask(listed, "care")["erasureRequests"]
    (node,) = found["nodes"]
    assert (node["key"], node["subject"], node["evidence"]) == (asked["key"], None, None)
    assert node["erasure"] in done.stdout
    left = everything(lab.settings.erasure_requests_file.parent)
    assert [text for text in (cat, "letter 8") if text in left] == []
