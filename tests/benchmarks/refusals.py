"""How long it takes to refuse what is made to keep the service busy, by its processor time.

The whole application answers, token and JSON included, without a database, which none of these
may reach. Each is sent several times; what refused it first must refuse it again.
"""

import asyncio
import statistics
import time
from io import StringIO
from pathlib import Path

import httpx

from api.application import create_application
from api.tokens import issue_token
from graph.database.session import Database, Endpoint
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.memory import settle_memory
from graph.settings import Settings
from tests.shapes import SHAPES

ROUNDS = 9
_NOWHERE = Endpoint("bolt://127.0.0.1:9", "neo4j", "none")


def compare(folder: Path) -> str:
    """Refuse every shape, in rounds."""
    return asyncio.run(_refused(Settings(home_dir=folder / "refusals", neo4j_uri=None)))


async def _refused(settings: Settings) -> str:
    database = Database(lambda: _NOWHERE, settings)
    ledger, key = Ledger(settings.ledger_file), IdentityKey.of(settings)
    application = create_application(settings, database, ledger, key, log_stream=StringIO())
    times_s: dict[str, list[float]] = {name: [] for name in SHAPES}
    transport = httpx.ASGITransport(application)
    headers = {
        "accept": "application/graphql-response+json",
        "content-type": "application/json",
        "authorization": f"Bearer {issue_token(settings, 'analyst', 'bench')}",
    }
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bench", headers=headers
    ) as client:
        settle_memory()
        for _ in range(ROUNDS):
            for name, (body, reason) in SHAPES.items():
                times_s[name].append(await _refusal(client, body, reason))
    await database.close()
    return _told(times_s)


async def _refusal(client: httpx.AsyncClient, body: bytes, reason: str) -> float:
    began_s = time.process_time()
    response = await client.post("/graphql", content=body)
    took_s = time.process_time() - began_s
    if reason not in response.json()["errors"][0]["message"]:
        raise RuntimeError(response.text[:200])
    return took_s


def _told(times_s: dict[str, list[float]]) -> str:
    heading = f"{len(times_s)} shapes refused before execution, {ROUNDS} times each, in ms"
    lines = [f"{heading:<64} {'first':>7} {'least':>7} {'median':>7}"]
    for name, (first_s, *later_s) in times_s.items():
        figures = (first_s, min(first_s, *later_s), statistics.median((first_s, *later_s)))
        lines.append(f"  {name:<62} " + " ".join(f"{figure * 1e3:7.1f}" for figure in figures))
    return "\n".join(lines)
