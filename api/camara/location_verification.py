"""CAMARA location-verification: whether a device is in an area, without telling where it is."""

from typing import Any

from pydantic import Field

from api.camara.area import CircleArea
from api.camara.device import Device
from api.camara.errors import CamaraError
from api.camara.location_retrieval import MOST_INT, device_used, located
from api.camara.operation import Body, Call, Operation
from api.camara.scopes import VERIFICATION
from graph.location.circle import Circle
from graph.location.location import LEAST_RADIUS_M, is_covered


class VerificationRequest(Body):
    """Who is thought to be in which area, and since when that may be known."""

    device: Device | None = None
    area: CircleArea
    max_age: int | None = Field(default=None, ge=0, le=MOST_INT)


async def verify(call: Call) -> dict[str, Any]:
    """Answer whether somebody was last in an area."""
    asked: VerificationRequest = call.body
    wanted = asked.area.circle
    found = await located(call, asked.device, asked.max_age, "LOCATION_VERIFICATION")
    await check_area(call, wanted, "LOCATION_VERIFICATION")
    answer = {**verdict(found.area, wanted), "lastLocationTime": found.at.isoformat()}
    return answer | device_used(asked.device)


async def check_area(call: Call, wanted: Circle, api: str) -> None:
    """Refuse an area that is too small to be told of, or where there is no network.

    Raises
    ------
    CamaraError
        It is such an area.
    """
    if wanted.radius_m < LEAST_RADIUS_M:
        raise CamaraError(422, f"{api}.INVALID_AREA", "The requested area is too small")
    if not await is_covered(call.reader, wanted):
        raise CamaraError(422, f"{api}.AREA_NOT_COVERED", "Unable to cover the requested area")


def verdict(network: Circle, wanted: Circle) -> dict[str, Any]:
    """Return how an area fits to where the network sees somebody.

    A part of it is told in whole per cent, never as nothing or all of it.

    Examples
    --------
    >>> verdict(Circle(50, 7, 100), Circle(50, 7, 1000))
    {'verificationResult': 'TRUE'}
    >>> verdict(Circle(50, 7, 1000), Circle(50, 7, 500))
    {'verificationResult': 'PARTIAL', 'matchRate': 25}
    """
    share = network.share_within(wanted)
    if share <= 0:
        return {"verificationResult": "FALSE"}
    if share >= 1:
        return {"verificationResult": "TRUE"}
    return {"verificationResult": "PARTIAL", "matchRate": min(99, max(1, round(100 * share)))}


VERIFY = Operation(
    "location-verification", "verify", [VERIFICATION], verify, body=VerificationRequest
)
