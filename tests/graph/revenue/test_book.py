"""Months closed, stated, disputed and corrected: nothing is lost, whatever the order."""

import os
import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from graph.errors import BadInput, IllegalTransition, NotFound, UsageAltered
from graph.metering.meter import Meter
from graph.metering.record import Call
from graph.partner.registry import Partners
from graph.revenue import tables
from graph.revenue.agreement import Agreement
from graph.revenue.book import Book
from graph.revenue.contract import Contract
from graph.revenue.dispute import Disputes
from graph.revenue.money import rounded
from graph.revenue.plan import Plan
from graph.revenue.terms import Terms
from graph.settings import Settings
from graph.sqlite import SqliteFile
from tests.graph.revenue.draws import agreements, plans

NOVEMBER = datetime(2026, 11, 3, tzinfo=UTC)
#: Usage records of the large month: few in every run, 1,000,000 by hand.
RECORDS = int(os.environ.get("TIEGRAPH_TEST_USAGE", "5000"))
OPERATIONS = ("a", "a/b", "a/b/c", "c", "other")
Used = Sequence[tuple[str, str, int]]  # partner, operation, units


class Office:
    """A meter, a book and its disputes on one file, and the clock that they go by."""

    def __init__(self, home: Path, contracts: dict[str, Contract] | None = None) -> None:
        self.settings = Settings(home_dir=home)
        self.now = NOVEMBER
        self.meter = Meter.of(self.settings)
        self.book = Book.of(self.settings, self.meter)
        self.disputes = Disputes(
            SqliteFile(self.settings.usage_file, tables.TABLES), self.book, lambda: self.now
        )
        self.meter._now = self.book._now = lambda: self.now
        if contracts:
            self.book._contract_of = contracts.__getitem__

    def use(self, used: Used) -> None:
        for number, (partner, operation, units) in enumerate(used):
            self.now += timedelta(seconds=1)
            call = Call(partner, operation, f"{self.now}{number}")
            self.meter.answered([self.meter.reserve(call, units).record_id])

    def change(self, statement: str, *guards: str) -> None:
        """Change the file behind everybody's back."""
        for opened in (self.meter, self.book, self.disputes):
            opened.let_go()
        connection = sqlite3.connect(self.settings.usage_file)
        with connection:
            for guard in guards:
                connection.execute(f"DROP TRIGGER {guard}")
            connection.execute(statement)
        connection.close()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return one where all pay 2 minor units a call, shared as 15 % and 85 %."""
    return Office(tmp_path)


def december(office: Office) -> None:
    office.now = datetime(2026, 12, 2, tzinfo=UTC)


used = st.lists(
    st.tuples(st.sampled_from(["bank", "shop"]), st.sampled_from(OPERATIONS), st.integers(0, 9)),
    max_size=14,
)


@trying(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(used, plans(), plans(), agreements(2), agreements(2), st.data())
def test_whatever_is_used_reconciles(
    used: Used, one: Plan, other: Plan, tree: Agreement, second: Agreement, data: st.DataObject
) -> None:
    contracts = {"bank": Contract(one, tree), "shop": Contract(other, second)}
    with TemporaryDirectory() as home:
        office = Office(Path(home), contracts)
        office.use(used)
        december(office)
        statements = office.book.close("2026-11")
        assert office.book.close("2026-11") == statements
        assert sum(one.balance_minor for one in statements) == 0
        assert office.book.reconcile() == len(used)
        check_against_plain_words(office, used, contracts)
        take_back_some(office, data)
        office.now = datetime(2027, 1, 2, tzinfo=UTC)
        corrections = office.book.close("2026-12")
        assert sum(one.balance_minor for one in corrections) == 0
        assert office.book.reconcile() == len(used)
        assert office.book.close("2026-11") == statements, "what was stated stays"
        check_against_lines_as_they_are(office, contracts)


def check_against_plain_words(office: Office, used: Used, contracts: dict[str, Contract]) -> None:
    """Compare with units summed by price, priced once by exact fractions, rounded, divided."""
    expected: Counter[str] = Counter()
    for partner, contract in contracts.items():
        units: Counter[str] = Counter()
        for who, operation, count in used:
            if who == partner:
                units[contract.plan.price_of(operation).operation] += count
        for operation, count in units.items():
            owed = rounded(contract.plan.price_of(operation).exact(count, count))
            expected[partner] -= owed
            expected.update(contract.agreement.divided(owed))
    balances: Counter[str] = Counter()
    for statement in office.book.statements():
        balances[statement.party] += statement.balance_minor
        postings = office.book.postings(statement)
        assert sum(one.amount_minor for one in postings) == statement.balance_minor
        owed = sum(item.amount_minor for item in office.book.items(statement))
        assert owed == statement.owed_minor
    assert {k: v for k, v in balances.items() if v} == {k: v for k, v in expected.items() if v}


def take_back_some(office: Office, data: st.DataObject) -> None:
    items = [
        item
        for statement in office.book.statements()
        for item in office.book.items(statement)
        if item.amount_minor
    ]
    taken = data.draw(st.lists(st.sampled_from(items), unique=True)) if items else []
    for item in taken:
        dispute = office.disputes.open(item.record_id, "not us", "shop")
        corrected = data.draw(st.integers(0, item.amount_minor - 1))
        office.disputes.accept(dispute.dispute_id, "so it is", "admin", corrected)


def check_against_lines_as_they_are(office: Office, contracts: dict[str, Contract]) -> None:
    """Compare with what dividing each line's last total would give, had it been that at once."""
    lines: Counter[tuple[str, str]] = Counter()
    for statement in office.book.statements():
        for one in office.book.postings(statement):
            if one.side == "owed":
                lines[one.payer, one.operation] -= one.amount_minor
    expected: Counter[str] = Counter()
    for (payer, _), total in lines.items():
        expected[payer] -= total
        expected.update(contracts[payer].agreement.divided(total))
    assert {k: v for k, v in balances(office).items() if v} == {
        k: v for k, v in expected.items() if v
    }


def balances(office: Office) -> dict[str, int]:
    found: Counter[str] = Counter()
    for statement in office.book.statements():
        found[statement.party] += statement.balance_minor
    return dict(found)


def test_a_large_month_reconciles(office: Office) -> None:
    """TIEGRAPH_TEST_USAGE=1000000 for the full size; expected: the units, summed and priced."""
    rng = np.random.default_rng(3)
    partners, units = rng.integers(0, 40, RECORDS), rng.integers(0, 6, RECORDS)
    with office.meter._file.writing() as usage:
        names = []
        for number, (partner, count) in enumerate(zip(partners, units, strict=True)):
            at = NOVEMBER + timedelta(milliseconds=2_000 * 1_000_000 / RECORDS * number)
            names.append(f"{at:%Y%m%dT%H%M%S.%f}-{number:012}")
            call = Call(f"partner{partner:02}", ("a", "audience")[number % 2], str(number))
            office.meter._insert(usage, names[-1], call, int(count), at)
        office.meter._settle(usage, names, "answered")
    december(office)
    statements = office.book.close("2026-11")
    plan, expected = Terms.of(office.settings).plan("list"), 0
    for partner in range(40):
        for parity, operation in enumerate(("a", "audience")):
            mine = (partners == partner) & (np.arange(RECORDS) % 2 == parity)
            count = int(units[mine].sum())
            expected += rounded(plan.price_of(operation).exact(count, count))
    assert sum(one.owed_minor for one in statements) == expected
    assert sum(one.due_minor for one in statements) == expected
    assert office.book.reconcile() == RECORDS


def test_a_month_by_hand(office: Office) -> None:
    """Expected, by hand: 7 calls at 2 are 14, of which 85 % are 11.9 and 15 % 2.1: 12 and 2."""
    office.use([("shop", "location/retrieve", 1)] * 7)
    december(office)
    numbers = [
        (one.number, one.party, one.owed_minor, one.due_minor)
        for one in office.book.close("2026-11")
    ]
    assert numbers == [
        ("2026-11-0001", "operator", 0, 12),
        ("2026-11-0002", "platform", 0, 2),
        ("2026-11-0003", "shop", 14, 0),
    ]
    shop = office.book.statement("2026-11-0003")
    (charge,) = office.book.postings(shop)
    assert (charge.kind, charge.records, charge.units, charge.operation) == ("charge", 7, 7, "*")
    assert [item.amount_minor for item in office.book.items(shop)] == [2] * 7


def test_all_taken_back_leaves_nothing(office: Office) -> None:
    """One by one, each cannot be divided evenly; together everybody is back at 0."""
    office.use([("shop", "location/retrieve", 1)] * 7)
    december(office)
    office.book.close("2026-11")
    for item in office.book.items(office.book.statement("2026-11-0003")):
        dispute = office.disputes.open(item.record_id, "never arrived", "shop", partner="shop")
        office.disputes.accept(dispute.dispute_id, "right", "admin")
    office.now = datetime(2027, 1, 1, tzinfo=UTC)
    office.book.close("2026-12")
    assert balances(office) == {"shop": 0, "operator": 0, "platform": 0}
    assert [one.state for one in office.disputes.all("shop")] == ["accepted"] * 7


def test_a_dispute_is_settled_once_and_by_its_own_record(office: Office) -> None:
    office.use([("shop", "x", 1), ("bank", "x", 1), ("shop", "x", 0)])
    december(office)
    office.book.close("2026-11")
    (statement,) = office.book.statements("shop")
    own, free = office.book.items(statement)
    with pytest.raises(NotFound):
        office.disputes.open(own.record_id, "why not", "bank", partner="bank")
    with pytest.raises(NotFound):
        office.disputes.open("nothing", "x", "shop")
    with pytest.raises(IllegalTransition, match="cost nothing"):
        office.disputes.open(free.record_id, "x", "shop")
    with pytest.raises(BadInput):
        office.disputes.open(own.record_id, " ", "shop")
    first = office.disputes.open(own.record_id, "x", "shop", partner="shop")
    with pytest.raises(IllegalTransition, match="disputed already"):
        office.disputes.open(own.record_id, "x", "shop")
    assert office.disputes.refuse(first.dispute_id, "it arrived", "admin").state == "refused"
    with pytest.raises(IllegalTransition, match="refused already"):
        office.disputes.accept(first.dispute_id, "x", "admin")
    second = office.disputes.open(own.record_id, "look again", "shop")
    with pytest.raises(BadInput):
        office.disputes.accept(second.dispute_id, "x", "admin", corrected_minor=2)
    settled = office.disputes.accept(second.dispute_id, "half", "admin", corrected_minor=1)
    assert (settled.state, settled.corrected_minor, settled.note) == ("accepted", 1, "half")
    with pytest.raises(NotFound):
        office.disputes.accept("nothing", "x", "admin")
    assert len(office.disputes.all()) == 2
    assert office.disputes.all("bank") == []


def test_a_month_is_not_closed_too_early(office: Office) -> None:
    office.use([("shop", "x", 1)])
    with pytest.raises(IllegalTransition, match="not over"):
        office.book.close("2026-11")
    reserved = office.meter.reserve(Call("shop", "x", "k"))
    december(office)
    with pytest.raises(IllegalTransition, match="under way"):
        office.book.close("2026-11")
    assert office.book.statements() == []
    office.meter.answered([reserved.record_id])
    office.book.close("2026-11")
    with pytest.raises(NotFound):
        office.book.statement("2026-11-0009")


def test_a_partner_pays_by_its_own_plan(office: Office) -> None:
    """Expected, by hand: of 1,002 calls by `starter`, 1,000 are free and 2 cost 2.5 each."""
    partners = Partners.of(office.settings)
    partners.sign_up("shop", "Shop")
    partners.approve("shop", plan="starter", agreement="aggregated")
    office.use([("shop", "x", 501)] * 2)
    december(office)
    office.book.close("2026-11")
    assert balances(office) == {"shop": -5, "operator": 3, "platform": 1, "aggregator": 1}
    assert Terms.of(office.settings).plan("starter").price_of("x").exact(1002, 1002) == 5


@pytest.mark.parametrize(
    ("statement", "guard"),
    [
        ("UPDATE line SET amount_minor = 1", "line_keeps_UPDATE"),
        ("UPDATE posting SET party = 'me' WHERE side = 'due'", "posting_keeps_UPDATE"),
        ("UPDATE posting SET amount_minor = 0", "posting_keeps_UPDATE"),
        ("UPDATE rated SET amount_minor = amount_minor + 1", "rated_keeps_UPDATE"),
        ("DELETE FROM rated", "rated_keeps_DELETE"),
        ("UPDATE statement SET owed_minor = 0", "statement_keeps_UPDATE"),
        ("DELETE FROM posting WHERE position = 1", "posting_keeps_DELETE"),
    ],
)
def test_what_was_posted_cannot_be_changed_unseen(
    office: Office, statement: str, guard: str
) -> None:
    office.use([("shop", "x", 1), ("bank", "y", 4)])
    december(office)
    office.book.close("2026-11")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        office.change(statement)
    assert office.book.reconcile() == 2
    office.change(statement, guard)
    with pytest.raises(UsageAltered):
        office.book.reconcile()


def test_a_closing_that_fails_in_the_middle_leaves_nothing(office: Office) -> None:
    office.use([("bank", "x", 1), ("shop", "x", 1)])
    december(office)
    contract_of = office.book._contract_of

    def failing(partner: str) -> Contract:
        if partner == "shop":
            raise NotFound("its plan is gone")
        return contract_of(partner)

    office.book._contract_of = failing
    with pytest.raises(NotFound):
        office.book.close("2026-11")
    assert office.book.statements() == []
    office.book._contract_of = contract_of
    office.book.close("2026-11")
    assert balances(office) == {"bank": -2, "shop": -2, "operator": 4}, "15 % of 2 is less than 1"
    assert office.book.reconcile() == 2


def test_two_at_once_close_a_month_once(office: Office) -> None:
    office.use([("shop", "x", 1)])
    december(office)
    other = Office(office.settings.home_dir)
    other.now = office.now
    assert other.book.close("2026-11") == office.book.close("2026-11")
    assert office.book.reconcile() == 1
