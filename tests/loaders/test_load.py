"""However a load goes, the graph ends the same."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from graph.errors import DatabaseUnavailable, IdentityKeyError, LocalTimeError, SourceError
from graph.identity import IdentityKey
from loaders.erasure import erase
from loaders.progress import Silence
from tests.lab import KILLS, Lab

pytestmark = pytest.mark.database

SAMPLES = Path(__file__).parents[2] / "loaders" / "samples" / "copenhagen"


def test_loading_twice_and_in_any_order_gives_the_same_graph(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("once")
    lab.load("copenhagen", SAMPLES)
    once = lab.digest()
    lab.load("copenhagen", SAMPLES)
    assert lab.digest() == once

    names = ["sms.csv", "calls.csv", "genders.csv", "fb_friends.csv"]
    lab = new_lab("file by file")
    for name in names:
        lab.load("copenhagen", SAMPLES / name)
    assert lab.digest() == once


AGGREGATES = """
  query All($namespace: String) {
    called: contactsAggregate(namespace: $namespace, channel: CALL) { ...contacts }
    wrote: contactsAggregate(namespace: $namespace, channel: MESSAGE) { ...contacts }
    reached: contactsAggregate(namespace: $namespace) { ...contacts }
    known: friendshipsAggregate(namespace: $namespace) { ...friendships }
    friends: friendshipsAggregate(namespace: $namespace, kind: FRIENDSHIP) { ...friendships }
    family: friendshipsAggregate(namespace: $namespace, kind: FAMILY) { ...friendships }
  }
  fragment contacts on ContactsAggregate {
    directedPairs mutualPairs subscribers events calls missed messages durationS
  }
  fragment friendships on FriendshipsAggregate { pairs toOneself subscribers }
"""


def test_totals_are_kept_right_by_every_load_and_by_erasure(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    """Of one namespace, the database counts one by one; of all, the ledger has kept the sums."""
    lab = new_lab("totals")
    calls = (SAMPLES / "calls.csv").read_text().splitlines()
    halves = (calls[:2000], [calls[0], *calls[1500:]])  # 500 calls are in both
    parts: list[Path] = [SAMPLES / "sms.csv"]
    for number, rows in enumerate(halves):
        (tmp_path / str(number)).mkdir()
        parts.append(tmp_path / str(number) / "calls.csv")
        parts[-1].write_text("\n".join(rows) + "\n")
    for path in [*parts, SAMPLES / "fb_friends.csv"]:
        lab.load("copenhagen", path)
        assert lab.ask(AGGREGATES) == lab.ask(AGGREGATES, namespace="copenhagen")
    found = lab.ask(AGGREGATES)
    assert found["called"]["directedPairs"] == 924  # as the README says
    assert found["wrote"]["messages"] == 24_312
    # Counted in the file: 11 rows name one user twice.
    assert found["known"] == {"pairs": 6429, "toOneself": 11, "subscribers": 800}
    assert found["friends"] == found["known"]
    key = IdentityKey.of(lab.settings)
    erased = frozenset({key.pseudonym("copenhagen", "512")})
    erase(erased, lab.settings, lambda: lab.endpoint, Silence())
    left = lab.ask(AGGREGATES)
    assert left == lab.ask(AGGREGATES, namespace="copenhagen")
    # 45 friends and 701 calls and messages were 512's, as the README says.
    assert found["known"]["pairs"] - left["known"]["pairs"] == 45
    assert found["reached"]["events"] - left["reached"]["events"] == 701


def test_antennas_may_come_before_or_after_the_records(
    new_lab: Callable[[str], Lab], shared_data: Path
) -> None:
    names = ["ego.csv", "A.csv", "antennas.csv"]
    digests = set()
    for order in (names, names[::-1]):
        lab = new_lab(order[0])
        for name in order:
            lab.load("bandicoot", shared_data / "bandicoot" / name)
        digests.add(lab.digest())
    assert len(digests) == 1


def test_a_moved_antenna_takes_its_visits_along(
    new_lab: Callable[[str], Lab], shared_data: Path, tmp_path: Path
) -> None:
    """Two statements of one antenna's position, loaded in either order around the records."""
    ours = (shared_data / "bandicoot" / "antennas.csv").read_text()
    moved = tmp_path / "moved" / "antennas.csv"
    moved.parent.mkdir()
    moved.write_text(ours.replace("42.366944,-71.083611", "42.566944,-71.283611"))
    records = shared_data / "bandicoot" / "ego.csv"
    stated = shared_data / "bandicoot" / "antennas.csv"
    digests = set()
    for order in ([stated, records, moved], [moved, records, stated]):
        lab = new_lab(order[0].parent.name)
        for path in order:
            lab.load("bandicoot", path)
        digests.add(lab.digest())
    assert len(digests) == 1


def test_killed_at_any_moment_and_run_again(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("undisturbed")
    started_s = time.monotonic()
    assert lab.run("load", "copenhagen", SAMPLES).returncode == 0
    took_s = time.monotonic() - started_s
    undisturbed = lab.digest()
    moments = random.Random(20261123)  # noqa: S311 (moments, not secrets)
    for kill in range(KILLS):
        lab = new_lab(f"killed {kill}")
        with lab.start("load", "copenhagen", SAMPLES, start_new_session=True) as process:
            # Stratified, so that reading, storing and writing are all hit; first Python starts.
            time.sleep(took_s * (0.2 + 0.8 * (kill + moments.random()) / KILLS))
            os.killpg(process.pid, signal.SIGKILL)
        lab.load("copenhagen", SAMPLES)
        assert lab.digest() == undisturbed
        assert not (lab.home / "staging").exists()


def test_the_database_away_during_a_load_loses_nothing(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("away")
    nowhere = replace(lab, endpoint=replace(lab.endpoint, uri="bolt://127.0.0.1:1"))
    with pytest.raises(DatabaseUnavailable):
        nowhere.load("copenhagen", SAMPLES)
    lab.load("copenhagen", SAMPLES / "genders.csv")
    answer = lab.ask("{ subscribers { totalCount } loads { nodes { state } } }")
    assert answer["subscribers"]["totalCount"] == 844
    assert [load["state"] for load in answer["loads"]["nodes"]] == ["APPLIED", "APPLIED"]


def test_another_identity_key_is_refused(new_lab: Callable[[str], Lab], tmp_path: Path) -> None:
    lab = new_lab("ours")
    lab.load("copenhagen", SAMPLES / "genders.csv")
    other = tmp_path / "other.key"
    other.write_bytes(os.urandom(32))
    stranger = Lab(tmp_path / "stranger", lab.endpoint, {"identity_key_file": other})
    before = lab.digest()
    with pytest.raises(IdentityKeyError, match="another identity key"):
        stranger.load("copenhagen", SAMPLES / "calls.csv")
    assert lab.digest() == before


def test_a_graph_keeps_its_time_zone_until_it_is_computed_anew(
    new_lab: Callable[[str], Lab], shared_data: Path, tmp_path: Path
) -> None:
    """The second graph is made of what the refused load had stored, too."""
    files = shared_data / "bandicoot"
    lab = new_lab("zone")
    lab.load("bandicoot", files / "ego.csv")
    moved = replace(lab, more_settings=lab.more_settings | {"local_time_zone": "Asia/Tokyo"})
    with pytest.raises(LocalTimeError, match=r"by the clock of UTC, but .* is Asia/Tokyo"):
        moved.load("bandicoot", files / "antennas.csv")
    with pytest.raises(LocalTimeError):
        erase(frozenset({"0" * 32}), moved.settings, lambda: lab.endpoint, Silence())
    lab.load("bandicoot", files / "antennas.csv")
    by_utc = lab.digest()
    new_lab("emptied")
    moved.load("bandicoot", files / "antennas.csv")
    by_tokyo = moved.digest()
    assert by_tokyo != by_utc
    fresh = replace(new_lab("fresh"), more_settings=moved.more_settings)
    for name in ("antennas.csv", "ego.csv"):
        fresh.load("bandicoot", files / name)
    assert fresh.digest() == by_tokyo


def test_a_wiped_graph_is_filled_again(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("filled")
    lab.load("copenhagen", SAMPLES)
    filled = lab.digest()
    assert replace(new_lab("another"), home=lab.home).digest() != filled
    lab.load("copenhagen", SAMPLES / "genders.csv")
    assert lab.digest() == filled


def test_one_bad_file_of_several_leaves_nothing_behind(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("half")
    folder = tmp_path / "files"
    shutil.copytree(SAMPLES, folder)
    (folder / "sms.csv").write_text("timestamp,sender\n1,2\n")
    with pytest.raises(SourceError, match=r"sms\.csv.*recipient"):
        lab.load("copenhagen", folder)
    answer = lab.ask("{ subscribers { totalCount } loads { nodes { state error rowsRead } } }")
    assert answer["subscribers"]["totalCount"] == 0
    assert answer["loads"]["nodes"] == [
        {"state": "FAILED", "error": "SOURCE_UNUSABLE", "rowsRead": 0}
    ]
    assert not list(lab.settings.records_folder.glob("*"))


def test_a_record_that_no_graph_could_hold_does_not_block_the_loads_after_it(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    """An index takes no key of thousands of bytes, and a sum has 63 bits."""
    lab = new_lab("poisoned")
    (tmp_path / "antennas.csv").write_text(
        f"antenna_id,latitude,longitude\n1,55.1,12.1\n{'7' * 9000},55.2,12.2\n"
    )
    rows = "".join(f"{second},1,2,9007199254740992\n" for second in range(2000))
    (tmp_path / "calls.csv").write_text(f"timestamp,caller,callee,duration\n{rows}1,5,6,7\n")
    assert len(lab.load("bandicoot", tmp_path / "antennas.csv").report.rejections) == 1
    assert lab.load("copenhagen", tmp_path / "calls.csv").report.rejections[0].rows == 2000
    assert lab.ask("{ subscribers { totalCount } }") == {"subscribers": {"totalCount": 2}}


def test_a_lost_identity_key_does_not_split_the_record_store(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("lost key")
    lab.load("copenhagen", SAMPLES / "genders.csv")
    loaded = lab.digest()
    key = lab.more_settings["identity_key_file"]
    ours = key.read_bytes()
    key.write_bytes(os.urandom(32))
    with pytest.raises(IdentityKeyError, match="bring back that key"):
        lab.load("copenhagen", SAMPLES / "genders.csv")
    key.write_bytes(ours)
    lab.load("copenhagen", SAMPLES / "genders.csv")
    assert lab.digest() == loaded
