"""Whoever is erased is nowhere, and all others are as if they had never been."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from neo4j import GraphDatabase

from cypher import statement
from graph.consent.book import ConsentBook
from graph.consent.terms import Terms
from graph.database.session import Endpoint
from graph.identity import IdentityKey
from loaders.erasure import erase
from loaders.progress import Silence
from tests.lab import Lab

pytestmark = pytest.mark.database

ERASED = "1"
FILES = {
    "calls.csv": "timestamp,caller,callee,duration\n0,1,2,60\n60,2,3,30\n90,3,1,-1\n99,4,5,9\n",
    "sms.csv": "timestamp,sender,recipient\n10,2,1\n20,2,3\n30,1,6\n",
    "fb_friends.csv": "user_a,user_b\n1,2\n2,4\n",
    "genders.csv": "user,female\n1,0\n2,1\n7,0\n",
}
REJECTED = "12,1,2,-7\n15,4,5,-7\n"


def written(folder: Path, *, without: str | None = None) -> Path:
    """Write the files, or what they hold without one person's rows."""
    folder.mkdir()
    for name, text in FILES.items():
        header, *rows = (text + (REJECTED if name == "calls.csv" else "")).splitlines()
        people = slice(1, 3) if name in ("calls.csv", "sms.csv") else slice(0, 2)
        if name == "genders.csv":
            people = slice(0, 1)
        kept = [row for row in rows if without not in row.split(",")[people]]
        (folder / name).write_text("\n".join([header, *kept]) + "\n")
    return folder


def test_the_graph_is_what_it_would_be_without_them(tmp_path: Path, empty_graph: Endpoint) -> None:
    """5 records and a rejected row name 1: two calls, two messages, a friendship, a gender."""
    lab = Lab(tmp_path / "home", empty_graph)
    lab.load("copenhagen", written(tmp_path / "all"))
    key = IdentityKey.of(lab.settings)
    pseudonym = key.pseudonym("copenhagen", ERASED)
    assert pseudonym in everything(lab.home / "records")
    book, other = ConsentBook(lab.settings.consents_file), key.pseudonym("copenhagen", "2")
    for subject in (pseudonym, other):
        consent = book.give(consented(subject), by=subject)
        book.narrow(consent.consent_id, frozenset({"apps"}), consent.terms.valid_until, by="care")
    done = erase(frozenset({pseudonym}), lab.settings, lambda: empty_graph, Silence())
    records = {"calls": 2, "messages": 2, "ties": 1, "subscribers": 1, "quarantine": 1}
    assert done.rows == records | {"consents": 1}
    assert book.verify()[0] == 5, "two of each, and that one was erased"
    assert [len(book.history(subject)) for subject in (pseudonym, other)] == [0, 2]
    assert done.subjects == (key.digest(pseudonym.encode()),)
    assert pseudonym not in everything(lab.home)
    erased = lab.digest()
    answer = lab.ask("{ subscribers { nodes { key } } }")
    assert pseudonym not in [node["key"] for node in answer["subscribers"]["nodes"]]
    # The same key makes the same pseudonyms, so that the digests can be equal.
    fresh = Lab(tmp_path / "fresh", empty_graph)
    (fresh.home / "keys").mkdir(parents=True, mode=0o700)
    key_file = Path("keys") / "identity.key"
    (fresh.home / key_file).write_bytes((lab.home / key_file).read_bytes())
    (fresh.home / key_file).chmod(0o600)
    auth = (empty_graph.user, empty_graph.password)
    with GraphDatabase.driver(empty_graph.uri, auth=auth) as driver:
        driver.execute_query(statement("database/wipe").text)
    fresh.load("copenhagen", written(tmp_path / "rest", without=ERASED))
    assert fresh.digest() == erased


def consented(subject: str) -> Terms:
    now = datetime.now(UTC)
    scope = frozenset({"apps", "location"})
    return Terms(subject, "cinema", "dpv:Marketing", scope, now, now + timedelta(1), "a form")


def test_by_identity_from_a_file(tmp_path: Path, empty_graph: Endpoint) -> None:
    """Two of the calls, two of the messages: nobody's number is on the command line."""
    lab = Lab(tmp_path / "home", empty_graph)
    lab.load("copenhagen", written(tmp_path / "all"))
    named = tmp_path / "named"
    named.write_text(f"{ERASED}\n\n")
    done = lab.run("records", "erase", named, "--namespace", "copenhagen")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:-2] == [
        "subscribers: 1 erased",
        "calls: 2 erased",
        "messages: 2 erased",
        "ties: 1 erased",
        "quarantine: 1 erased",
    ]
    again = lab.run("records", "erase", named, "--namespace", "copenhagen")
    assert again.stdout.startswith("proof: ")
    named.write_text("\n")
    nobody = lab.run("records", "erase", named)
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert nobody.stderr.startswith("tiegraph: nobody is named")
    named.write_text("4512345678\n")
    raw = lab.run("records", "erase", named)
    assert (raw.returncode, raw.stdout) == (1, "")
    assert raw.stderr.startswith("tiegraph: a line is no pseudonym")


def everything(folder: Path) -> str:
    """Return all files' bytes, and what is packed in them."""
    texts = []
    for path in folder.rglob("*"):
        if path.is_file():
            texts.append(path.read_bytes().decode("latin-1"))
        if path.suffix == ".parquet":
            texts.append(repr(pq.read_table(path).to_pylist()))
    return "\n".join(texts)
