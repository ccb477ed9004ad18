"""population-density-data by the scenarios beside this file, on forty people at the school.

Thirty of them and three at the lake let the partner count them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.camara.telling import sinks, tell_partners
from graph.density.geohash import Grid
from graph.density.stored import MANIFEST, PRESENCES, Manifest
from tests.api.conftest import Service, village, village_endpoint
from tests.conformance.camara.definition import Definition
from tests.conformance.camara.scenario import Scenario, of_text
from tests.conformance.camara.sink import Sink, listening
from tests.conformance.camara.steps import step
from tests.conformance.camara.world import PARTNER, World, consent
from tests.village import LAKE, SCHOOL

__all__ = ["village", "village_endpoint"]

SCENARIOS = list(of_text(Path(__file__).with_name("population-density-data.feature").read_text()))
NOW = datetime.now(UTC)
LAST = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
WILLING, COUNTED = 30, 33
AREA_KM2 = h3.cell_area(SCHOOL, "km^2")
OUTSIDE = "ezdmemd"  # in Spain


def present() -> Iterator[dict[str, Any]]:
    """Yield who was where: forty at the school and three at the lake, in each of 200 hours."""
    for hours in range(200):
        for number in range(40):
            yield _row(LAST - timedelta(hours=hours), SCHOOL, f"s{number}")
        for number in range(3):
            yield _row(LAST - timedelta(hours=hours), LAKE, f"l{number}")


def _row(hour: datetime, place: str, subscriber_id: str) -> dict[str, Any]:
    return {"hour": hour, "h3": h3.str_to_int(place), "subscriber_id": subscriber_id}


def settle_density(service: Service) -> None:
    """Store who was where, with the consents of some."""
    build = service.settings.density_folder / "b1"
    build.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([*present()], PRESENCES), build / "part-0.parquet")
    manifest = Manifest(build="b1", as_of=NOW, last_hour=LAST)
    (build.parent / MANIFEST).write_text(manifest.model_dump_json())
    for subject in [f"s{number}" for number in range(WILLING)] + ["l0", "l1", "l2"]:
        consent(service, subject, ["density"])


def body() -> dict[str, Any]:
    """Return a valid request: three hours of yesterday, around school and lake."""
    (lat, lon), (other_lat, other_lon) = (h3.cell_to_latlng(place) for place in (SCHOOL, LAKE))
    corners = [(lat, lon - 1e-4), (lat, lon + 1e-4), (other_lat, other_lon + 1e-4)]
    corners.append((other_lat, other_lon - 1e-4))
    return {
        "area": polygon(*corners),
        "startTime": (LAST - timedelta(hours=26)).isoformat(),
        "endTime": (LAST - timedelta(hours=23)).isoformat(),
        "precision": 7,
    }


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    boundary = [{"latitude": lat, "longitude": lon} for lat, lon in corners]
    return {"areaType": "POLYGON", "boundary": boundary}


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with listening(tmp_path_factory.mktemp("sink")) as sink:
        yield sink


@pytest.fixture(scope="module")
def counted(village: Service, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Service:
    more = {
        "home_dir": tmp_path_factory.mktemp("density"),
        "sink_networks": ["127.0.0.0/8"],
        "sink_ca_file": sink.certificate,
        "request_rates": {"partner": 1e6},
    }
    settings = village.settings.model_validate({**village.settings.model_dump(), **more})
    service = Service(settings, village.database, village.ledger, village.runner)
    settle_density(service)
    return service


@pytest.fixture
def world(counted: Service, sink: Sink, shared_standards: Path) -> World:
    definition = Definition(shared_standards, "population-density-data")
    sink.got.clear()
    found = World(counted, definition, "population-density-data", "/retrieve", body())
    found.sink = sink
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.tag)
def test_scenario(scenario: Scenario, world: World) -> None:
    step.run(world, scenario)


@step("the requested time is in the future")
def _in_future(world: World) -> None:
    begin = LAST + timedelta(days=3)
    world.body |= {
        "startTime": begin.isoformat(),
        "endTime": (begin + timedelta(hours=3)).isoformat(),
    }


@step("the requested time is one instant")
def _instant(world: World) -> None:
    world.body["startTime"] = world.body["endTime"] = (LAST - timedelta(minutes=7)).isoformat()


@step("the requested time is from (-?\\d+) to (-?\\d+) days from now")
def _days(world: World, start: str, end: str) -> None:
    begin, until = (datetime.now(UTC) + timedelta(days=int(text)) for text in (start, end))
    world.body |= {"startTime": begin.isoformat(), "endTime": until.isoformat()}


@step("the requested area is a list with a geohash outside the network")
def _list(world: World) -> None:
    there = Grid(6).at(*h3.cell_to_latlng(SCHOOL))
    world.set("$.area", {"areaType": "GEOHASHLIST", "geohashes": [there, OUTSIDE]})
    world.leave_out("$.precision")


@step("the requested area is outside the network")
def _outside(world: World) -> None:
    world.set("$.area", polygon((40.0, -3.0), (40.01, -3.0), (40.0, -2.99)))


@step("the requested area is a line")
def _line(world: World) -> None:
    world.set("$.area", polygon((55.7, 12.5), (55.8, 12.6), (55.9, 12.7)))


@step("the requested area is a polygon that crosses")
def _crossing(world: World) -> None:
    world.set("$.area", polygon((55.7, 12.5), (55.8, 12.6), (55.8, 12.5), (55.7, 12.6)))


@step("the requested area is a polygon of sixteen points")
def _complex(world: World) -> None:
    corners = [(55.7 + index / 1000, 12.5 + (index - 8) ** 2 / 10_000) for index in range(16)]
    world.set("$.area", polygon(*corners))


@step("the requested area is a country")
def _country(world: World) -> None:
    world.set("$.area", polygon((54.5, 8.0), (54.5, 15.0), (57.8, 15.0), (57.8, 8.0)))


@step("the requested area and time are too big to be answered at once")
def _too_big_at_once(world: World) -> None:
    world.set("$.area", polygon((55.7, 12.5), (55.7, 12.55), (55.73, 12.55), (55.73, 12.5)))
    world.body["startTime"] = (LAST - timedelta(hours=167)).isoformat()
    world.body["endTime"] = LAST.isoformat()


@step("the request has a sink with a bearer token")
def _sink(world: World) -> None:
    assert world.sink
    world.body |= {
        "sink": world.sink.address,
        "sinkCredential": {
            "credentialType": "ACCESSTOKEN",
            "accessToken": "token-of-the-sink",
            "accessTokenExpiresUtc": (NOW + timedelta(days=1)).isoformat(),
            "accessTokenType": "bearer",
        },
    }


@step("the answer comes to the sink with the token and the operation's identifier")
def _told_at_sink(world: World) -> None:
    told = _told(world)
    assert told["status"] == "SUPPORTED_AREA"
    at_once = {**world.body}
    del at_once["sink"], at_once["sinkCredential"]
    operation = told.pop("operationId")
    world.body = at_once
    assert operation
    assert world.send().json() == told, "what is told at once and later is the same"


@step("what cannot be computed is said at the sink")
def _failure_at_sink(world: World) -> None:
    file = world.service.settings.crowd_file
    there = file.rename(file.with_suffix(".away"))
    file.mkdir()
    try:
        told = _told(world)
    finally:
        file.rmdir()
        there.rename(file)
    assert (told["status"], told["timedPopulationDensityData"]) == ("OPERATION_NOT_COMPLETED", [])
    assert " " in told["statusInfo"]


def _told(world: World) -> dict[str, Any]:
    """Return what comes to the sink for the last request."""
    assert world.sink
    operation = world.property("operationId")
    services = world.service.services

    async def tell() -> None:
        async with sinks(services) as client:
            await tell_partners(services, client)

    world.service.run(tell())
    ((headers, content),) = world.sink.got
    world.definition.check(content, "/components/schemas/PopulationDensityAsyncResponse")
    assert headers["authorization"] == "Bearer token-of-the-sink"
    assert headers["content-type"] == "application/json"
    assert content["operationId"] == operation
    return dict(content)


@step("every hour from start to end is told, each with every cell of the area")
def _hours(world: World) -> None:
    timed = world.property("timedPopulationDensityData")
    begin = datetime.fromisoformat(world.body["startTime"])
    assert [datetime.fromisoformat(one["startTime"]) for one in timed] == [
        begin + timedelta(hours=index) for index in range(3)
    ]
    assert [datetime.fromisoformat(one["endTime"]) for one in timed] == [
        begin + timedelta(hours=index + 1) for index in range(3)
    ]
    listed = [[cell["geohash"] for cell in one["cellPopulationDensityData"]] for one in timed]
    assert listed[0] == listed[1] == listed[2]
    assert {Grid(7).at(*h3.cell_to_latlng(place)) for place in (SCHOOL, LAKE)} <= {*listed[0]}


@step("the school has a density and the lake has none")
def _densities(world: World) -> None:
    is_past = datetime.fromisoformat(world.body["endTime"]) < NOW
    for one in world.property("timedPopulationDensityData"):
        cells = {cell["geohash"]: cell for cell in one["cellPopulationDensityData"]}
        school = cells[Grid(7).at(*h3.cell_to_latlng(SCHOOL))]
        assert school["dataType"] == "DENSITY_ESTIMATION"
        assert school["pplDensity"] == round(WILLING / AREA_KM2)
        off = 0 if is_past else 1.96 * WILLING**0.5
        assert school["minPplDensity"] == int((WILLING - off) / AREA_KM2)
        assert school["maxPplDensity"] == int((WILLING + off) / AREA_KM2) + 1
        lake = cells[Grid(7).at(*h3.cell_to_latlng(LAKE))]
        assert lake == {"geohash": lake["geohash"], "dataType": "LOW_DENSITY"}


@step("the geohash outside the network has no data")
def _no_data(world: World) -> None:
    for one in world.property("timedPopulationDensityData"):
        assert {"geohash": OUTSIDE, "dataType": "NO_DATA"} in one["cellPopulationDensityData"]


@step("nothing is told of any hour")
def _nothing(world: World) -> None:
    assert world.property("timedPopulationDensityData") == []


@step("every geohash has (\\d) letters")
def _letters(world: World, letters: str) -> None:
    (cells, *_) = [
        one["cellPopulationDensityData"] for one in world.property("timedPopulationDensityData")
    ]
    assert {len(cell["geohash"]) for cell in cells} == {int(letters)}


@step("one hour is told")
def _one_hour(world: World) -> None:
    (one,) = world.property("timedPopulationDensityData")
    assert datetime.fromisoformat(one["startTime"]) == LAST - timedelta(hours=1)


def test_each_answer_is_one_usage_record(counted: Service, world: World) -> None:
    def records() -> int:
        month = f"{datetime.now(UTC):%Y-%m}"
        found = counted.services.meter.records(month, PARTNER)
        return sum(one.operation == "population-density-data/retrieve" for one in found)

    before = records()
    world.send()
    world.set("$.precision", 12)
    world.send()
    assert records() == before + 1, "errors cost nothing"
