"""What a line posts to whom, and how a record of it is taken back.

Postings of a change add up to 0: what the payer owes is what others are due. Nothing that was
posted is changed; what has to be otherwise is posted as the difference of two totals of the line.
So, whatever was taken back in which order, everybody has what the line as it is now gives them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from graph.metering.record import Usage
from graph.revenue.agreement import Agreement
from graph.revenue.plan import Plan
from graph.revenue.rating import amounts

Side = Literal["owed", "due"]
Kind = Literal["charge", "reversal", "correction"]


@dataclass(frozen=True)
class Billed:
    """A line with what each of its records costs.

    Attributes
    ----------
    operation : str
        The operation of the price, which may stand for several.
    records : tuple of (str, int)
        Identifier and amount in minor units of each record, in order.
    """

    operation: str
    units: int
    records: tuple[tuple[str, int], ...]

    @property
    def amount_minor(self) -> int:
        """What the line costs."""
        return sum(amount for _, amount in self.records)


@dataclass(frozen=True)
class Change:
    """What a party owes or is due more; less, where the amount is negative.

    Attributes
    ----------
    amount_minor : int
        In favour of the party: of a charge, negative for the payer.
    """

    party: str
    side: Side
    amount_minor: int


def bill(plan: Plan, usage: Sequence[Usage]) -> list[Billed]:
    """Return the lines of one partner's usage of one month, by operation."""
    by_price: dict[str, list[Usage]] = {}
    for record in sorted(usage, key=lambda record: record.record_id):
        by_price.setdefault(plan.price_of(record.operation).operation, []).append(record)
    return [_line(plan, name, records) for name, records in sorted(by_price.items())]


def _line(plan: Plan, operation: str, records: Sequence[Usage]) -> Billed:
    units = np.array([record.units for record in records], np.int64)
    found = amounts(plan.price_of(operation), units).tolist()
    names = (record.record_id for record in records)
    return Billed(operation, int(units.sum()), tuple(zip(names, found, strict=True)))


def changes(payer: str, agreement: Agreement, before_minor: int, after_minor: int) -> list[Change]:
    """Return what is posted when a line's total becomes another; the payer's change comes first."""
    former, present = agreement.divided(before_minor), agreement.divided(after_minor)
    due = [Change(party, "due", present[party] - former[party]) for party in sorted(present)]
    return [
        Change(payer, "owed", before_minor - after_minor),
        *(change for change in due if change.amount_minor),
    ]
