"""The notebook docs/cookbook.ipynb, run against a service on a real socket."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import uvicorn
from nbclient import NotebookClient

from api.application import create_application
from api.listening import listening
from graph.database.session import Database
from tests.api.conftest import Service
from tests.village import KEY

NOTEBOOK = Path(__file__).parents[2] / "docs" / "cookbook.ipynb"
_LIMIT_S = 240


@contextmanager
def listened(service: Service) -> Iterator[str]:
    """Serve what a service serves on a socket, with a database of its own, and yield where."""
    database = Database(lambda: service.database._endpoint, service.settings)
    application = create_application(
        service.settings, database, service.ledger, KEY, log_stream=service.log
    )
    with listening("127.0.0.1", 0) as listener:
        config = uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        server.should_exit = True
        thread.join()


def shown_and_found() -> tuple[list[str], list[str]]:
    """Return what the notebook's cells show, and what they show when they are run."""
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    shown = [*_texts(notebook)]
    NotebookClient(notebook, timeout=_LIMIT_S, kernel_name="python3").execute()
    return shown, [*_texts(notebook)]


def _texts(notebook: Any) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            yield output["data"]["text/plain"]
