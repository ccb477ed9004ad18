"""What a partner wants to be told of, and when that is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from graph.location.circle import Circle
from graph.sink.message import Sink

Crossing = Literal["area-entered", "area-left"]
Ending = Literal[
    "MAX_EVENTS_REACHED",
    "NETWORK_TERMINATED",
    "SUBSCRIPTION_EXPIRED",
    "SUBSCRIPTION_DELETED",
    "ACCESS_TOKEN_EXPIRED",
]
ITEM = "location"  # of consents
_LEAD = timedelta(seconds=10)  # for a token to be good still when the end is told


class Private(BaseModel):
    """What is kept sealed: it has secrets, and perhaps a number.

    Attributes
    ----------
    device : dict, optional
        The device as the partner named it, for its own events.
    """

    model_config = ConfigDict(frozen=True)

    sink: Sink
    device: dict[str, Any] | None = None


@dataclass(frozen=True)
class Geofence:
    """Somebody, an area, and a way of crossing its border.

    Attributes
    ----------
    crossing : Crossing
        Which way is told of.
    ends_at : datetime, optional
        When it ends by itself, in UTC.
    most_events : int, optional
        After so many crossings it ends, at least 1.
    wants_first : bool, optional
        Whether being inside, or outside, at the beginning is told as a crossing.
    is_inside : bool, optional
        Where the person was at the last look; none, if nobody knew.
    """

    geofence_id: str
    partner: str
    subject: str
    purpose: str
    crossing: Crossing
    area: Circle
    private: Private
    started_at: datetime
    ends_at: datetime | None = None
    most_events: int | None = None
    wants_first: bool | None = None
    events: int = 0
    is_inside: bool | None = None

    def ending(self, now: datetime) -> Ending | None:
        """Return why it is over by itself at an instant, if it is."""
        if self.ends_at and self.ends_at <= now:
            return "SUBSCRIPTION_EXPIRED"
        token_ends_at = self.private.sink.token_ends_at
        if token_ends_at and token_ends_at - _LEAD <= now:
            return "ACCESS_TOKEN_EXPIRED"
        if self.most_events and self.events >= self.most_events:
            return "MAX_EVENTS_REACHED"
        return None

    def is_crossed(self, is_inside: bool) -> bool:
        """Tell whether being inside, or not, is what is to be told of, after the last look.

        Where nobody knew before, coming into sight inside is entering.
        """
        if self.crossing == "area-entered":
            return is_inside and not self.is_inside
        return not is_inside and self.is_inside is True

    def is_fit_at_first(self, is_inside: bool) -> bool:
        """Tell whether the state at the beginning is an event, as the partner wanted."""
        return bool(self.wants_first) and is_inside == (self.crossing == "area-entered")
