"""How far a graph must be told: everything, or what some new loads touch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from loaders.emptiness import pruned, united
from loaders.engine import count, keep
from loaders.kinds import KINDS, identities
from loaders.transforms import usage
from loaders.transforms.columns import of_loads


@dataclass(frozen=True)
class Scope:
    """The stored records, and which of them a graph has not heard of yet.

    A row of the graph is computed from all records of its key, so that it never matters in which
    order they came. Only rows that new records touch are computed; for an empty graph that is all.

    Parameters
    ----------
    engine : BaseBackend
        Where the tables live; keeps what several of the results need.
    records : Mapping[str, Table]
        Every kind's stored records.
    new_loads : frozenset[str]
        The loads that the graph lacks.
    is_whole : bool
        Whether the graph has nothing yet.
    """

    engine: BaseBackend
    records: Mapping[str, Table]
    new_loads: frozenset[str]
    is_whole: bool

    def kept(self, name: str, table: Table) -> Table:
        """Compute a table once, for all that build on it."""
        known = pruned(table)
        return keep(self.engine, name, table) if known is table else known

    def fresh(self, kind: str) -> Table:
        """Return the records that are new to the graph."""
        records = self.records[kind]
        return records if self.is_whole else of_loads(records, self.new_loads)

    def of_keys(self, kind: str, *key: str) -> Table:
        """Return all records whose key some new record carries."""
        records = self.records[kind]
        return records if self.is_whole else records.semi_join(self.fresh(kind), list(key))

    def own(self, kind: str) -> Table:
        """Return all records of a kind that name a touched subscriber."""
        records = self.records[kind]
        if self.is_whole:
            return records
        touched = self.touched.subscriber_id
        named = [records[name].isin(touched) for name in identities(kind)]
        return pruned(records.filter(ibis.or_(*named)))

    def of_touched(self, rows: Table) -> Table:
        """Return the rows whose subscriber is touched."""
        return rows if self.is_whole else rows.semi_join(self.touched, "subscriber_id")

    @cached_property
    def moved_cells(self) -> Table:
        """The cells that new records place: cell_id."""
        return self.kept("moved_cells", self.fresh("cells").select("cell_id").distinct())

    @cached_property
    def touched(self) -> Table:
        """The subscribers that new records name, or who were seen by a moved cell."""
        tables = [self._named(self.fresh(kind), kind) for kind in KINDS if identities(kind)]
        if count(self.moved_cells):
            tables += self._seen_by_moved_cells()
        return self.kept("touched", united(tables))

    @cached_property
    def uses(self) -> Table:
        """What the sessions of the touched subscribers add up to: ``usage.uses``."""
        return self.kept("uses", usage.uses(self.own("sessions")))

    def _named(self, records: Table, kind: str) -> Table:
        columns = [records.select(subscriber_id=records[name]) for name in identities(kind)]
        named = ibis.union(*columns) if len(columns) > 1 else columns[0]
        return named.filter(named.subscriber_id.notnull())

    def _seen_by_moved_cells(self) -> list[Table]:
        seen = []
        for kind, cell, subscriber in SEEN_BY:
            records = self.records[kind]
            there = records.filter(records[cell].isin(self.moved_cells.cell_id))
            seen.append(there.select(subscriber_id=there[subscriber]))
        return seen


# Which column names the cell that saw which subscriber.
SEEN_BY = (
    ("calls", "caller_cell_id", "caller_id"),
    ("calls", "callee_cell_id", "callee_id"),
    ("messages", "sender_cell_id", "sender_id"),
    ("messages", "recipient_cell_id", "recipient_id"),
    ("sessions", "cell_id", "subscriber_id"),
    ("locations", "cell_id", "subscriber_id"),
)
