"""The ties of the graph as GraphML and Parquet, for other tools.

::

    contacts.graphml       http://graphml.graphdrawing.org, directed, for networkx, igraph, Gephi…
    subscribers.parquet    key, contacts, strength
    contacts.parquet       caller, callee, and the measures of the tie

Keys are the pseudonyms of the graph. In GraphML, which has no type for them, instants are
microseconds since 1970.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graph.disk import told_when_full
from graph.errors import BadInput
from graph.projection import Projection
from loaders.progress import Watch

_INSTANTS = ("first_at", "last_at")
_AT_ONCE = 50_000


@dataclass(frozen=True)
class GraphExported:
    """What was written."""

    subscribers: int
    ties: int


def export_graph(folder: Path, ties: Projection, watch: Watch) -> GraphExported:
    """Write ties below a folder.

    Parameters
    ----------
    folder : Path
        A new or empty one.

    Raises
    ------
    BadInput
        The folder is not empty.
    DiskFull
        There is no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadInput(f"{folder}: is not empty; name a new folder")
    with told_when_full(folder):
        watch.begin("Writing tables", 2)
        for name, table in (("subscribers", _subscribers(ties)), ("contacts", _contacts(ties))):
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
            watch.advance(1)
        watch.begin("Writing GraphML", len(ties) + len(ties.caller))
        with (folder / "contacts.graphml").open("w", encoding="utf-8") as file:
            for number, text in _graphml(ties):
                file.write(text)
                watch.advance(number)
    return GraphExported(len(ties), len(ties.caller))


def _subscribers(ties: Projection) -> pa.Table:
    both = ties.contacts
    told = {"contacts": np.diff(both.indptr).astype(np.int64), "strength": both.sum(axis=1)}
    return pa.table({"key": pa.array(ties.keys.tolist(), pa.string()), **told})


def _contacts(ties: Projection) -> pa.Table:
    keys = pa.array(ties.keys.tolist(), pa.string())
    ends = {"caller": keys.take(pa.array(ties.caller)), "callee": keys.take(pa.array(ties.callee))}
    instants = pa.timestamp("us", tz="UTC")
    measures = {
        name: pa.array(column).cast(instants) if name in _INSTANTS else pa.array(column)
        for name, column in ties.columns.items()
    }
    return pa.table({**ends, **measures})


def _graphml(ties: Projection) -> Iterator[tuple[int, str]]:
    """Yield text, and how many nodes and edges it has."""
    names = list(ties.columns)
    kinds = {name: _kind(ties.columns[name]) for name in names}
    yield (
        0,
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
            + "".join(
                f'<key id="{name}" for="edge" attr.name="{name}" attr.type="{kinds[name]}"/>\n'
                for name in names
            )
            + '<graph edgedefault="directed">\n'
        ),
    )
    ids = [quoteattr(key) for key in ties.keys.tolist()]
    for begin in range(0, len(ids), _AT_ONCE):
        some = ids[begin : begin + _AT_ONCE]
        yield len(some), "".join(f"<node id={each}/>\n" for each in some)
    for begin in range(0, len(ties.caller), _AT_ONCE):
        rows = slice(begin, begin + _AT_ONCE)
        columns = [map(repr, ties.columns[name][rows].tolist()) for name in names]
        ends = zip(ties.caller[rows].tolist(), ties.callee[rows].tolist(), strict=True)
        lines = [
            _edge(ids[caller], ids[callee], names, values)
            for (caller, callee), *values in zip(ends, *columns, strict=True)
        ]
        yield len(lines), "".join(lines)
    yield 0, "</graph>\n</graphml>\n"


def _edge(caller: str, callee: str, names: list[str], values: list[str]) -> str:
    told = "".join(
        f'<data key="{name}">{value}</data>' for name, value in zip(names, values, strict=True)
    )
    return f"<edge source={caller} target={callee}>{told}</edge>\n"


def _kind(column: Any) -> str:
    return "double" if column.dtype.kind == "f" else "long"
