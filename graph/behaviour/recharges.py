"""What a subscriber tops up: bandicoot's indicators of recharges, in one currency."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from cypher import statement
from graph.behaviour.arrays import Floats, Ints, Statistic, Summary, covering, ratio, spread, totals
from graph.behaviour.events import SCHEMA, SECOND_US, Events, GroupBy, Periods, Slice
from graph.behaviour.indicators import Spread
from graph.database.session import Row
from graph.reader import Reader

_RECHARGES = statement("behaviour/recharges")


async def recharges(reader: Reader, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Return what each subscriber topped up, the earliest first."""
    rows = await reader.read(_RECHARGES, keys=list(keys))
    return {row["key"]: row["recharges"] for row in rows}


class Recharges:
    """One subscriber's recharges in the currency that they use most.

    Parameters
    ----------
    rows : sequence of Row
        currency, amount_minor and paid_at of at least one recharge, the earliest first.
    """

    def __init__(
        self, rows: Sequence[Row], time_zone: str, group_by: GroupBy, wanted: Slice
    ) -> None:
        used = Counter(str(row["currency"]) for row in rows)
        self.currency = min(used, key=lambda currency: (-used[currency], currency))
        kept = [row for row in rows if row["currency"] == self.currency]
        self._amounts = np.array([row["amount_minor"] for row in kept], np.int64)
        self._instants: list[datetime] = [_instant(row["paid_at"]) for row in kept]
        periods = Periods(_events(self._instants), time_zone, group_by)
        # Recharges are neither calls nor messages, so no interaction tells them apart.
        chosen = periods.chosen(Slice(wanted.part_of_week, wanted.part_of_day))
        self._size, self._owner = periods.size, periods.owner
        self._segment, self._chosen_minor = periods.segment[chosen], self._amounts[chosen]
        self._at_us: Ints = periods.events.at_us[chosen]
        self._number = totals(self._segment, self._size)

    def number(self) -> Spread:
        """Return how many there are."""
        return self._spread(np.where(self._number > 0, self._number, np.nan))

    def amount_minor(self, statistic: Statistic) -> Spread:
        """Return a statistic of the amounts."""
        found = Summary(self._chosen_minor, self._segment, self._size)
        return self._spread(found.statistic(statistic))

    def interevent_time_s(self, statistic: Statistic) -> Spread:
        """Return a statistic of the times from one to the next."""
        is_next = self._segment[1:] == self._segment[:-1]
        gap_us = np.diff(self._at_us)[is_next]
        found = Summary(gap_us, self._segment[1:][is_next], self._size, float(SECOND_US))
        return self._spread(found.statistic(statistic))

    def percent_pareto(self) -> Spread:
        """Return the share of recharges, the greatest first, that make 80 % of the amount."""
        amounts = self._chosen_minor.astype(np.float64)
        needed = np.maximum(covering(amounts, self._segment, self._size), 1)
        return self._spread(ratio(needed, self._number))

    def average_balance_minor(self) -> float | None:
        """Return the mean balance if every amount is used up evenly until the next recharge.

        The last recharge does not count, and an interval counts as one day at least; None: there
        are fewer than two recharges.

        Examples
        --------
        >>> days = [(10, 1), (20, 11), (30, 21)]
        >>> rows = [
        ...     {"currency": "EUR", "amount_minor": amount, "paid_at": datetime(2020, 1, day)}
        ...     for amount, day in days
        ... ]
        >>> Recharges(rows, "UTC", "none", Slice()).average_balance_minor()
        7.5
        """
        if len(self._instants) < 2:
            return None
        first, last = self._instants[0], self._instants[-1]
        pairs = zip(self._instants, self._instants[1:], strict=False)
        lasted = [max(1, (after - before).days) for before, after in pairs]
        area = sum(
            int(amount) * days / 2 for amount, days in zip(self._amounts, lasted, strict=False)
        )
        return float(area / max(1, (last - first).days))

    def _spread(self, values: Floats) -> Spread:
        return Spread(*spread(values, self._owner, 1))


def _instant(paid_at: datetime) -> datetime:
    return paid_at.replace(tzinfo=UTC) if paid_at.tzinfo is None else paid_at.astimezone(UTC)


def _events(instants: Sequence[datetime]) -> Events:
    nobody = pa.array([""] * len(instants))
    columns = {
        "subscriber_id": nobody,
        "counterpart_id": nobody,
        "at": pa.array(instants, SCHEMA.field("at").type),
    }
    absent = {
        field.name: pa.array([False] * len(instants))
        if field.type == pa.bool_()
        else pa.nulls(len(instants), field.type)
        for field in SCHEMA
        if field.name not in columns
    }
    return Events.of(pa.table({**columns, **absent}).select(SCHEMA.names).cast(SCHEMA))
