"""Events of geofences as messages: CloudEvents 1.0, in CAMARA's words.

References
----------
.. [1] https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson

from graph.geofence.geofence import ITEM, Ending, Geofence
from graph.location.circle import Circle
from graph.sink.message import About, Message

BILLED_AS = "geofencing-subscriptions/notification"
_TYPE = "org.camaraproject.geofencing-subscriptions.v0."
_SOURCE = "/camara/geofencing-subscriptions/vwip/subscriptions/"
_CONTENT_TYPE = "application/cloudevents+json"


def started(geofence: Geofence) -> Message:
    """Return the message that a geofence begins."""
    told = {"initiationReason": "SUBSCRIPTION_CREATED"}
    return _message(geofence, "subscription-started", geofence.started_at, told)


def crossed(geofence: Geofence, at: datetime) -> Message:
    """Return the message that its border was crossed, which is about the person and billed."""
    return _message(geofence, geofence.crossing, at, {}, ITEM, BILLED_AS)


def ended(geofence: Geofence, reason: Ending, at: datetime) -> Message:
    """Return the message that it is over."""
    return _message(geofence, "subscription-ended", at, {"terminationReason": reason})


def area_told(area: Circle) -> dict[str, Any]:
    """Return an area as CAMARA writes it."""
    return {
        "areaType": "CIRCLE",
        "center": {"latitude": area.lat_deg, "longitude": area.lon_deg},
        "radius": area.radius_m,
    }


def _message(
    geofence: Geofence,
    kind: str,
    at: datetime,
    told: dict[str, str],
    item: str | None = None,
    operation: str | None = None,
) -> Message:
    device = geofence.private.device
    event_id = uuid4().hex
    content = {
        "id": event_id,
        "source": _SOURCE + geofence.geofence_id,
        "type": _TYPE + kind,
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "time": at.isoformat(),
        "data": {
            "subscriptionId": geofence.geofence_id,
            "area": area_told(geofence.area),
            **({"device": device} if device else {}),
            **told,
        },
    }
    return Message(
        event_id,
        geofence.geofence_id,
        geofence.partner,
        orjson.dumps(content),
        _CONTENT_TYPE,
        at,
        About(geofence.subject, geofence.purpose, item),
        operation,
    )
