"""Who used an app in which period: the populations that all that is told of it is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

Span = Literal["day", "week", "month"]
Key = tuple[str | int, ...]  # a section, and what is meant within it
SPANS: tuple[Span, ...] = ("month", "week", "day")
EVERYBODY: Key = ("all",)
_LONGEST_COHORT = 12  # weeks


@dataclass(frozen=True)
class ActiveDay:
    """What one subscriber did with one app on one day (UTC)."""

    subscriber_id: str
    on: date
    sessions: int
    duration_s: int


@dataclass(frozen=True)
class Use:
    """All active days of one app, and what is known of those who had them.

    Attributes
    ----------
    facts : Mapping
        By ``gender``, ``decade`` (of birth) and ``area``, values with those whom they are of.
    rivals : Mapping
        Of each other app of the category, who used it, by first day of the month.
    """

    days: Sequence[ActiveDay]
    facts: Mapping[str, Mapping[str, set[str]]] = field(default_factory=dict)
    rivals: Mapping[str, Mapping[date, set[str]]] = field(default_factory=dict)

    @cached_property
    def active(self) -> dict[tuple[Span, date], set[str]]:
        """Who was active in each period that anybody was in, by its first day."""
        found: dict[tuple[Span, date], set[str]] = {}
        for day in self.days:
            for span in SPANS:
                found.setdefault((span, first_of(span, day.on)), set()).add(day.subscriber_id)
        return dict(sorted(found.items(), key=lambda one: (SPANS.index(one[0][0]), one[0][1])))

    @cached_property
    def cohorts(self) -> dict[date, set[str]]:
        """Who used the app for the first time in each week, by its Monday."""
        first: dict[str, date] = {}
        for day in self.days:
            first[day.subscriber_id] = min(day.on, first.get(day.subscriber_id, day.on))
        found: dict[date, set[str]] = {}
        for person, on in first.items():
            found.setdefault(first_of("week", on), set()).add(person)
        return dict(sorted(found.items()))

    def sections(self) -> Iterable[dict[Key, set[str]]]:
        """Yield the populations to count, what matters most first."""
        yield {EVERYBODY: {day.subscriber_id for day in self.days}}
        wide = SPANS[:2]
        for span in wide:
            yield self._users(span)
        for span in wide:
            yield self._stayed(span)
        for name, values in self.facts.items():
            yield {(name, value): who for value, who in values.items()}
        yield self._moved()
        yield {("cohort", begin.isoformat()): who for begin, who in self.cohorts.items()}
        yield self._retained()
        yield self._users("day")  # so many that nothing else would be told after them

    def _users(self, span: Span) -> dict[Key, set[str]]:
        return {(of, begin.isoformat()): who for (of, begin), who in self._of(span)}

    def _stayed(self, span: Span) -> dict[Key, set[str]]:
        return {
            ("stayed", span, begin.isoformat()): who & before
            for (_, begin), who in self._of(span)
            if (before := self.active.get((span, previous(span, begin))))
        }

    def _of(self, span: Span) -> list[tuple[tuple[Span, date], set[str]]]:
        return [(key, who) for key, who in self.active.items() if key[0] == span]

    def _retained(self) -> dict[Key, set[str]]:
        return {
            ("retained", begin.isoformat(), weeks): who & there
            for begin, who in self.cohorts.items()
            for weeks in range(1, _LONGEST_COHORT + 1)
            if (there := self.active.get(("week", begin + timedelta(weeks=weeks))))
        }

    def _moved(self) -> dict[Key, set[str]]:
        """Return who stopped using the app in a month, and used another one of the category."""
        return {
            ("moved", begin.isoformat(), rival): moved
            for (_, begin), who in self._of("month")
            for rival, months in self.rivals.items()
            if (before := self.active.get(("month", previous("month", begin))))
            and (moved := (before - who) & months.get(begin, set()))
        }


def first_of(span: Span, on: date) -> date:
    """Return the first day of the period that a day is in; weeks begin on Mondays (ISO 8601).

    Examples
    --------
    >>> [first_of(span, date(2026, 1, 7)).isoformat() for span in SPANS]
    ['2026-01-01', '2026-01-05', '2026-01-07']
    """
    match span:
        case "month":
            return on.replace(day=1)
        case "week":
            return on - timedelta(days=on.weekday())
        case _:
            return on


def previous(span: Span, begin: date) -> date:
    """Return the first day of the period before."""
    return first_of(span, begin - timedelta(days=1))


def following(span: Span, begin: date) -> date:
    """Return the first day of the period after."""
    days = {"day": 1, "week": 7, "month": 31}[span]
    return first_of(span, begin + timedelta(days=days))
