"""A month of one party, as it is told: what it owes, what it is due, and for what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from graph.revenue.account import Kind, Side

Outcome = Literal["open", "accepted", "refused"]


@dataclass(frozen=True)
class Posting:
    """An entry of a statement.

    Attributes
    ----------
    month : str
        The month in which it was posted.
    usage_month, operation, payer : str
        The line that it is about.
    records, units : int
        Of the line, for a charge; of the record that is taken back or corrected, 1 and its units.
    amount_minor : int
        In favour of the party.
    dispute_id : str, optional
        What led to it.
    """

    month: str
    kind: Kind
    usage_month: str
    operation: str
    payer: str
    records: int
    units: int
    party: str
    side: Side
    amount_minor: int
    dispute_id: str | None


@dataclass(frozen=True)
class Statement:
    """What a party owes and is due by what was posted in a month, in minor units."""

    number: str
    month: str
    party: str
    currency: str
    owed_minor: int
    due_minor: int
    issued_at: datetime

    @property
    def balance_minor(self) -> int:
        """What the party gets; negative: what it pays."""
        return self.due_minor - self.owed_minor


@dataclass(frozen=True)
class Item:
    """A usage record in a statement, with what it cost."""

    record_id: str
    at: datetime
    operation: str
    units: int
    amount_minor: int


@dataclass(frozen=True)
class Dispute:
    """A partner's objection to a record that it was charged for.

    Attributes
    ----------
    corrected_minor : int, optional
        What the record costs instead, once that is accepted.
    """

    dispute_id: str
    record_id: str
    partner: str
    reason: str
    opened_at: datetime
    state: Outcome
    settled_at: datetime | None
    note: str | None
    corrected_minor: int | None
