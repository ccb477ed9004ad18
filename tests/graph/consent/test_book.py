"""The book opens what an independent model of the acts opens, and cannot be rewritten."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.consent.book import ConsentBook
from graph.consent.terms import ITEMS, Terms
from graph.errors import BadInput, ConsentBookError, IllegalTransition, NotFound

START = datetime(2026, 1, 1, tzinfo=UTC)
PARTNERS, SUBJECTS = ("cinema", "restaurant"), ("asha", "bram", "chidi")
PURPOSES = ("dpv:Marketing", "dpv:AcademicResearch")
TERMS = Terms(
    subject="asha",
    partner="cinema",
    purpose="dpv:Marketing",
    scope=frozenset({"interests", "demographics"}),
    valid_from=START,
    valid_until=START + timedelta(days=10),
    evidence="form 7 of the shop in the high street",
)


@dataclass
class Clock:
    """A clock that stands until it is told to go on."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Model:
    """Every act as a function of time, without intervals: asked for an instant, it replays all."""

    acts: list[tuple[str, datetime, str, Any]] = field(default_factory=list)

    def opens(self, partner: str, subject: str, purpose: str, at: datetime) -> set[str]:
        standing: dict[str, Terms | None] = {}
        for kind, written_at, consent_id, told in self.acts:
            if kind == "give":
                standing[consent_id] = told
            elif kind == "erase":
                standing[consent_id] = None
            elif written_at <= at:
                standing[consent_id] = told
        return {
            item
            for terms in standing.values()
            if terms
            and (terms.partner, terms.subject, terms.purpose) == (partner, subject, purpose)
            if terms.valid_from <= at < terms.valid_until
            for item in ITEMS
            if item in terms.scope or item.partition(".")[0] in terms.scope
        }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> ConsentBook:
    return ConsentBook(tmp_path / "consents.sqlite", clock)


hours = st.integers(0, 60).map(lambda hours: timedelta(hours=hours))
scopes = st.frozensets(st.sampled_from(sorted(ITEMS)), min_size=1, max_size=4)
acts = st.lists(
    st.tuples(
        st.sampled_from(["give", "give", "give", "narrow", "narrow", "revoke", "erase"]),
        st.integers(0, 10),  # which consent, of those there are
        st.sampled_from(PARTNERS),
        st.sampled_from(SUBJECTS),
        st.sampled_from(PURPOSES),
        scopes,
        hours,
        hours,
        st.integers(0, 8),  # hours that pass
    ),
    max_size=20,
)


@settings(max_examples=60)
@given(acts, st.lists(hours, min_size=1, max_size=5))
def test_the_book_opens_what_the_acts_say(
    acts: list[tuple[Any, ...]], moments: list[timedelta]
) -> None:
    with TemporaryDirectory() as folder:
        clock, model = Clock(), Model()
        book = ConsentBook(Path(folder) / "consents.sqlite", clock)
        terms_of: dict[str, Terms] = {}
        for act, index, partner, subject, purpose, scope, since, until, pause in acts:
            clock.now += timedelta(hours=pause)
            consent_id = sorted(terms_of)[index % len(terms_of)] if terms_of else ""
            try:
                if act == "give":
                    instants = (START + since, START + until)
                    terms = Terms(subject, partner, purpose, scope, *instants, "a form")
                    consent_id = book.give(terms, "self").consent_id
                    model.acts.append(("give", clock.now, consent_id, terms))
                    terms_of[consent_id] = terms
                elif act == "narrow":
                    consent = book.narrow(consent_id, scope, START + until, "self")
                    terms = replace(terms_of[consent_id], scope=scope, valid_until=START + until)
                    assert consent.terms == terms
                    model.acts.append(("narrow", clock.now, consent_id, terms))
                    terms_of[consent_id] = terms
                elif act == "revoke":
                    book.revoke(consent_id, "self")
                    model.acts.append(("revoke", clock.now, consent_id, None))
                else:
                    theirs = {one.consent_id for one in book.of(subject)}
                    assert book.erase(subject) == len(theirs)
                    model.acts += [("erase", clock.now, one, None) for one in theirs]
            except (BadInput, IllegalTransition, NotFound):
                continue  # and nothing may have changed
        compare(book, model, [START + moment for moment in moments])
        book.verify()


def compare(book: ConsentBook, model: Model, moments: list[datetime]) -> None:
    for at in moments:
        for partner in PARTNERS:
            for purpose in PURPOSES:
                expected = {one: model.opens(partner, one, purpose, at) for one in SUBJECTS}
                found = {one: book.opens(partner, one, purpose, at) for one in SUBJECTS}
                assert found == expected
                for item in ("interests", "habits.home"):
                    having = [one for one in SUBJECTS if item in expected[one]]
                    assert list(book.subjects(partner, purpose, item, at)) == having
                    among = [*SUBJECTS[1:], "nobody"]
                    opened = book.opened(partner, among, purpose, item, at)
                    assert opened == set(having) & set(among)


def test_the_end_is_not_part_of_a_consent(book: ConsentBook) -> None:
    book.give(TERMS, "self")
    instant = timedelta(microseconds=1)
    for at, is_open in (
        (TERMS.valid_from - instant, False),
        (TERMS.valid_from, True),
        (TERMS.valid_until - instant, True),
        (TERMS.valid_until, False),
    ):
        assert bool(book.opens("cinema", "asha", "dpv:Marketing", at)) == is_open


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "dpv:WorldDomination"},
        {"scope": frozenset()},
        {"scope": frozenset({"soul"})},
        {"valid_until": START},
        {"valid_from": START.replace(tzinfo=None)},
        {"valid_until": datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))},
        {"subject": ""},
        {"partner": ""},
        {"evidence": "x" * 2_001},
    ],
    ids=lambda change: next(iter(change)),
)
def test_terms_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        replace(TERMS, **change)


def test_a_consent_can_be_narrowed_and_not_widened(book: ConsentBook, clock: Clock) -> None:
    consent_id = book.give(TERMS, "self").consent_id
    end = TERMS.valid_until
    for scope, until in (
        (frozenset({"apps"}), end),
        (TERMS.scope, end + timedelta(hours=1)),
        (TERMS.scope, START),
        (frozenset[str](), end),
    ):
        with pytest.raises(BadInput):
            book.narrow(consent_id, scope, until, "self")
    clock.now = START + timedelta(days=1)
    book.narrow(consent_id, frozenset({"demographics.gender"}), end, "self")
    assert book.opens("cinema", "asha", "dpv:Marketing", clock.now) == {"demographics.gender"}
    assert "interests" in book.opens("cinema", "asha", "dpv:Marketing", START), "it was open then"
    with pytest.raises(BadInput):
        book.narrow(consent_id, frozenset({"demographics"}), end, "self")
    book.revoke(consent_id, "self")
    assert book.revoke(consent_id, "care").revoked_at == clock.now, "once is enough"
    with pytest.raises(IllegalTransition):
        book.narrow(consent_id, frozenset({"demographics.gender"}), end, "self")
    with pytest.raises(NotFound):
        book.revoke("no such consent", "self")
    assert [entry.act for entry in book.history("asha")] == ["give", "narrow", "revoke"]


_WAIT = """
import sys, time
from datetime import datetime, timedelta, UTC
from pathlib import Path
from graph.consent.book import ConsentBook
book = ConsentBook(Path(sys.argv[1]))
def is_open():
    return bool(book.opens("cinema", "asha", "dpv:Marketing", datetime.now(UTC)))
assert is_open()
print("open", flush=True)
while is_open():
    time.sleep(0.001)
print("closed", flush=True)
"""


def test_another_process_sees_a_revocation_at_once(tmp_path: Path) -> None:
    """It asks all the time by one connection: nothing that it has seen before may be kept."""
    path = tmp_path / "consents.sqlite"
    book = ConsentBook(path)
    now = datetime.now(UTC)
    terms = replace(TERMS, valid_from=now - timedelta(days=1), valid_until=now + timedelta(days=1))
    consent_id = book.give(terms, "self").consent_id
    command = [sys.executable, "-c", _WAIT, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        book.revoke(consent_id, "self")
        assert other.stdout.readline() == "closed\n"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE entry SET at = '2020-01-01T00:00:00+00:00' WHERE number = 2", "entry 2 was"),
        ("UPDATE entry SET act = 'give' WHERE number = 3", "entry 3 was changed"),
        ("DELETE FROM entry WHERE number = 2", "entry 2 is missing"),
        (
            "INSERT OR REPLACE INTO entry SELECT 2, 'x', act, at, digest, previous, hash "
            "FROM entry WHERE number = 2",
            "entry 2 was changed",
        ),
        ("DELETE FROM content WHERE number = 1", "entry 1 has lost its content"),
        (
            "UPDATE content SET content = CAST(replace(CAST(content AS TEXT), 'form', 'film') "
            "AS BLOB) WHERE number = 1",
            "entry 1 has another content",
        ),
        ("UPDATE content SET subject = 'bram' WHERE number = 3", "entry 3 has another content"),
        ("UPDATE opening SET items = ' apps '", "entry [34] opens something else"),
        ("UPDATE opening SET until = until + 1", "entry [34] opens something else"),
        ("DELETE FROM opening WHERE subject = 'asha'", "entry 3 opens something else"),
        ("INSERT INTO opening VALUES ('x', 'y', 'asha', 0, 'x', 1, ' apps ')", "no entry has"),
    ],
)
def test_nothing_is_rewritten(
    book: ConsentBook, clock: Clock, tmp_path: Path, statement: str, found: str
) -> None:
    """SQLite refuses changes of the journal; whoever has them by force is found out."""
    consent_id = book.give(TERMS, "self").consent_id
    book.give(replace(TERMS, subject="bram"), "self")
    clock.now += timedelta(hours=1)
    book.narrow(consent_id, frozenset({"interests"}), TERMS.valid_until, "care")
    book.revoke(book.of("bram")[0].consent_id, "self")
    assert book.verify()[0] == 4
    with sqlite3.connect(tmp_path / "consents.sqlite") as file:
        if "opening" not in statement:  # which can be made again from the journal
            with pytest.raises(sqlite3.IntegrityError):
                file.execute(statement)
        triggers = file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            file.execute(f"DROP TRIGGER {name}")
        file.execute(statement)
    with pytest.raises(ConsentBookError, match=found):
        book.verify()


def test_an_erased_person_is_gone_from_the_file_and_the_chain_holds(
    book: ConsentBook, tmp_path: Path
) -> None:
    book.give(replace(TERMS, subject="5f00ba11", evidence="signed by Asha"), "5f00ba11")
    before = book.verify()
    book.give(replace(TERMS, subject="bram"), "self")
    assert book.erase("5f00ba11") == 1
    assert (book.of("5f00ba11"), book.history("5f00ba11")) == ([], [])
    assert book.verify()[0] == before[0] + 2
    contents = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"5f00ba11" not in contents
    assert b"signed by" not in contents
    assert len(book.of("bram")) == 1


def test_many_are_written_down_and_listed_by_pages(book: ConsentBook) -> None:
    names = [f"{number:08}" for number in range(10_001)]
    book.give_all((replace(TERMS, subject=name) for name in names), "import")
    assert list(book.subjects("cinema", "dpv:Marketing", "interests", START)) == names
    opened = book.opened("cinema", names[::2], "dpv:Marketing", "interests", START)
    assert opened == set(names[::2])
    assert book.verify()[0] == len(names)


def test_all_or_none_are_written_down(book: ConsentBook) -> None:
    def terms() -> Any:
        yield TERMS
        raise BadInput("the second is wrong")

    with pytest.raises(BadInput):
        book.give_all(terms(), "import")
    assert book.of("asha") == []


def damaged(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


@pytest.mark.parametrize(
    ("harm", "words"), [(damaged, "is damaged: bring it back"), (Path.mkdir, "cannot be used")]
)
def test_a_book_that_cannot_be_used_is_named(
    tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "consents.sqlite"
    harm(path)
    with pytest.raises(ConsentBookError, match=words):
        ConsentBook(path).opens("cinema", "asha", "dpv:Marketing", START)
