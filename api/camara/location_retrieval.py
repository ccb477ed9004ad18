"""CAMARA location-retrieval: the area where a device was last, and when."""

from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from api.camara.device import Device, subscriber_meant
from api.camara.errors import CamaraError
from api.camara.operation import Body, Call, Operation
from api.camara.scopes import RETRIEVAL
from graph.geofence.notice import area_told
from graph.location.location import Location, last_locations

MOST_INT = 2**31 - 1


class RetrievalRequest(Body):
    """Whose location is asked for, how fresh and how narrow."""

    device: Device | None = None
    max_age: int | None = Field(default=None, ge=0, le=MOST_INT)
    max_surface: int | None = Field(default=None, ge=1, le=MOST_INT)


async def located(call: Call, device: Device | None, max_age_s: int | None, api: str) -> Location:
    """Return where the person of a request was last.

    Nobody is asked for their location anew: 0 seconds of age can never be had.

    Raises
    ------
    CamaraError
        It is not known, not fresh enough, or not for this partner.
    """
    subscriber_id = await subscriber_meant(call, device, "location")
    found = (await last_locations(call.reader, [subscriber_id])).get(subscriber_id)
    if max_age_s is None and found is None:
        message = "The network is unable to locate the device"
        raise CamaraError(422, f"{api}.UNABLE_TO_LOCATE", message)
    if found is None or (max_age_s is not None and _age_s(found) > max_age_s):
        message = "Unable to provide expected freshness for location"
        raise CamaraError(422, f"{api}.UNABLE_TO_FULFILL_MAX_AGE", message)
    return found


async def retrieve(call: Call) -> dict[str, Any]:
    """Answer where somebody was last."""
    asked: RetrievalRequest = call.body
    found = await located(call, asked.device, asked.max_age, "LOCATION_RETRIEVAL")
    if asked.max_surface is not None and found.area.surface_m2 > asked.max_surface:
        message = "Unable to provide accurate acceptable surface for location"
        raise CamaraError(422, "LOCATION_RETRIEVAL.UNABLE_TO_FULFILL_MAX_SURFACE", message)
    answer = {"lastLocationTime": found.at.isoformat(), "area": area_told(found.area)}
    return answer | device_used(asked.device)


def device_used(device: Device | None) -> dict[str, Any]:
    """Return the one identifier by which somebody was found, where the body named several."""
    return {"device": {"phoneNumber": device.phone_number}} if device else {}


def _age_s(location: Location) -> float:
    return (datetime.now(UTC) - location.at).total_seconds()


RETRIEVE = Operation("location-retrieval", "retrieve", [RETRIEVAL], retrieve, body=RetrievalRequest)
