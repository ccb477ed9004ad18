"""Cells and people on the raster, from files to GraphQL."""

import json
from pathlib import Path
from typing import Any

import h3
import pytest

from graph.database.session import Endpoint
from tests.lab import Lab

pytestmark = pytest.mark.database

MAPPING = """
title: A small operator
licence: none
tables:
  sites:
    records:
      - kind: sites
        columns: {site_id: site, name: name, lat_deg: lat, lon_deg: lon}
  cells:
    records:
      - kind: cells
        columns:
          cell_id: cell
          site_id: site
          lat_deg: lat
          lon_deg: lon
          azimuth_deg: {column: azimuth, unit: deg}
          beam_deg: {column: beam, unit: deg}
          range_m: {column: range, unit: m}
          coverage: coverage
          technology: radio
          valid_from: {column: from, format: "%Y-%m-%d", time_zone: UTC, optional: true}
  seen:
    records:
      - kind: locations
        columns:
          subscriber_id: who
          seen_at: {column: at, format: "%Y-%m-%d %H:%M:%S", time_zone: UTC}
          cell_id: cell
          lat_deg: {column: seen_lat, optional: true}
          lon_deg: {column: seen_lon, optional: true}
"""
SITES = "site,name,lat,lon\nhill,Hill Road,58.38,26.72\n"
CELLS = """cell,site,lat,lon,azimuth,beam,range,coverage,radio
north,hill,58.38,26.72,0,120,900,,4G
round,hill,58.38,26.72,,,30000,,2G
fiji,,-16.8,179.9999,,,500,,5G
pole,,-90,0,,,500,,5G
west,,0.5,-179.99,,,,voronoi,3G
east,,0.5,179.99,,,,voronoi,3G
bare,,58.4,26.8,,,,,
"""
HOME, OFFICE = (58.30, 26.60), (58.45, 26.90)


@pytest.fixture
def lab(tmp_path: Path, empty_graph: Endpoint) -> Lab:
    (tmp_path / "small.yaml").write_text(MAPPING)
    return Lab(tmp_path / "home", empty_graph)


def load(lab: Lab, **files: str) -> None:
    folder = lab.home.parent
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
        lab.load(str(folder / "small.yaml"), folder / f"{name}.csv")


CELL = """
    query Cell($key: ID!) { cell(key: $key) {
      namespace latDeg lonDeg azimuthDeg beamDeg rangeM technology coverage validFrom
      site { key name cells { key } }
      places(first: 100) { totalCount edges { share node { h3 } } }
    } }
"""


def shares(lab: Lab, key: str) -> dict[str, float]:
    """Return a cell's places, of which no cell of these has more than 100."""
    places = lab.ask(CELL, key=key)["cell"]["places"]
    found = {edge["node"]["h3"]: edge["share"] for edge in places["edges"]}
    assert len(found) == places["totalCount"]
    return found


def test_a_cell_is_told_with_its_site_and_its_ground(lab: Lab) -> None:
    load(lab, sites=SITES, cells=CELLS)
    cell = lab.ask(CELL, key="small:north")["cell"]
    del cell["places"]
    assert cell == {
        "namespace": "small",
        "latDeg": 58.38,
        "lonDeg": 26.72,
        "azimuthDeg": 0,
        "beamDeg": 120,
        "rangeM": 900,
        "technology": "4G",
        "coverage": None,
        "validFrom": None,
        "site": {
            "key": "small:hill",
            "name": "Hill Road",
            "cells": [{"key": "small:north"}, {"key": "small:round"}],
        },
    }
    for key, resolution in [("north", 9), ("round", 5), ("fiji", 9), ("pole", 9), ("west", 6)]:
        found = shares(lab, f"small:{key}")
        assert abs(sum(found.values()) - 1) < 1e-12
        assert {h3.get_resolution(place) for place in found} == {resolution}
    east, west = shares(lab, "small:east"), shares(lab, "small:west")
    assert east != west  # each has its own half of the ground between the two
    longitudes = {h3.cell_to_latlng(place)[1] > 0 for place in shares(lab, "small:fiji")}
    assert longitudes == {True, False}
    assert shares(lab, "small:bare") == {h3.latlng_to_cell(58.4, 26.8, 9): 1.0}

    # 200 m north of the mast both cells serve; 2 km south of it only the wide one does.
    covering = """query Covering($h3: ID!) { place(h3: $h3) {
      coveredBy { totalCount edges { share node { key } } } } }"""
    place = h3.latlng_to_cell(58.382, 26.72, 9)
    answer = lab.ask(covering, h3=place)["place"]["coveredBy"]
    assert [edge["node"]["key"] for edge in answer["edges"]] == ["small:north", "small:round"]
    wide = shares(lab, "small:round")[h3.cell_to_parent(place, 5)]
    assert answer["edges"][0]["share"] == shares(lab, "small:north")[place]
    assert answer["edges"][1]["share"] == pytest.approx(wide / 7**4)
    region = lab.ask(covering, h3=h3.cell_to_parent(place, 5))["place"]["coveredBy"]
    assert region["edges"][0]["share"] == pytest.approx(1)


def test_a_cell_that_is_turned_covers_other_ground(lab: Lab) -> None:
    load(lab, cells=CELLS)
    before = shares(lab, "small:north")
    turned = CELLS.splitlines()[0] + ",from\nnorth,,58.38,26.72,180,120,900,,4G,2026-01-01\n"
    load(lab, cells2=turned)
    after = shares(lab, "small:north")
    assert abs(sum(after.values()) - 1) < 1e-12
    assert sum(h3.cell_to_latlng(place)[0] < 58.38 for place in after) > len(after) / 2
    assert set(before) - set(after) != set()
    assert lab.ask(CELL, key="small:north")["cell"]["site"] is None


USUAL = """query Usual($who: String) { subscriber(identity: $who) {
  home { place { h3 } days activeDays share records candidates }
  work { place { h3 } days activeDays share records candidates }
} }"""


def seen(*rows: tuple[str, tuple[float, float]]) -> str:
    lines = [f"ann,{at},,{lat},{lon}" for at, (lat, lon) in rows]
    return "\n".join(["who,at,cell,seen_lat,seen_lon", *lines, ""])


def place_of(position: tuple[float, float]) -> dict[str, str]:
    return {"h3": h3.latlng_to_cell(*position, 9)}


def test_home_and_work_come_with_their_evidence_and_go_with_it(lab: Lab) -> None:
    """Monday 5 to Wednesday 7 January 2026: nights at home, days at the office."""
    days = ("2026-01-05", "2026-01-06", "2026-01-07")
    load(lab, seen=seen(*((f"{day} 22:00:00", HOME) for day in days)))
    usual = {"days": 3, "activeDays": 3, "share": 1, "records": 3, "candidates": 1}
    home = {"place": place_of(HOME), **usual}
    assert lab.ask(USUAL, "care", who="ann")["subscriber"] == {"home": home, "work": None}
    load(lab, seen2=seen(*((f"{day} 10:00:00", OFFICE) for day in days)))
    work = {"place": place_of(OFFICE), **usual}
    assert lab.ask(USUAL, "care", who="ann")["subscriber"] == {"home": home, "work": work}

    # Five nights at the office: that is the home now, and a home is no workplace.
    nights = [f"2026-01-{day} 23:00:00" for day in range(12, 17)]
    load(lab, seen3=seen(*((night, OFFICE) for night in nights)))
    moved = lab.ask(USUAL, "care", who="ann")["subscriber"]
    assert moved["home"]["place"] == place_of(OFFICE)
    assert (moved["home"]["days"], moved["home"]["activeDays"]) == (5, 8)
    assert moved["work"] is None

    # Ten more nights, each elsewhere: five of eighteen are fewer than three of ten. Without a home
    # there, the office is where the days are spent again.
    roving = [(f"2026-02-{day} 23:00:00", (40.0 + day, 10.0)) for day in range(10, 20)]
    load(lab, seen4=seen(*roving))
    assert lab.ask(USUAL, "care", who="ann")["subscriber"] == {"home": None, "work": work}


def test_bandicoots_home_is_ours_where_both_rules_agree(lab: Lab, shared_data: Path) -> None:
    """Ego's most common antenna at night is 1, in 69 half hours; the next one has 37.

    Counted from ego.csv by bandicoot's definition, with Python's csv module: between 19:00 and
    7:00 antenna 1 has records in 31 of the 43 nights with any, the next one in 21.
    """
    lab.load("bandicoot", shared_data / "bandicoot")
    home = lab.ask(USUAL, "care", who="ego")["subscriber"]["home"]
    assert home["place"] == place_of((42.366944, -71.083611))  # antenna 1
    assert (home["days"], home["activeDays"], home["records"]) == (31, 43, 70)


def test_whoever_a_sector_saw_was_ahead_of_its_antenna(lab: Lab) -> None:
    """The centroid of 120 degrees of 900 m is 4 * 900 * sin(60) / (3 * 2 pi / 3) = 496 m north."""
    load(lab, cells=CELLS, seen="who,at,cell\nann,2026-01-05 12:00:00,north\n")
    places = lab.ask(
        """query Where($who: String) { subscriber(identity: $who) {
          places { edges { events node { h3 } } } } }""",
        "care",
        who="ann",
    )["subscriber"]["places"]["edges"]
    ahead = 58.38 + 496.2 / 111_195  # metres in a degree of latitude
    assert places == [{"events": 1, "node": place_of((ahead, 26.72))}]


WITHIN = """query Within($area: GeoJSON) {
  cells(within: {polygon: $area}, first: 1) { totalCount nodes { key } } }"""


def test_counts_per_district_are_the_towers_of_tartu(lab: Lab, shared_data: Path) -> None:
    """TOWERS of each of the 18 districts, as their own file says; 1,996 in all."""
    folder = shared_data / "opencellid_tartu"
    lab.load("opencellid", folder / "cells.csv")
    districts = json.loads((folder / "tartu_city_districts_edu.geojson").read_text())["features"]
    assert len(districts) == 18
    found = {
        district["properties"]["NIMI"]: lab.ask(WITHIN, area=district["geometry"])["cells"]
        for district in districts
    }
    assert {name: cells["totalCount"] for name, cells in found.items()} == {
        district["properties"]["NIMI"]: district["properties"]["TOWERS"] for district in districts
    }
    assert sum(cells["totalCount"] for cells in found.values()) == 1996


def test_cells_come_by_area_page_by_page(lab: Lab) -> None:
    load(lab, cells=CELLS)
    document = """query Cells($within: AreaInput, $after: String) {
      cells(within: $within, first: 2, after: $after) {
        totalCount nodes { key } pageInfo { hasNextPage endCursor } } }"""

    def keys(within: Any) -> list[str]:
        found: list[str] = []
        after = None
        while True:
            cells = lab.ask(document, within=within, after=after)["cells"]
            found += [node["key"].removeprefix("small:") for node in cells["nodes"]]
            after = cells["pageInfo"]["endCursor"]
            if not cells["pageInfo"]["hasNextPage"]:
                assert cells["totalCount"] == len(found)
                return found

    assert keys(None) == ["bare", "east", "fiji", "north", "pole", "round", "west"]
    box = {"south": -20, "west": 179, "north": 1, "east": -179}
    assert keys({"box": box}) == ["east", "fiji", "west"]
    cap = [[lon, -80] for lon in range(-180, 180, 60)]
    assert keys({"polygon": {"type": "Polygon", "coordinates": [[*cap, cap[0]]]}}) == ["pole"]
    both = lab.answer(document, within={"box": box, "polygon": {}})
    assert both["errors"][0]["message"] == "give exactly one of polygon and box"
