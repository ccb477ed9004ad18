"""All that the record store has of one person, as lines that can be handed over.

Whoever else a record names has rights, too: their pseudonyms become numbers that mean something in
one parcel only. File names are left out, since they may be somebody else's.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import ibis
import orjson
from ibis.expr.types import Table

from graph.identity import IdentityKey
from graph.rights.parcel import Sheet
from graph.settings import Settings
from loaders.engine import connect
from loaders.kinds import KINDS, identities
from loaders.store import QUARANTINE, RecordStore

_LEFT_OUT = ("file", "line")


class Others:
    """Numbers for the people whom somebody's records name.

    Examples
    --------
    >>> others = Others("ann")
    >>> [others.label(name) for name in ("bob", "ann", "cat", "bob", None)]
    ['person 1', 'you', 'person 2', 'person 1', None]
    """

    def __init__(self, subject: str) -> None:
        self._labels = {subject: "you"}

    def label(self, pseudonym: str | None) -> str | None:
        """Return what stands for somebody."""
        if pseudonym is None:
            return None
        return self._labels.setdefault(pseudonym, f"person {len(self._labels)}")


def record_sheets(settings: Settings, pseudonym: str) -> Iterator[Sheet]:
    """Yield one sheet for each kind of record that names a person, as JSON lines.

    A line has the canonical columns of ``docs/data-formats.md``, in their units, the source's
    namespace and the load that it came with.
    """
    store, engine = RecordStore(settings.records_folder), connect()
    others = Others(pseudonym)
    for kind in KINDS:
        if names := identities(kind):
            rows = store.table(engine, kind)
            theirs = rows.filter(ibis.or_(*(rows[name] == pseudonym for name in names)))
            lines = list(_lines(theirs, others, names))
            if lines:
                yield f"records/{kind}.jsonl", lines


def known(settings: Settings, pseudonyms: Collection[str]) -> frozenset[str]:
    """Return those of some people whom any record names."""
    store, engine = RecordStore(settings.records_folder), connect()
    found: set[str] = set()
    for kind in KINDS:
        rows = store.table(engine, kind)
        for name in identities(kind):
            theirs = rows.filter(rows[name].isin(list(pseudonyms))).select(name).distinct()
            found.update(theirs.to_pyarrow()[name].to_pylist())
    return frozenset(found)


def rejected_sheet(settings: Settings, pseudonym: str) -> Sheet:
    """Return the sheet of rejected rows that may be about a person, unsealed.

    Such a row could not be read, so whoever else it may name cannot be told from the rest of it.

    Raises
    ------
    IdentityKeyError
        It was sealed with another key.
    """
    rows = RecordStore(settings.records_folder).table(connect(), QUARANTINE)
    key = IdentityKey.of(settings)
    theirs = rows.filter(rows.subjects.contains(pseudonym).fill_null(False))
    found = theirs.select("load_id", "field", "reason", "row_sealed").to_pyarrow().to_pylist()
    return "rejected.jsonl", [_unsealed(row, key) for row in found]


def _unsealed(row: dict[str, Any], key: IdentityKey) -> bytes:
    text = key.unseal(row.pop("row_sealed")).decode(errors="replace")
    return orjson.dumps({**row, "row": text})


def _lines(rows: Table, others: Others, names: tuple[str, ...]) -> Iterator[bytes]:
    rows = rows.drop(*_LEFT_OUT)
    for batch in rows.order_by(rows.columns).to_pyarrow_batches():
        for row in batch.to_pylist():
            labels = {name: others.label(row[name]) for name in names}
            yield orjson.dumps(_told({**row, **labels}))


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record says, without what it does not say."""
    return {name: value for name, value in row.items() if value is not None}
