"""The ticket system is told what happens to problems for as long as the service runs."""

from uuid import uuid4

import httpx
from anyio import sleep

from api.alone import alone
from api.context import Services
from api.errors import log_internal
from graph.errors import DatabaseError
from graph.problem.webhook import tell

_EVERY_S = 2.0


async def keep_telling(services: Services) -> None:
    """Tell what waits, again and again; an absent database or ticket system is waited for.

    Of several processes with one home folder one does it; another goes on where that one ends.
    """
    async with alone(services.settings.home_dir / "ticket.lock"), httpx.AsyncClient() as client:
        while True:
            try:
                if told := await tell(services.database, services.settings, client):
                    services.log.info("ticket system told", messages=told)
            except DatabaseError:
                pass  # requests tell that it is absent; what waits is in it
            except Exception as error:  # the last resort: the next round may do better
                log_internal(error, uuid4().hex, services.log)
            await sleep(_EVERY_S)
