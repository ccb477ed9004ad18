"""Whether a partner may learn an item of somebody, and if not, why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from graph.consent.consent import Consent
from graph.consent.terms import with_parts

Reason = Literal["PENDING", "REQUESTED", "DENIED", "EXPIRED"]


@dataclass(frozen=True)
class Status:
    """How it stands; ``until`` is when that ends, or ended.

    Attributes
    ----------
    reason : Reason, optional
        Why the item is not open; none, if it is.
    """

    reason: Reason | None = None
    until: datetime | None = None


def status_of(consents: Sequence[Consent], item: str, now: datetime) -> Status:
    """Return how an item stands by somebody's consents to one partner for one purpose.

    What was done last counts: a consent that was taken back is a refusal.
    """
    about = [one for one in consents if item in with_parts(one.terms.scope)]
    if ends := [one.terms.valid_until for one in about if one.state(now) == "open"]:
        return Status(until=max(ends))
    past = [one for one in about if one.state(now) in ("ended", "revoked")]
    if not past:
        return Status("PENDING")
    last = max(past, key=_ended_at)
    return Status("DENIED") if last.revoked_at else Status("EXPIRED", last.terms.valid_until)


def _ended_at(consent: Consent) -> datetime:
    return consent.revoked_at or consent.terms.valid_until
