"""Objections of partners to what they were charged for, and how they are settled."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self
from uuid import uuid4

from graph.errors import BadInput, IllegalTransition, NotFound
from graph.revenue import tables
from graph.revenue.book import Book
from graph.revenue.statement import Dispute
from graph.settings import Settings
from graph.sqlite import SqliteFile

_MOST_TEXT = 2_000


class Disputes:
    """The disputes of a book; safe for several processes at once."""

    def __init__(
        self,
        file: SqliteFile,
        book: Book,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._file = file
        self._book = book
        self._now = now

    @classmethod
    def of(cls, settings: Settings, book: Book) -> Self:
        """Return the disputes of a home folder."""
        return cls(SqliteFile(settings.usage_file, tables.TABLES), book)

    def open(self, record_id: str, reason: str, by: str, partner: str | None = None) -> Dispute:
        """Object to a record that was charged for.

        Parameters
        ----------
        by : str
            Who objects.
        partner : str, optional
            Whose record it has to be.

        Raises
        ------
        NotFound
            No such record was charged for, or it is another partner's.
        IllegalTransition
            It cost nothing, or is disputed already.
        """
        with self._file.writing() as book:
            payer, amount_minor, _, _ = _charged(book, record_id)
            if partner is not None and payer != partner:
                raise NotFound("no such record was charged for")
            if not amount_minor:
                raise IllegalTransition("this record cost nothing")
            if _disputed(book, record_id):
                raise IllegalTransition("this record is disputed already")
            now = self._now()
            dispute_id = f"{now:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}"
            row = (dispute_id, record_id, payer, _text(reason), by, now.isoformat())
            book.execute("INSERT INTO dispute VALUES (?, ?, ?, ?, ?, ?)", row)
            return _found(book, dispute_id)

    def accept(self, dispute_id: str, note: str, by: str, corrected_minor: int = 0) -> Dispute:
        """Take a record back, and charge less for it, or nothing.

        Raises
        ------
        NotFound
            There is no such dispute.
        IllegalTransition
            It is settled already.
        BadInput
            The record did not cost more than that.
        """
        with self._file.writing() as book:
            dispute = _open(book, dispute_id)
            _, amount_minor, line, units = _charged(book, dispute.record_id)
            if not 0 <= corrected_minor < amount_minor:
                raise BadInput(f"a record that cost {amount_minor} is corrected to less than that")
            total = tables.balance_minor(book, line)
            without = total - amount_minor
            self._book.post(book, line, "reversal", (1, units), (total, without), dispute_id)
            if corrected_minor:
                change = (without, without + corrected_minor)
                self._book.post(book, line, "correction", (1, units), change, dispute_id)
            return self._settle(book, dispute_id, "accepted", corrected_minor, note, by)

    def refuse(self, dispute_id: str, note: str, by: str) -> Dispute:
        """Let a charge stand.

        Raises
        ------
        NotFound
            There is no such dispute.
        IllegalTransition
            It is settled already.
        """
        with self._file.writing() as book:
            _open(book, dispute_id)
            return self._settle(book, dispute_id, "refused", None, note, by)

    def all(self, partner: str | None = None) -> list[Dispute]:
        """Return disputes, the newest first."""
        with self._file.reading() as book:
            rows = book.execute(
                f"{tables.DISPUTE} WHERE ?1 IS NULL OR partner = ?1 ORDER BY dispute_id DESC",
                (partner,),
            )
            return [tables.dispute(*row) for row in rows]

    def let_go(self) -> None:
        """Let the file go."""
        self._file.close()

    def _settle(
        self,
        book: sqlite3.Connection,
        dispute_id: str,
        outcome: str,
        corrected_minor: int | None,
        note: str,
        by: str,
    ) -> Dispute:
        row = (dispute_id, outcome, corrected_minor, _text(note), by, self._now().isoformat())
        book.execute("INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?)", row)
        return _found(book, dispute_id)


def _charged(book: sqlite3.Connection, record_id: str) -> tuple[str, int, int, int]:
    row: tuple[str, int, int, int] | None = book.execute(
        "SELECT line.partner, rated.amount_minor, line.position, usage.units FROM rated "
        "JOIN line ON rated.line = line.position JOIN usage USING (record_id) WHERE record_id = ?",
        (record_id,),
    ).fetchone()
    if row is None:
        raise NotFound("no such record was charged for")
    return row


def _disputed(book: sqlite3.Connection, record_id: str) -> bool:
    rows = book.execute(f"{tables.DISPUTE} WHERE record_id = ?", (record_id,))
    return any(tables.dispute(*row).state != "refused" for row in rows)


def _found(book: sqlite3.Connection, dispute_id: str) -> Dispute:
    row = book.execute(f"{tables.DISPUTE} WHERE dispute_id = ?", (dispute_id,)).fetchone()
    if row is None:
        raise NotFound("there is no such dispute")
    return tables.dispute(*row)


def _open(book: sqlite3.Connection, dispute_id: str) -> Dispute:
    dispute = _found(book, dispute_id)
    if dispute.state != "open":
        raise IllegalTransition(f"this dispute is {dispute.state} already")
    return dispute


def _text(given: str) -> str:
    text = given.strip()
    if not 1 <= len(text) <= _MOST_TEXT:
        raise BadInput(f"say why, in up to {_MOST_TEXT} characters")
    return text
