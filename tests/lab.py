"""Running `tiegraph` as a user does: a process of its own, in a home folder of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.database.session import Endpoint

TIEGRAPH = Path(sys.executable).parent / "tiegraph"
_TIME_LIMIT_S = 240


@dataclass(frozen=True)
class Lab:
    """A home folder and the database that its commands use."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, home: Path, endpoint: Endpoint, **settings: str) -> "Lab":
        """Return a lab on a server that runs already."""
        address = {
            "TIEGRAPH_NEO4J_URI": endpoint.uri,
            "TIEGRAPH_NEO4J_USER": endpoint.user,
            "TIEGRAPH_NEO4J_PASSWORD": endpoint.password,
        }
        return cls(home, address | settings)

    @property
    def environment(self) -> dict[str, str]:
        ours = {k: v for k, v in os.environ.items() if not k.startswith("TIEGRAPH_")}
        return ours | {"TIEGRAPH_HOME_DIR": str(self.home)} | self.settings

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        """Start a command and return without waiting for it."""
        return subprocess.Popen(
            [str(TIEGRAPH), *map(str, arguments)],
            env=self.environment,
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

    def load(self, source: str, *paths: str | Path) -> str:
        """Load files, which must succeed, and return what was printed."""
        done = self.run("load", source, *paths)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, document: str, role: str = "analyst", **variables: Any) -> Any:
        """Return the data that a GraphQL document is answered with, without errors."""
        done = self.run("query", document, "--as", role, "--variables", json.dumps(variables))
        answer = json.loads(done.stdout)
        assert done.returncode == 0, answer
        return answer["data"]

    def digest(self) -> str:
        """Return the digest of the whole graph."""
        done = self.run("database", "digest")
        assert done.returncode == 0, done.stderr
        return done.stdout
