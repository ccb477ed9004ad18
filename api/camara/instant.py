"""Instants as CAMARA writes them."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\d{0,6}(Z|[+-]\d\d:\d\d)", re.IGNORECASE
)


def _read(value: Any) -> datetime:
    """Return an instant of RFC 3339 in UTC."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("it must be an instant of RFC 3339 with a time zone")
    return datetime.fromisoformat(value.upper()).astimezone(UTC)


Instant = Annotated[datetime, BeforeValidator(_read)]
