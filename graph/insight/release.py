"""What is told of apps: numbers alone, of sixteen people and more, the same to whoever asks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from graph.errors import NotAnalysed
from graph.insight.interval import Measure, growth, mean, share
from graph.insight.use import EVERYBODY, SPANS, Key, Span, Use, first_of, following, previous


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Period(_Told):
    """A period; what is ``None`` is of too few.

    Attributes
    ----------
    until : date
        The first day after it.
    is_whole : bool
        Whether the records cover all of it.
    users : int
        Who used the app at least once.
    sessions_per_day : Measure
        Sessions of a user on a day on which there is one.
    session_s : Measure
        Length of a user's sessions, in seconds.
    stickiness : Measure
        Part of the days on which a user was active, 0 to 1: mean daily by all users.
    growth : Measure
        By part of the users of the period before; of whole periods.
    churn : Measure
        Part of the users of the period before who are none any more, 0 to 1; of whole periods.
    """

    since: date
    until: date
    is_whole: bool
    users: int | None
    sessions_per_day: Measure | None = None
    session_s: Measure | None = None
    stickiness: Measure | None = None
    growth: Measure | None = None
    churn: Measure | None = None


class Part(_Told):
    """Users who have something in common, with their part of all users."""

    value: str
    users: int
    share: Measure


class Retained(_Told):
    """Who of a cohort was active so many weeks later."""

    weeks: int
    users: int
    share: Measure


class Cohort(_Told):
    """Those who used the app for the first time in the week that begins on a Monday."""

    since: date
    users: int
    retained: tuple[Retained, ...]


class Move(_Told):
    """Who left for another app of the category, by part of those who left."""

    since: date
    app_id: str
    users: int
    share: Measure


class AppRelease(_Told):
    """All that is told of one app; groups of too few are left out."""

    days: tuple[Period, ...]
    weeks: tuple[Period, ...]
    months: tuple[Period, ...]
    cohorts: tuple[Cohort, ...]
    genders: tuple[Part, ...]
    decades: tuple[Part, ...]
    areas: tuple[Part, ...]
    moves: tuple[Move, ...]


class Release(_Told):
    """All that is told of apps, by key."""

    as_of: datetime
    apps: dict[str, AppRelease]


_LISTS = tuple(AppRelease.model_fields)


def read_release(file: Path) -> Release:
    """Return the last release.

    Raises
    ------
    NotAnalysed
        There is none.
    """
    try:
        stat = file.stat()
        return _parsed(file, (stat.st_ino, stat.st_mtime_ns, stat.st_size))
    except FileNotFoundError as error:
        raise NotAnalysed("apps are not analysed yet: run `tiegraph analyse apps`") from error


@lru_cache(maxsize=2)
def _parsed(file: Path, _version: tuple[int, int, int]) -> Release:
    """Return a file's release, parsed once: another one is another file."""
    return Release.model_validate_json(file.read_bytes())


def write_release(file: Path, release: Release) -> None:
    """Put a release in the place of the former at once."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(release.model_dump_json(), encoding="utf-8")
    draft.replace(file)


def released(use: Use, counts: Mapping[Key, int | None], first: date, last: date) -> AppRelease:
    """Return what is told of an app.

    Parameters
    ----------
    counts
        Of each population of ``use.sections()``, how many they are; ``None``: too few to tell.
    first, last : date
        The first and the last day that the records cover.
    """
    told = _Teller(use, counts, first, last)
    months, weeks, days = (told.periods(span) for span in SPANS)
    return AppRelease(
        days=days,
        weeks=weeks,
        months=months,
        cohorts=told.cohorts(),
        genders=told.parts("gender"),
        decades=told.parts("decade"),
        areas=told.parts("area"),
        moves=told.moves(),
    )


def kept(fresh: AppRelease, former: AppRelease | None) -> AppRelease:
    """Return what is told of an app now, with what was told before and would be refused now.

    Where late records change a population a little, its old number stays, whole with its means.
    """
    if former is None:
        return fresh
    told = {name: _kept(getattr(fresh, name), getattr(former, name)) for name in _LISTS}
    return fresh.model_copy(update=told)


def _kept(fresh: Sequence[_Told], former: Sequence[_Told]) -> tuple[_Told, ...]:
    told = {_mark(one): one for one in former if one.model_dump()["users"] is not None}
    told |= {
        _mark(one): one
        for one in fresh
        if one.model_dump()["users"] is not None or _mark(one) not in told
    }
    return tuple(told[mark] for mark in sorted(told))


def _mark(one: _Told) -> tuple[str, str]:
    """Return what an entry of a list is known by."""
    content = one.model_dump(mode="json")
    return str(content.get("since", "")), str(content.get("value", content.get("app_id", "")))


class _Teller:
    def __init__(self, use: Use, counts: Mapping[Key, int | None], first: date, last: date) -> None:
        self._use = use
        self._counts = counts
        self._first, self._last = first, last
        self._did: dict[tuple[Span, date], dict[str, list[int]]] = defaultdict(dict)
        for day in use.days:
            for span in SPANS:
                of = self._did[span, first_of(span, day.on)]
                sums = of.setdefault(day.subscriber_id, [0, 0, 0])
                sums[:] = sums[0] + 1, sums[1] + day.sessions, sums[2] + day.duration_s

    def periods(self, span: Span) -> tuple[Period, ...]:
        begins = [begin for of, begin in self._use.active if of == span]
        return tuple(self._period(span, begin) for begin in begins)

    def _period(self, span: Span, begin: date) -> Period:
        until, users = following(span, begin), self._counts.get((span, begin.isoformat()))
        bare = Period(since=begin, until=until, is_whole=self._is_whole(span, begin), users=users)
        if users is None:
            return bare
        did = list(self._did[span, begin].values())
        length = (until - begin).days
        measures = {
            "sessions_per_day": mean([sessions / days for days, sessions, _ in did]),
            "session_s": mean([length_s / sessions for _, sessions, length_s in did]),
            "stickiness": mean([days / length for days, _, _ in did])
            if bare.is_whole and span != "day"
            else None,
            **self._change(span, begin, users),
        }
        return bare.model_copy(update=measures)

    def _change(self, span: Span, begin: date, users: int) -> dict[str, Measure]:
        former = previous(span, begin)
        before = self._counts.get((span, former.isoformat()))
        stayed = self._counts.get(("stayed", span, begin.isoformat()))
        both = self._is_whole(span, former) and self._is_whole(span, begin)
        if before is None or stayed is None or not both:
            return {}
        return {
            "growth": growth(before, users, stayed),
            "churn": share(before - stayed, before),
        }

    def _is_whole(self, span: Span, begin: date) -> bool:
        return self._first <= begin and following(span, begin).toordinal() - 1 <= (
            self._last.toordinal()
        )

    def cohorts(self) -> tuple[Cohort, ...]:
        return tuple(
            Cohort(since=begin, users=users, retained=self._retained(begin, users))
            for begin in self._use.cohorts
            if (users := self._counts.get(("cohort", begin.isoformat()))) is not None
        )

    def _retained(self, begin: date, users: int) -> tuple[Retained, ...]:
        found = [
            (int(key[2]), count)
            for key, count in self._counts.items()
            if key[:2] == ("retained", begin.isoformat()) and count is not None
        ]
        return tuple(
            Retained(weeks=weeks, users=count, share=share(count, users))
            for weeks, count in sorted(found)
        )

    def parts(self, name: str) -> tuple[Part, ...]:
        everybody = self._counts.get(EVERYBODY)
        found = [
            (str(value), count)
            for value in self._use.facts.get(name, {})
            if everybody and (count := self._counts.get((name, value))) is not None
        ]
        return tuple(
            Part(value=value, users=count, share=share(count, everybody))
            for value, count in sorted(found)
            if everybody
        )

    def moves(self) -> tuple[Move, ...]:
        return tuple(
            Move(since=begin, app_id=str(key[2]), users=count, share=share(count, left))
            for key, count in sorted(self._counts.items(), key=lambda one: str(one[0]))
            if key[0] == "moved"
            and count is not None
            and (left := self._left(begin := date.fromisoformat(str(key[1]))))
        )

    def _left(self, begin: date) -> int | None:
        """Return how many stopped using the app in a month, where what is told says it."""
        before = self._counts.get(("month", previous("month", begin).isoformat()))
        stayed = self._counts.get(("stayed", "month", begin.isoformat()))
        return None if before is None or stayed is None else before - stayed
