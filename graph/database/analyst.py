"""The ties for analysts, as networkx and pandas have graphs and tables.

::

    from graph.database.analyst import contact_frames, contact_graph

    graph = await contact_graph(since=date(2026, 1, 1), around=["0a1b…"], hops=2)
    subscribers, contacts = await contact_frames(least={"calls": 3})

Both packages are optional: ``pip install tiegraph[notebook]``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np

from graph.audit import AuditLog
from graph.database.projection import Projections
from graph.database.server import leased
from graph.database.session import opened
from graph.errors import RuntimeFault
from graph.ledger import Ledger
from graph.projection import Projection
from graph.settings import Settings
from graph.tie.part import Part, part_of

_INSTANTS = ("first_at", "last_at")


async def contact_ties(
    since: date | None = None,
    until: date | None = None,
    *,
    around: Sequence[str] = (),
    hops: int = 1,
    least: Mapping[str, float] | None = None,
    settings: Settings | None = None,
    operation: str = "contact_ties",
) -> Projection:
    """Return ties of a window of days, or of all time, as arrays; the audit log tells whose.

    Parameters
    ----------
    since, until : date, optional
        A half-open window of days (UTC); needs ``tiegraph analyse ties``.
    around, hops, least
        Which of them: see ``graph.tie.part.Part``.
    settings : Settings, optional
        Those of the environment where absent.
    operation : str
        What the audit log is to call it.

    Raises
    ------
    AuditError
        It cannot be written down.
    NotAnalysed
        A window is asked for, and the days' ties have not been computed yet.
    NotFound, BadInput
        Somebody or a measure is not in the graph, or the window ends before it begins.
    """
    where = settings or Settings()
    with leased(where) as locate:
        async with opened(locate, where) as database:
            projections = Projections(where, Ledger(where.ledger_file))
            ties = await projections.between(database, since, until)
    part = part_of(ties, Part(around, hops, least or {}))
    fields = [f"contacts.{name}" for name in part.columns]
    AuditLog.of(where).taken_along(operation, part.keys.tolist(), fields)
    return part


async def contact_graph(since: date | None = None, until: date | None = None, **which: Any) -> Any:
    """Return ties as a ``networkx.DiGraph``: nodes are keys, edges have the measures.

    The arguments, and what else is raised, are those of ``contact_ties``.

    Raises
    ------
    RuntimeFault
        networkx is not installed.
    """
    with _installed("networkx"):
        import networkx as nx
    ties = await contact_ties(since, until, **which)
    graph = nx.DiGraph()
    graph.add_nodes_from(ties.keys.tolist())
    names = list(ties.columns)
    rows = zip(*(_column(ties, name).tolist() for name in names), strict=True)
    callers, callees = ties.keys[ties.caller].tolist(), ties.keys[ties.callee].tolist()
    graph.add_edges_from(
        (caller, callee, dict(zip(names, row, strict=True)))
        for caller, callee, row in zip(callers, callees, rows, strict=True)
    )
    return graph


async def contact_frames(
    since: date | None = None, until: date | None = None, **which: Any
) -> tuple[Any, Any]:
    """Return subscribers and ties as two ``pandas.DataFrame``.

    The first has ``key``, ``contacts`` (others in either direction) and ``strength`` (of all ties
    both ways); the second ``caller``, ``callee`` and the measures. The arguments, and what else is
    raised, are those of ``contact_ties``.

    Raises
    ------
    RuntimeFault
        pandas is not installed.
    """
    with _installed("pandas"):
        import pandas as pd
    ties = await contact_ties(since, until, **which)
    both = ties.contacts
    told = {"key": ties.keys, "contacts": np.diff(both.indptr), "strength": both.sum(axis=1)}
    ends = {"caller": ties.keys[ties.caller], "callee": ties.keys[ties.callee]}
    measures = {name: _column(ties, name) for name in ties.columns}
    return pd.DataFrame(told), pd.DataFrame({**ends, **measures})


def _column(ties: Projection, name: str) -> Any:
    """Return a measure; instants as such, in UTC."""
    column = ties.columns[name]
    return column.astype("datetime64[us]") if name in _INSTANTS else column


@contextmanager
def _installed(package: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise RuntimeFault(
            f"this needs {package}, which is not installed: pip install 'tiegraph[notebook]'"
        ) from error
