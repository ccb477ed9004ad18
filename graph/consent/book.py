"""The book of consents: one SQLite file in the home folder, the same truth for every process.

It lies outside the graph, which can be thrown away and built again (docs/adr/0012). Beside the
journal it has what the journal makes open at which time, by partner, purpose and subject. That is
what reads ask, and without a cache, so that a revocation counts from the next read on.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from threading import local
from typing import Any
from uuid import uuid4

import orjson

from graph.consent import journal
from graph.consent.consent import Act, Consent, Entry, consent_of, content_of, openings
from graph.consent.terms import Terms, check_instant, check_scope, microseconds, with_parts
from graph.errors import BadInput, ConsentBookError, IllegalTransition, NotFound

_OPENINGS = """
CREATE TABLE IF NOT EXISTS opening (
  partner TEXT NOT NULL,
  purpose TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  consent_id TEXT NOT NULL,
  until INTEGER NOT NULL,
  items TEXT NOT NULL,
  PRIMARY KEY (partner, purpose, subject, since, consent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS opening_of_consent ON opening (consent_id);
CREATE INDEX IF NOT EXISTS opening_of_partner ON opening (partner, purpose, consent_id);
"""
_OPEN_ROW = "INSERT INTO opening VALUES (?, ?, ?, ?, ?, ?, ?)"
_OPEN = "partner = ? AND purpose = ? AND since <= ? AND ? < until"
_ITEMS = f"SELECT items FROM opening WHERE {_OPEN} AND subject = ?"  # noqa: S608
_AMONG = (
    f"SELECT DISTINCT subject FROM opening WHERE {_OPEN} AND instr(items, ?) "  # noqa: S608
    "AND subject IN (SELECT value FROM json_each(?))"
)
_NEXT = (
    f"SELECT DISTINCT subject FROM opening WHERE {_OPEN} AND instr(items, ?) "  # noqa: S608
    "AND subject > ? ORDER BY subject LIMIT ?"
)
_FOLLOWING = f"""
SELECT consent_id, subject FROM opening AS one
WHERE {_OPEN} AND instr(items, ?) AND consent_id > ? AND NOT EXISTS (
  SELECT 1 FROM opening
  WHERE {_OPEN} AND instr(items, ?) AND subject = one.subject AND consent_id < one.consent_id
)
ORDER BY consent_id LIMIT ?
"""  # noqa: S608
_PAGE = 10_000


class ConsentBook:
    """The consents in one file; safe for several processes and threads at once.

    Parameters
    ----------
    path : Path
        Made on first use, readable by its owner only.
    clock : callable
        Tells the present instant.
    """

    def __init__(
        self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = path
        self._clock = clock
        self._thread = local()

    def give(self, terms: Terms, by: str) -> Consent:
        """Write down a new consent.

        Parameters
        ----------
        by : str
            Who has it written down: the subject, or who acts for it.
        """
        return self.give_all([terms], by)[0]

    def give_all(self, terms: Iterable[Terms], by: str) -> list[Consent]:
        """Write down new consents, all or none."""
        given = [(uuid4().hex, content_of(one, _name(by))) for one in terms]
        with self._writing() as book:
            entries = journal.append_all(book, "give", self._clock(), given)
            consents = [consent_of([entry]) for entry in entries]
            # In the order in which they are kept, as many at once are written faster so.
            rows = sorted(
                row
                for entry, consent in zip(entries, consents, strict=True)
                for row in _rows(entry.consent_id, [entry], consent.terms)
            )
            book.executemany(_OPEN_ROW, rows)
        return consents

    def narrow(self, consent_id: str, scope: frozenset[str], until: datetime, by: str) -> Consent:
        """Let a consent open less from now on, or end earlier.

        Raises
        ------
        NotFound
            There is no such consent.
        IllegalTransition
            It has ended or is revoked.
        BadInput
            That would open more, or nothing: more needs a new consent, nothing a revocation.
        """
        check_scope(scope)
        check_instant(until)
        with self._writing() as book:
            now, consent = self._clock(), _standing(book, consent_id)
            if consent.revoked_at or consent.terms.valid_until <= now:
                raise IllegalTransition("the consent has ended: a new one can be given")
            if with_parts(scope) - with_parts(consent.terms.scope):
                raise BadInput("a consent can be narrowed only: give a new one for more")
            if not max(now, consent.terms.valid_from) < until <= consent.terms.valid_until:
                raise BadInput("a consent can end earlier only, and after it has begun")
            told = {"scope": sorted(scope), "valid_until": until.isoformat()}
            return _change(book, consent, "narrow", now, by, told)

    def revoke(self, consent_id: str, by: str) -> Consent:
        """Close from now on whatever a consent opens; revoked before, it stays as it is.

        Raises
        ------
        NotFound
            There is no such consent.
        """
        with self._writing() as book:
            consent = _standing(book, consent_id)
            if consent.revoked_at:
                return consent
            return _change(book, consent, "revoke", self._clock(), by, {})

    def revoke_all(self, subject: str, by: str) -> int:
        """Close whatever somebody opened, and return how many consents that were."""
        standing = [one.consent_id for one in self.of(subject) if not one.revoked_at]
        for consent_id in standing:
            self.revoke(consent_id, by)
        return len(standing)

    def consent(self, consent_id: str) -> Consent | None:
        """Return a consent as it stands, or None where there is none."""
        with self._reading() as book:
            entries = journal.entries_of_consent(book, consent_id)
        return consent_of(entries) if entries else None

    def of(self, subject: str) -> list[Consent]:
        """Return somebody's consents as they stand, ended ones too, the latest first."""
        entries = sorted(self.history(subject), key=lambda entry: entry.consent_id)
        consents = [consent_of(its) for _, its in groupby(entries, lambda one: one.consent_id)]
        return sorted(consents, key=lambda consent: (consent.given_at, consent.consent_id))[::-1]

    def history(self, subject: str) -> list[Entry]:
        """Return all that was written about somebody, in the order of writing."""
        with self._reading() as book:
            return journal.entries_of_subject(book, subject)

    def opens(self, partner: str, subject: str, purpose: str, at: datetime) -> frozenset[str]:
        """Return the items, with their parts, that somebody had opened at an instant."""
        when = microseconds(at)
        with self._reading() as book:
            rows = book.execute(_ITEMS, (partner, purpose, when, when, subject)).fetchall()
        return frozenset(item for (items,) in rows for item in items.split())

    def opened(
        self, partner: str, subjects: Sequence[str], purpose: str, item: str, at: datetime
    ) -> set[str]:
        """Return those of many people who had opened an item at an instant."""
        when = microseconds(at)
        among = orjson.dumps(list(subjects)).decode()
        with self._reading() as book:
            rows = book.execute(_AMONG, (partner, purpose, when, when, f" {item} ", among))
            return {subject for (subject,) in rows.fetchall()}

    def subjects(self, partner: str, purpose: str, item: str, at: datetime) -> Iterator[str]:
        """Yield all who had opened an item at an instant, sorted."""
        when, last = microseconds(at), ""
        while True:
            with self._reading() as book:
                # In pages: an unfinished statement would keep later ones from seeing new entries.
                wanted = (partner, purpose, when, when, f" {item} ", last, _PAGE)
                page = [subject for (subject,) in book.execute(_NEXT, wanted).fetchall()]
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]

    def following(
        self, partner: str, purpose: str, item: str, at: datetime, after: str, limit: int
    ) -> list[tuple[str, str]]:
        """Return the next people who had an item opened, in an order that is random.

        Each comes with the identifier of the consent by which they come next, and comes once.

        Parameters
        ----------
        after : str
            Identifier of a consent, or an empty text for the first ones.
        """
        when = microseconds(at)
        is_open = (partner, purpose, when, when, f" {item} ")
        with self._reading() as book:
            return book.execute(_FOLLOWING, (*is_open, after, *is_open, limit)).fetchall()

    def erase(self, subject: str) -> int:
        """Delete what consents of somebody said, and return how many there were.

        That there were consents, and when, stays in the journal, which can still be verified.
        """
        with self._writing() as book:
            entries = journal.entries_of_subject(book, subject)
            numbers = {entry.consent_id: entry.number for entry in entries}
            for consent_id in sorted(numbers, key=numbers.__getitem__):
                journal.append(book, consent_id, "erase", self._clock(), {})
                book.execute("DELETE FROM opening WHERE consent_id = ?", (consent_id,))
            book.execute("DELETE FROM content WHERE subject = ?", (subject,))
        with self._in_plain_words():
            # What was deleted still stands in the file beside, which is written into the book now.
            self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(numbers)

    def verify(self) -> tuple[int, str]:
        """Check every entry, changing nothing; return how many there are and the last one's hash.

        Whoever notes both can tell later that nothing before was changed.

        Raises
        ------
        ConsentBookError
            Something is not as it was written; the message names the first entry that is wrong.
        """
        address = f"{self._path.resolve().as_uri()}?mode=ro"
        with self._in_plain_words(), closing(sqlite3.connect(address, uri=True)) as book:
            found = journal.verify(book)
            _verify_openings(book)
        return found

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._in_plain_words():
            yield self._connection()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._in_plain_words():
            book = self._connection()
            book.execute("BEGIN IMMEDIATE")
            try:
                yield book
            except BaseException:
                book.execute("ROLLBACK")
                raise
            book.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._thread, "book"):
            self._thread.book = self._connected()
        book: sqlite3.Connection = self._thread.book
        return book

    def _connected(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        book = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        if book.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            book.execute("PRAGMA journal_mode = WAL")
        book.execute("PRAGMA secure_delete = ON")
        book.executescript(journal.TABLES + _OPENINGS)
        return book

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            # SQLite's own words: they hold no data.
            reason = f"the book of consents {self._path} cannot be used: {error}"
            raise ConsentBookError(reason) from error
        except sqlite3.DatabaseError as error:
            reason = f"the book of consents {self._path} is damaged: bring it back from a backup"
            raise ConsentBookError(reason) from error


def _name(by: str) -> str:
    if not by:
        raise BadInput("it must be known who has a consent written down")
    return by


def _standing(book: sqlite3.Connection, consent_id: str) -> Consent:
    entries = journal.entries_of_consent(book, consent_id)
    if not entries:
        raise NotFound("there is no such consent")
    return consent_of(entries)


def _change(
    book: sqlite3.Connection,
    consent: Consent,
    act: Act,
    at: datetime,
    by: str,
    told: dict[str, Any],
) -> Consent:
    content = {"subject": consent.terms.subject, "by": _name(by), **told}
    return _add(book, consent.consent_id, act, at, content)


def _add(
    book: sqlite3.Connection, consent_id: str, act: Act, at: datetime, content: dict[str, Any]
) -> Consent:
    journal.append(book, consent_id, act, at, content)
    entries = journal.entries_of_consent(book, consent_id)
    terms = consent_of(entries).terms
    book.execute("DELETE FROM opening WHERE consent_id = ?", (consent_id,))
    book.executemany(_OPEN_ROW, _rows(consent_id, entries, terms))
    return consent_of(entries)


def _rows(consent_id: str, entries: Sequence[Entry], terms: Terms) -> list[tuple[Any, ...]]:
    owner = (terms.partner, terms.purpose, terms.subject)
    return [
        (*owner, one.since, consent_id, one.until, f" {' '.join(sorted(one.items))} ")
        for one in openings(entries)
    ]


def _verify_openings(book: sqlite3.Connection) -> None:
    """Hold what reads ask against what the journal says."""
    found = 0
    for entries in journal.consents(book):
        consent_id = entries[0].consent_id
        rows = _rows(consent_id, entries, consent_of(entries).terms)
        kept = book.execute("SELECT * FROM opening WHERE consent_id = ?", (consent_id,)).fetchall()
        if sorted(rows) != sorted(kept):
            raise ConsentBookError(
                f"the book of consents is damaged: entry {entries[-1].number} opens something else "
                "than reads are told"
            )
        found += len(rows)
    if (found,) != book.execute("SELECT count(*) FROM opening").fetchone():
        raise ConsentBookError("the book of consents is damaged: it opens what no entry has")
