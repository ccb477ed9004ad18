"""Nobody has to say who they are only where everything is public."""

import asyncio
from hashlib import sha256
from pathlib import Path

import pytest

from graph.database.session import Endpoint, opened
from graph.ledger import Ledger
from graph.openness import Openness, Published
from tests.lab import Lab

pytestmark = pytest.mark.database

FRIENDS = "user_a,user_b\n1,2\n2,3\n"
CALLS = "timestamp,caller,callee,duration\n10,1,2,60\n20,3,1,-1\n"


@pytest.fixture
def lab(tmp_path: Path, empty_graph: Endpoint) -> Lab:
    """Return a home with two published files: three people, two calls, two friendships."""
    lab = Lab(tmp_path / "home", empty_graph)
    (tmp_path / "fb_friends.csv").write_text(FRIENDS)
    (tmp_path / "calls.csv").write_text(CALLS)
    lab.load("copenhagen", tmp_path / "fb_friends.csv", tmp_path / "calls.csv")
    return lab


def is_public(lab: Lab) -> bool:
    digests = frozenset(sha256(text.encode()).hexdigest() for text in (FRIENDS, CALLS))
    published = Published("copenhagen", digests, subscribers=3, events=2, friendships=2)

    async def ask() -> bool:
        async with opened(lambda: lab.endpoint, lab.settings) as database:
            return await Openness(
                database, Ledger(lab.settings.ledger_file), published
            ).is_all_public()

    return asyncio.run(ask())


def test_published_files_are_public_however_often_they_are_loaded(lab: Lab, tmp_path: Path) -> None:
    assert is_public(lab)
    lab.load("copenhagen", tmp_path / "calls.csv")
    assert is_public(lab)


def test_other_rows_under_the_same_source_and_name_are_not(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("timestamp,caller,callee,duration\n30,1,2,60\n")
    lab.load("copenhagen", tmp_path / "calls.csv")
    assert not is_public(lab)


def test_another_source_is_not(lab: Lab) -> None:
    """Even if it failed: the ledger tells of it."""
    Ledger(lab.settings.ledger_file).begin("bandicoot")
    assert not is_public(lab)


def test_what_a_load_before_a_lost_ledger_stored_is_not(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "private.csv").write_text("timestamp,caller,callee,duration\n30,1,2,60\n")
    lab.load("copenhagen", tmp_path / "private.csv")
    lab.settings.ledger_file.unlink()
    lab.load("copenhagen", tmp_path / "fb_friends.csv", tmp_path / "calls.csv")
    assert not is_public(lab)


def test_a_graph_of_more_people_than_the_files_hold_is_not(
    lab: Lab, tmp_path: Path, empty_graph: Endpoint
) -> None:
    """Another home wrote to the same graph, with the same key."""
    other = Lab(tmp_path / "other", empty_graph, {"identity_key_file": key_of(lab)})
    (tmp_path / "genders.csv").write_text("user,female\n99,1\n")
    other.load("copenhagen", tmp_path / "genders.csv")
    assert not is_public(lab)


def test_a_ledger_that_cannot_be_read_is_not(lab: Lab) -> None:
    lab.settings.ledger_file.write_bytes(b"this is no database" * 100)
    assert not is_public(lab)


def test_the_files_are_named_before_anything_of_them_is_stored(lab: Lab, tmp_path: Path) -> None:
    """The store's folder for messages is a file, so that the load fails when it comes to store."""
    (lab.settings.records_folder / "messages").write_text("in the way")
    (tmp_path / "sms.csv").write_text("timestamp,sender,recipient\n10,1,2\n")
    with pytest.raises(OSError, match="messages"):
        lab.load("copenhagen", tmp_path / "sms.csv")
    assert not is_public(lab)


def key_of(lab: Lab) -> Path:
    return lab.settings.keys_folder / "identity.key"
