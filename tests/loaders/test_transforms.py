"""Every expected number here was worked out by hand from the few records above it."""

from datetime import timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis.expr.types import Table

from loaders.transforms import care, device, package, subscriber, tie, usage
from loaders.transforms.columns import beside, named_keys
from tests.loaders.records_of import at, rows_of, table_of


def call(
    caller: str, callee: str, hour: int, duration_s: int | None, **more: Any
) -> dict[str, Any]:
    return {
        "caller_id": caller,
        "callee_id": callee,
        "started_at": at(hour),
        "duration_s": duration_s,
        "is_answered": duration_s is not None,
        **more,
    }


def message(sender: str, recipient: str, hour: int, **more: Any) -> dict[str, Any]:
    return {"sender_id": sender, "recipient_id": recipient, "sent_at": at(hour), **more}


def session(subscriber_id: str, hour: int, **more: Any) -> dict[str, Any]:
    return {"subscriber_id": subscriber_id, "started_at": at(hour), **more}


def events_of(calls: list[dict[str, Any]], messages: list[dict[str, Any]]) -> Table:
    return tie.interactions(table_of("calls", *calls), table_of("messages", *messages))


def test_a_call_that_both_ends_report_is_one_event_with_two_cells() -> None:
    reports = [call("a", "b", 1, 60, caller_cell_id="x"), call("a", "b", 1, 60, callee_cell_id="y")]
    (event,) = rows_of(events_of(reports, []), "at")
    assert (event["caller_cell_id"], event["callee_cell_id"]) == ("x", "y")
    assert event["duration_s"] == 60


def test_two_calls_of_the_same_second_with_other_durations_are_two_events() -> None:
    """Bandicoot's demo user A has such calls: 1, 4 and 5 s long at 2014-04-11 22:15:10."""
    assert len(rows_of(events_of([call("a", "b", 1, 1), call("a", "b", 1, 4)], []), "at")) == 2


def test_contacts_count_each_direction_apart() -> None:
    events = events_of(
        [call("a", "b", 1, 60), call("a", "b", 2, None), call("b", "a", 3, 5)],
        [message("a", "b", 4), message("a", "b", 4, namespace="lab")],
    )
    there, back = rows_of(tie.contacts(tie.days(events)), "caller_id")
    assert there == {
        "caller_id": "a",
        "callee_id": "b",
        "events": 3,
        "calls": 2,
        "missed": 1,
        "messages": 1,
        "duration_s": 60,
        "active_days": 1,
        "first_at": at(1),
        "last_at": at(4),
    }
    assert (back["caller_id"], back["calls"], back["duration_s"]) == ("b", 1, 5)


def test_active_days_are_days_in_utc() -> None:
    events = events_of(
        [call("a", "b", 0, 1) | {"started_at": at(23, 59, 59)}], [message("a", "b", 0)]
    )
    late = events_of([call("a", "b", 0, 1) | {"started_at": at(0, day=2)}], [message("a", "b", 0)])
    assert rows_of(tie.contacts(tie.days(events)), "caller_id")[0]["active_days"] == 1
    assert rows_of(tie.contacts(tie.days(late)), "caller_id")[0]["active_days"] == 2


def test_traffic_sees_every_event_from_both_ends() -> None:
    events = events_of(
        [call("a", "b", 1, 60, caller_cell_id="x"), call("c", "a", 2, None)], [message("b", "a", 3)]
    )
    presences = ibis.memtable(
        pa.table({"subscriber_id": ["a", "a"], "is_contact": [True, False]})  # one is of a session
    )
    days = tie.days(events)
    traffic = subscriber.traffic(tie.contacts(days), days)
    sessions = usage.totals(usage.uses(table_of("sessions", session("a", 4, duration_s=7))))
    told = beside(beside(traffic, sessions), subscriber.located(presences))
    counted = subscriber.counted(told)
    a, b, c = rows_of(counted, "subscriber_id")
    assert a == {
        "subscriber_id": "a",
        "events": 3,
        "contacts": 2,
        "calls_out": 1,
        "calls_in": 1,
        "missed_out": 0,
        "missed_in": 1,
        "duration_out_s": 60,
        "duration_in_s": 0,
        "messages_out": 0,
        "messages_in": 1,
        "active_days": 1,
        "first_at": at(1),
        "last_at": at(3),
        "located_events": 1,
        "unlocated_events": 2,
        "sessions": 1,
        "data_duration_s": 7,
        "volume_up_bytes": 0,
        "volume_down_bytes": 0,
        "data_first_at": at(4),
        "data_last_at": at(4),
    }
    assert (b["events"], b["duration_in_s"], b["messages_out"], b["unlocated_events"]) == (
        2,
        60,
        1,
        2,
    )
    assert (c["calls_out"], c["missed_out"], c["contacts"]) == (1, 1, 1)


@pytest.mark.parametrize("reversed_order", [False, True])
def test_the_latest_statement_counts_attribute_by_attribute(reversed_order: bool) -> None:
    rows: list[dict[str, Any]] = [
        {"subscriber_id": "a", "gender": "female", "plan": "old"},
        {"subscriber_id": "a", "gender": "male", "as_of": at(1), "tenure_months": 9},
        {"subscriber_id": "a", "as_of": at(2), "tenure_months": 12},
        {"subscriber_id": "a", "as_of": at(2) + timedelta(milliseconds=9), "tenure_months": 10},
    ]
    rows = rows[::-1] if reversed_order else rows
    (a,) = rows_of(subscriber.attributes(table_of("subscribers", *rows)), "subscriber_id")
    assert (a["gender"], a["plan"], a["tenure_months"]) == ("male", "old", 10)
    assert a["status"] is None


def test_a_friendship_stated_from_both_sides_is_one() -> None:
    rows = [
        {"subscriber_id": "b", "other_id": "a", "kind": "friendship"},
        {"subscriber_id": "a", "other_id": "b", "kind": "friendship"},
        {"subscriber_id": "c", "other_id": "c", "kind": "friendship"},
    ]
    assert rows_of(tie.friendships(table_of("ties", *rows)), "subscriber_id") == [
        {"subscriber_id": "a", "other_id": "b", "kind": "friendship", "source": "lab"},
        {"subscriber_id": "c", "other_id": "c", "kind": "friendship", "source": "lab"},
    ]


def test_a_subscription_spans_from_its_first_start_to_its_last_end() -> None:
    rows: list[dict[str, Any]] = [
        {"subscriber_id": "a", "package_id": "p", "since": at(0, day=3).date()},
        {"subscriber_id": "a", "package_id": "p", "since": at(0, day=1).date(), "currency": "USD"},
    ]
    (row,) = rows_of(package.subscriptions(table_of("subscriptions", *rows)), "package_id")
    assert (row["since"], row["until"], row["currency"]) == (at(0, day=1).date(), None, "USD")


NO_PACKAGE = dict.fromkeys(package.PACKAGE)


def test_a_package_that_only_a_subscription_names_is_known_by_its_key() -> None:
    described = table_of(
        "packages", {"package_id": "lab:p", "name": "P"}, {"package_id": "lab:r", "name": "R"}
    )
    taken = table_of("subscriptions", {"subscriber_id": "a", "package_id": "lab:q"})
    stated = table_of("packages", {"package_id": "lab:p", "kind": "voice"})
    named = named_keys("package_id", stated, taken)
    assert rows_of(package.packages(named, described), "package_id") == [
        {"package_id": "lab:p", "namespace": "lab", **NO_PACKAGE, "name": "P"},
        {"package_id": "lab:q", "namespace": "lab", **NO_PACKAGE},
    ]


SESSIONS = [
    session("a", 1, app_id="lab:x", service="video", tac="lab:t", duration_s=60, volume_up_bytes=5),
    session("a", 2, app_id="lab:x", service="web", tac="lab:t", volume_down_bytes=7),
    session("a", 3, app_id="lab:y", service="web", tac="lab:u", duration_s=1),
    session("a", 4, volume_down_bytes=100),
    session("b", 5, app_id="lab:x"),
]
NOTHING = {"duration_s": 0, "volume_up_bytes": 0, "volume_down_bytes": 0}


def test_use_of_an_app_adds_up_over_its_services_and_devices() -> None:
    uses = usage.uses(table_of("sessions", *SESSIONS))
    assert rows_of(usage.uses_of(uses, "app_id"), "subscriber_id", "app_id") == [
        {
            "subscriber_id": "a",
            "app_id": "lab:x",
            "sessions": 2,
            "duration_s": 60,
            "volume_up_bytes": 5,
            "volume_down_bytes": 7,
            "first_at": at(1),
            "last_at": at(2),
        },
        {
            "subscriber_id": "a",
            "app_id": "lab:y",
            "sessions": 1,
            **NOTHING,
            "duration_s": 1,
            "first_at": at(3),
            "last_at": at(3),
        },
        {
            "subscriber_id": "b",
            "app_id": "lab:x",
            "sessions": 1,
            **NOTHING,
            "first_at": at(5),
            "last_at": at(5),
        },
    ]


def test_use_of_a_service_adds_up_over_apps_and_all_sessions_count_for_the_subscriber() -> None:
    uses = usage.uses(table_of("sessions", *SESSIONS))
    video, web = rows_of(usage.uses_of(uses, "service_id"), "service_id")
    assert (video["service_id"], video["sessions"]) == ("video", 1)
    assert (web["service_id"], web["sessions"], web["last_at"]) == ("web", 2, at(3))
    a, b = rows_of(usage.totals(uses), "subscriber_id")
    assert a == {
        "subscriber_id": "a",
        "sessions": 4,
        "data_duration_s": 61,
        "volume_up_bytes": 5,
        "volume_down_bytes": 107,
        "data_first_at": at(1),
        "data_last_at": at(4),
    }
    assert b["sessions"] == 1


def test_a_device_is_owned_from_its_first_sighting_to_its_last() -> None:
    """Stated from 2 to 3 o'clock; seen in sessions at 1 and 2, with the other model at 3."""
    stated = table_of(
        "ownerships",
        {"subscriber_id": "a", "tac": "lab:t", "since": at(2), "until": at(3)},
        {"subscriber_id": "b", "tac": "lab:t"},
    )
    owned = device.ownerships(stated, usage.uses(table_of("sessions", *SESSIONS)))
    assert rows_of(owned, "subscriber_id", "tac") == [
        {"subscriber_id": "a", "tac": "lab:t", "since": at(1), "until": at(3)},
        {"subscriber_id": "a", "tac": "lab:u", "since": at(3), "until": at(3)},
        {"subscriber_id": "b", "tac": "lab:t", "since": None, "until": None},
    ]


def test_a_touchpoint_is_told_once() -> None:
    rows: list[dict[str, Any]] = [
        {"touchpoint_id": "t", "subscriber_id": "a", "at": at(1), "stage": "use"},
        {"touchpoint_id": "t", "subscriber_id": "a", "at": at(1), "stage": "use", "topic": "bill"},
    ]
    assert rows_of(care.touchpoints(table_of("touchpoints", *rows)), "touchpoint_id") == [
        {
            "touchpoint_id": "t",
            "subscriber_id": "a",
            "at": at(1),
            "stage": "use",
            "channel": None,
            "topic": "bill",
            "outcome": None,
            "duration_s": None,
        }
    ]


def test_an_answer_is_known_by_all_that_it_says() -> None:
    """The key is the SHA-256 of the text beside it, as sha256sum has it; its first 32 digits."""
    answer = {"subscriber_id": "a", "answered_at": at(1), "kind": "mos", "score": 3.5}
    rows = [
        answer,
        answer | {"file": "again.csv"},
        answer | {"service": "video", "app_id": "lab:x"},
    ]
    found = rows_of(care.surveys(table_of("surveys", *rows)), "service_id")
    assert len(found) == 2
    assert found[1] == {
        "survey_id": "d6ca8a87d4027e9bf106a5c9a71d0f36",  # a|1767229200|mos|3500000|||
        "subscriber_id": "a",
        "service_id": None,
        "app_id": None,
        "kind": "mos",
        "score": 3.5,
        "answered_at": at(1),
        "session_id": None,
    }
