"""CAMARA population-density-data: how many people an area has, hour by hour, past or to come."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import uuid4

import orjson
import shapely
from anyio.to_thread import run_sync
from pydantic import Field
from starlette.responses import JSONResponse

from api.camara.area import Point
from api.camara.errors import CamaraError
from api.camara.instant import Instant
from api.camara.operation import Body, Call, Operation
from api.camara.scopes import DENSITY
from api.camara.sink import MOST_ADDRESS, Credential, sink_of
from api.context import Services
from api.tokens import Viewer
from graph.density.estimate import HOUR, Cell, Densities, Density, hours_between
from graph.density.geohash import is_covered, within
from graph.density.order import Order
from graph.errors import NotAllowed, TiegraphError
from graph.location.location import coarsest_places

API = "POPULATION_DENSITY_DATA"
ITEM = "density"  # of consents
PRECISIONS = range(5, 8)
_USUAL_PRECISION = 7
_REACH = timedelta(days=92)  # three months, into the past and into the future
_LONGEST = timedelta(days=7)
_MOST_HOURS = 168
_MOST_CORNERS = 15
_LEAST_AREA_DEG2 = 1e-12  # a hundredth of a square metre: a line, but for rounding
MOST_CELLS = 10_000
_MOST_BOX = 100_000  # cells of the box around a polygon
MOST_AT_ONCE = 50_000  # cells by hours
MOST_LATER = 500_000
_JSON = "application/json"


class Polygon(Body):
    """An area by its corners."""

    area_type: Literal["POLYGON"]
    boundary: list[Point]


class GeohashList(Body):
    """An area by cells."""

    area_type: Literal["GEOHASHLIST"]
    geohashes: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9bcdefghjkmnpqrstuvwxyz]{1,12}$")]],
        Field(min_length=1, max_length=1000),
    ]


class DensityRequest(Body):
    """Where and when, how fine, and where the answer goes if not back at once."""

    area: Annotated[Polygon | GeohashList, Field(discriminator="area_type")]
    start_time: Instant
    end_time: Instant
    precision: int | None = Field(default=None, ge=1, le=12)
    sink: str | None = Field(default=None, max_length=MOST_ADDRESS)
    sink_credential: Credential | None = None


async def retrieve(call: Call) -> dict[str, Any] | JSONResponse:
    """Answer at once, or accept to answer at a sink."""
    asked: DensityRequest = call.body
    purpose = call.viewer.purpose
    if purpose is None:
        raise NotAllowed("a partner must say what for: ask for a token with a dpv: purpose")
    settings = call.services.settings
    sink = None
    if asked.sink is not None:
        sink = sink_of(settings, asked.sink, _bearing(asked.sink_credential), {})
    hours = _hours(asked, datetime.now(UTC))
    geohashes = await run_sync(_geohashes, asked)
    _check_size(len(hours) * len(geohashes), is_later=sink is not None)
    covered = await coarsest_places(call.reader)
    cells = {geohash: is_covered(geohash, covered) for geohash in geohashes}
    if sink is None:
        found = await run_sync(told, call.services, call.viewer, hours, cells)
        return answer_of(hours, cells, found)
    order = Order(
        operation_id=uuid4().hex,
        partner=call.viewer.subject,
        purpose=purpose,
        hours=tuple(hours),
        geohashes=cells,
        sink=sink,
        at=datetime.now(UTC),
    )
    await run_sync(call.services.density_orders.add, order)
    accepted = {"operationId": order.operation_id}
    return JSONResponse(accepted, 202, {"Cache-Control": "no-store"})


def told(
    services: Services, viewer: Viewer, hours: Sequence[datetime], cells: Mapping[str, bool]
) -> Mapping[Cell, Density]:
    """Return what a partner may be told of cells in which the network is."""
    densities = Densities(
        services.settings.density_folder,
        services.crowd,
        viewer.subject,
        set(services.view(viewer).everybody(ITEM)),
    )
    return densities.told(hours, [geohash for geohash, has_network in cells.items() if has_network])


def fulfil(services: Services, order: Order) -> None:
    """Compute what was ordered, and let it wait for its sink; what fails is answered, too."""
    viewer = Viewer("partner", order.partner, purpose=order.purpose)
    try:
        found = told(services, viewer, order.hours, order.geohashes)
        answer = answer_of(order.hours, order.geohashes, found)
    except TiegraphError as error:
        reason = f"{error.code}: the densities could not be computed"
        status = {"status": "OPERATION_NOT_COMPLETED", "statusInfo": reason}
        answer = {**status, "timedPopulationDensityData": []}
    answer["operationId"] = order.operation_id
    services.density_orders.answer(order, orjson.dumps(answer), _JSON)


def answer_of(
    hours: Sequence[datetime], cells: Mapping[str, bool], found: Mapping[Cell, Density]
) -> dict[str, Any]:
    """Return densities as CAMARA writes them."""
    if not any(cells.values()):
        return {"status": "AREA_NOT_SUPPORTED", "timedPopulationDensityData": []}
    is_whole = all(cells.values())
    timed = [
        {
            "startTime": hour.isoformat(),
            "endTime": (hour + HOUR).isoformat(),
            "cellPopulationDensityData": list(_cells(hour, cells, found)),
        }
        for hour in hours
    ]
    status = "SUPPORTED_AREA" if is_whole else "PART_OF_AREA_NOT_SUPPORTED"
    return {"status": status, "timedPopulationDensityData": timed}


def _cells(
    hour: datetime, cells: Mapping[str, bool], found: Mapping[Cell, Density]
) -> Iterator[dict[str, Any]]:
    for geohash, has_network in cells.items():
        if density := found.get((hour, geohash)):
            yield {
                "geohash": geohash,
                "dataType": "DENSITY_ESTIMATION",
                "pplDensity": density.per_km2,
                "minPplDensity": density.least,
                "maxPplDensity": density.most,
            }
        else:
            yield {"geohash": geohash, "dataType": "LOW_DENSITY" if has_network else "NO_DATA"}


def _bearing(credential: Credential | None) -> Credential | None:
    """Return a credential; of those that sinks may have, this API has access tokens alone."""
    if credential and credential.get("credentialType") == "PRIVATE_KEY_JWT":
        raise CamaraError(400, "INVALID_CREDENTIAL", "Only Access token is supported")
    return credential


def _hours(asked: DensityRequest, now: datetime) -> list[datetime]:
    start, end = asked.start_time, asked.end_time
    for is_wrong, code, message in (
        (end < start, "INVALID_END_TIME", "Indicated endTime is earlier than the startTime"),
        (
            start < now - _REACH,
            "MIN_STARTTIME_EXCEEDED",
            "Indicated startTime is earlier than the minimum allowed: three months ago",
        ),
        (
            start > now + _REACH,
            "MAX_STARTTIME_EXCEEDED",
            "Indicated startTime is greater than the maximum allowed: three months from now",
        ),
        (
            end - start > _LONGEST or end > now + _REACH,
            "MAX_TIME_PERIOD_EXCEEDED",
            "Indicated time period is greater than the maximum allowed: seven days, within three "
            "months from now",
        ),
        (
            start <= now < end,
            "INVALID_TIME_PERIOD",
            "Indicated time period is partially in the past and partially in the future",
        ),
    ):
        if is_wrong:
            raise CamaraError(400, f"{API}.{code}", message)
    return hours_between(start, end, _MOST_HOURS)


def _geohashes(asked: DensityRequest) -> list[str]:
    if isinstance(asked.area, GeohashList):
        if asked.precision is not None:
            message = "precision: it must not be there where the area is a list of geohashes"
            raise CamaraError(400, "INVALID_ARGUMENT", message)
        for geohash in asked.area.geohashes:
            _check_precision(len(geohash))
        return list(dict.fromkeys(asked.area.geohashes))
    area = _polygon(asked.area)
    precision = _USUAL_PRECISION if asked.precision is None else asked.precision
    _check_precision(precision)
    found = within(area, precision, _MOST_BOX)
    if found is None or len(found) > MOST_CELLS:
        raise _too_big("UNSUPPORTED_REQUEST", "both synchronous and asynchronous processing")
    return found


def _polygon(area: Polygon) -> shapely.Polygon:
    corners = [(corner.longitude, corner.latitude) for corner in area.boundary]
    if len(corners) <= _MOST_CORNERS and len(set(corners)) >= 3:
        found = shapely.Polygon(corners)
        if found.is_valid and found.area > _LEAST_AREA_DEG2:
            return found
    message = "The area is not a polygon shape or has an arbitrary complexity"
    raise CamaraError(400, f"{API}.INVALID_AREA", message)


def _check_precision(precision: int) -> None:
    if precision not in PRECISIONS:
        message = "Indicated cell precision (Geohash length) is not supported: 5, 6 and 7 are"
        raise CamaraError(422, f"{API}.UNSUPPORTED_PRECISION", message)


def _check_size(size: int, *, is_later: bool) -> None:
    if size > MOST_LATER:
        raise _too_big("UNSUPPORTED_REQUEST", "both synchronous and asynchronous processing")
    if size > MOST_AT_ONCE and not is_later:
        raise _too_big("UNSUPPORTED_SYNC_RESPONSE", "synchronous processing: name a sink")


def _too_big(code: str, what_for: str) -> CamaraError:
    message = (
        f"Indicated combination of area, time interval and precision is too big for {what_for}"
    )
    return CamaraError(422, f"{API}.{code}", message)


RETRIEVE_DENSITY = Operation(
    "population-density-data", "retrieve", [DENSITY], retrieve, body=DensityRequest
)
