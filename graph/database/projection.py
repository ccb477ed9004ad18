"""The ties of the graph, out of Neo4j into arrays, and kept beside the database.

What was read last lies below the home folder with the version of the graph that it is of. Once
loads have been applied since, only the ties of those who did something new are read again; once
somebody was erased, all are. What is read while a load is running is not kept.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cypher import statement
from graph.database.session import Database
from graph.errors import NotAnalysed
from graph.kernels import pc
from graph.ledger import Ledger
from graph.load import GraphVersion
from graph.projection import Ints, Projection
from graph.settings import Settings
from graph.tie.days import days_version, read_manifest, ties_between
from graph.tie.strength import with_strength

_GRAPH_IDENTITY = statement("database/identity")
_STATES = statement("tie/states")
_COLUMNS = statement("tie/columns")
_MEASURES = ("calls", "missed", "messages", "duration_s", "active_days", "first_at", "last_at")
_KEPT = (*_MEASURES, "strength", "reciprocity")
_STATE = ("events", "calls", "messages", "duration_s", "active_days", "last_at")
_FILE = "projection"
_STATES_AT_ONCE = 50_000
_CALLERS_AT_ONCE = 2_000
_STREAMS = 3

States = npt.NDArray[np.int64]


class Projections:
    """The graph's ties as arrays, as of its present version.

    Parameters
    ----------
    settings : Settings
        Where they are kept.
    ledger : Ledger
        Knows the version.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._folder = settings.social_folder
        self._ledger = ledger
        self._newest: Projection | None = None
        self._timed: Projection | None = None
        self._turn = asyncio.Lock()

    async def now(self, database: Database) -> Projection:
        """Return all ties over all time.

        Raises
        ------
        DatabaseUnavailable
            Neo4j cannot be reached.
        """
        async with self._turn:
            rows = await database.read(_GRAPH_IDENTITY)
            graph = str(rows[0]["graph"])
            version = await asyncio.to_thread(self._ledger.version, graph)
            if self._newest is None or self._newest.version != version.text:
                self._newest = await self._current(database, graph, version)
            return self._newest

    async def between(
        self, database: Database, since: date | None, until: date | None
    ) -> Projection:
        """Return the ties of a half-open window of whole days (UTC), among the same subscribers.

        Raises
        ------
        NotAnalysed
            The days' ties have not been computed yet.
        """
        everybody = await self.now(database)
        if since is None and until is None:
            return everybody
        return await asyncio.to_thread(ties_between, self._folder, everybody, since, until)

    async def timed(self, database: Database) -> Projection | None:
        """Return all ties with their events at night, at weekends and in office hours.

        None where the days' ties have not been computed yet.
        """
        everybody = await self.now(database)
        async with self._turn:
            try:
                manifest = await asyncio.to_thread(read_manifest, self._folder)
            except NotAnalysed:
                return None
            version = days_version(everybody, manifest)
            if self._timed is None or self._timed.version != version:
                self._timed = await asyncio.to_thread(ties_between, self._folder, everybody)
            return self._timed

    async def _current(self, database: Database, graph: str, version: GraphVersion) -> Projection:
        kept = await asyncio.to_thread(_read_kept, self._folder)
        if kept is not None and kept.version == version:
            return kept.ties
        is_quiet = not version.is_changing
        found = await _read(database, kept, version)
        if is_quiet and await asyncio.to_thread(self._ledger.version, graph) == version:
            await asyncio.to_thread(_keep, self._folder, found)
        return found.ties


class _Known:
    """A projection, and by what is seen who did something since."""

    def __init__(self, version: GraphVersion, ties: Projection, states: States) -> None:
        self.version = version
        self.ties = ties
        self.states = states


async def _read(database: Database, kept: _Known | None, version: GraphVersion) -> _Known:
    keys, states = await _read_states(database)
    if kept is not None and kept.version.erasure != version.erasure:
        kept = None  # somebody may have lost a tie and still have as many events as before
    is_same = np.zeros(len(keys), np.bool_)
    before = np.zeros(len(keys), np.int64)
    if kept is not None and len(kept.ties):
        before = np.minimum(np.searchsorted(kept.ties.keys, keys), len(kept.ties) - 1)
        is_same = kept.ties.keys[before] == keys
        is_same &= (kept.states[before] == states).all(axis=1)
    table = await _read_ties(database, keys, np.flatnonzero(~is_same))
    if kept is not None and is_same.any():
        table = pa.concat_tables([table, _unchanged(kept, before[is_same], keys)])
    ties = with_strength(_sorted(keys, version.text, table))
    return _Known(version, ties, states)


async def _read_states(database: Database) -> tuple[npt.NDArray[np.str_], States]:
    keys: list[str] = []
    parts: list[States] = []
    after = ""
    while True:
        part: dict[str, Any] = {"keys": []}
        async for row in database.stream(_STATES, after=after, limit=_STATES_AT_ONCE):
            part = row
        if not part["keys"]:
            break
        keys += part["keys"]
        parts.append(np.array([part[name] for name in _STATE], np.int64).T)
        after = keys[-1]
    states = np.concatenate(parts) if parts else np.empty((0, len(_STATE)), np.int64)
    return np.array(keys, np.str_), states


async def _read_ties(database: Database, keys: npt.NDArray[np.str_], positions: Ints) -> pa.Table:
    """Return the ties of the callers at some positions, with the positions of both ends."""
    known = pa.array(keys.tolist(), pa.string())
    chunks = [
        positions[begin : begin + _CALLERS_AT_ONCE]
        for begin in range(0, len(positions), _CALLERS_AT_ONCE)
    ]
    found: list[pa.Table] = [_schema().empty_table()]
    waiting = iter(chunks)

    async def work() -> None:
        for chunk in waiting:
            callers = keys[chunk].tolist()
            rows = [row async for row in database.stream(_COLUMNS, caller_ids=callers)]
            found.append(await asyncio.to_thread(_table, rows[0], chunk, known))

    async with asyncio.TaskGroup() as group:
        for _ in range(_STREAMS):
            group.create_task(work())
    return pa.concat_tables(found)


def _schema() -> pa.Schema:
    ends = [("caller", pa.int32()), ("callee", pa.int32())]
    return pa.schema([*ends, *((name, pa.int64()) for name in _MEASURES)])


def _table(row: dict[str, Sequence[object]], chunk: Ints, known: pa.Array) -> pa.Table:
    callees = pc.index_in(pa.array(row["callee"], pa.string()), known)
    columns = {name: pa.array(row[name], pa.int64()) for name in _MEASURES}
    callers = chunk[np.array(row["caller"], np.int64)]
    table = pa.table({"caller": callers.astype(np.int32), "callee": callees, **columns})
    # Somebody who came while we were reading is in the next version.
    return table.select(_schema().names).filter(pc.is_valid(callees)).cast(_schema())


def _unchanged(kept: _Known, callers: Ints, keys: npt.NDArray[np.str_]) -> pa.Table:
    """Return the kept ties of callers who did nothing new, by the positions of now."""
    ties = kept.ties
    now = np.searchsorted(keys, ties.keys)
    is_there = np.append(keys, "")[now] == ties.keys
    is_caller = np.zeros(len(ties), np.bool_)
    is_caller[callers] = True
    rows = is_caller[ties.caller] & is_there[ties.callee]
    columns = {name: ties.columns[name][rows] for name in _MEASURES}
    ends = {"caller": now[ties.caller[rows]], "callee": now[ties.callee[rows]]}
    return pa.table({**ends, **columns}).cast(_schema())


def _sorted(keys: npt.NDArray[np.str_], version: str, table: pa.Table) -> Projection:
    caller, callee = table["caller"].to_numpy(), table["callee"].to_numpy()
    order = np.argsort(caller.astype(np.int64) * max(1, len(keys)) + callee)
    columns = {name: table[name].to_numpy()[order] for name in _MEASURES}
    return Projection(keys, version, caller[order], callee[order], columns)


def _keep(folder: Path, known: _Known) -> None:
    """Write three files under a name of their own, and then which name counts."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ties, name = known.ties, f"{_FILE}-{uuid4().hex[:8]}"
    columns = {column: ties.columns[column] for column in _KEPT}
    states = {column: known.states[:, index] for index, column in enumerate(_STATE)}
    _write(folder / f"{name}-ties.arrow", {"caller": ties.caller, "callee": ties.callee, **columns})
    _write(folder / f"{name}-people.arrow", {"key": pa.array(ties.keys.tolist()), **states})
    fresh = folder / f"{_FILE}.json.new"
    fresh.write_text(f"{name}\n{known.version.model_dump_json()}", encoding="utf-8")
    fresh.replace(folder / f"{_FILE}.json")
    for path in folder.glob(f"{_FILE}-*.arrow"):
        if not path.name.startswith(name):
            path.unlink(missing_ok=True)


def _write(path: Path, columns: dict[str, object]) -> None:
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _read_kept(folder: Path) -> _Known | None:
    """Return what was kept; None: nothing, or it was replaced this very moment."""
    try:
        text = (folder / f"{_FILE}.json").read_text(encoding="utf-8")
        name, version = text.split("\n", 1)
        people = _mapped(folder / f"{name}-people.arrow")
        ties = _mapped(folder / f"{name}-ties.arrow")
    except FileNotFoundError:
        return None
    of = GraphVersion.model_validate_json(version)
    columns = {column: _numbers(ties, column) for column in _KEPT}
    states = np.stack([_numbers(people, column) for column in _STATE], axis=1)
    keys = np.array(people["key"].to_pylist(), np.str_)
    ends = _numbers(ties, "caller"), _numbers(ties, "callee")
    return _Known(of, Projection(keys, of.text, *ends, columns), states)


def _mapped(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _numbers(table: pa.Table, column: str) -> npt.NDArray[Any]:
    """Return a column without copying it."""
    numbers: npt.NDArray[Any] = table[column].combine_chunks().to_numpy()
    return numbers
