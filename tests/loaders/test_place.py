"""Where subscribers were; expected numbers were worked out by hand from the records above them."""

from datetime import UTC, datetime
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis.expr.types import Table

from loaders.coverage.versions import last_versions, spans
from loaders.engine import connect
from loaders.instants import plain
from loaders.transforms import place, tie
from tests.loaders.records_of import at, rows_of, table_of

P, Q = 1, 2  # places, in the order of their indexes
SATURDAY = 3  # of January 2026, whose first day is a Thursday


def located(*seen: tuple[int, datetime]) -> Table:
    """Return when subscriber a was at which place."""
    return ibis.memtable(
        pa.table(
            {
                "subscriber_id": ["a"] * len(seen),
                "h3": [number for number, _ in seen],
                "at": [instant for _, instant in seen],
                "is_contact": [True] * len(seen),
            }
        )
    )


def clock(zone: str = "UTC") -> place.Clock:
    return place.local_clock(zone, at(0), at(0, day=31))


def test_a_visit_is_a_run_of_records_at_one_place() -> None:
    """P 1:00, p 1:30, q 2:00, p 3:00, p 3:10: two visits to p of 30 and 10 minutes, one to q."""
    seen = located((P, at(1)), (P, at(1, 30)), (Q, at(2)), (P, at(3)), (P, at(3, 10)))
    p, q = rows_of(place.visits(seen), "h3")
    assert p == {
        "subscriber_id": "a",
        "h3": P,
        "events": 4,
        "visits": 2,
        "dwell_s": 2400,
        "first_at": at(1),
        "last_at": at(3, 10),
    }
    assert (q["events"], q["visits"], q["dwell_s"]) == (1, 1, 0)


def test_whoever_a_cell_saw_was_at_the_place_that_stands_for_it_then() -> None:
    """An unknown cell says nothing; cell y stands for p until 2:00 and for q from then on."""
    call = {"caller_id": "a", "callee_id": "b", "started_at": at(1), "is_answered": False}
    events = tie.interactions(
        table_of("calls", call | {"caller_cell_id": "unknown", "callee_cell_id": "y"}),
        table_of("messages"),
    )
    sessions = table_of("sessions", {"subscriber_id": "b", "started_at": at(2), "cell_id": "y"})
    there = {"subscriber_id": "c", "seen_at": at(3), "h3": P}
    locations = table_of("locations", there | {"cell_id": "y"})
    said = {"cell_id": ["y", "y"], "h3": [P, Q], "since": [at(0), at(2)], "until": [at(2), at(9)]}
    seen = place.sightings(events, sessions, locations)
    assert rows_of(place.presences(seen, ibis.memtable(pa.table(said))), "at") == [
        {"subscriber_id": "b", "at": at(1), "is_contact": True, "h3": P},
        {"subscriber_id": "b", "at": at(2), "is_contact": False, "h3": Q},
        {"subscriber_id": "c", "at": at(3), "is_contact": False, "h3": P},
    ]


TARTU, FIJI = 617295971819978751, 619724571087732735  # as H3 itself has them, as numbers


def cell(lat_deg: float, lon_deg: float, **more: Any) -> dict[str, Any]:
    return {"cell_id": "x", "lat_deg": lat_deg, "lon_deg": lon_deg, **more}


def versions(*cells: dict[str, Any]) -> pa.Table:
    return place.cells(table_of("cells", *cells)).to_pyarrow()


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_cell_is_its_last_version_and_each_counts_in_its_time(is_reversed: bool) -> None:
    """From 2:00 it is in Fiji, before in Tartu; both are told, in any order, twice."""
    told = [
        cell(58.38, 26.72, valid_to=at(2)),
        cell(-16.8, 179.99, valid_from=at(2), technology="4G"),
        cell(58.38, 26.72, valid_to=at(2), line=9),
    ]
    found = versions(*(told[::-1] if is_reversed else told))
    (last,) = last_versions(found).to_pylist()
    assert (last["lat_deg"], last["technology"], last["valid_from"]) == (-16.8, "4G", at(2))
    assert spans(found).to_pylist() == [
        {"cell_id": "x", "h3": TARTU, "since": datetime(1980, 1, 1, tzinfo=UTC), "until": at(2)},
        {"cell_id": "x", "h3": FIJI, "since": at(2), "until": datetime(2100, 1, 1, tzinfo=UTC)},
    ]


def test_a_cell_that_is_told_once_counts_always() -> None:
    found = spans(versions(cell(58.38, 26.72, valid_from=at(2), valid_to=at(3))))
    assert found["h3"].to_pylist() == [TARTU]
    assert found["since"].to_pylist() == [datetime(1980, 1, 1, tzinfo=UTC)]


def test_home_is_where_most_nights_are() -> None:
    """Nights of the 1st, 2nd and 4th at p, one record each; of the 3rd and 4th at q, many."""
    seen = located(
        (P, at(19, day=1)),
        (P, at(6, 59, 59, day=3)),
        (P, at(0, day=5)),
        *((Q, at(20, minute, day=3)) for minute in range(9)),
        (Q, at(23, day=4)),
        (Q, at(7, day=6)),
        (Q, at(18, 59, 59, day=6)),
    )
    assert rows_of(place.homes(seen, clock()), "h3") == [
        {
            "subscriber_id": "a",
            "h3": P,
            "days": 3,
            "records": 3,
            "candidates": 2,
            "active_days": 4,
            "share": 0.75,
        }
    ]


def test_equal_nights_go_to_more_records_and_then_to_the_lower_index() -> None:
    nights = [(P, at(22, day=1)), (Q, at(22, day=2)), (P, at(22, day=3)), (Q, at(22, day=4))]
    (even,) = rows_of(place.homes(located(*nights), clock()), "h3")
    assert (even["h3"], even["share"]) == (P, 0.5)
    (more,) = rows_of(place.homes(located(*nights, (Q, at(23, day=4))), clock()), "h3")
    assert (more["h3"], more["records"]) == (Q, 3)


@pytest.mark.parametrize(("nights", "homes"), [(2, []), (3, [P])])
def test_less_than_three_nights_make_no_home(nights: int, homes: list[int]) -> None:
    seen = located(*((P, at(22, day=day)) for day in range(1, 1 + nights)))
    assert [row["h3"] for row in rows_of(place.homes(seen, clock()), "h3")] == homes


@pytest.mark.parametrize(("elsewhere", "homes"), [(7, [P]), (8, [])])
def test_less_than_three_nights_of_ten_make_no_home(elsewhere: int, homes: list[int]) -> None:
    """Three nights at p, and each of the others at a place of its own."""
    others = ((10 + day, at(22, day=day)) for day in range(4, 4 + elsewhere))
    seen = located(*((P, at(22, day=day)) for day in range(1, 4)), *others)
    assert [row["h3"] for row in rows_of(place.homes(seen, clock()), "h3")] == homes


def test_work_is_where_most_weekdays_are_but_not_at_home() -> None:
    """At home on four weekdays, at q on three; Saturday, 8:59 and 17:00 do not count."""
    weekdays = (1, 2, 5, 6)
    seen = located(
        *((P, at(22, day=day)) for day in weekdays),
        *((P, at(9, day=day)) for day in weekdays),
        *((Q, at(16, 59, 59, day=day)) for day in weekdays[1:]),
        (Q, at(12, day=SATURDAY)),
        (Q, at(8, 59, 59, day=7)),
        (Q, at(17, day=8)),
    )
    homes = place.homes(seen, clock())
    assert rows_of(place.works(seen, homes, clock()), "h3") == [
        {
            "subscriber_id": "a",
            "h3": Q,
            "days": 3,
            "records": 3,
            "candidates": 1,
            "active_days": 4,
            "share": 0.75,
        }
    ]


def test_nights_are_of_the_local_clock_summer_time_included() -> None:
    """Tallinn is 2 hours ahead of UTC, from 29 March 2026, 1:00 UTC, 3 hours."""
    first, last = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 30, tzinfo=UTC)
    tallinn = place.local_clock("Europe/Tallinn", first, last)
    instants = [
        datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 3, 29, 1, tzinfo=UTC),
    ]
    table = ibis.memtable(pa.table({"at": instants}))
    midnight = 1_774_742_400  # 29 March 2026, 0:00 UTC, in seconds since 1970
    for told in (table, plain(connect(), table)):
        found = told.select(local_s=tallinn(told.at)).to_pyarrow()["local_s"].to_pylist()
        assert found == [midnight + 3600 - 1 + 2 * 3600, midnight + 3600 + 3 * 3600]
