"""CAMARA consent-info: whether somebody lets a partner process what it wants, or why not."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlparse

from anyio.to_thread import run_sync
from pydantic import Field

from api.audit import note
from api.camara.device import PhoneNumber, number_meant, person_of, unknown
from api.camara.errors import CamaraError, denied
from api.camara.operation import Body, Call, Operation
from api.camara.scopes import CONSENT_INFO, SCOPES
from graph.consent.capture import MOST_REQUESTS, Request
from graph.consent.status import Status, status_of
from graph.consent.terms import PURPOSES
from graph.subscriber import pseudonyms_of, subscribers

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_MOST_URL = 2_048


class StatusRequest(Body):
    """For which scopes and purpose it is asked, and whether with an address to ask the person."""

    phone_number: PhoneNumber | None = None
    scopes: Annotated[list[str], Field(min_length=1, max_length=len(SCOPES))]
    purpose: str = Field(pattern=r"^dpv:[a-zA-Z0-9]+$")
    request_capture_url: bool
    callback_url: str | None = Field(default=None, max_length=_MOST_URL)


async def retrieve_status(call: Call) -> dict[str, Any]:
    """Answer how consent stands by scope, and where the person can be asked for it."""
    asked: StatusRequest = call.body
    subject = await _subject(call, asked)
    if set(asked.scopes) - SCOPES.keys() or asked.purpose not in PURPOSES:
        message = "The requested scope(s) and Purpose combination is not allowed."
        raise CamaraError(403, "CONSENT_INFO.NOT_ALLOWED_SCOPES_PURPOSE", message)
    if asked.callback_url is not None and not _may_go_to(asked.callback_url):
        message = "The provided callback URL is invalid."
        raise CamaraError(403, "CONSENT_INFO.INVALID_CALLBACK_URL", message)
    note("Subscriber", "subscriber_id", ("consents",), {"subscriber_id": subject})
    return await run_sync(_answer, call, asked, subject)


async def _subject(call: Call, asked: StatusRequest) -> str:
    number = number_meant(call, asked.phone_number, asked.phone_number is not None)
    if number is None:
        if person := person_of(call):
            return person
        raise denied()
    candidates = await pseudonyms_of(call.reader, call.services.key, number)
    if not (found := await subscribers(call.reader, candidates)):
        raise unknown()
    return next(candidate for candidate in candidates if candidate in found)


def _may_go_to(address: str) -> bool:
    found = urlparse(address)
    is_loopback = found.scheme == "http" and found.hostname in _LOOPBACK
    return bool(found.hostname) and (found.scheme == "https" or is_loopback)


def _answer(call: Call, asked: StatusRequest, subject: str) -> dict[str, Any]:
    services, partner, now = call.services, call.viewer.subject, datetime.now(UTC)
    consents = [
        consent
        for consent in services.consents.of(subject)
        if (consent.terms.partner, consent.terms.purpose) == (partner, asked.purpose)
    ]
    items = {scope: SCOPES[scope] for scope in asked.scopes}
    status = {
        scope: status_of(consents, item, now) if item else Status() for scope, item in items.items()
    }
    times = services.consent_requests.lately(partner, subject, now)
    if times:
        status = {scope: _as_requested(one) for scope, one in status.items()}
    answer: dict[str, Any] = {"statusInfo": list(_grouped(status, asked.purpose))}
    wanting = [scope for scope, one in status.items() if _can_be_asked(one)]
    channel = services.settings.consent_capture_url
    if asked.request_capture_url and wanting and channel:
        if times >= MOST_REQUESTS:
            message = "The frequency of consent capture requests has been exceeded."
            raise CamaraError(403, "CONSENT_INFO.CAPTURE_FREQUENCY_EXCEEDED", message)
        services.consent_requests.add(partner, subject, now)
        wanted = sorted({item for scope in wanting if (item := items[scope])})
        request = Request(
            partner=partner,
            purpose=asked.purpose,
            scopes=tuple(wanting),
            items=tuple(wanted),
            callback_url=asked.callback_url,
        )
        answer["captureUrl"] = request.address(str(channel), services.key)
    return answer


def _as_requested(status: Status) -> Status:
    return Status("REQUESTED") if status.reason == "PENDING" else status


def _can_be_asked(status: Status) -> bool:
    return status.reason in ("PENDING", "REQUESTED", "EXPIRED")


def _grouped(status: dict[str, Status], purpose: str) -> Iterable[dict[str, Any]]:
    """Yield one entry for the scopes of an API that stand alike."""

    def alike(scope: str) -> tuple[str, str, str]:
        one = status[scope]
        until = one.until.isoformat() if one.until else ""
        return scope.partition(":")[0], one.reason or "", until

    for (_, reason, until), scopes in groupby(sorted(status, key=alike), alike):
        entry: dict[str, Any] = {"scopes": list(scopes), "purpose": purpose}
        entry["statusValidForProcessing"] = not reason
        if reason:
            entry["statusReason"] = reason
        if until:
            entry["expirationDate"] = until
        yield entry


RETRIEVE_STATUS = Operation(
    "consent-info", "retrieve", [CONSENT_INFO], retrieve_status, body=StatusRequest
)
