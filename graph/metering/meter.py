"""The usage records of a home folder: reserved before an answer leaves, answered after it."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import uuid4

from graph.errors import Conflict, IllegalTransition
from graph.metering import chain, months, quota
from graph.metering.quota import UNLIMITED, Quota
from graph.metering.record import Call, State, Usage, checked_month, month_of
from graph.metering.signature import Head, Signer
from graph.process import Process
from graph.settings import Settings
from graph.sqlite import SqliteFile

RETRY_WITHIN = timedelta(minutes=10)
MOST_RETRIES = 3
_TABLES = """
CREATE TABLE IF NOT EXISTS usage (
  position INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE,
  partner TEXT NOT NULL,
  operation TEXT NOT NULL,
  call_key TEXT NOT NULL,
  content TEXT NOT NULL,
  units INTEGER NOT NULL CHECK (units >= 0),
  reserved_at TEXT NOT NULL,
  process_id INTEGER NOT NULL,
  process_started_s REAL NOT NULL,
  signature TEXT NOT NULL,
  UNIQUE (partner, operation, call_key)
) STRICT;
CREATE INDEX IF NOT EXISTS usage_by_time ON usage (reserved_at);
CREATE TABLE IF NOT EXISTS settlement (
  position INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE REFERENCES usage (record_id),
  state TEXT NOT NULL CHECK (state IN ('answered', 'presumed')),
  settled_at TEXT NOT NULL,
  signature TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS retry (
  record_id TEXT NOT NULL REFERENCES usage (record_id),
  retried_at TEXT NOT NULL
) STRICT;
"""
_RECORD = (
    "SELECT record_id, partner, operation, units, reserved_at, coalesce(state, 'reserved') "
    "FROM usage LEFT JOIN settlement USING (record_id)"
)


@dataclass(frozen=True)
class Reservation:
    """A usage record that an answer has; ``is_retry``: it had it before, and is billed once."""

    record_id: str
    is_retry: bool


class Meter:
    """Writes usage records; safe for several processes at once.

    Parameters
    ----------
    now : callable
        The present instant, in UTC.
    """

    def __init__(
        self,
        file: SqliteFile,
        signer: Signer,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._file = file
        self._whole = file.beside()
        self._signer = signer
        self._now = now

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the meter of a home folder."""
        tables = _TABLES + quota.TABLES + months.TABLES
        return cls(SqliteFile(settings.usage_file, tables), Signer.of(settings))

    def reserve(self, call: Call, units: int = 1, within: Quota = UNLIMITED) -> Reservation:
        """Write down that a call is about to be answered; the same call again has one record.

        Raises
        ------
        TooManyRequests
            The partner's quota is spent, or the same call was repeated too often.
        Conflict
            The call's key was another call's, or is too old to be used again.
        """
        with self._file.writing() as usage:
            now = self._now()
            months.refuse_closed(usage, month_of(now))
            if known := self._known(usage, call, now):
                stamp = now.isoformat(timespec="microseconds")
                usage.execute("INSERT INTO retry VALUES (?, ?)", (known, stamp))
                return Reservation(known, is_retry=True)
            quota.refuse_beyond(usage, call.partner, within, now)
            record_id = _new_id(now)
            self._insert(usage, record_id, call, units, now)
            return Reservation(record_id, is_retry=False)

    def make_good(self, call: Call, units: int = 1) -> None:
        """Write down a call that took effect and whose process died, unless it has a record.

        It is ``presumed`` to have been answered, as ``presume`` has it.
        """
        with self._file.writing() as usage:
            now = self._now()
            if not self._found(usage, call):
                months.refuse_closed(usage, month_of(now))
                record_id = _new_id(now)
                self._insert(usage, record_id, call, units, now)
                self._settle(usage, [record_id], "presumed")

    def foresee(self, call: Call, within: Quota) -> None:
        """Refuse a call that could not be reserved now, before anything is done for it.

        Raises
        ------
        TooManyRequests, Conflict
            As ``reserve`` does.
        """
        with self._file.reading() as usage:
            now = self._now()
            if not self._known(usage, call, now):
                quota.refuse_beyond(usage, call.partner, within, now)

    def answered(self, record_ids: Iterable[str]) -> None:
        """Write down that answers were handed over; once more changes nothing."""
        with self._file.writing() as usage:
            self._settle(usage, record_ids, "answered")

    def spent(self, partner: str, span: str) -> int:
        """Return how many calls a partner made in a UTC day or month, such as ``2026-11``."""
        with self._file.reading() as usage:
            return quota.spent(usage, partner, span)

    def presume(self) -> int:
        """Take for answered what processes left reserved that died, and return how many.

        Their answers were ready, and may have left: docs/revenue.md says why that counts.
        """
        with self._file.writing() as usage:
            rows = usage.execute(
                "SELECT record_id, process_id, process_started_s FROM usage "
                "LEFT JOIN settlement USING (record_id) WHERE state IS NULL ORDER BY usage.position"
            ).fetchall()
            orphans = [found for found, *process in rows if not Process(*process).is_alive]
            self._settle(usage, orphans, "presumed")
            return len(orphans)

    def records(self, month: str, partner: str | None = None) -> list[Usage]:
        """Return the records of a month, in the order in which they are billed."""
        with self._whole.reading() as usage:
            rows = usage.execute(
                f"{_RECORD} WHERE reserved_at BETWEEN ?1 AND ?1 || '~' "
                "AND (?2 IS NULL OR partner = ?2) ORDER BY record_id",
                (checked_month(month), partner),
            )
            return [_usage(*row) for row in rows]

    def close_month(self, month: str) -> Head:
        """Let a month have no more records, and return where the chain was; once more is the same.

        Raises
        ------
        BadInput
            It is no month.
        IllegalTransition
            The month is not over, or answers of it are still under way.
        UsageAltered
            A record is not as it was signed.
        """
        checked_month(month)
        self.presume()
        head = self.verify()
        with self._file.writing() as usage:
            now = self._now()
            if month_of(now) <= month:
                raise IllegalTransition(f"{month} is not over")
            return months.close(usage, month, head, now)

    def verify(self) -> Head:
        """Check every signature, and return where the chain of records is.

        Raises
        ------
        UsageAltered
            Somebody changed, added, moved or took away records.
        """
        with self._whole.reading() as usage:
            chain.verify(usage, self._signer, "settlement")
            head = chain.verify(usage, self._signer, "usage")
            months.refuse_shortened(usage)
            return head

    def let_go(self) -> None:
        """Let the file go."""
        self._file.close()
        self._whole.close()

    def _known(self, usage: sqlite3.Connection, call: Call, now: datetime) -> str | None:
        found = self._found(usage, call)
        if found is None:
            return None
        record_id, content, reserved_at = found
        if content != self._signer.digest("content", call.content):
            raise Conflict("this key was another call's: take a new one")
        if now - datetime.fromisoformat(reserved_at) > RETRY_WITHIN:
            raise Conflict("this key is too old to be used again: take a new one")
        (retries,) = usage.execute(
            "SELECT count(*) FROM retry WHERE record_id = ?", (record_id,)
        ).fetchone()
        if retries >= MOST_RETRIES:
            raise Conflict("this key was used too often: take a new one")
        return str(record_id)

    def _found(self, usage: sqlite3.Connection, call: Call) -> tuple[str, str, str] | None:
        found: tuple[str, str, str] | None = usage.execute(
            "SELECT record_id, content, reserved_at FROM usage "
            "WHERE partner = ? AND operation = ? AND call_key = ?",
            (call.partner, call.operation, self._signer.digest("key", call.key.encode())),
        ).fetchone()
        return found

    def _insert(
        self, usage: sqlite3.Connection, record_id: str, call: Call, units: int, now: datetime
    ) -> None:
        process = Process.own()
        row = (
            record_id,
            call.partner,
            call.operation,
            self._signer.digest("key", call.key.encode()),
            self._signer.digest("content", call.content),
            units,
            now.isoformat(timespec="microseconds"),
            process.process_id,
            process.started_s,
        )
        chain.append(usage, self._signer, "usage", row)
        quota.spend(usage, call.partner, now)

    def _settle(self, usage: sqlite3.Connection, record_ids: Iterable[str], state: State) -> None:
        settled_at = self._now().isoformat(timespec="microseconds")
        for record_id in record_ids:
            is_settled = usage.execute(
                "SELECT 1 FROM settlement WHERE record_id = ?", (record_id,)
            ).fetchone()
            if not is_settled:
                chain.append(usage, self._signer, "settlement", (record_id, state, settled_at))


def _new_id(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:12]}"


def _usage(
    record_id: str, partner: str, operation: str, units: int, reserved_at: str, state: State
) -> Usage:
    at = datetime.fromisoformat(reserved_at)
    return Usage(record_id, partner, operation, units, at, state)
