"""The running service tells the ticket system what a request does to a problem."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.application import create_application
from graph.database.session import Database, Endpoint
from graph.ledger import Ledger
from graph.problem.problem import Step
from graph.problem.states import SYSTEM, Entry
from graph.problem.store import save
from tests.api.conftest import offline_settings
from tests.graph.problem.test_states import a_problem
from tests.graph.problem.tickets import listening
from tests.village import KEY

pytestmark = pytest.mark.database


def test_a_service_that_starts_tells_what_waits(empty_graph: Endpoint, tmp_path: Path) -> None:
    with listening() as tickets:
        settings = offline_settings(tmp_path, webhook_url=tickets.url)

        async def run() -> None:
            database = Database(lambda: empty_graph, settings)
            opened = Entry(datetime.now(UTC), SYSTEM, "open", None, "open")
            await save(database, [Step(a_problem(), (opened,))])
            application = create_application(settings, database, Ledger(settings.ledger_file), KEY)
            async with application.router.lifespan_context(application):
                for _ in range(100):
                    if tickets.accepted:
                        return
                    await asyncio.sleep(0.1)

        asyncio.run(run())
        assert [json.loads(body)["type"] for _, body in tickets.accepted] == ["problem.open"]
