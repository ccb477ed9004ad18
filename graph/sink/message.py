"""What goes to a partner's address."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Sink(BaseModel):
    """Where messages go; it is kept sealed, as it holds secrets.

    Attributes
    ----------
    token : str, optional
        The bearer token that the partner's endpoint asks for.
    token_ends_at : datetime, optional
        When the token ends, in UTC.
    """

    model_config = ConfigDict(frozen=True)

    address: str
    token: str | None = None
    token_ends_at: datetime | None = None
    headers: dict[str, str] = {}


@dataclass(frozen=True)
class About:
    """Whom a message is about.

    Attributes
    ----------
    item : str, optional
        What must be open for the purpose until the message has gone; none: it tells nothing of them
        that the partner did not know.
    """

    subject: str
    purpose: str
    item: str | None = None


@dataclass(frozen=True)
class Message:
    """A message to a partner.

    Attributes
    ----------
    stream : str
        Messages of one stream go one after the other.
    content : bytes
        JSON; it may be about a person, and is kept sealed.
    operation : str, optional
        What it is billed as; none: it costs nothing.
    """

    message_id: str
    stream: str
    partner: str
    content: bytes
    content_type: str
    at: datetime
    about: About | None = None
    operation: str | None = None


@dataclass(frozen=True)
class Waiting:
    """A message on its way, with how often it was sent in vain."""

    message: Message
    sink: Sink
    attempts: int
