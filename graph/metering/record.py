"""What a usage record says: of a call, never of a person."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from graph.errors import BadInput

State = Literal["reserved", "answered", "presumed"]


@dataclass(frozen=True)
class Call:
    """A call that is about to be answered.

    Attributes
    ----------
    partner : str
        The token's subject.
    operation : str
        What was called, by our own name for it.
    key : str
        By what the partner knows its call again; kept as a keyed digest only.
    content : bytes
        What was asked; kept as a keyed digest only.
    """

    partner: str
    operation: str
    key: str
    content: bytes = b""


@dataclass(frozen=True)
class Usage:
    """A usage record.

    Attributes
    ----------
    record_id : str
        Identifier; records sort by time by it.
    units : int
        What the operation counts: calls, or contacts that were delivered; at least 0.
    state : State
        ``reserved`` until the answer was handed over, then ``answered``; ``presumed`` where the
        process died in between, which is taken for an answer (docs/revenue.md).
    """

    record_id: str
    partner: str
    operation: str
    units: int
    reserved_at: datetime
    state: State

    @property
    def month(self) -> str:
        """The UTC month that it is billed in, such as ``2026-11``."""
        return month_of(self.reserved_at)


def month_of(at: datetime) -> str:
    """Return the month of an instant, in the instant's own zone.

    Examples
    --------
    >>> month_of(datetime(2026, 11, 27))
    '2026-11'
    """
    return f"{at:%Y-%m}"


def checked_month(text: str) -> str:
    """Return a month that somebody wrote.

    Raises
    ------
    BadInput
        It is not written as ``2026-11`` is.
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise BadInput("write a month as in 2026-11")
    return text
