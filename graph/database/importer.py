"""Building a whole graph offline and putting it in the place of the embedded server's.

Neo4j's importer writes store files from Parquet many times faster than any transaction could. It
works in a folder of its own while the server goes on answering; then the server is stopped, the
new store takes the place of the old, and the server starts again. A file marks the moment from
which the new store counts: whoever is cut short before it leaves the old graph as it was, and
whoever is cut short after it has the exchange completed by the next start.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from rich.console import Console

from graph.database.archive import Archives
from graph.database.exchange import complete_exchange, offer
from graph.database.home import DatabaseHome, our_processes
from graph.database.jars import ensure_jars
from graph.database.java import command, environment
from graph.database.launch import halt, launch
from graph.database.memory import plan
from graph.disk import DISK_FULL_SIGNS, disk_full
from graph.errors import DatabaseError
from graph.settings import Settings

_KILL_WITHIN_S = 10


@dataclass(frozen=True)
class ImportFile:
    """A table for the importer: Parquet files of one form.

    Attributes
    ----------
    name : str
        Label of the nodes or type of the relationships.
    header : str
        Path below the tables' folder of a file that says what the columns are, in the importer's
        own notation.
    rows : str
        Regular expression of the paths below that folder of the files with the rows.
    """

    name: str
    header: str
    rows: str

    def option(self, kind: str) -> str:
        """Return the importer's option for the file; ``kind`` is nodes or relationships."""
        return f"--{kind}={self.name}=./{self.header},./{self.rows}"


@dataclass(frozen=True)
class ImportFiles:
    """All tables of a graph."""

    nodes: Sequence[ImportFile]
    relationships: Sequence[ImportFile]

    def arguments(self) -> str:
        """Return the importer's options, one a line, for work in the tables' folder."""
        options = [
            "--input-type=parquet",
            *(file.option("nodes") for file in self.nodes),
            *(file.option("relationships") for file in self.relationships),
        ]
        return _lines(options)


def new_draft(settings: Settings) -> Path:
    """Return an empty folder for a graph to be built in; what earlier attempts left is removed."""
    clear_drafts(settings)
    drafts = _drafts(settings)
    drafts.mkdir(mode=0o700, parents=True)
    return Path(mkdtemp(dir=drafts))


def clear_drafts(settings: Settings) -> None:
    """Remove what attempts that were cut short left: whole tables of the graph."""
    drafts = _drafts(settings)
    _end_left_over(drafts)
    shutil.rmtree(drafts, ignore_errors=True)


def build(settings: Settings, draft: Path, files: ImportFiles) -> None:
    """Build a graph in a draft folder from the tables in it.

    Raises
    ------
    DiskFull
        There is no room for it; the present graph is as it was.
    DatabaseError
        The importer refused the files, which is a fault of ours; the present graph is as it was.
    """
    jars = ensure_jars(settings, Console(stderr=True))
    (draft / "conf").mkdir(exist_ok=True)
    arguments = draft / "arguments"
    options = [
        settings.neo4j_database,
        f"--report-file={draft / 'report'}",
        f"--threads={os.cpu_count()}",
        "--bad-tolerance=0",
    ]
    arguments.write_text(_lines(options) + files.arguments())
    main = ["org.neo4j.cli.AdminTool", "database", "import", "full", f"@{arguments}"]
    java_options = [f"-Xmx{plan(settings).heap_mb}m", *settings.java_options, *_archived(jars)]
    done = subprocess.run(
        command(jars, java_options, main),
        cwd=draft,
        env=environment(NEO4J_HOME=str(draft), NEO4J_CONF=str(draft / "conf")),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stdout + done.stderr
        if any(sign in said for sign in DISK_FULL_SIGNS):
            raise disk_full(settings.home_dir)
        # What the importer says may quote rows, so it is for whoever may read the home folder.
        told = draft / "said"
        told.write_text(said)
        raise DatabaseError(f"the importer ended with status {done.returncode}; {told} says why")


def exchange(settings: Settings, draft: Path) -> None:
    """Put the graph of a draft in the place of the server's; the server is away for some seconds.

    Raises
    ------
    RuntimeFault
        The server cannot be stopped or started.
    """
    home = DatabaseHome.of(settings)
    with home.deciding():
        state = home.read_state() or home.find_left_over()
        if state:
            halt(home, state)
        offer(home, draft)  # only now: a server that went on would be written to for nothing
        complete_exchange(home, settings.neo4j_database)
        launch(settings, home, is_kept=bool(state and state.is_kept))


def _lines(options: Sequence[str]) -> str:
    """Return options as a file of arguments has them."""
    return "".join(f'"{option}"\n' for option in options)


def _drafts(settings: Settings) -> Path:
    return DatabaseHome.of(settings).folder / "drafts"


def _archived(jars: Sequence[Path]) -> list[str]:
    """Return the options to start quickly, unless that would make the archives first."""
    archives = Archives.of(jars)
    return archives.options(jars) if archives.top.is_file() else []


def _end_left_over(drafts: Path) -> None:
    """End importers whose load was killed: they would go on writing to no purpose."""
    for process in our_processes(f"@{drafts}"):
        process.kill()
        process.wait(timeout=_KILL_WITHIN_S)
