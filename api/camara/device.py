"""Whom a request is about: the device in its body, or the person of its token.

A two-legged token stands for the partner alone, and the body names a device; a three-legged one
carries the person, and the body must not. What nobody consented to stays hidden: somebody who
never gave this partner any consent is, by number, the same as nobody.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Self

from anyio.to_thread import run_sync
from pydantic import Field, model_validator

from api.audit import note
from api.camara.errors import CamaraError, denied
from api.camara.operation import Body, Call
from graph.consent.pairwise import subscriber_of
from graph.subscriber import pseudonyms_of

PhoneNumber = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{4,14}$")]


class DeviceIpv4Address(Body):
    """What a device is seen as in networks of IPv4."""

    public_address: IPv4Address
    private_address: IPv4Address | None = None
    public_port: int | None = Field(default=None, ge=1, le=65535)

    @model_validator(mode="after")
    def _is_enough(self) -> Self:
        if self.private_address is None and self.public_port is None:
            raise ValueError("a private address or a public port must stand beside")
        return self


class Device(Body):
    """A device; of the identifiers that CAMARA knows, telephone numbers lead to somebody."""

    phone_number: PhoneNumber | None = None
    network_access_identifier: str | None = Field(default=None, max_length=2048)
    ipv4_address: DeviceIpv4Address | None = None
    ipv6_address: IPv6Address | None = None

    @model_validator(mode="after")
    def _has_identifier(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one identifier must be there")
        return self


async def subscriber_meant(call: Call, device: Device | None, item: str) -> str:
    """Return whom a request is about, who has opened an item for what the token says.

    Raises
    ------
    CamaraError
        Nobody is meant, or is meant twice, or the partner may not learn that about them.
    """
    number = number_meant(call, device.phone_number if device else None, device is not None)
    if number is None:
        candidates = _person(call)
    else:
        candidates = await pseudonyms_of(call.reader, call.services.key, number)
    found, is_known = await run_sync(_opened, call, candidates, item)
    if found:
        note("Subscriber", "subscriber_id", (item,), {"subscriber_id": found})
        return found
    if is_known or number is None:
        raise denied()
    raise unknown()


def number_meant(call: Call, number: str | None, is_named: bool) -> str | None:
    """Return the number that a body names; none: the token says who is meant.

    Raises
    ------
    CamaraError
        Both say it, or neither, or the body by something that leads to nobody here.
    """
    if call.viewer.person is not None:
        if is_named:
            message = "The device is already identified by the access token."
            raise CamaraError(422, "UNNECESSARY_IDENTIFIER", message)
        return None
    if not is_named:
        raise CamaraError(422, "MISSING_IDENTIFIER", "The device cannot be identified.")
    if number is None:
        message = "The identifier provided is not supported: send a phone number."
        raise CamaraError(422, "UNSUPPORTED_IDENTIFIER", message)
    return number


def unknown() -> CamaraError:
    """Return the error for a number that leads to nobody whom the partner may know of."""
    return CamaraError(404, "IDENTIFIER_NOT_FOUND", "Device identifier not found.")


def person_of(call: Call) -> str | None:
    """Return the subscriber whom a three-legged token stands for."""
    partner, settings = call.viewer.subject, call.services.settings
    epoch = settings.pairwise_epochs.get(partner, 1)
    return subscriber_of(call.services.key, partner, epoch, call.viewer.person or "")


def _person(call: Call) -> list[str]:
    person = person_of(call)
    return [person] if person else []


def _opened(call: Call, candidates: Sequence[str], item: str) -> tuple[str | None, bool]:
    """Return who of some has opened an item, and whether the partner ever heard of any.

    The graph is not asked, so that it takes as long for who is in it as for who is not.
    """
    book, partner = call.services.consents, call.viewer.subject
    is_known = False
    for subject in candidates:
        if call.viewer.purpose and call.services.view(call.viewer).is_open(subject, item):
            return subject, True
        is_known |= any(consent.terms.partner == partner for consent in book.of(subject))
    return None, is_known
