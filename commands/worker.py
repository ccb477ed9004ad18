"""The processes that answer: one, or several that share a socket."""

import os
import socket
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from api.application import create_application
from api.limits import MAX_BODY_BYTES
from api.metrics import SHARED_FOLDER, forget_the_dead
from graph.database.server import locate
from graph.database.session import Database, Endpoint
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.memory import settle_memory
from graph.openness import Openness, Published
from graph.settings import Settings

_READY_WITHIN_S = 60  # a worker imports for some seconds, and for many on a busy machine


def run_one(
    settings: Settings,
    locate: Callable[[], Endpoint],
    listener: socket.socket,
    published: Published | None,
) -> None:
    """Answer in this process until it is asked to end."""
    made = _application(settings, Database(locate, settings), published)
    uvicorn.Server(_config(settings, made)).run(sockets=[listener])


def run_several(settings: Settings, listener: socket.socket, workers: int) -> None:
    """Answer in processes of their own, which are watched and replaced, until asked to end."""
    config = _config(
        settings,
        "commands.worker:application",
        factory=True,
        workers=workers,
        timeout_worker_healthcheck=_READY_WITHIN_S,
    )
    with TemporaryDirectory(prefix="tiegraph metrics ") as folder:
        os.environ[SHARED_FOLDER] = folder  # the workers' figures are added up there
        Multiprocess(config, sockets=[listener]).run()


def application() -> Starlette:
    """Return the application of one worker, by the settings of the environment."""
    forget_the_dead()
    settings = Settings()
    return _application(settings, Database(partial(locate, settings), settings), None)


def _application(settings: Settings, database: Database, published: Published | None) -> Starlette:
    ledger = Ledger(settings.ledger_file)
    openness = Openness(database, ledger, published) if published else None
    key = IdentityKey.of(settings)
    made = create_application(settings, database, ledger, key, openness=openness, is_warmed_up=True)
    settle_memory()
    return made


def _config(settings: Settings, made: Starlette | str, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        made,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # nothing is decided or logged by where a request comes from
        server_header=False,
        ssl_certfile=settings.tls_certificate_file,
        ssl_keyfile=settings.tls_key_file,
        ws_max_size=MAX_BODY_BYTES,
        timeout_graceful_shutdown=settings.drain_s,
        **more,
    )
