"""A made-up social network in Neo4j, put there by its importer."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import parquet

from graph.database.importer import ImportFile, ImportFiles, build, exchange, new_draft
from graph.database.schema import prepare
from graph.database.session import Database, Endpoint
from graph.identity import IdentityKey
from graph.influence.pagerank import ranks
from graph.projection import Projection
from graph.settings import Settings

_SUBSCRIBER = {
    "status": "string",
    "events": "long",
    "calls_out": "long",
    "active_days": "long",
    "churn_risk": "double",
    "churn_rank": "long",
    "churn_model": "string",
}
MODEL = "bench"
_TIE = {
    "events": "long",
    "calls": "long",
    "messages": "long",
    "missed": "long",
    "duration_s": "long",
    "active_days": "long",
    "first_at": "datetime",
    "last_at": "datetime",
    "strength": "double",
}


def store(ties: Projection, settings: Settings, locate: Callable[[], Endpoint]) -> None:
    """Put a network in the place of the embedded server's graph; the server is running."""
    draft = new_draft(settings)
    key, ends = {"subscriber_id:ID": "subscriber_id"}, {":START_ID": "caller", ":END_ID": "callee"}
    nodes = _write(draft, "Subscriber", key, _SUBSCRIBER, _subscribers(ties))
    contacts = _write(draft, "CONTACTED", ends, _TIE, _contacts(ties))
    build(settings, draft, ImportFiles([nodes], [contacts]))
    exchange(settings, draft)
    asyncio.run(_indexed(settings, locate))


async def _indexed(settings: Settings, locate: Callable[[], Endpoint]) -> None:
    database = Database(locate, settings)
    await prepare(database, IdentityKey.of(settings))
    await database.close()


def _subscribers(ties: Projection) -> dict[str, object]:
    calls = np.bincount(ties.caller, ties.columns["calls"], len(ties)).astype(np.int64)
    active = np.bincount(ties.caller, ties.columns["active_days"], len(ties)).astype(np.int64)
    risk = np.random.default_rng(0).beta(1, 30, len(ties))
    return {
        "subscriber_id": ties.keys.tolist(),
        "status": ["active"] * len(ties),
        "events": calls,
        "calls_out": calls,
        "active_days": active,
        "churn_risk": risk,
        "churn_rank": ranks(risk)[0],
        "churn_model": [MODEL] * len(ties),
    }


def _contacts(ties: Projection) -> dict[str, object]:
    ends = {"caller": ties.keys[ties.caller].tolist(), "callee": ties.keys[ties.callee].tolist()}
    columns = {**ties.columns, "events": ties.columns["calls"] + ties.columns["messages"]}
    measures: dict[str, npt.NDArray[np.generic] | pa.Array] = {
        name: pa.array(columns[name], pa.timestamp("us", "UTC")) if kind == "datetime"
        else columns[name]
        for name, kind in _TIE.items()
    }  # fmt: skip
    return {**ends, **measures}


def _write(
    draft: Path, name: str, ends: dict[str, str], kinds: dict[str, str], columns: dict[str, object]
) -> ImportFile:
    told = [*ends, *(f"{column}:{kind}" for column, kind in kinds.items())]
    names = [*ends.values(), *kinds]
    (draft / f"{name}.csv").write_text(f"{','.join(told)}\n{','.join(names)}\n")
    parquet.write_table(pa.table(columns).select(names), draft / f"{name}.parquet")
    return ImportFile(name, f"{name}.csv", rf"{name}\.parquet")
