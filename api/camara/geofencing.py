"""CAMARA geofencing-subscriptions: partners are told when somebody enters or leaves an area."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

from anyio.to_thread import run_sync
from pydantic import Field
from starlette.responses import JSONResponse, Response

from api.audit import note
from api.camara.area import CircleArea
from api.camara.device import Device, person_of, subscriber_meant
from api.camara.errors import CamaraError, denied
from api.camara.instant import Instant
from api.camara.location_retrieval import device_used
from api.camara.location_verification import check_area
from api.camara.operation import Body, Call, Operation
from api.camara.scopes import ENTERED, EVENT, GEOFENCES_CREATE, GEOFENCES_DELETE, GEOFENCES_READ
from api.camara.sink import MOST_ADDRESS, Credential, sink_of
from graph.geofence.geofence import ITEM, Geofence, Private
from graph.geofence.notice import area_told
from graph.geofence.watch import begin, opened
from graph.location.location import last_locations
from graph.sink.delivery import refused_headers

_API, _PATH = "geofencing-subscriptions", "subscriptions"
_MOST_LISTED = 20
_MOST_EVENTS = 1_000_000


class Detail(Body):
    """Who, and where."""

    device: Device | None = None
    area: CircleArea


class Config(Body):
    """Who and where, and when it is over."""

    subscription_detail: Detail
    subscription_expire_time: Instant | None = None
    subscription_max_events: int | None = Field(default=None, ge=1, le=_MOST_EVENTS)
    initial_event: bool | None = None


class HttpSettings(Body):
    """How events are sent."""

    headers: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$")],
        Annotated[str, Field(max_length=512, pattern=r"^[\x20-\x7e]*$")],
    ] = Field(default={}, max_length=20)
    method: Literal["POST"] = "POST"


class SubscriptionRequest(Body):
    """What a partner wants to be told, and where."""

    protocol: str
    sink: str = Field(max_length=MOST_ADDRESS)
    sink_credential: Credential | None = None
    types: Annotated[list[str], Field(min_length=1)]
    config: Config
    protocol_settings: HttpSettings = HttpSettings()


async def create(call: Call) -> JSONResponse:
    """Let a geofence begin."""
    asked: SubscriptionRequest = call.body
    now = datetime.now(UTC)
    kind, private = _checked(call, asked, now)
    config, detail = asked.config, asked.config.subscription_detail
    subject = await subscriber_meant(call, detail.device, ITEM)
    await check_area(call, detail.area.circle, "GEOFENCING_SUBSCRIPTIONS")
    geofence = Geofence(
        geofence_id=uuid4().hex,
        partner=call.viewer.subject,
        subject=subject,
        purpose=call.viewer.purpose or "",  # whoever has somebody's consent has a purpose
        crossing="area-entered" if kind == ENTERED else "area-left",
        area=detail.area.circle,
        private=private,
        started_at=now,
        ends_at=config.subscription_expire_time,
        most_events=config.subscription_max_events,
        wants_first=config.initial_event,
    )
    location = (await last_locations(call.reader, [subject])).get(subject)
    is_inside = geofence.area.has_centre_of(location.area) if location else None
    await run_sync(begin, call.services.geofences, geofence, is_inside, now)
    return JSONResponse(_told(geofence), 201, {"Cache-Control": "no-store"})


async def list_all(call: Call) -> list[dict[str, Any]]:
    """Answer a partner's latest geofences; with a person's token, those of this person."""
    found = await run_sync(call.services.geofences.of, call.viewer.subject)
    return [_told(geofence) for geofence in (await _shown(call, found))[:_MOST_LISTED]]


async def retrieve(call: Call) -> dict[str, Any]:
    """Answer one."""
    return _told(await _meant(call))


async def delete(call: Call) -> Response:
    """End one."""
    geofence, now = await _meant(call), datetime.now(UTC)
    await run_sync(call.services.geofences.end, geofence, "SUBSCRIPTION_DELETED", now)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def _checked(call: Call, asked: SubscriptionRequest, now: datetime) -> tuple[str, Private]:
    """Return which event is wanted, and what is kept sealed."""
    if asked.protocol != "HTTP":
        raise CamaraError(400, "INVALID_PROTOCOL", "Only HTTP is supported.")
    if unknown := set(asked.types) - GEOFENCES_CREATE.keys():
        message = f"types: {len(unknown)} of them are not known"
        raise CamaraError(400, "INVALID_ARGUMENT", message)
    if len(asked.types) > 1:
        message = "Multi event types subscription not managed."
        raise CamaraError(422, "MULTIEVENT_SUBSCRIPTION_NOT_SUPPORTED", message)
    (kind,) = asked.types
    if GEOFENCES_CREATE[kind] not in call.viewer.scopes:
        raise denied()
    ends_at = asked.config.subscription_expire_time
    if ends_at is not None and ends_at <= now:
        message = "config.subscriptionExpireTime: it is in the past"
        raise CamaraError(400, "INVALID_ARGUMENT", message)
    headers = asked.protocol_settings.headers
    if refused := refused_headers(headers):
        message = f"protocolSettings.headers: {len(refused)} of them are not the partner's to set"
        raise CamaraError(400, "INVALID_ARGUMENT", message)
    sink = sink_of(call.services.settings, asked.sink, asked.sink_credential, headers)
    device = device_used(asked.config.subscription_detail.device).get("device")
    return kind, Private(sink=sink, device=device)


async def _meant(call: Call) -> Geofence:
    geofence_id = str(call.request.path_params["subscription_id"])
    found = await run_sync(call.services.geofences.find, geofence_id)
    is_own = found is not None and found.partner == call.viewer.subject
    shown = await _shown(call, [found] if found and is_own else [])
    if not shown:
        raise CamaraError(404, "NOT_FOUND", "The specified resource is not found.")
    return shown[0]


async def _shown(call: Call, geofences: list[Geofence]) -> list[Geofence]:
    """Return those that whoever asks may see: of people who still consent."""
    person = person_of(call) if call.viewer.person is not None else None
    mine = [one for one in geofences if call.viewer.person is None or one.subject == person]
    found = await run_sync(opened, call.services.consents, mine, datetime.now(UTC))
    shown = [one for one in found if one.ending(datetime.now(UTC)) is None]
    for geofence in shown:
        note("Subscriber", "subscriber_id", (ITEM,), {"subscriber_id": geofence.subject})
    return shown


def _told(geofence: Geofence) -> dict[str, Any]:
    """Return a geofence as CAMARA writes it."""
    device, sink = geofence.private.device, geofence.private.sink
    detail = {"area": area_told(geofence.area), **({"device": device} if device else {})}
    ends_at = geofence.ends_at.isoformat() if geofence.ends_at else None
    config = {
        "subscriptionDetail": detail,
        "subscriptionExpireTime": ends_at,
        "subscriptionMaxEvents": geofence.most_events,
        "initialEvent": geofence.wants_first,
    }
    told = {
        "protocol": "HTTP",
        "sink": sink.address,
        "types": [EVENT + geofence.crossing],
        "config": {name: value for name, value in config.items() if value is not None},
        "id": geofence.geofence_id,
        "startsAt": geofence.started_at.isoformat(),
        "expiresAt": ends_at,
        "status": "ACTIVE",
        "protocolSettings": {"headers": sink.headers} if sink.headers else None,
    }
    return {name: value for name, value in told.items() if value is not None}


_ONE = f"{_PATH}/{{subscription_id}}"
GEOFENCING = [
    Operation(_API, _PATH, [*GEOFENCES_CREATE.values()], create, body=SubscriptionRequest),
    Operation(_API, _PATH, [GEOFENCES_READ], list_all, method="GET"),
    Operation(_API, _ONE, [GEOFENCES_READ], retrieve, method="GET"),
    Operation(_API, _ONE, [GEOFENCES_DELETE], delete, method="DELETE"),
]
