"""The book of a home folder: months that are closed, what they posted, and statements of them.

It lies in the file of the usage records. Lines and postings are signed in chains, and the file
itself refuses to change or remove them.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Self

from graph.errors import IllegalTransition, NotFound, UsageAltered
from graph.metering import chain
from graph.metering.meter import Meter
from graph.metering.record import Usage, month_of
from graph.metering.signature import Signer
from graph.revenue import tables
from graph.revenue.account import Billed, Change, Kind, bill, changes
from graph.revenue.agreement import Agreement
from graph.revenue.contract import Contract, contracts_of
from graph.revenue.plan import Plan
from graph.revenue.statement import Item, Posting, Statement
from graph.settings import Settings
from graph.sqlite import SqliteFile


class Book:
    """Closes months and tells of them; safe for several processes at once.

    Parameters
    ----------
    contract_of : callable
        Tells by which plan a partner pays, and by which agreement that is shared.
    now : callable
        The present instant, in UTC.
    """

    def __init__(
        self,
        file: SqliteFile,
        meter: Meter,
        signer: Signer,
        contract_of: Callable[[str], Contract],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._file = file
        self._meter = meter
        self._signer = signer
        self._contract_of = contract_of
        self._now = now

    @classmethod
    def of(cls, settings: Settings, meter: Meter) -> Self:
        """Return the book of a home folder."""
        file = SqliteFile(settings.usage_file, tables.TABLES)
        return cls(file, meter, Signer.of(settings), contracts_of(settings))

    def close(self, month: str) -> list[Statement]:
        """Rate, divide and post what a month has, and state it; once more changes nothing.

        Raises
        ------
        IllegalTransition
            The month is not over, or answers of it are still under way.
        UsageAltered
            A usage record is not as it was signed.
        """
        self._meter.close_month(month)
        usage = self._meter.records(month)
        with self._file.writing() as book:
            if not _statements(book, month):
                for partner, records in groupby(sorted(usage, key=_payer), key=_payer):
                    self._post_month(book, month, partner, list(records))
                _issue(book, month, self._now())
            return _statements(book, month)

    def statements(self, party: str | None = None) -> list[Statement]:
        """Return statements, the newest first."""
        with self._file.reading() as book:
            rows = book.execute(
                f"{tables.STATEMENT} WHERE ?1 IS NULL OR party = ?1 ORDER BY number DESC", (party,)
            )
            return [tables.statement(*row) for row in rows]

    def statement(self, number: str) -> Statement:
        """Return a statement.

        Raises
        ------
        NotFound
            There is none of that number.
        """
        with self._file.reading() as book:
            row = book.execute(f"{tables.STATEMENT} WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise NotFound("there is no statement of that number")
        return tables.statement(*row)

    def postings(self, of: Statement) -> list[Posting]:
        """Return the entries of a statement, which add up to it."""
        with self._file.reading() as book:
            rows = book.execute(
                f"{tables.POSTING} WHERE posting.month = ? AND party = ? AND currency = ? "
                "ORDER BY posting.position",
                (of.month, of.party, of.currency),
            )
            return [tables.posting(*row) for row in rows]

    def items(self, of: Statement, after: str = "", limit: int = -1) -> list[Item]:
        """Return the records that a statement charges for, in order, from after one on."""
        with self._file.reading() as book:
            rows = book.execute(
                f"{tables.ITEM} WHERE line.month = ? AND line.partner = ? AND currency = ? "
                "AND record_id > ? ORDER BY record_id LIMIT ?",
                (of.month, of.party, of.currency, after, limit),
            )
            return [tables.item(*row) for row in rows]

    def count_items(self, of: Statement) -> int:
        """Return how many records a statement charges for."""
        with self._file.reading() as book:
            (count,) = book.execute(
                "SELECT coalesce(sum(records), 0) FROM line "
                "WHERE month = ? AND partner = ? AND currency = ?",
                (of.month, of.party, of.currency),
            ).fetchone()
            return int(count)

    def post(
        self,
        book: sqlite3.Connection,
        line: int,
        kind: Kind,
        counted: tuple[int, int],
        change: tuple[int, int],
        dispute_id: str | None = None,
    ) -> None:
        """Post that a line's total becomes another, in the present month or its own.

        Parameters
        ----------
        counted : tuple of int
            How many records and units it is about.
        change : tuple of int
            The line's total before and after, in minor units.
        """
        partner, agreement, month = book.execute(
            "SELECT partner, agreement, month FROM line WHERE position = ?", (line,)
        ).fetchone()
        posted_in = month if kind == "charge" else self._open_month(book)
        found = changes(partner, Agreement.model_validate_json(agreement), *change)
        for one in found:
            row = (line, posted_in, kind, *counted, *_columns(one), dispute_id)
            chain.append(book, self._signer, "posting", row)

    def reconcile(self) -> int:
        """Compute all that was posted anew from the usage records, and return how many there were.

        Raises
        ------
        UsageAltered
            Something is not as it was signed, or does not add up.
        """
        self._meter.verify()
        with self._file.reading() as book:
            for table in ("line", "posting"):
                chain.verify(book, self._signer, table)
            lines = book.execute("SELECT * FROM line ORDER BY position").fetchall()
            months = [month for (month,) in book.execute("SELECT DISTINCT month FROM statement")]
            _refuse_imbalance(book)
        usage = {month: self._meter.records(month) for month in months}
        with self._file.reading() as book:
            billed = sum(_agreeing(book, line, usage[line[1]]) for line in lines)
        if billed != sum(map(len, usage.values())):
            raise UsageAltered("there are usage records of closed months that nobody was charged")
        return billed

    def let_go(self) -> None:
        """Let the file go."""
        self._file.close()

    def _post_month(
        self, book: sqlite3.Connection, month: str, partner: str, usage: Sequence[Usage]
    ) -> None:
        contract = self._contract_of(partner)
        for billed in bill(contract.plan, usage):
            row = (month, partner, billed.operation, *contract.told(), *_counts(billed))
            line = chain.append(book, self._signer, "line", row)
            book.executemany(
                "INSERT INTO rated VALUES (?, ?, ?)",
                ((record_id, line, amount) for record_id, amount in billed.records),
            )
            counted = (len(billed.records), billed.units)
            self.post(book, line, "charge", counted, (0, billed.amount_minor))

    def _open_month(self, book: sqlite3.Connection) -> str:
        month = month_of(self._now())
        if _statements(book, month):
            raise IllegalTransition(f"{month} is closed: this machine's clock is behind")
        return month


def _payer(record: Usage) -> str:
    return record.partner


def _columns(change: Change) -> tuple[str, str, int]:
    return change.party, change.side, change.amount_minor


def _counts(billed: Billed) -> tuple[int, int, int]:
    return len(billed.records), billed.units, billed.amount_minor


def _statements(book: sqlite3.Connection, month: str) -> list[Statement]:
    rows = book.execute(f"{tables.STATEMENT} WHERE month = ? ORDER BY number", (month,))
    return [tables.statement(*row) for row in rows]


def _issue(book: sqlite3.Connection, month: str, now: datetime) -> None:
    """Issue a numbered statement to all who have an entry in a month, by name and currency."""
    rows = book.execute(
        "SELECT party, currency, "
        "-sum(posting.amount_minor) FILTER (WHERE side = 'owed'), "
        "sum(posting.amount_minor) FILTER (WHERE side = 'due') "
        "FROM posting JOIN line ON posting.line = line.position WHERE posting.month = ? "
        "GROUP BY party, currency ORDER BY party, currency",
        (month,),
    ).fetchall()
    stamp = now.isoformat(timespec="microseconds")
    for number, (party, currency, owed, due) in enumerate(rows, 1):
        row = (f"{month}-{number:04}", month, party, currency, owed or 0, due or 0, stamp)
        book.execute("INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _refuse_imbalance(book: sqlite3.Connection) -> None:
    (line,) = book.execute(
        "SELECT min(line) FROM (SELECT line FROM posting GROUP BY line, dispute_id, kind "
        "HAVING sum(amount_minor) <> 0)"
    ).fetchone()
    if line is not None:
        raise UsageAltered(f"the postings of line {line} do not add up to 0")
    rows = book.execute(
        "SELECT number, owed_minor, due_minor, "
        "-coalesce(sum(posting.amount_minor) FILTER (WHERE side = 'owed'), 0), "
        "coalesce(sum(posting.amount_minor) FILTER (WHERE side = 'due'), 0) "
        "FROM statement JOIN posting USING (month, party) JOIN line "
        "ON posting.line = line.position AND line.currency = statement.currency GROUP BY number"
    )
    for number, *totals in rows:
        if totals[:2] != totals[2:]:
            raise UsageAltered(f"statement {number} is not what its entries add up to")


def _agreeing(book: sqlite3.Connection, line: Iterable[object], usage: Sequence[Usage]) -> int:
    position, month, partner, operation, plan, _, _, *counts, _ = line
    own = [record for record in usage if record.partner == partner]
    billed = bill(Plan.model_validate_json(str(plan)), own)
    (found,) = [one for one in billed if one.operation == operation] or [Billed("", 0, ())]
    rated = book.execute(
        "SELECT record_id, amount_minor FROM rated WHERE line = ? ORDER BY record_id", (position,)
    ).fetchall()
    if list(_counts(found)) != counts or list(found.records) != rated:
        raise UsageAltered(f"{partner} used something else in {month} than it was charged for")
    return len(rated)
