"""The service's own log: one JSON object a line, on standard error, without personal data."""

import sys
from typing import TextIO

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger


def open_log(stream: TextIO | None = None) -> FilteringBoundLogger:
    """Return a logger to a stream, standard error by default."""
    log: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    ).bind()  # else each line would make a logger of its own
    return log


def _rendered(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event).decode()
