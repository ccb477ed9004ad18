"""Who reads what of whom: noted while an answer is made, written down right after it.

Only types of ``PERSONS`` and ``BELONGINGS`` tell of one person; ``api.plain`` notes each object of
them that it executes, with the fields below it that belong to the same person.
"""

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from anyio.to_thread import run_sync

from api.tokens import Viewer
from graph.audit import MOST_KEYS, Access, AuditLog
from graph.errors import AuditError

#: Types of which an object is a person, and where its pseudonym stands.
PERSONS: Mapping[str, str] = {
    "Subscriber": "subscriber_id",
    "ConsentedSubscriber": "subject",
    "LeftContact": "key",
    "Recipient": "subject",
    "SubscriberLocation": "subscriber_id",
    "GeofenceCrossing": "subscriber_id",
}
#: Types of which an object belongs to a person, read through them, unless by ``node`` or a change.
BELONGINGS: Mapping[str, str] = {
    "Payment": "payment_id",
    "Touchpoint": "touchpoint_id",
    "Survey": "survey_id",
    "Consent": "consent_id",
    "ErasureRequest": "key",
}
_NOTED = PERSONS.keys() | BELONGINGS.keys()
_EVERY_S = 0.2  # so long at most is what a crash may lose

Fields = tuple[str, ...]


class Reads:
    """What one request has read of people."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, Fields], dict[str, None]] = defaultdict(dict)

    def note(self, of: str, column: str, fields: Fields, found: Any) -> None:
        """Note that fields of something were read."""
        key = found[column] if isinstance(found, dict) else getattr(found, column)
        self._keys[of, fields][str(key)] = None

    def accesses(self, viewer: Viewer, operation: str, correlator: str) -> Iterator[Access]:
        """Yield what is to be written down."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        who = at, viewer.subject, viewer.role, viewer.purpose, operation, correlator
        for (of, fields), keys in self._keys.items():
            for start in range(0, len(keys), MOST_KEYS):
                yield Access(*who, of, [*keys][start : start + MOST_KEYS], fields)


@lru_cache(256)
def tells_of_people(wanted: frozenset[str]) -> bool:
    """Tell whether something of a person is among coordinates, as ``api.access`` has them."""
    return any(name.partition(".")[0] in _NOTED for name in wanted)


_READS: ContextVar[Reads | None] = ContextVar("reads", default=None)


@contextmanager
def noting() -> Iterator[Reads]:
    """Let what is read in the block be noted, also by tasks that it starts."""
    reads = Reads()
    token = _READS.set(reads)
    try:
        yield reads
    finally:
        _READS.reset(token)


def note(of: str, column: str, fields: Fields, found: Any) -> None:
    """Note that fields of something were read for the request that is under way."""
    if reads := _READS.get():
        reads.note(of, column, fields, found)


class Auditor:
    """Hands what was read to the log, in batches and off the requests' way.

    While the log cannot be written, nobody is shown to anybody (``require``).
    """

    def __init__(self, log: AuditLog) -> None:
        self._log = log
        self._waiting: deque[Access] = deque()
        self._writing = threading.Lock()
        self._failure: AuditError | None = None
        self._task: asyncio.Task[None] | None = None

    def require(self) -> None:
        """Check that what is read can be written down.

        Raises
        ------
        AuditError
            The last attempt failed; another is under way.
        """
        if self._failure:
            raise AuditError(str(self._failure))

    def add(self, accesses: Sequence[Access]) -> None:
        """Have accesses written down soon."""
        if not accesses:
            return
        self._waiting.extend(accesses)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())

    def write(self) -> None:
        """Write down what waits, before the end of the process at the latest.

        Where that fails, it waits for the next time.
        """
        with self._writing:
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            try:
                if batch:
                    self._log.append(batch)
                self._failure = None
            except Exception as error:  # whatever it is, nothing of this may be lost
                self._waiting.extendleft(reversed(batch))
                self._failure = AuditError("the audit log cannot be written")
                if isinstance(error, AuditError):
                    self._failure = error

    async def _work(self) -> None:
        while self._waiting:
            await asyncio.sleep(_EVERY_S)
            await run_sync(self.write)
