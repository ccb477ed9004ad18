"""A home folder of its own: commands run in it as a user does, or, quicker, in this process."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from api.context import Services
from api.execution import answer
from api.tokens import Viewer
from graph.database.digest import GraphDigest, digest
from graph.database.server import locate
from graph.database.session import Database, Endpoint, opened
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.settings import Role, Settings
from loaders.load import Loaded, load
from loaders.progress import Silence

TIEGRAPH = Path(sys.executable).parent / "tiegraph"
#: How often each kind of writer is killed: seldom in every run, more often by hand.
KILLS = int(os.environ.get("TIEGRAPH_TEST_KILLS", "2"))
#: Machines of tests are busy; how soon an absent database is noticed has tests of its own.
PATIENCE_S = 10.0
_TIME_LIMIT_S = 240
_Result = TypeVar("_Result")
Served = tuple[subprocess.Popen[str], str]


@dataclass(frozen=True)
class Lab:
    """A home folder, and the database that is used from it."""

    home: Path
    endpoint: Endpoint
    more_settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def embedded(cls, home: Path, settings_of: Callable[..., Settings], **more: Any) -> Self:
        """Return a home whose commands manage an embedded server of their own."""
        small = settings_of(home_dir=home)
        own = {
            "neo4j_uri": "",
            "jars_dir": small.jars_folder,
            "heap_mb": small.heap_mb,
            "java_options": json.dumps(small.java_options),
            **more,
        }
        return cls(home, Endpoint("", "neo4j", ""), own)

    @property
    def settings(self) -> Settings:
        return Settings(home_dir=self.home, **{"patience_s": PATIENCE_S, **self.more_settings})

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        """Start a command and return without waiting for it."""
        ours = {k: v for k, v in os.environ.items() if not k.startswith("TIEGRAPH_")}
        settings = {
            "home_dir": self.home,
            "neo4j_uri": self.endpoint.uri,
            "neo4j_user": self.endpoint.user,
            "neo4j_password": self.endpoint.password,
            **self.more_settings,
        }
        return subprocess.Popen(
            [str(TIEGRAPH), *map(str, arguments)],
            env=ours | {f"TIEGRAPH_{k.upper()}": str(v) for k, v in settings.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=_TIME_LIMIT_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @contextmanager
    def serving(
        self, *command: str, port: int = 0, ends_by: signal.Signals = signal.SIGINT
    ) -> Iterator[Served]:
        """Run a serving command and yield it with its address; then end it, which it does well."""
        with self.start(*command, "--port", str(port)) as process:
            try:
                assert process.stderr
                lines = iter(process.stderr.readline, "")
                told = (re.findall(r"http://\S+", line) for line in lines)
                address = next(found[0] for found in told if found)
                # A log that nobody reads would stop the service as soon as the pipe is full.
                threading.Thread(target=deque, args=(lines, 0), daemon=True).start()
                yield process, address
            finally:
                process.send_signal(ends_by)
                process.wait(60)
        assert process.returncode == 0

    def load(self, source: str, *paths: str | Path) -> Loaded:
        """Load files in this process."""
        texts = [str(path) for path in paths]
        return load(source, texts, self.settings, lambda: self.endpoint, Silence())

    def answer(self, document: str, role: Role = "analyst", **variables: Any) -> dict[str, Any]:
        """Return the whole GraphQL response to a document."""
        ledger, key = Ledger(self.settings.ledger_file), IdentityKey.of(self.settings)

        async def ask(database: Database) -> dict[str, Any]:
            services = Services(self.settings, database, ledger, key)
            return await answer(services, document, variables, Viewer(role, "lab"))

        return self._with_database(ask)

    def ask(self, document: str, role: Role = "analyst", **variables: Any) -> Any:
        """Return the data that a GraphQL document is answered with, without errors."""
        answered = self.answer(document, role, **variables)
        assert "errors" not in answered, answered
        return answered["data"]

    def digest(self) -> GraphDigest:
        """Return the digest of the whole graph."""
        return self._with_database(digest)

    def _with_database(self, work: Callable[[Database], Awaitable[_Result]]) -> _Result:
        async def run() -> _Result:
            async with opened(lambda: self.endpoint, self.settings) as database:
                return await work(database)

        return asyncio.run(run())


def digest_of(settings: Settings) -> GraphDigest:
    """Return the digest of the embedded server's graph."""

    async def ask() -> GraphDigest:
        async with opened(partial(locate, settings), settings) as database:
            return await digest(database)

    return asyncio.run(ask())
