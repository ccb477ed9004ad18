"""Partners are told at their sinks what they wait for, for as long as the service runs."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import httpx
from anyio import sleep
from anyio.to_thread import run_sync

from api.alone import alone
from api.camara.population_density import fulfil
from api.context import Services
from api.errors import log_internal
from graph.errors import Conflict, DatabaseError, NotAllowed, TooManyRequests
from graph.geofence.watch import look
from graph.metering.quota import UNLIMITED, Quota
from graph.metering.record import Call
from graph.partner.partner import active
from graph.sink.delivery import Delivery
from graph.sink.message import Message

EVERY_S = 0.5


async def keep_telling_partners(services: Services) -> None:
    """Answer what was ordered, and send what waits, again and again.

    Of several processes with one home folder one does it; another goes on where that one ends.
    """
    async with alone(services.settings.home_dir / "sinks.lock"), sinks(services) as client:
        while True:
            try:
                await tell_partners(services, client)
            except DatabaseError:
                pass  # requests tell that it is absent; what waits is kept
            except Exception as error:  # the last resort: the next round may do better
                log_internal(error, uuid4().hex, services.log)
            await sleep(EVERY_S)


def sinks(services: Services) -> httpx.AsyncClient:
    """Return what sends to sinks: to them alone, by no proxy that the environment names."""
    believed = services.settings.sink_ca_file
    context = ssl.create_default_context(cafile=believed) if believed else True
    return httpx.AsyncClient(verify=context, trust_env=False)


async def tell_partners(services: Services, client: httpx.AsyncClient) -> None:
    """Do once what there is to do."""
    if not services.settings.sinks_file.is_file():
        return
    await look(services.database, services.consents, services.geofences, datetime.now(UTC))
    for order in await run_sync(services.density_orders.all):
        await run_sync(fulfil, services, order)
    delivery = Delivery(
        client,
        services.outbox,
        services.consents,
        _Till(services),
        services.geofences.drop,
        services.settings.sink_networks,
    )
    if told := await delivery.deliver():
        services.log.info("partners told", messages=told)


@dataclass(frozen=True)
class _Till:
    services: Services

    async def admits(self, message: Message) -> bool:
        """Tell whether the partner is served at all, and within its quota if the message costs."""
        try:
            await run_sync(self._foresee, message)
        except (NotAllowed, TooManyRequests, Conflict):
            return False
        return True

    async def charge(self, message: Message) -> None:
        """Write one usage record for a message that costs something."""
        if message.operation is not None:
            await run_sync(self._charge, message.partner, message.operation, message.message_id)

    def _foresee(self, message: Message) -> None:
        quota = self._quota(message.partner)
        if message.operation is not None:
            call = Call(message.partner, message.operation, message.message_id)
            self.services.meter.foresee(call, quota)

    def _charge(self, partner: str, operation: str, message_id: str) -> None:
        # What was delivered is billed even if the quota was spent in this very moment.
        reservation = self.services.meter.reserve(Call(partner, operation, message_id))
        self.services.meter.answered([reservation.record_id])

    def _quota(self, partner_id: str) -> Quota:
        partner = self.services.partners.find(partner_id)
        return active(partner).quota if partner else UNLIMITED
