"""Serve GraphQL, of one's own data or the bundled ones, and let people in."""

import asyncio
import contextlib
import hashlib
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import NOTES, OUT, with_database
from graph.database.schema import prepare
from graph.database.server import leased
from graph.database.session import Database
from graph.identity import IdentityKey
from graph.ledger import Ledger
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
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer; one that dies is replaced.")
    ] = 1,
    share_port: Annotated[
        bool, typer.Option(help="Let another service take over on the same port.")
    ] = False,
) -> None:
    """Serve GraphQL until interrupted; with workers, SIGHUP renews them one by one."""
    serve(Settings(), host, port, workers=workers, is_shared=share_port)


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
        serve(settings, "127.0.0.1", port, None if settings.neo4j_uri else _published())


def _published() -> Published:
    sha256 = frozenset(hashlib.sha256(file.read_bytes()).hexdigest() for file in _SAMPLES.iterdir())
    # The figures are those of SOURCE.md: each text message counts once.
    return Published("copenhagen", sha256, 844, events=3_600 + 24_333 - 21, friendships=6_429)


def serve(
    settings: Settings,
    host: str,
    port: int,
    published: Published | None = None,
    *,
    workers: int = 1,
    is_shared: bool = False,
) -> None:
    """Serve a home folder until interrupted."""
    from api.listening import listening
    from api.trusted import documents
    from commands.worker import run_one, run_several

    documents(settings.trusted_folder)  # what cannot be trusted ends it here, not in each worker
    # Ctrl-C or SIGTERM is how it ends, and all requests have been answered by then.
    ends_well = contextlib.suppress(KeyboardInterrupt)
    with (
        leased(settings) as locate,
        listening(host, port, is_shared=is_shared) as listener,
        ends_well,
    ):
        is_open = asyncio.run(with_database(locate, settings, _Preparation(settings, published)))
        _announce(settings, listener, is_open=is_open)
        # Having answered, uvicorn raises anew what ended it; a status of 143 would be no good end.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if workers > 1:
            run_several(settings, listener, workers)
        else:
            run_one(settings, locate, listener, published)


@dataclass(frozen=True)
class _Preparation:
    settings: Settings
    published: Published | None

    async def __call__(self, database: Database) -> bool:
        """Bring the schema up to date, and tell whether everybody may ask."""
        await prepare(database, IdentityKey.of(self.settings))
        ledger = Ledger(self.settings.ledger_file)
        return bool(
            self.published and await Openness(database, ledger, self.published).is_all_public()
        )


def _announce(settings: Settings, listener: socket.socket, *, is_open: bool) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if settings.tls_certificate_file else "http"
    NOTES.print(
        f"Tiegraph answers at {scheme}://{shown}:{port}/graphql (Ctrl-C stops it).", markup=False
    )
    issuer = settings.token_issuer_url
    closed = f"{_ELSEWHERE} {issuer}" if issuer else _CLOSED
    NOTES.print(_OPEN if is_open else closed, markup=False, highlight=False)
