"""Whoever is erased is in no file of the home folder, and no later load brings them back."""

import random
import re
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.experience.model import DEFAULT_VERSION, model_of
from graph.identity import IdentityKey
from graph.suppression import Erasure, Suppression
from loaders.behaviour import analyse
from loaders.erasure import erase, readmit
from loaders.experience import analyse as score
from loaders.experience_nodes import write
from loaders.progress import Silence
from loaders.rehearsal import rehearse
from tests.lab import KILLS, Lab
from tests.loaders.test_erasure import everything

pytestmark = pytest.mark.database

# Long enough that no compressed byte of a file says it by chance.
ANN, BOB, CAT = "4587651234987001", "4587651234987002", "4587651234987003"
MAPPING = """
title: An operator's tables
licence: internal
identities: {namespace: shop}
tables:
  people:
    files: people*
    records:
      - {kind: subscribers, columns: {subscriber_id: who, segment: segment}}
      - {kind: subscriptions, columns: {subscriber_id: who, package_id: package}}
  payments:
    files: payments*
    records:
      - kind: payments
        columns: {payment_id: id, subscriber_id: who, amount_minor: amount, currency: {constant: EUR}, paid_at: {column: at, format: iso, time_zone: UTC}}
  devices:
    files: devices*
    records:
      - {kind: devices, columns: {tac: tac, maker: maker}}
  ownerships:
    files: ownerships*
    records:
      - {kind: ownerships, columns: {subscriber_id: who, tac: tac, device_id: imei}}
  sessions:
    files: sessions*
    records:
      - kind: sessions
        columns: {subscriber_id: who, started_at: {column: at, format: iso, time_zone: UTC}, app_id: app, service: service, tac: tac, cell_id: cell}
  touchpoints:
    files: touchpoints*
    records:
      - kind: touchpoints
        columns: {touchpoint_id: id, subscriber_id: who, at: {column: at, format: iso, time_zone: UTC}, stage: stage}
  surveys:
    files: surveys*
    records:
      - kind: surveys
        columns: {subscriber_id: who, answered_at: {column: at, format: iso, time_zone: UTC}, kind: kind, score: score}
  cells:
    files: cells*
    records:
      - {kind: cells, columns: {cell_id: cell, lat_deg: lat, lon_deg: lon}}
  ties:
    files: ties*
    records:
      - {kind: ties, columns: {subscriber_id: one, other_id: other, kind: kind}}
  calls:
    files: calls*
    records:
      - kind: calls
        columns: {caller_id: caller, callee_id: callee, started_at: {column: at, format: iso, time_zone: UTC}, duration_s: seconds, is_answered: {constant: "true"}, caller_cell_id: cell}
  diary:
    records:
      - kind: messages
        columns: {sender_id: {from: file_name}, recipient_id: to, sent_at: {column: at, format: iso, time_zone: UTC}}
"""  # noqa: E501 (a table's columns are read best side by side)
FILES = {
    "people.csv": f"who,segment,package\n{ANN},old,rare\n{BOB},new,gold\n{CAT},new,gold\n",
    "payments.csv": "id,who,amount,at\n"
    f"p1,{ANN},5,2026-01-03T11:00Z\np1,{BOB},5,2026-01-03T11:00Z\np2,{CAT},1,2026-01-03T11:00Z\n",
    "devices.csv": "tac,maker\n35,Fair\n36,Rare\n",
    "ownerships.csv": f"who,tac,imei\n{ANN},36,i1\n{ANN},37,i1\n{BOB},35,i2\n",
    "sessions.csv": "who,at,app,service,tac,cell\n"
    f"{ANN},2026-01-01T10:00Z,maps,web,37,north\n{ANN},2026-01-02T02:00Z,rare,gaming,,south\n"
    f"{BOB},2026-01-01T10:00Z,maps,web,35,north\n",
    "touchpoints.csv": "id,who,at,stage\n"
    f"t1,{ANN},2026-01-03T11:00Z,get_help\nt1,{CAT},2026-01-03T11:00Z,get_help\n",
    "surveys.csv": "who,at,kind,score\n"
    f"{ANN},2026-01-03T12:00Z,nps,7\n{BOB},2026-01-03T12:00Z,nps,8\n",
    "cells.csv": "cell,lat,lon\nnorth,55.7,12.5\nsouth,55.4,11.5\n",
    "ties.csv": f"one,other,kind\n{BOB},{ANN},family\n{BOB},{CAT},friendship\n",
    "calls.csv": "caller,callee,at,seconds,cell\n"
    f"{ANN},{BOB},2026-01-01T22:00Z,60,south\n{CAT},{ANN},2026-01-02T10:00Z,9,north\n"
    f"{BOB},{CAT},2026-01-03T11:00Z,9,north\n{ANN},{BOB},2026-01-01T22:00Z,-9,south\n"
    f"{ANN},{CAT},2026-01-01T23:00Z\n{BOB},{CAT},yesterday,9,north\n",
    f"{ANN}.csv": f"to,at\n{BOB},2026-01-03T12:00Z\n{CAT},2026-01-03T12:00Z\n",
    f"{BOB}.csv": f"to,at\n{ANN},2026-01-04T12:00Z\n{CAT},2026-01-04T12:00Z\n",
}
# By counting who stands in which row above; both of the bad calls that name ANN are quarantined.
ROWS = {
    "subscribers": 1,
    "subscriptions": 1,
    "payments": 1,
    "ownerships": 2,
    "sessions": 2,
    "touchpoints": 1,
    "surveys": 1,
    "ties": 1,
    "calls": 2,
    "messages": 3,
    "quarantine": 2,
}


def written(folder: Path, *, without: str | None = None) -> list[Path]:
    """Write mapping and files, or what they hold without one person's rows; return the files."""
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(MAPPING)
    kept = []
    for name, text in FILES.items():
        header, *rows = text.splitlines()
        rows = [row for row in rows if without is None or without not in row]
        if name != f"{without}.csv":
            (folder / name).write_text("\n".join([header, *rows]) + "\n")
            kept.append(folder / name)
    return kept


def loaded(lab: Lab, files: list[Path]) -> None:
    lab.load(str(files[0].parent / "shop.yaml"), *files)


def pseudonym_of(lab: Lab, identity: str) -> str:
    return IdentityKey.of(lab.settings).pseudonym("shop", identity)


def erased(lab: Lab) -> Erasure:
    """Erase ANN in this process."""
    ann = frozenset({pseudonym_of(lab, ANN)})
    return erase(ann, lab.settings, lambda: lab.endpoint, Silence())


def traces(lab: Lab, identity: str) -> list[str]:
    """Return in which of their spellings somebody stands anywhere below the home folder."""
    pseudonym = pseudonym_of(lab, identity)
    dashed = re.sub("(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", pseudonym)
    raw = bytes.fromhex(pseudonym).decode("latin-1")
    spellings = [identity, pseudonym, pseudonym.upper(), dashed, raw, pseudonym[:8] + ".csv"]
    content = everything(lab.home)
    return [spelling for spelling in spellings if spelling in content]


def test_all_kinds_of_traces_are_gone_and_stay_so(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    """A row of ``people`` is two records, so the same files have one row less that is left out."""
    rest = written(tmp_path / "rest", without=ANN)
    fresh = new_lab("fresh")
    loaded(fresh, rest)
    never_been = fresh.digest()

    files = written(tmp_path / "all")
    lab = new_lab("home")
    loaded(lab, files)
    analyse(lab.settings, Silence())
    model = model_of(DEFAULT_VERSION, lab.settings.models_folder)
    score(lab.settings, model, Silence())
    assert write(lab.settings, lambda: lab.endpoint, model, Silence()).nodes > 0
    drafts = lab.home / "staging" / "of a killed load"
    drafts.mkdir(parents=True)
    ann = pseudonym_of(lab, ANN)
    (drafts / "calls.csv").write_text(ann)
    assert ann in everything(lab.settings.experience_folder)
    assert traces(lab, ANN) == [ann, ann[:8] + ".csv"]
    done = erased(lab)
    assert done.rows == ROWS
    assert not lab.settings.experience_folder.exists()
    assert traces(lab, ANN) == []
    assert lab.digest() == never_been

    source = str(tmp_path / "all" / "shop.yaml")
    rehearsed = rehearse(source, list(map(str, files)), lab.settings, Silence()).report
    report = lab.load(source, *files).report
    assert rehearsed == report.model_copy(update={"quality": None})
    assert sum(file.rows_suppressed for file in report.files) == sum(ROWS.values()) - 1
    assert sum(count.loaded for count in report.records) == 0
    assert traces(lab, ANN) == []
    assert lab.digest() == never_been
    node = lab.ask("{ loads(first: 1) { nodes { rowsSuppressed files { rowsSuppressed } } } }")
    assert node["loads"]["nodes"][0]["rowsSuppressed"] == sum(ROWS.values()) - 1

    assert readmit(frozenset({ann}), lab.settings) == 1
    assert readmit(frozenset({ann}), lab.settings) == 0
    with sqlite3.connect(lab.settings.ledger_file) as ledger:
        noted = ledger.execute("SELECT subjects FROM readmission").fetchall()
    assert noted == [(f'["{done.subjects[0]}"]',)]
    lab.load(source, *files)
    assert lab.ask("query ($k: ID!) { subscriber(key: $k) { key } }", k=ann)["subscriber"]


def test_killed_at_any_moment_and_run_again(new_lab: Callable[[str], Lab], tmp_path: Path) -> None:
    files = written(tmp_path / "all")
    fresh = new_lab("fresh")
    loaded(fresh, written(tmp_path / "rest", without=ANN))
    never_been = fresh.digest()
    named = tmp_path / "named"
    named.write_text(ANN)
    command = ("records", "erase", named, "--namespace", "shop")
    lab = new_lab("undisturbed")
    loaded(lab, files)
    started_s = time.monotonic()
    assert lab.run(*command).returncode == 0
    took_s = time.monotonic() - started_s
    moments = random.Random(20261124)  # noqa: S311 (moments, not secrets)
    for kill in range(KILLS):
        lab = new_lab(f"killed {kill}")
        loaded(lab, files)
        with lab.start(*command, start_new_session=True) as process:
            # Stratified over the second half: the first is Python's start.
            moment_s = took_s * (0.4 + 0.6 * (kill + moments.random()) / KILLS)
            time.sleep(moment_s)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        erased(lab)
        assert traces(lab, ANN) == [], f"killed after {moment_s:.2f} s"
        assert lab.digest() == never_been, f"killed after {moment_s:.2f} s"
        people = Suppression.of(lab.settings, IdentityKey.of(lab.settings)).people
        assert people == {pseudonym_of(lab, ANN)}
