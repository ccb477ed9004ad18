"""What a request costs while the graph grows: a subscriber with 20 contacts, among more and more.

The processor time of service and database together, per request, the service in this process; the
database's own work changes from round to round, so the median of some rounds is told.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
import psutil

from api.context import Services
from api.execution import answer
from api.tokens import Viewer
from graph.database.home import DatabaseHome
from graph.database.session import Database, Endpoint
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.settings import Settings
from tests.benchmarks.peer import CONNECTIONS, OURS, made
from tests.benchmarks.stored import store
from tests.lab import PATIENCE_S

SIZES, TIES_EACH = (10_000, 100_000, 1_000_000), 10
REQUESTS, ROUNDS = 2_000, 5


def compare(
    settings: Settings, locate: Callable[[], Endpoint], sizes: Sequence[int] = SIZES
) -> str:
    """Ask in graphs of several sizes, one after the other in the same database."""
    lines = [
        f"{'A request for 20 contacts, in ms of processor':<46} {'service':>9} {'database':>9}"
    ]
    for people in sizes:
        ties = made(people, people * TIES_EACH)
        store(ties, settings, locate)
        rng = np.random.default_rng(3)
        keys = [str(key) for key in ties.keys[rng.choice(len(ties), REQUESTS)]]
        service_ms, database_ms = asyncio.run(_asked(keys, settings, locate))
        among = f"  among {people:,} with {len(ties.caller):,} ties"
        lines.append(f"{among:<46} {service_ms:9.2f} {database_ms:9.2f}")
    return "\n".join(lines)


async def _asked(
    keys: Sequence[str], settings: Settings, locate: Callable[[], Endpoint]
) -> tuple[float, float]:
    """Return what a request took of the service and of the database, in ms, once both are warm."""
    settings = settings.model_copy(update={"patience_s": PATIENCE_S})  # the machine may be busy
    database = Database(locate, settings)
    services = Services(settings, database, Ledger(settings.ledger_file), IdentityKey.of(settings))
    state = DatabaseHome.of(settings).read_state()
    if state is None:
        raise RuntimeError("the database does not run")
    server = psutil.Process(state.process_id)
    rounds = []
    for _ in range(ROUNDS + 1):
        service_s, database_s = time.process_time(), sum(server.cpu_times()[:2])
        await _at_once(services, keys)
        spent_s = time.process_time() - service_s, sum(server.cpu_times()[:2]) - database_s
        rounds.append([spent * 1e3 / len(keys) for spent in spent_s])
    await database.close()
    service_ms, database_ms = map(statistics.median, zip(*rounds[1:], strict=True))
    return service_ms, database_ms


async def _at_once(services: Services, keys: Sequence[str]) -> None:
    waiting = iter(keys)

    async def one_after_the_other() -> None:
        for key in waiting:
            response = await answer(services, OURS, {"key": key}, Viewer("analyst", "bench"))
            if "errors" in response:
                raise RuntimeError(response["errors"])

    await asyncio.gather(*(one_after_the_other() for _ in range(CONNECTIONS)))
