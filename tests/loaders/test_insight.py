"""How apps are doing: every number that is told, against pandas on the same sessions."""
# pandas carries no types.
# pyright: reportReturnType=false, reportAttributeAccessIssue=false

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import h3
import numpy as np
import pandas as pd
import pytest

from graph.insight.release import AppRelease, Period, read_release
from graph.settings import Settings
from loaders.insight import analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.loaders.records_of import staged_of

PEOPLE, DAYS = 2_500, 75
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
APPS = {"lab:chat": "social", "lab:talk": "social", "lab:rare": "games"}
CELLS = {"lab:north": (55.70, 12.50), "lab:south": (55.30, 12.00)}


@dataclass(frozen=True)
class Analysed:
    settings: Settings
    sessions: pd.DataFrame
    people: pd.DataFrame

    def told(self, app_id: str = "lab:chat") -> AppRelease:
        return read_release(self.settings.insight_file).apps[app_id]

    def of(self, app_id: str = "lab:chat") -> pd.DataFrame:
        return self.sessions[self.sessions.app_id == app_id]


def made(random: np.random.Generator) -> pd.DataFrame:
    """Return sessions: people come and go by the week, and some use both social apps."""
    rows: list[dict[str, Any]] = []
    for person in range(PEOPLE):
        joins, stays = random.integers(60), random.exponential(25)
        for app_id, chance in (("lab:chat", 0.5), ("lab:talk", 0.3)):
            begin = int(joins + (app_id == "lab:talk") * stays)
            for day in range(begin, min(DAYS, int(begin + stays) + 1)):
                for _ in range(int(random.poisson(chance))):
                    at = FIRST + timedelta(days=day, seconds=int(random.integers(86_400)))
                    rows.append(row(person, app_id, at, int(random.integers(1, 900)), random))
    rows += [row(person, "lab:rare", FIRST, 60, random) for person in range(15)]
    return pd.DataFrame(rows)


def row(
    person: int, app_id: str, at: datetime, duration_s: int, random: np.random.Generator
) -> dict[str, Any]:
    return {
        "subscriber_id": f"{person:032x}",
        "app_id": app_id,
        "started_at": at,
        "duration_s": duration_s,
        "cell_id": str(random.choice(list(CELLS))),
    }


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    """Store and analyse sessions of two apps, and of one that fifteen people used."""
    random = np.random.default_rng(20)
    home = tmp_path_factory.mktemp("insight")
    sessions = made(random)
    people = pd.DataFrame(
        {
            "subscriber_id": [f"{person:032x}" for person in range(PEOPLE)],
            "gender": random.choice(["female", "male"], PEOPLE),
            "birth_year": random.integers(1950, 2006, PEOPLE),
        }
    )
    settings = Settings(home_dir=home)
    store = RecordStore(settings.records_folder)
    apps = [{"app_id": app, "category": category} for app, category in APPS.items()]
    cells = [
        {"cell_id": cell, "lat_deg": lat, "lon_deg": lon} for cell, (lat, lon) in CELLS.items()
    ]
    for kind, rows in (
        ("sessions", sessions.to_dict("records")),
        ("subscribers", people.to_dict("records")),
        ("apps", apps),
        ("cells", cells),
    ):
        store.append(kind, [staged_of(home, kind, *rows)], "L1")
    analyse(settings, Silence())
    return Analysed(settings, sessions, people)


def test_periods_are_what_pandas_counts(done: Analysed) -> None:
    """Daily, weekly and monthly users, sessions a day, their length, and stickiness as DAU/MAU."""
    used = done.of().assign(on=lambda rows: rows.started_at.dt.tz_localize(None).dt.normalize())
    for frequency, periods in (
        ("D", done.told().days),
        ("W-SUN", done.told().weeks),
        ("M", done.told().months),
    ):
        groups = used.groupby(used.on.dt.to_period(frequency))
        assert [period.since for period in periods] == [p.start_time.date() for p in groups.groups]
        for (_, rows), period in zip(groups, periods, strict=True):
            if period.users is None:
                continue
            assert period.users == rows.subscriber_id.nunique() >= 16
            by_person = rows.groupby("subscriber_id")
            active = by_person.on.nunique()
            assert period.sessions_per_day
            assert period.session_s
            assert period.sessions_per_day.value == pytest.approx(
                (by_person.size() / active).mean()
            )
            assert period.session_s.value == pytest.approx(by_person.duration_s.mean().mean())
            if period.is_whole and frequency != "D":
                length = (period.until - period.since).days
                daily = rows.groupby("on").subscriber_id.nunique().sum() / length
                assert period.stickiness
                assert period.stickiness.value == pytest.approx(daily / period.users)


def active(done: Analysed, app_id: str, period: Period) -> set[str]:
    used = done.of(app_id)
    on = used.started_at.dt.date
    return set(used.subscriber_id[(on >= period.since) & (on < period.until)])


def test_growth_churn_and_moves_are_what_sets_say(done: Analysed) -> None:
    months = done.told().months
    assert [month.is_whole for month in months] == [True, True, False]
    one, other = (active(done, "lab:chat", month) for month in months[:2])
    assert months[1].growth
    assert months[1].churn
    assert months[1].growth.value == pytest.approx(len(other) / len(one) - 1)
    assert months[1].churn.value == pytest.approx(len(one - other) / len(one))
    assert months[2].growth is None, "March is not over"
    talking = active(done, "lab:talk", months[1])
    (move,) = [move for move in done.told().moves if move.since == date(2026, 2, 1)]
    assert (move.app_id, move.users) == ("lab:talk", len((one - other) & talking))
    assert move.share.value == pytest.approx(move.users / len(one - other))


def test_cohorts_are_retained_as_pandas_counts(done: Analysed) -> None:
    used = done.of().assign(
        week=lambda rows: rows.started_at.dt.tz_localize(None).dt.to_period("W-SUN")
    )
    first = used.groupby("subscriber_id").week.transform("min")
    later = (used.week.dt.start_time - first.dt.start_time).dt.days // 7
    seen = used.assign(first=first.dt.start_time.dt.date, later=later)
    cohorts = done.told().cohorts
    assert len(cohorts) >= 3
    retained = 0
    for cohort in cohorts:
        mine = seen[seen["first"] == cohort.since]
        assert cohort.users == mine.subscriber_id.nunique()
        for one in cohort.retained:
            there = mine[mine.later == one.weeks].subscriber_id.nunique()
            assert (one.users, one.share.value) == (there, there / cohort.users)
            retained += 1
    assert retained > 3


def test_people_and_places_are_what_pandas_counts(done: Analysed) -> None:
    users = done.people[done.people.subscriber_id.isin(done.of().subscriber_id)]
    genders = users.groupby("gender").size()
    assert {part.value: part.users for part in done.told().genders} == genders.to_dict()
    decades = users.groupby(users.birth_year // 10 * 10).size()
    for part in done.told().decades:
        assert part.users == decades[int(part.value)]
        assert part.share.value == pytest.approx(part.users / len(users))
    areas = {cell: h3.latlng_to_cell(*at, 6) for cell, at in CELLS.items()}
    there = done.of().assign(area=done.of().cell_id.map(areas)).groupby("area")
    for part in done.told().areas:
        assert part.users == there.subscriber_id.nunique()[part.value]


def test_nothing_is_told_of_fewer_than_sixteen(done: Analysed) -> None:
    release = read_release(done.settings.insight_file)
    assert "lab:rare" not in release.apps, "fifteen used it"
    text = done.settings.insight_file.read_text()
    assert not any(person in text for person in done.people.subscriber_id)
    for app in release.apps.values():
        told = app.model_dump()
        counts = [
            one["users"] for ones in told.values() for one in ones if one["users"] is not None
        ]
        counts += [one["users"] for cohort in told["cohorts"] for one in cohort["retained"]]
        assert min(counts) >= 16


def test_late_records_do_not_give_anybody_away(done: Analysed) -> None:
    """One more person in January: the difference of two releases would tell of one."""
    former = done.told()
    late = {
        "subscriber_id": "f" * 32,
        "app_id": "lab:chat",
        "started_at": FIRST + timedelta(days=3),
        "duration_s": 7,
    }
    file = staged_of(done.settings.home_dir, "sessions", late, name="late.csv", load_id="L2")
    RecordStore(done.settings.records_folder).append("sessions", [file], "L2")
    analyse(done.settings, Silence())
    assert numbers(done.told()).items() >= numbers(former).items()
    late_on = {("days", "2026-01-04"), ("weeks", "2025-12-29"), ("months", "2026-01-01")}
    assert late_on & numbers(former).keys(), "some number would have changed by one"


def numbers(told: AppRelease) -> dict[tuple[str, str], int]:
    """Return how many people are told of, by list and by what an entry is of."""
    return {
        (name, str(one.get("since") or one["value"]) + str(one.get("app_id", ""))): one["users"]
        for name, ones in told.model_dump().items()
        for one in ones
        if one["users"] is not None
    }
