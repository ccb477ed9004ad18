"""How long the service takes to say how leaving would spread, once it has the ties as arrays."""

import asyncio
import statistics
import time
from collections.abc import Callable

from api.context import Services
from api.execution import answer
from api.tokens import Viewer
from graph.database.session import Database, Endpoint
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.projection import Projection
from graph.settings import Settings
from tests.benchmarks.stored import store

SEEDS, QUESTIONS = 20, 9
_PROPAGATION = """query ($seeds: [ID!]!) {
  churnPropagation(seeds: $seeds) {
    subscribers
    steps { step energy reached { subscriber { key } energy givers { subscriber { key } energy } } }
    reached { subscriber { key status } energy path { subscriber { key } energy } }
  }
}"""


def compare(ties: Projection, settings: Settings, locate: Callable[[], Endpoint]) -> str:
    """Put the ties into Neo4j and ask, each time with other seeds."""
    store(ties, settings, locate)
    read_s, times_s, busy_s = asyncio.run(_asked(ties, settings, locate))
    return (
        f"churnPropagation by GraphQL on {len(ties.caller):,} ties of {len(ties):,} subscribers\n"
        f"  to read the ties out of Neo4j at first {read_s:6.1f} s\n"
        f"  to answer, median of {QUESTIONS:<17} {statistics.median(times_s):6.2f} s, from "
        f"{min(times_s):.2f} to {max(times_s):.2f}; {statistics.median(busy_s):.2f} s of processor"
    )


async def _asked(
    ties: Projection, settings: Settings, locate: Callable[[], Endpoint]
) -> tuple[float, list[float], list[float]]:
    database = Database(locate, settings)
    services = Services(settings, database, Ledger(settings.ledger_file), IdentityKey.of(settings))
    began_s = time.perf_counter()
    await services.projections.now(database)
    read_s = time.perf_counter() - began_s
    times_s, busy_s = [], []
    for number in range(QUESTIONS + 1):
        seeds = ties.keys[number * SEEDS : (number + 1) * SEEDS].tolist()
        began_s, began_busy_s = time.perf_counter(), time.process_time()
        response = await answer(
            services, _PROPAGATION, {"seeds": seeds}, Viewer("analyst", "bench")
        )
        if "errors" in response:
            raise RuntimeError(response["errors"])
        times_s.append(time.perf_counter() - began_s)
        busy_s.append(time.process_time() - began_busy_s)
    await database.close()
    return read_s, times_s[1:], busy_s[1:]  # the first warms up
