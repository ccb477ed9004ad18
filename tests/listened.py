"""A service on a real socket, for clients that do not speak to an application in this process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.application import create_application
from api.listening import listening
from graph.database.session import Database
from graph.settings import Settings
from tests.api.conftest import Service
from tests.village import KEY


@contextmanager
def listened(service: Service, settings: Settings) -> Iterator[str]:
    """Serve what a service serves, with a database of its own, and yield where."""
    database = Database(lambda: service.database._endpoint, settings)
    application = create_application(
        settings, database, service.ledger, KEY, log_stream=service.log
    )
    with listening("127.0.0.1", 0) as listener:
        config = uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        finally:
            server.should_exit = True
            thread.join()
