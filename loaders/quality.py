"""What the records of a load are like, counted on the record store once they are in it.

Every kind is read a few times and each time for many checks: once for all that a sum or an extreme
answers, once for its days, and once for those at its ends and where they were seen.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table, Value

from graph.load import RecordCount
from graph.quality import DayCount, QualityCheck, QualityReport
from loaders.instants import plain
from loaders.kinds import KINDS, identities
from loaders.mapping import Source
from loaders.records import Column, Kind
from loaders.scope import SEEN_BY
from loaders.staging import Staged
from loaders.store import RecordStore
from loaders.transforms.columns import day, of_loads

_DURATION = "duration_s"
_POSITION = ("lat_deg", "lon_deg")
_OUTGOING = {"calls": "caller_id", "messages": "sender_id"}
_NAMES = ("pseudonym", "key")


def measure(
    engine: Backend,
    store: RecordStore,
    load_id: str,
    source: Source,
    staged: Staged,
    counts: Sequence[RecordCount],
) -> QualityReport:
    """Return what the records of a load are like that was just stored.

    Parameters
    ----------
    staged : Staged
        What was read from the load's files.
    counts : sequence of RecordCount
        What became of them.
    """
    tables = store.tables(engine)
    garbage = _garbage_positions(source, staged)
    checks: list[QualityCheck] = []
    days: list[DayCount] = []
    for count in counts:
        kind = KINDS[count.kind]
        values = _stored(count)
        if _has_position(kind):
            values["garbage_positions"] = garbage[kind.name]
        checks += [_check(kind.name, name, value) for name, value in values.items()]
        checks += kind_checks(kind.name, tables, load_id)
        fresh = of_loads(tables[kind.name], frozenset({load_id}))
        days += _days(kind, plain(engine, fresh))
    return QualityReport(checks=tuple(checks), days=tuple(days))


def kind_checks(name: str, tables: Mapping[str, Table], load_id: str) -> list[QualityCheck]:
    """Return the checks on what one load added to the records of one kind.

    Parameters
    ----------
    tables : Mapping[str, Table]
        Every kind's stored records.
    """
    kind = KINDS[name]
    fresh = of_loads(tables[name], frozenset({load_id}))
    checks, found = _sums(kind, fresh, tables)
    values: dict[str, Any] = {}
    if name in _OUTGOING:
        values |= _ends(name, fresh) | {"outgoing_records": found["outgoing_records"]}
    elif identities(name):
        people = ibis.union(*(fresh.select(who=fresh[who]) for who in identities(name)))
        values["subscribers"] = _number(people.who.nunique())
    if name == "cells":
        values |= _new_cells(tables["cells"], fresh, load_id)
    elif _cells(kind):
        values |= _located(kind, fresh, tables["cells"], found)
    if name == "ownerships":
        values |= _devices(fresh)
    return checks + [_check(name, check, value) for check, value in values.items()]


def _stored(count: RecordCount) -> dict[str, Any]:
    return {
        "records_made": count.made,
        "records": count.loaded,
        "duplicates": count.duplicate,
        "duplicated": count.duplicated,
        "known": count.known,
    }


def _sums(
    kind: Kind, fresh: Table, tables: Mapping[str, Table]
) -> tuple[list[QualityCheck], dict[str, Any]]:
    """Return what sums and extremes of single columns tell, and other sums that checks need."""
    columns = _columns(kind, fresh)
    wanted = {key: value for key, (_, _, value) in columns.items()}
    if kind.name in _OUTGOING:
        wanted["outgoing_records"] = fresh[_outgoing_cell(kind.name)].count()
    if kind.name != "cells" and _cells(kind):
        wanted["records"] = fresh.count()
        wanted["locatable_records"] = _locatable(kind, fresh, tables["cells"])
    if not wanted:
        return [], {}
    found = _row(fresh.agg(**wanted))
    checks = [
        _check(kind.name, name, found[key], column) for key, (name, column, _) in columns.items()
    ]
    return checks, found


def _columns(kind: Kind, fresh: Table) -> dict[str, tuple[str, str | None, Value]]:
    """Return sums and extremes of single columns, each with its check's name and column."""
    wanted: dict[str, tuple[str, str | None, Value]] = {}
    for column in kind.columns:
        values = fresh[column.name]
        if not column.is_mandatory:
            missing = values.isnull().sum().fill_null(0)
            wanted[f"missing {column.name}"] = ("missing", column.name, missing)
        if column.type in _NAMES:
            wanted[f"distinct {column.name}"] = ("distinct", column.name, values.nunique())
    instant = _instant(kind)
    if instant:
        wanted["earliest"] = ("earliest_at", None, fresh[instant.name].min())
        wanted["latest"] = ("latest_at", None, fresh[instant.name].max())
    if kind.column(_DURATION):
        wanted["median"] = ("median_duration_s", None, fresh[_DURATION].median())
        wanted["longest"] = ("max_duration_s", None, fresh[_DURATION].max())
    return wanted


def _ends(kind: str, fresh: Table) -> dict[str, Any]:
    """Return how many people are at the ends of calls or messages, and on which network."""
    sides = [
        fresh.select(
            # A number of 64 bits stands for each of them: of ten million, two are the same by
            # chance in one load of 370,000, and counting takes half the time.
            who=fresh[subscriber].hash(),
            is_out=ibis.literal(subscriber == _OUTGOING[kind]),
            is_seen=fresh[cell].notnull(),
        )
        for name, cell, subscriber in SEEN_BY
        if name == kind
    ]
    ends = ibis.union(*sides)
    people = ends.group_by("who").agg(
        is_out=ends.is_out.any(),
        is_in=(~ends.is_out).any(),
        is_seen_out=(ends.is_out & ends.is_seen).any(),
        is_seen_in=(~ends.is_out & ends.is_seen).any(),
    )
    onnet = {
        "onnet_subscribers": people.is_seen_out | people.is_seen_in,
        "onnet_subscribers_outgoing": people.is_seen_out,
        "onnet_subscribers_incoming": people.is_seen_in,
    }
    found = _row(
        people.agg(
            subscribers=people.count(),
            subscribers_outgoing=people.is_out.sum().fill_null(0),
            subscribers_incoming=people.is_in.sum().fill_null(0),
            **{name: is_seen.sum().fill_null(0) for name, is_seen in onnet.items()},
        )
    )
    if not found["onnet_subscribers"]:  # no cell at all: who is whose subscriber, nobody knows
        found |= dict.fromkeys(onnet)
    return found


def _outgoing_cell(kind: str) -> str:
    return next(cell for name, cell, who in SEEN_BY if (name, who) == (kind, _OUTGOING[kind]))


def _locatable(kind: Kind, fresh: Table, cells: Table) -> Value:
    """Return how many records the store can place on the earth."""
    is_placed = [fresh[cell].isin(cells.cell_id).fill_null(False) for cell in _cells(kind)]
    if kind.column("lat_deg"):
        is_placed.append(fresh.lat_deg.notnull())
    return ibis.or_(*is_placed).sum()


def _located(kind: Kind, fresh: Table, cells: Table, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many records, and cells that they name, the store can place on the earth."""
    known = cells.select("cell_id").distinct()
    ids = ibis.union(*(fresh.select(cell_id=fresh[cell]) for cell in _cells(kind))).distinct()
    named = ids.filter(ids.cell_id.notnull()).left_join(known, "cell_id")
    told = _row(named.agg(cells=named.cell_id.count(), locatable=named.cell_id_right.count()))
    locatable, records = int(found["locatable_records"] or 0), int(found["records"])
    return {
        "cells": told["cells"],
        "locatable_cells": told["locatable"],
        "locatable_records": locatable,
        "unlocated_share": (records - locatable) / records if records else None,
    }


def _new_cells(cells: Table, fresh: Table, load_id: str) -> dict[str, Any]:
    ids = fresh.select("cell_id").distinct()
    earlier = cells.filter(cells.load_id != load_id).select("cell_id")
    return {
        "repeated_cell_ids": _number(fresh.count()) - _number(ids.count()),
        "new_cell_ids": _number(ids.anti_join(earlier, "cell_id").count()),
    }


def _devices(ownerships: Table) -> dict[str, Any]:
    named = ownerships.filter(ownerships.device_id.notnull())
    shared = named.group_by("device_id").agg(subscribers=named.subscriber_id.nunique())
    return _row(shared.agg(max_subscribers_per_device=shared.subscribers.max()))


def _days(kind: Kind, fresh: Table) -> list[DayCount]:
    instant = _instant(kind)
    if instant is None:
        return []
    dated = fresh.filter(fresh[instant.name].notnull())
    counted = dated.group_by(day=day(dated[instant.name])).agg(records=dated.count())
    return [
        DayCount(kind=kind.name, day=row["day"], records=row["records"])
        for row in counted.order_by("day").to_pyarrow().to_pylist()
    ]


def _garbage_positions(source: Source, staged: Staged) -> Counter[str]:
    """Count rows that were rejected because of a position, by the kind that it is the position of.

    A rejection names the file's column, so the mapping is asked whose that is.
    """
    found: Counter[str] = Counter()
    tables = {file.file: file.table for file in staged.files}
    for rejection in staged.rejections:
        for rule in source.tables[tables[rejection.file]].records:
            named = {rule.columns[name].column for name in _POSITION if name in rule.columns}
            if rejection.field is not None and rejection.field in named:
                found[rule.kind] += rejection.rows
    return found


def _instant(kind: Kind) -> Column | None:
    """Return the column that says when a record of the kind happened."""
    instants = (column for column in kind.columns if column.type == "instant")
    return next((column for column in instants if not column.name.startswith("valid_")), None)


def _has_position(kind: Kind) -> bool:
    return kind.column(_POSITION[0]) is not None


def _cells(kind: Kind) -> list[str]:
    return [column.name for column in kind.columns if column.name.endswith("cell_id")]


def _check(kind: str, name: str, value: Any, column: str | None = None) -> QualityCheck:
    if name.endswith("_at"):
        return QualityCheck(kind=kind, name=name, column=column, at=value)
    return QualityCheck(kind=kind, name=name, column=column, value=value)


def _row(one: Table) -> dict[str, Any]:
    """Return the only row of a table."""
    row: dict[str, Any] = one.to_pyarrow().to_pylist()[0]
    return row


def _number(count: Value) -> int:
    return int(count.to_pyarrow().as_py())
