"""What all ties add up to, whichever loads brought them; counted by hand."""

from typing import Any

import ibis
import pytest

from graph.totals import ContactsTotal, FriendshipsTotal, Totals
from loaders.changes import changes
from loaders.engine import connect
from loaders.kinds import KINDS
from loaders.totals import totals_of_all
from tests.loaders.records_of import at, table_of

# Minute, caller, callee, seconds (None: missed), load. Both ends report the first one.
CALLS = [
    (1, "a", "b", 60, "L1"),
    (1, "a", "b", 60, "L2"),
    (2, "a", "b", None, "L2"),
    (3, "b", "a", 5, "L2"),
    (4, "c", "c", 7, "L1"),
    (5, "d", "a", 9, "L3"),
]
MESSAGES = [(6, "a", "b", "L1"), (7, "b", "c", "L1"), (8, "c", "b", "L3")]
# Two sources state the first one, each from its own end.
TIES = [
    ("a", "b", "friendship", "x", "L1"),
    ("b", "a", "friendship", "y", "L2"),
    ("a", "b", "family", "x", "L2"),
    ("c", "c", "friendship", "x", "L3"),
    ("c", "d", "colleague", "x", "L1"),
]


def records(*loads: str) -> dict[str, ibis.Table]:
    """Return the stored records of some loads; a pseudonym has 32 hexadecimal digits."""
    rows: dict[str, list[dict[str, Any]]] = {
        "calls": [
            {
                "caller_id": caller * 32,
                "callee_id": callee * 32,
                "started_at": at(8, minute),
                "duration_s": duration_s,
                "is_answered": duration_s is not None,
                "load_id": load,
            }
            for minute, caller, callee, duration_s, load in CALLS
        ],
        "messages": [
            {
                "sender_id": sender * 32,
                "recipient_id": to * 32,
                "sent_at": at(8, minute),
                "load_id": load,
            }
            for minute, sender, to, load in MESSAGES
        ],
        "ties": [
            {
                "subscriber_id": one * 32,
                "other_id": other * 32,
                "kind": kind,
                "namespace": s,
                "load_id": load,
            }
            for one, other, kind, s, load in TIES
        ],
    }
    return {
        kind: table_of(kind, *(row for row in rows.get(kind, []) if row["load_id"] in loads))
        for kind in KINDS
    }


def test_all_ties_add_up() -> None:
    """Calls: ab (2 events, 1 missed), ba, cc, da. Messages: ab, bc, cb. Mutual: ab, ba, cc; bc, cb.

    The 1 message of ab is on a tie with calls, and its 2 calls are on a tie with messages.
    """
    found = totals_of_all(records("L1", "L2", "L3"))
    assert found.contacts.call == ContactsTotal(
        directed_pairs=4,
        mutual_pairs=3,
        subscribers=4,
        events=6,
        calls=5,
        missed=1,
        messages=1,
        duration_s=81,
    )
    assert found.contacts.message == ContactsTotal(
        directed_pairs=3,
        mutual_pairs=2,
        subscribers=3,
        events=5,
        calls=2,
        missed=1,
        messages=3,
        duration_s=60,
    )
    assert found.contacts.any == ContactsTotal(
        directed_pairs=6,
        mutual_pairs=5,
        subscribers=4,
        events=8,
        calls=5,
        missed=1,
        messages=3,
        duration_s=81,
    )
    assert found.friendships.friendship == FriendshipsTotal(pairs=2, to_oneself=1, subscribers=3)
    assert found.friendships.family == FriendshipsTotal(pairs=1, subscribers=2)
    assert found.friendships.colleague == FriendshipsTotal(pairs=1, subscribers=2)
    assert found.friendships.any == FriendshipsTotal(pairs=3, to_oneself=1, subscribers=4)


@pytest.mark.parametrize("order", [("L1", "L2", "L3"), ("L3", "L1", "L2"), ("L2", "L3", "L1")])
def test_loads_add_what_they_bring_in_any_order(order: tuple[str, ...]) -> None:
    """The last line: what all of them add up to at once, which the test above counts."""
    total = Totals()
    for number, load in enumerate(order, 1):
        stored = records(*order[:number])
        found = changes(connect(), stored, frozenset({load}), is_whole=number == 1)
        total += found.gained
    assert total == totals_of_all(records(*order))
