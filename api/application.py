"""The web application: what answers where."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TextIO

from anyio import create_task_group
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from api.camara.routes import camara
from api.camara.telling import keep_telling_partners
from api.context import Services
from api.draining import told_of_the_end
from api.endpoint import GraphQLEndpoint
from api.log import open_log
from api.metering import Handover, settled
from api.metrics import CONTENT_TYPE
from api.middleware import Envelope
from api.quality_page import QualityPage
from api.sign_up import SignUp
from api.statement_files import StatementFiles
from api.ticket import keep_telling
from api.token_endpoint import TokenEndpoint
from api.tracing import Tracing, open_tracing
from api.warmup import warm_up
from api.web import GRAPHIQL_FOLDER, QUALITY_FOLDER
from api.websocket import GraphQLSocket
from cypher import Statement
from graph.database.session import Database, Watch
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.openness import Openness
from graph.settings import Settings


def create_application(
    settings: Settings,
    database: Database,
    ledger: Ledger,
    key: IdentityKey,
    *,
    openness: Openness | None = None,
    log_stream: TextIO | None = None,
    tracing: Tracing | None = None,
    is_warmed_up: bool = False,
) -> Starlette:
    """Return the application; it closes the database's connections when it shuts down.

    ``/graphql`` answers GraphQL, and GraphiQL to a browser; ``/camara`` has the APIs for partners;
    ``/quality`` shows what loads brought;
    ``/healthz`` says that the process lives, ``/readyz`` that the database does,
    ``/metrics`` tells Prometheus how it goes. The access log goes to a stream, standard error by
    default. With ``is_warmed_up``, statements of common questions are planned as soon as it runs.
    """
    services = Services(
        settings,
        database,
        ledger,
        key,
        open_log(log_stream),
        openness,
        tracing=tracing or open_tracing(),
    )
    database.watch = _watch(services)
    quality = QualityPage(services)

    async def readyz(_request: Request) -> JSONResponse:
        if services.closing.is_set():
            return JSONResponse({"status": "going down"}, 503)
        is_ready = await database.is_alive()
        state = "ready" if is_ready else "database unavailable"
        return JSONResponse({"status": state}, 200 if is_ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(services.metrics.text(), media_type=CONTENT_TYPE)

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        async with settled(services), create_task_group() as tasks:
            if settings.webhook_url:
                tasks.start_soon(keep_telling, services)
            tasks.start_soon(keep_telling_partners, services)
            if is_warmed_up:
                tasks.start_soon(warm_up, services)
            with told_of_the_end(services.closing):
                yield
            services.closing.set()
            tasks.cancel_scope.cancel()
        await run_sync(services.audit.write)
        await database.close()
        services.tracing.shutdown()

    return Starlette(
        routes=[
            Route("/graphql", GraphQLEndpoint(services)),
            WebSocketRoute("/graphql", GraphQLSocket(services).serve),
            Mount("/quality/assets", StaticFiles(directory=QUALITY_FOLDER / "assets")),
            Route("/quality", quality.loads),
            Route("/quality/{load_id}", quality.load),
            Route("/healthz", _healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Mount("/graphiql", StaticFiles(directory=GRAPHIQL_FOLDER)),
            *TokenEndpoint(services).routes(),
            camara(services),
            *SignUp(services).routes(),
            *StatementFiles(services).routes(),
        ],
        middleware=[
            Middleware(Envelope, services=services),
            Middleware(Handover, services=services),
            *_cross_origin(settings),
        ],
        lifespan=lifespan,
    )


def _cross_origin(settings: Settings) -> list[Middleware]:
    if not settings.cors_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Correlator", "If-None-Match"],
            expose_headers=["X-Correlator", "Retry-After", "ETag"],
        )
    ]


async def _healthz(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "alive"})


def _watch(services: Services) -> Watch:
    @contextmanager
    def watch(wanted: Statement) -> Iterator[None]:
        with services.metrics.statement(wanted), services.tracing.statement(wanted):
            yield

    return watch
