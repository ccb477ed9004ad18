"""Everybody whom records name; and, while one process computes, each by a number.

A pseudonym is 32 characters, a number 4 bytes: the same grouping, joining and sorting takes a
fraction of the time and of the memory. Numbers are given in the order of the pseudonyms, so that
the lesser of two is the same of either, and they are gone when the rows have been computed.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from loaders.engine import is_one_process, keep
from loaders.kinds import KINDS, identities
from loaders.transforms import subscriber

_NAMED = frozenset(name for kind in KINDS for name in identities(kind)) | {"subscriber_id"}


@dataclass(frozen=True)
class People:
    """Everybody whom the records name.

    Attributes
    ----------
    everyone : Table
        pseudonym, namespace, and subscriber_id: what stands for the pseudonym meanwhile.
    has_numbers : bool
        Whether that is a number; with Spark, which has no order to number by, it is the pseudonym.
    """

    everyone: Table
    has_numbers: bool

    @classmethod
    def of(cls, engine: BaseBackend, records: Mapping[str, Table]) -> "People":
        """Look up everybody in some records of every kind."""
        named = [(records[kind], name) for kind in KINDS for name in identities(kind)]
        found = subscriber.people(named).mutate(pseudonym=ibis._.subscriber_id)
        if is_one_process(engine):
            order = ibis.row_number().over(order_by=found.pseudonym)
            found = found.mutate(subscriber_id=order.cast("int32"))
        return cls(keep(engine, "everyone", found), is_one_process(engine))

    def shortened(self, records: Mapping[str, Table]) -> dict[str, Table]:
        """Return the records with what stands for their pseudonyms."""
        return {kind: self.standing_in(table, identities(kind)) for kind, table in records.items()}

    def standing_in(self, rows: Table, names: Sequence[str]) -> Table:
        """Return rows with what stands for the pseudonyms of some columns."""
        if not self.has_numbers:
            return rows
        return self._exchanged(rows, names, "pseudonym", "subscriber_id")

    def spelt(self, rows: Table) -> Table:
        """Return rows of the graph with the pseudonyms themselves."""
        if not self.has_numbers:
            return rows
        schema = rows.schema()
        names = [name for name in schema if name in _NAMED and schema[name].is_integer()]
        return self._exchanged(rows, names, "subscriber_id", "pseudonym")

    def _exchanged(self, rows: Table, names: Sequence[str], key: str, value: str) -> Table:
        """Return rows with one way to name people in the place of the other."""
        columns = rows.columns
        for name in names:
            known = self.everyone.select(__key=self.everyone[key], __value=self.everyone[value])
            rows = rows.left_join(known, rows[name] == known["__key"])
            rows = rows.drop(name, "__key").rename({name: "__value"})
        return rows.select(columns)
