"""Serve GraphQL, of one's own data or the bundled ones, and let people in."""

import asyncio
import contextlib
import hashlib
import socket
from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import NOTES, OUT, services_of, with_database
from graph.database.schema import prepare
from graph.database.server import leased
from graph.database.session import Database
from graph.identity import IdentityKey
from graph.openness import Openness, Published
from graph.settings import Settings

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.")]
_SAMPLES = Path(__file__).parent.parent / "loaders" / "samples" / "copenhagen"
_EXAMPLE = "{ subscribers(first: 3) { totalCount nodes { key traffic { events contacts } } } }"
_OPEN = f"All data here is public, so no token is needed as long as that is so. Try: {_EXAMPLE}"
_CLOSED = "Ask with a token from `tiegraph token --role analyst`."
_ELSEWHERE = "Ask with a token from"


def serve_command(
    port: Port = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve GraphQL until interrupted."""
    _serve(Settings(), host, port)


def demo_command(port: Port = 8000) -> None:
    """Load the bundled data, which real people's phones recorded, and serve it."""
    from loaders.load import load
    from loaders.progress import watched
    from loaders.report import told

    settings = Settings()
    with leased(settings) as locate, watched() as watch:
        loaded = load("copenhagen", [str(_SAMPLES)], settings, locate, watch)
        OUT.print(told(f"Load {loaded.load_id}", loaded.report, loaded.skipped))
        # What somebody else's server holds, nobody here can vouch for.
        _serve(settings, "127.0.0.1", port, None if settings.neo4j_uri else _published())


def _published() -> Published:
    sha256 = frozenset(hashlib.sha256(file.read_bytes()).hexdigest() for file in _SAMPLES.iterdir())
    # The figures are those of SOURCE.md: each text message counts once.
    return Published("copenhagen", sha256, 844, events=3_600 + 24_333 - 21, friendships=6_429)


def _serve(settings: Settings, host: str, port: int, published: Published | None = None) -> None:
    from api.listening import listening

    async def serve(database: Database) -> None:
        await _run_server(settings, database, listener, published)

    # Ctrl-C is how it ends, and all requests have been answered by then.
    ends_well = contextlib.suppress(KeyboardInterrupt)
    with leased(settings) as locate, listening(host, port) as listener, ends_well:
        asyncio.run(with_database(locate, settings, serve))


async def _run_server(
    settings: Settings, database: Database, listener: socket.socket, published: Published | None
) -> None:
    import uvicorn

    from api.application import create_application
    from api.warmup import warm_up

    await prepare(database, IdentityKey.of(settings))
    services = services_of(settings, database)
    openness = Openness(database, services.ledger, published) if published else None
    is_open = openness is not None and await openness.is_all_public()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if settings.tls_certificate_file else "http"
    NOTES.print(
        f"Tiegraph answers at {scheme}://{shown}:{port}/graphql (Ctrl-C stops it).", markup=False
    )
    issuer = settings.token_issuer_url
    closed = f"{_ELSEWHERE} {issuer}" if issuer else _CLOSED
    NOTES.print(_OPEN if is_open else closed, markup=False, highlight=False)
    application = create_application(
        settings, database, services.ledger, services.key, openness=openness
    )
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        ssl_certfile=settings.tls_certificate_file,
        ssl_keyfile=settings.tls_key_file,
    )
    warming = asyncio.ensure_future(warm_up(services))
    await uvicorn.Server(config).serve(sockets=[listener])
    warming.cancel()
