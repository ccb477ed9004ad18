"""The floor of a Python service: Starlette and Neo4j's driver, one statement a request.

No schema, token, limit, audit log, measure or trace: what any such service takes at the least.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import uvicorn
from neo4j import READ_ACCESS, AsyncGraphDatabase
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cypher import statement
from graph.page import Start, parameters

_STATEMENT = statement("tie/contacts")
_COLUMNS = {
    "limit": 20,
    "with_parent": True,
    "with_knows": False,
    "parent_columns": ["subscriber_id", "status"],
    "node_columns": ["subscriber_id", "status"],
    "tie_columns": ["calls", "duration_s"],
}


def main(uri: str, user: str, password: str, port: str) -> None:
    """Answer on a port with what a statement returns, as it is."""

    @asynccontextmanager
    async def connected(app: Starlette) -> AsyncIterator[None]:
        async with AsyncGraphDatabase.driver(uri, auth=(user, password)) as driver:
            app.state.driver = driver
            yield

    app = Starlette(routes=[Route("/graphql", _answer, methods=["POST"])], lifespan=connected)
    uvicorn.run(app, port=int(port), log_level="warning", access_log=False)


async def _answer(request: Request) -> Response:
    key = orjson.loads(await request.body())["variables"]["key"]
    told: dict[str, Any] = {"starts": parameters([Start(key)]), **_COLUMNS}
    async with request.app.state.driver.session(default_access_mode=READ_ACCESS) as session:
        rows = [record.data() async for record in await session.run(_STATEMENT.text, told)]
    return Response(orjson.dumps(rows), media_type="application/json")


if __name__ == "__main__":
    main(*sys.argv[1:])
