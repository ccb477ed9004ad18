"""The ledger of loads: what came in, what became of it, and which graph has it.

It lies in one SQLite file beside the record store and not in the graph, because the graph must be
the same whether a file was loaded once or five times.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from graph.errors import IdentityKeyError, LedgerError, LocalTimeError
from graph.identity import IdentityKey
from graph.load import GraphVersion, LoadEntry, LoadReport, Origins, State
from graph.process import Process
from graph.span import bounds
from graph.suppression import Erasure
from graph.totals import Totals

ERASED = "erased"  # stands for the digits by which a file's name told whose it was
LEDGER_REMEDY = (
    "move it away, and the next load of any source makes a new one and tells the graph again all "
    "that the record store has; only the list of past loads is lost"
)
_TABLES = """
CREATE TABLE IF NOT EXISTS load (
  load_id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  state TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  process_id INTEGER NOT NULL,
  process_started_s REAL NOT NULL,
  report TEXT NOT NULL,
  error TEXT
);
CREATE TABLE IF NOT EXISTS applied (
  graph TEXT NOT NULL,
  load_id TEXT NOT NULL,
  PRIMARY KEY (graph, load_id)
);
CREATE TABLE IF NOT EXISTS computed (
  graph TEXT PRIMARY KEY,
  totals TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS local_time (
  graph TEXT PRIMARY KEY,
  zone TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS identity_key (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  fingerprint TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS erasure (
  erasure_id TEXT PRIMARY KEY,
  erased_at TEXT NOT NULL,
  report TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS readmission (
  readmission_id TEXT PRIMARY KEY,
  readmitted_at TEXT NOT NULL,
  subjects TEXT NOT NULL
);
"""


class Ledger:
    """The ledger in one file; safe for several processes at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def bind(self, key: IdentityKey) -> None:
        """Bind the record store to the key of its first load.

        Raises
        ------
        IdentityKeyError
            Its pseudonyms were made with another key: with this one, every subscriber would be
            stored a second time, as somebody else.
        """
        with self._open() as ledger:
            ledger.execute("INSERT OR IGNORE INTO identity_key VALUES (1, ?)", (key.fingerprint(),))
            (fingerprint,) = ledger.execute("SELECT fingerprint FROM identity_key").fetchone()
        if fingerprint != key.fingerprint():
            raise IdentityKeyError(
                "the record store's pseudonyms were made with another identity key than the "
                "present one: bring back that key, or load into another home folder"
            )

    def bind_local_time(self, graph: str, zone: str) -> None:
        """Bind a graph to the time zone of its first load.

        Raises
        ------
        LocalTimeError
            Its homes and workplaces were computed in another one: new ones would not compare.
        """
        with self._open() as ledger:
            ledger.execute("INSERT OR IGNORE INTO local_time VALUES (?, ?)", (graph, zone))
            (bound,) = ledger.execute(
                "SELECT zone FROM local_time WHERE graph = ?", (graph,)
            ).fetchone()
        if zone != bound:
            raise LocalTimeError(
                f"home and work in the graph are by the clock of {bound}, but "
                f"TIEGRAPH_LOCAL_TIME_ZONE is {zone}: set it to {bound}, or see docs/operations.md "
                "on how to compute the graph anew"
            )

    def begin(self, source: str) -> str:
        """Write down that a load has begun and return its identifier, which sorts by time."""
        now = _now()
        load_id = f"{now:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}"
        process = Process.own()
        with self._open() as ledger:
            ledger.execute(
                "INSERT INTO load VALUES (?, ?, 'running', ?, NULL, ?, ?, ?, NULL)",
                (
                    load_id,
                    source,
                    now.isoformat(),
                    process.process_id,
                    process.started_s,
                    LoadReport().model_dump_json(),
                ),
            )
        return load_id

    def staged(self, load_id: str, report: LoadReport) -> None:
        """Write down a load's files, which must be known before anything of them is stored."""
        with self._open() as ledger:
            ledger.execute(
                "UPDATE load SET report = ? WHERE load_id = ?", (report.model_dump_json(), load_id)
            )

    def reported(self, load_id: str, report: LoadReport) -> None:
        """Write down that the record store has the load's records, with all its counts."""
        with self._open() as ledger:
            ledger.execute(
                "UPDATE load SET state = 'stored', report = ? WHERE load_id = ?",
                (report.model_dump_json(), load_id),
            )

    def failed(self, load_id: str, error: str) -> None:
        """Write down why a load ended early; what it had stored by then stays stored."""
        with self._open() as ledger:
            ledger.execute(
                "UPDATE load SET state = iif(state = 'running', 'failed', state), "
                "ended_at = ?, error = ? WHERE load_id = ?",
                (_now().isoformat(), error, load_id),
            )

    def applied(
        self, graph: str, load_ids: frozenset[str] = frozenset(), totals: Totals | None = None
    ) -> None:
        """Write down that a graph has all that is stored.

        Parameters
        ----------
        load_ids : frozenset of str
            The loads that are new to it.
        totals : Totals, optional
            What all of its ties add up to now; unset: what they did before.
        """
        with self._open() as ledger:
            if totals is not None:
                ledger.execute(
                    "INSERT OR REPLACE INTO computed VALUES (?, ?)",
                    (graph, totals.model_dump_json()),
                )
            ledger.executemany(
                "INSERT OR IGNORE INTO applied VALUES (?, ?)",
                [(graph, load_id) for load_id in load_ids],
            )
            ledger.execute(
                "UPDATE load SET state = 'applied', error = NULL, "
                "ended_at = COALESCE(ended_at, ?) WHERE state = 'stored'",
                (_now().isoformat(),),
            )

    def erased(self, subjects: Sequence[str], rows: Mapping[str, int]) -> Erasure:
        """Write down that people were erased and that nothing of them was found afterwards."""
        now = _now()
        erasure = Erasure(
            erasure_id=f"{now:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}",
            erased_at=now,
            subjects=tuple(subjects),
            rows=dict(rows),
        )
        with self._open() as ledger:
            ledger.execute(
                "INSERT INTO erasure VALUES (?, ?, ?)",
                (erasure.erasure_id, now.isoformat(), erasure.model_dump_json()),
            )
        return erasure

    def readmitted(self, subjects: Sequence[str]) -> None:
        """Write down that people were erased once and may be loaded again from now on."""
        now = _now()
        readmission_id = f"{now:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}"
        with self._open() as ledger:
            ledger.execute(
                "INSERT INTO readmission VALUES (?, ?, ?)",
                (readmission_id, now.isoformat(), json.dumps(sorted(subjects))),
            )

    def relabel(self, digits: Iterable[str]) -> None:
        """Take the digits off the names of files that told by them whose each was."""
        swaps = [
            (f'"file":"{former}{end}', f'"file":"{ERASED}{end}')
            for former in digits
            for end in '."'
        ]
        with self._open() as ledger:
            # SQLite would leave the former names in the free space of its file.
            ledger.execute("PRAGMA secure_delete = ON")
            ledger.executemany("UPDATE load SET report = replace(report, ?, ?)", swaps)

    def forget(self, graph: str) -> None:
        """Write down that a graph is empty, whatever it had before."""
        with self._open() as ledger:
            ledger.execute("DELETE FROM applied WHERE graph = ?", (graph,))
            ledger.execute("DELETE FROM computed WHERE graph = ?", (graph,))
            ledger.execute("DELETE FROM local_time WHERE graph = ?", (graph,))

    def totals(self, graph: str) -> Totals | None:
        """Return what all ties of a graph add up to, as of its last load; None: nobody knows."""
        with self._open() as ledger:
            row = ledger.execute("SELECT totals FROM computed WHERE graph = ?", (graph,)).fetchone()
        return Totals.model_validate_json(row[0]) if row else None

    def applied_to(self, graph: str) -> frozenset[str]:
        """Return the loads that a graph has."""
        with self._open() as ledger:
            return _applied_to(ledger, graph)

    def version(self, graph: str) -> GraphVersion:
        """Return what a graph has been told so far."""
        with self._open() as ledger:
            loads = "\n".join(sorted(_applied_to(ledger, graph)))
            (erasure,) = ledger.execute("SELECT max(erasure_id) FROM erasure").fetchone()
            (unfinished,) = ledger.execute(
                "SELECT count(*) FROM load WHERE state IN ('running', 'stored')"
            ).fetchone()
        return GraphVersion(
            graph=graph,
            loads=hashlib.sha256(loads.encode()).hexdigest(),
            erasure=erasure or "",
            is_changing=bool(unfinished),
        )

    def origins(self) -> Origins:
        """Return the sources and files of all loads, however far each has come."""
        with self._open() as ledger:
            sources = ledger.execute("SELECT DISTINCT source FROM load").fetchall()
            rows = ledger.execute(
                "SELECT load_id, json_extract(file.value, '$.sha256') "
                "FROM load, json_each(report, '$.files') AS file"
            ).fetchall()
        return Origins(
            sources=frozenset(source for (source,) in sources),
            load_ids=frozenset(load_id for load_id, _ in rows),
            sha256=frozenset(sha256 for _, sha256 in rows),
        )

    def entries(
        self,
        *,
        limit: int = 100,
        before: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[LoadEntry]:
        """Return loads that began in a time, the newest first, from just before ``before``."""
        with self._open() as ledger:
            rows = ledger.execute(
                "SELECT load_id, source, state, started_at, ended_at, process_id, "
                "process_started_s, report, error FROM load "
                "WHERE (? IS NULL OR load_id < ?) AND started_at >= ? AND started_at < ? "
                "ORDER BY load_id DESC LIMIT ?",
                (before, before, *bounds(since, until), limit),
            ).fetchall()
        return [_entry(*row) for row in rows]

    def newest(self) -> str | None:
        """Return the load that began last; None: there was none."""
        with self._open() as ledger:
            (load_id,) = ledger.execute("SELECT max(load_id) FROM load").fetchone()
        return str(load_id) if load_id else None

    def entry(self, load_id: str) -> LoadEntry | None:
        """Return one load, or None."""
        with self._open() as ledger:
            row = ledger.execute(
                "SELECT load_id, source, state, started_at, ended_at, process_id, "
                "process_started_s, report, error FROM load WHERE load_id = ?",
                (load_id,),
            ).fetchone()
        return _entry(*row) if row else None

    def count(self, since: datetime | None = None, until: datetime | None = None) -> int:
        """Return the number of loads that began in a time."""
        counted = "SELECT count(*) FROM load WHERE started_at >= ? AND started_at < ?"
        with self._open() as ledger:
            return int(ledger.execute(counted, bounds(since, until)).fetchone()[0])

    def inspect(self) -> int:
        """Read the whole file without changing it, and return the number of loads.

        Raises
        ------
        LedgerError
            It is damaged.
        """
        with (
            self._in_plain_words(),
            closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)) as ledger,
        ):
            (verdict,) = ledger.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
            return int(ledger.execute("SELECT count(*) FROM load").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with (
            self._in_plain_words(),
            closing(sqlite3.connect(self._path, timeout=30)) as ledger,
            ledger,
        ):
            ledger.executescript(_TABLES)
            yield ledger

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            # SQLite's own words: they hold no data.
            raise LedgerError(f"the ledger {self._path} cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            raise LedgerError(f"the ledger {self._path} is damaged: {LEDGER_REMEDY}") from error


def _applied_to(ledger: sqlite3.Connection, graph: str) -> frozenset[str]:
    rows = ledger.execute("SELECT load_id FROM applied WHERE graph = ?", (graph,))
    return frozenset(load_id for (load_id,) in rows)


def _entry(
    load_id: str,
    source: str,
    state: State,
    started_at: str,
    ended_at: str | None,
    process_id: int,
    process_started_s: float,
    report: str,
    error: str | None,
) -> LoadEntry:
    if state in ("running", "stored") and not Process(process_id, process_started_s).is_alive:
        state = "interrupted"
    return LoadEntry(
        load_id=load_id,
        source=source,
        state=state,
        started_at=datetime.fromisoformat(started_at),
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
        report=LoadReport.model_validate_json(report),
        error=error,
    )


def _now() -> datetime:
    return datetime.now(UTC)
