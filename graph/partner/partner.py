"""A partner, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from graph.errors import NotAllowed
from graph.metering.quota import Quota

State = Literal["pending", "active", "suspended"]
PATTERN = r"[a-z0-9][a-z0-9.-]{1,62}[a-z0-9]"


@dataclass(frozen=True)
class Partner:
    """A third party that asks by an agreement.

    Attributes
    ----------
    partner_id : str
        Its identifier: the name of its client, and the subject of its tokens.
    name : str
        What people call it.
    state : State
        ``pending`` until somebody approves it; only ``active`` ones get tokens and answers.
    plan, agreement : str
        Names of what it pays by, and of how that is shared (``graph.revenue.terms``).
    keys : Mapping, optional
        Its public keys, as a JSON Web Key Set (RFC 7517).
    """

    partner_id: str
    name: str
    state: State
    plan: str
    agreement: str
    quota: Quota
    keys: Mapping[str, Any] | None
    signed_up_at: datetime


def active(partner: Partner) -> Partner:
    """Return a partner that may be answered.

    Raises
    ------
    NotAllowed
        It was not approved yet, or is suspended.
    """
    match partner.state:
        case "active":
            return partner
        case "pending":
            raise NotAllowed("this partner waits for approval")
        case "suspended":
            raise NotAllowed("this partner is suspended")
