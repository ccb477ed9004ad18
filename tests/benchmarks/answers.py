"""How long the service takes to say how leaving would spread, and whom to keep, once it is warm.

Leaving begins with other people each time; the budget, too, is another each time.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from api.context import Services
from api.execution import answer
from api.tokens import Viewer
from graph.churn.report import ChurnReport, Judged, Range, write_report
from graph.database.session import Database, Endpoint
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.projection import Projection
from graph.settings import Settings
from tests.benchmarks.stored import MODEL

_SEEDS, _QUESTIONS = 20, 9
_PROPAGATION = """query ($seeds: [ID!]!) {
  churnPropagation(seeds: $seeds) {
    subscribers
    steps { step energy reached { subscriber { key } energy givers { subscriber { key } energy } } }
    reached { subscriber { key status } energy path { subscriber { key } energy } }
  }
}"""
_RETENTION = """query ($budget: Float!) {
  retentionTargets(budget: $budget) {
    spent certificate atStake { value } averted { value low high }
    targets(first: 20) {
      edges { rank risk averts node { key } reason { takenLoss taken { subscriber { key } loss } } }
    }
  }
}"""
_Questions = list[tuple[str, dict[str, Any]]]


def compare(ties: Projection, settings: Settings, locate: Callable[[], Endpoint]) -> str:
    """Ask about ties that are in Neo4j."""
    write_report(settings.churn_report_file, _report())
    return asyncio.run(_told(ties, settings, locate))


async def _told(ties: Projection, settings: Settings, locate: Callable[[], Endpoint]) -> str:
    database = Database(locate, settings)
    services = Services(settings, database, Ledger(settings.ledger_file), IdentityKey.of(settings))
    began_s = time.perf_counter()
    await services.projections.now(database)
    read_s = time.perf_counter() - began_s
    spread: _Questions = [
        (_PROPAGATION, {"seeds": ties.keys[at * _SEEDS : (at + 1) * _SEEDS].tolist()})
        for at in range(_QUESTIONS + 1)
    ]
    kept: _Questions = [(_RETENTION, {"budget": 500 + at}) for at in range(_QUESTIONS + 1)]
    lines = [
        f"By GraphQL, on {len(ties.caller):,} ties of {len(ties):,} subscribers, "
        f"which took {read_s:.1f} s to read at first",
        await _asked(services, "churnPropagation", spread),
        await _asked(services, "retentionTargets", kept),
    ]
    await database.close()
    return "\n".join(lines)


async def _asked(services: Services, name: str, questions: _Questions) -> str:
    times_s, busy_s = [], []
    for document, variables in questions:
        began_s, began_busy_s = time.perf_counter(), time.process_time()
        response = await answer(services, document, variables, Viewer("analyst", "bench"))
        times_s.append(time.perf_counter() - began_s)
        busy_s.append(time.process_time() - began_busy_s)
        if "errors" in response:
            raise RuntimeError(response["errors"])
    first_s, *warm_s = times_s
    return (
        f"  {name:<18} first {first_s:6.2f} s, then median {statistics.median(warm_s):5.2f} s, "
        f"from {min(warm_s):.2f} to {max(warm_s):.2f}; "
        f"{statistics.median(busy_s[1:]):.2f} s of the service's processor"
    )


def _report() -> ChurnReport:
    """Return a report as `tiegraph analyse churn` leaves it; nothing in it is measured."""
    even = Range(value=0.5, low=0.5, high=0.5)
    judged = Judged(subscribers=1, leavers=1, auc=even, lift=even, empc=even, called=0.0)
    return ChurnReport(
        version=MODEL,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        definition="status",
        horizon_days=28,
        judged_from=date(2025, 12, 1),
        scored_from=date(2026, 1, 1),
        base=0.0,
        words={},
        with_network=judged,
        without_network=judged,
        by_silence=judged,
        gain=even,
    )
