"""How far a graph must be told: everything, or what some new loads touch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from loaders.emptiness import pruned, united
from loaders.engine import count, keep
from loaders.instants import plain
from loaders.kinds import KINDS, identities
from loaders.people import People
from loaders.transforms import usage
from loaders.transforms.columns import of_loads


@dataclass(frozen=True)
class Scope:
    """The stored records that tell of what a graph has not heard of yet.

    A row of the graph is computed from all records of its key, so that it never matters in which
    order they came. Only rows that new records touch are computed; for an empty graph that is all.

    Parameters
    ----------
    engine : BaseBackend
        Where the tables live; keeps what several of the results need.
    stored : Mapping[str, Table]
        Every kind's stored records.
    new_loads : frozenset[str]
        The loads that the graph lacks.
    is_whole : bool
        Whether the graph has nothing yet.
    """

    engine: BaseBackend
    stored: Mapping[str, Table]
    new_loads: frozenset[str]
    is_whole: bool

    @cached_property
    def people(self) -> People:
        """Everybody whom the records of this scope name."""
        return People.of(self.engine, self._reached)

    @cached_property
    def records(self) -> Mapping[str, Table]:
        """Of every kind, the records that rows are computed from; ``people`` says who is who."""
        shortened = self.people.shortened(self._reached)
        return {kind: pruned(plain(self.engine, rows)) for kind, rows in shortened.items()}

    def kept(self, name: str, table: Table) -> Table:
        """Compute a table once, for all that build on it."""
        known = pruned(table)
        return keep(self.engine, name, table) if known is table else known

    def fresh(self, kind: str) -> Table:
        """Return the records that are new to the graph."""
        return self._new(self.records[kind])

    def of_keys(self, kind: str) -> Table:
        """Return all records whose key some new record carries."""
        records = self.records[kind]
        return records if self.is_whole else records.semi_join(self.fresh(kind), list(_KEYS[kind]))

    def of_touched(self, rows: Table) -> Table:
        """Return the rows whose subscriber is touched."""
        return rows if self.is_whole else rows.semi_join(self.touched, "subscriber_id")

    @cached_property
    def moved_cells(self) -> Table:
        """The cells that new records place: cell_id."""
        cells = self._new(self.stored["cells"])
        return self.kept("moved_cells", cells.select("cell_id").distinct())

    @cached_property
    def touched(self) -> Table:
        """The subscribers that new records name, or who were seen by a moved cell."""
        return self.kept("touched", self.people.standing_in(self._pseudonyms, ["subscriber_id"]))

    @cached_property
    def uses(self) -> Table:
        """What the sessions of the touched subscribers add up to: ``usage.uses``."""
        return self.kept("uses", usage.uses(self.records["sessions"]))

    @cached_property
    def _reached(self) -> Mapping[str, Table]:
        """Of every kind, the records that rows are computed from, as they are stored."""
        return {kind: self._concerned(kind) for kind in self.stored}

    def _concerned(self, kind: str) -> Table:
        """Return the records that name a touched subscriber, or have the key of a new one."""
        rows, names = self.stored[kind], identities(kind)
        if self.is_whole or not names:
            return rows
        told = [rows[name].isin(self._pseudonyms.subscriber_id) for name in names]
        key = _KEYS.get(kind, names)
        if not set(key) & set(names):  # so records of others may have the same one
            (name,) = key
            told.append(rows[name].isin(self._new(rows)[name]))
        return pruned(rows.filter(ibis.or_(*told)))

    @cached_property
    def _pseudonyms(self) -> Table:
        new = {kind: self._new(self.stored[kind]) for kind in KINDS if identities(kind)}
        named = [_named(records, kind) for kind, records in new.items()]
        if count(self.moved_cells):
            named += self._seen_by_moved_cells()
        return self.kept("touched_pseudonyms", united(named))

    def _new(self, records: Table) -> Table:
        return records if self.is_whole else of_loads(records, self.new_loads)

    def _seen_by_moved_cells(self) -> list[Table]:
        seen = []
        for kind, cell, subscriber in SEEN_BY:
            records = self.stored[kind]
            there = records.filter(records[cell].isin(self.moved_cells.cell_id))
            seen.append(there.select(subscriber_id=there[subscriber]))
        return seen


def _named(records: Table, kind: str) -> Table:
    columns = [records.select(subscriber_id=records[name]) for name in identities(kind)]
    named = ibis.union(*columns) if len(columns) > 1 else columns[0]
    return named.filter(named.subscriber_id.notnull())


# By which columns records tell of the same thing, where it is not just a subscriber.
_KEYS = {
    "subscriptions": ("subscriber_id", "package_id"),
    "payments": ("payment_id",),
    "touchpoints": ("touchpoint_id",),
}
# Which column names the cell that saw which subscriber.
SEEN_BY = (
    ("calls", "caller_cell_id", "caller_id"),
    ("calls", "callee_cell_id", "callee_id"),
    ("messages", "sender_cell_id", "sender_id"),
    ("messages", "recipient_cell_id", "recipient_id"),
    ("sessions", "cell_id", "subscriber_id"),
    ("locations", "cell_id", "subscriber_id"),
)
