"""Where the embedded server's files lie, and what a command may know about a running server.

::

    HOME/database/
      lease         every command that uses the server holds a shared lock on this
      mutex         whoever starts or stops the server holds an exclusive lock on this
      state.json    which process is the server
      port          the port that the server was given, kept for later starts
      server.log    what the server printed
      server/       the server's own folder: conf, data, logs

The locks are the kernel's: they vanish with the process that holds them, however it dies.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psutil
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rich.console import Console

from graph.settings import Settings

_LAST_PORT = 65_535


class ServerState(BaseModel):
    """An embedded server that runs.

    Attributes
    ----------
    process_id : int
        The server's process.
    process_started_s : float
        When it began, in seconds since 1970: a process number alone may be given to another.
    port : int
        Where it listens for Bolt, on the loopback interface.
    is_kept : bool
        Whether it was started to stay: then the last command to leave does not stop it.
    has_answered : bool
        Whether it was seen to answer: then it must go on doing so, and is waited for no longer.
    """

    model_config = ConfigDict(frozen=True)

    process_id: int
    process_started_s: float
    port: int = Field(ge=0, le=_LAST_PORT)
    is_kept: bool = False
    has_answered: bool = False

    @property
    def uri(self) -> str:
        """Bolt address."""
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def started_at(self) -> datetime:
        """When the process began."""
        return datetime.fromtimestamp(self.process_started_s, UTC)

    def process(self) -> psutil.Process | None:
        """Return the server's process if it lives."""
        with suppress(ChildProcessError):
            os.waitpid(self.process_id, os.WNOHANG)  # buries it, if it was our child and is dead
        try:
            process = psutil.Process(self.process_id)
            is_same = abs(process.create_time() - self.process_started_s) < 1
            return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


@dataclass(frozen=True)
class DatabaseHome:
    """The embedded server's files below one home folder."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> "DatabaseHome":
        """Return the place of the server's files; the folder need not exist."""
        return cls(settings.home_dir.resolve() / "database")

    @property
    def server(self) -> Path:
        """Folder that Neo4j calls its home."""
        return self.folder / "server"

    @property
    def log(self) -> Path:
        """What the server printed."""
        return self.folder / "server.log"

    @property
    def lease(self) -> Path:
        """Locked, shared, by every command that uses the server."""
        return self.folder / "lease"

    @property
    def mutex(self) -> Path:
        """Locked by the command that starts or stops the server."""
        return self.folder / "mutex"

    @property
    def port(self) -> Path:
        """Holds the port of the last start."""
        return self.folder / "port"

    @property
    def state(self) -> Path:
        """Holds the ``ServerState``."""
        return self.folder / "state.json"

    def make(self) -> None:
        """Make the folder, and the home folder around it, for the owner only."""
        if not self.folder.parent.exists():
            self.folder.parent.mkdir(mode=0o700, parents=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.lease.touch()
        self.mutex.touch()

    def has_data(self) -> bool:
        """Tell whether the server was ever started."""
        return (self.server / "data" / "databases" / "system").is_dir()

    def has_graph(self, database: str) -> bool:
        """Tell whether a graph is in its place, be it that no server has met it yet."""
        return (self.server / "data" / "databases" / database).is_dir()

    def clear(self, kept: str | None) -> None:
        """Remove what a server wrote, but for the database ``kept``, which was built beside it."""
        data = self.server / "data"
        for path in (*data.glob("databases/*"), *data.glob("transactions/*"), data / "dbms"):
            if path.name != kept:
                shutil.rmtree(path, ignore_errors=True)

    def read_state(self) -> ServerState | None:
        """Return the server that was written down, if its process lives."""
        try:
            state = ServerState.model_validate_json(self.state.read_text())
        except (OSError, ValidationError):
            return None
        return state if state.process() else None

    def write_state(self, state: ServerState) -> None:
        """Write down which process is the server; whole or not at all."""
        draft = self.state.with_suffix(".draft")
        draft.write_text(state.model_dump_json())
        draft.replace(self.state)

    def find_left_over(self) -> ServerState | None:
        """Find a server of this home that was never written down, because its starter was killed.

        Its command line names our folder, so that it can be told from every other Java.
        """
        mark = f"--home-dir={self.server}"
        for process in our_processes(mark):
            if mark in process.info["cmdline"]:
                return ServerState(
                    process_id=process.pid,
                    process_started_s=process.info["create_time"],
                    port=self.read_port(),
                )
        return None

    def read_port(self) -> int:
        """Return the port of the last start, or 0."""
        try:
            port = int(self.port.read_text())
        except (OSError, ValueError):
            return 0
        return port if 0 < port <= _LAST_PORT else 0

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Hold the right to start or stop the server; wait for it where another command has it."""
        with self.mutex.open("a") as mutex:
            if not is_locked(mutex, fcntl.LOCK_EX):
                Console(stderr=True).print(
                    "Waiting for another command that starts or stops the database."
                )
                fcntl.flock(mutex, fcntl.LOCK_EX)
            yield


def our_processes(beginning: str) -> Iterator[psutil.Process]:
    """Yield this user's processes with a word on their command line that begins in this way."""
    for process in psutil.process_iter(["cmdline", "create_time", "uids"]):
        uids = process.info["uids"]
        is_ours = uids and uids.real == os.getuid()  # nobody else's is sent our password
        if is_ours and any(word.startswith(beginning) for word in process.info["cmdline"] or []):
            yield process


def is_locked(file: IO[str], kind: int) -> bool:
    """Try to lock a file without waiting, and tell whether that worked."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
