"""What new loads touch is computed from all that is stored of it, and of nothing else."""

from typing import Any

from ibis.expr.types import Table

from loaders.changes import changes
from loaders.engine import connect
from loaders.kinds import KINDS
from loaders.scope import Scope
from tests.loaders.records_of import at, rows_of, table_of

NEW = {"load_id": "L2"}
PAID = {"payment_id": "p", "currency": "EUR", "kind": "top_up"}
CALLED = {"is_answered": True, "duration_s": 60}


def stored(**rows: list[dict[str, Any]]) -> dict[str, Table]:
    """Return some records by kind, and none of all other kinds."""
    return {kind: table_of(kind, *rows.get(kind, [])) for kind in KINDS}


def test_what_two_subscribers_say_of_one_payment_counts_wherever_it_came_first() -> None:
    """Of each column the greatest value counts."""
    records = stored(
        payments=[
            {**PAID, "subscriber_id": "bo", "amount_minor": 500, "paid_at": at(9)},
            {**PAID, "subscriber_id": "al", "amount_minor": 300, "paid_at": at(10), **NEW},
            {**PAID, "payment_id": "q", "subscriber_id": "cy", "amount_minor": 1, "paid_at": at(8)},
        ]
    )
    found = changes(connect(), records, frozenset({"L2"})).rows
    (payment,) = rows_of(found["payments"], "payment_id")
    assert payment["payment_id"] == "p"
    assert (payment["subscriber_id"], payment["amount_minor"]) == ("bo", 500)
    assert payment["paid_at"] == at(10)
    told = rows_of(found["subscribers"], "subscriber_id")
    assert [row["subscriber_id"] for row in told] == ["al"]


def test_only_who_is_touched_and_who_they_were_in_touch_with_are_numbered() -> None:
    """In the order of the pseudonyms; the namespace is the greatest of any record."""
    records = stored(
        calls=[
            {"caller_id": "al", "callee_id": "cy", "started_at": at(9), **CALLED},
            {"caller_id": "cy", "callee_id": "di", "started_at": at(9), **CALLED},
            {"caller_id": "bo", "callee_id": "al", "started_at": at(10), **CALLED, **NEW},
        ],
        ties=[{"subscriber_id": "al", "other_id": "ed", "kind": "family", "namespace": "zeta"}],
    )
    engine = connect()
    scope = Scope(engine, records, frozenset({"L2"}), is_whole=False)
    everyone = rows_of(scope.people.everyone, "subscriber_id")
    assert [row["pseudonym"] for row in everyone] == ["al", "bo", "cy", "ed"]
    found = changes(connect(), records, frozenset({"L2"})).rows
    told = {row["subscriber_id"]: row for row in rows_of(found["subscribers"], "subscriber_id")}
    assert {key: row["namespace"] for key, row in told.items()} == {"al": "zeta", "bo": "lab"}
    assert (told["al"]["calls_out"], told["al"]["calls_in"], told["al"]["contacts"]) == (1, 1, 2)
    pairs = [
        (row["caller_id"], row["callee_id"]) for row in rows_of(found["contacts"], "caller_id")
    ]
    assert pairs == [("bo", "al")]
