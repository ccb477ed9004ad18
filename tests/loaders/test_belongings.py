"""Devices, apps, services, touchpoints, surveys: however they are loaded, the graph is the same."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from graph.database.server import leased, status
from graph.database.session import Endpoint
from graph.settings import Settings
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.load import load
from loaders.progress import Silence
from tests.lab import Lab


class Written:
    """Keeps how many rows each table told the graph."""

    def __init__(self) -> None:
        self.rows: dict[str, int | None] = {}

    def begin(self, step: str, total: int | None) -> None:
        """Write a step of writing down."""
        if step.startswith("Writing "):
            self.rows[step.removeprefix("Writing ")] = total

    def advance(self, amount: int) -> None:
        """Ignore the part."""


pytestmark = pytest.mark.database

MAPPING = """
title: An operator's tables
licence: internal
identities: {namespace: shop}
tables:
  packages:
    files: packages*.csv
    records:
      - kind: packages
        columns: {package_id: id, name: name, price_minor: price, currency: {constant: EUR}, allowance_bytes: {column: gigabytes, unit: GB}}
  subscriptions:
    files: subscriptions*.csv
    records:
      - {kind: subscriptions, columns: {subscriber_id: who, package_id: id}}
  devices:
    files: devices*.csv
    records:
      - {kind: devices, columns: {tac: tac, maker: maker, model: model}}
  ownerships:
    files: ownerships*.csv
    records:
      - kind: ownerships
        columns: {subscriber_id: who, tac: tac, since: {column: since, format: iso, time_zone: UTC}}
  apps:
    files: apps*.csv
    records:
      - {kind: apps, columns: {app_id: id, name: name, category: category}}
  sessions:
    files: sessions*.csv
    records:
      - kind: sessions
        columns:
          subscriber_id: who
          started_at: {column: at, format: iso, time_zone: UTC}
          duration_s: seconds
          app_id: app
          service: service
          tac: tac
          volume_down_bytes: bytes
  touchpoints:
    files: touchpoints*.csv
    records:
      - kind: touchpoints
        columns:
          {touchpoint_id: id, subscriber_id: who, at: {column: at, format: iso, time_zone: UTC}, stage: stage, topic: topic}
  surveys:
    files: surveys*.csv
    records:
      - kind: surveys
        columns:
          subscriber_id: who
          answered_at: {column: at, format: iso, time_zone: UTC}
          kind: kind
          score: score
          service: service
          app_id: app
  ties:
    files: ties*.csv
    records:
      - {kind: ties, columns: {subscriber_id: one, other_id: other, kind: kind}}
"""  # noqa: E501 (a table's columns are read best side by side)
FILES = {
    "packages.csv": "id,name,price,gigabytes\ngold,Gold,2999,20\n",
    "packages_2.csv": "id,name,price,gigabytes\ngold,Gold,3299,\n",
    "subscriptions.csv": "who,id\nann,gold\nbob,silver\n",
    "devices.csv": "tac,maker,model\n35,Fair,Five\n",
    "ownerships.csv": "who,tac,since\nann,35,2026-01-02T00:00Z\nann,36,2026-01-05T00:00Z\n",
    "apps.csv": "id,name,category\nmaps,Maps,travel\n",
    "apps_2.csv": "id,name,category\nmail,Mail,work\nmaps,,\n",
    "sessions.csv": "who,at,seconds,app,service,tac,bytes\n"
    "ann,2026-01-01T10:00Z,60,maps,web,35,1000\n"
    "ann,2026-01-03T10:00Z,30,maps,other,35,500\n"
    "bob,2026-01-01T10:00Z,,chat,messaging,36,\n",
    "sessions_2.csv": "who,at,seconds,app,service,tac,bytes\n"
    "ann,2025-12-31T10:00Z,5,maps,web,37,7\n"
    "ann,2026-01-04T10:00Z,5,,web,,7\n"
    "cat,2026-01-04T10:00Z,5,mail,web,,7\n",
    "touchpoints.csv": "id,who,at,stage,topic\nt1,ann,2026-01-03T11:00Z,get_help,\n",
    "touchpoints_2.csv": "id,who,at,stage,topic\n"
    "t1,ann,2026-01-03T11:00Z,get_help,bill\nt1,bob,2026-01-03T11:00Z,get_help,bill\n",
    "surveys.csv": "who,at,kind,score,service,app\n"
    "ann,2026-01-03T12:00Z,nps,7,,\nann,2026-01-03T12:00Z,mos,3.5,video,tube\n",
    "ties.csv": "one,other,kind\nann,bob,family\nbob,ann,family\nann,bob,friendship\n",
}


@pytest.fixture
def operator(tmp_path: Path) -> Path:
    """Return a folder with the mapping and the files."""
    (tmp_path / "shop.yaml").write_text(MAPPING)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_whatever_the_order_the_graph_is_the_same(
    new_lab: Callable[[str], Lab], operator: Path
) -> None:
    source, paths = str(operator / "shop.yaml"), [operator / name for name in FILES]
    lab = new_lab("at once")
    lab.load(source, *paths)
    once = lab.digest()
    lab.load(source, *paths)
    assert lab.digest() == once
    lab = new_lab("what comes second first, and the rest backwards")
    second = [path for path in paths if path.stem.endswith("_2")]
    first = [path for path in reversed(paths) if path not in second]
    for some in (second, first[0::2], first[1::2]):
        lab.load(source, *some)
    assert lab.digest() == once


def test_the_importer_makes_the_same_graph(
    new_lab: Callable[[str], Lab], operator: Path, settings_of: Callable[..., Settings]
) -> None:
    """One survey is about a service and an app, by two relationships of one type."""
    source, paths = str(operator / "shop.yaml"), [str(operator / name) for name in FILES]
    lab = new_lab("written")
    lab.load(source, *paths)
    key = lab.more_settings["identity_key_file"]
    settings = settings_of(home_dir=operator / "imported", identity_key_file=key, bulk_rows=0)
    with leased(settings, when_asked=True) as locate:
        assert status(settings) is None
        load(source, paths, settings, locate, Silence())
        imported = Lab(settings.home_dir, locate(), {"identity_key_file": key})
        assert imported.digest() == lab.digest()


def test_what_is_written_is_what_changed(new_lab: Callable[[str], Lab], operator: Path) -> None:
    """One more session of ann with maps, by a device she has: five rows, and what she is."""
    lab, source = new_lab("more"), str(operator / "shop.yaml")
    lab.load(source, *(operator / name for name in FILES))
    more = operator / "sessions_3.csv"
    more.write_text("who,at,seconds,app,service,tac,bytes\nann,2026-02-01T10:00Z,9,maps,web,35,1\n")
    watch = Written()
    load(source, [str(more)], lab.settings, lambda: lab.endpoint, watch)
    assert {name: rows for name, rows in watch.rows.items() if rows} == {
        "subscribers": 1,
        "homes": 1,
        "works": 1,
        "devices": 1,
        "ownerships": 1,
        "apps": 1,
        "app_uses": 1,
        "services": 1,
        "service_uses": 1,
    }


PEOPLE = """query ($after: String) {
  subscribers(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { usage { sessions volumeDownBytes } apps { totalCount } devices { totalCount } }
  }
}"""


def test_days_may_come_in_any_order(new_lab: Callable[[str], Lab], tmp_path: Path) -> None:
    """Calls of the last day come first, and with each day some of what is known of people."""
    generate(tmp_path / "files", Options(people=150, days=3, seed=4))
    files = sorted(path for path in (tmp_path / "files").iterdir() if path.is_file())
    at_once = new_lab("at once")
    at_once.load("generated", *files)
    expected = at_once.digest()
    days = ["2026-01-07", "2026-01-05", "2026-01-06"]
    undated = [file for file in files if not any(day in file.name for day in days)]
    assert len(files) > len(undated) > 3
    by_day = new_lab("by day")
    for number, day in enumerate(days):
        dated = [file for file in files if day in file.name]
        by_day.load("generated", *dated, *undated[number::3])
    assert by_day.digest() == expected


def test_a_generated_population_adds_up(tmp_path: Path, empty_graph: Endpoint) -> None:
    """Every person's and every app's figures, as DuckDB reads them off the generated files."""
    generate(tmp_path / "files", Options(people=150, days=3, seed=3))
    lab = Lab(tmp_path / "home", empty_graph)
    lab.load("generated", tmp_path / "files")
    sessions = duckdb.read_csv(str(tmp_path / "files" / "sessions-*.csv"))
    people = sessions.aggregate(
        "count(*), sum(volume_down_bytes), count(DISTINCT app_id)", "subscriber_id"
    )
    found = [
        (person["usage"]["sessions"], person["usage"]["volumeDownBytes"], apps["totalCount"])
        for person in everybody(lab)
        if (apps := person["apps"])["totalCount"]
    ]
    assert sorted(found) == sorted(people.fetchall())
    users = sessions.aggregate("app_id, count(DISTINCT subscriber_id)", "app_id").fetchall()
    apps = lab.ask("{ apps(first: 100) { nodes { key subscribers } } }")["apps"]["nodes"]
    used = {(app["key"], app["subscribers"]) for app in apps if app["subscribers"]}
    assert used == {(f"generated:{app}", people) for app, people in users}
    assert {person["devices"]["totalCount"] for person in everybody(lab)} == {1}


def everybody(lab: Lab) -> Iterator[dict[str, Any]]:
    """Yield every subscriber of the graph, page by page."""
    shown = lab.ask(PEOPLE)["subscribers"]
    yield from shown["nodes"]
    while shown["pageInfo"]["hasNextPage"]:
        shown = lab.ask(PEOPLE, after=shown["pageInfo"]["endCursor"])["subscribers"]
        yield from shown["nodes"]
