"""Scores of many samples at once: the experience model as expressions, and sums of what it says.

All services of a kind of record are scored in one pass over its rows. KPIs are numbered within
their KQI, so that a column stands for one KPI of every service: ``integrity_0`` is the first KPI
of integrity, whichever that is of the row's service; ``slots`` tells.

Scores are whole millionths. A sum of whole numbers is the same in whatever order it is made, so
groups, windows and engines add up exactly.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false
# pyright: reportCallIssue=false

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import Literal

import ibis
from ibis.expr.types import Column, Table, Value

from graph.experience.maths import Operand
from graph.experience.measures import MEASURES, SELECTORS
from graph.experience.model import KQIS, Kpi, KqiName, Model, Service
from graph.experience.stored import FINEST, GRAINS, Grain
from graph.experience.tally import MILLION, THOUSAND, Slot, measures_of, slots, sum_names
from loaders.kinds import KINDS

#: What a sample is about, beside its service and its time.
KEYS = GRAINS[FINEST].keys

#: Kinds of which no record tells the device: it is the one that the subscriber has on that day.
DEVICELESS = ("calls", "messages")


Window = Literal["hour", "day"]


class IbisMaths:
    """The arithmetic of an engine's columns."""

    def exp(self, x: Operand) -> Operand:
        """Return e to the power of x."""
        return x.exp()

    def log(self, x: Operand) -> Operand:
        """Return the natural logarithm."""
        return x.ln()

    def clip(self, x: Operand, least: float | None, most: float | None) -> Operand:
        """Return x within the bounds, null where it is null."""
        return ibis.ifelse(x.isnull(), ibis.null("float64"), _within(x, least, most))

    def first_known(self, x: Operand, otherwise: Operand) -> Operand:
        """Return x where it is not null."""
        return x.coalesce(otherwise)

    def equals(self, x: Operand, text: str) -> Operand:
        """Return 1 or 0, null where there is no text."""
        return (x == text).cast("float64")


class KnownMaths(IbisMaths):
    """The arithmetic of columns that are not null; of a null comes anything.

    No operand is named twice: engines would compute it twice, and formulas within formulas dozens
    of times.
    """

    def clip(self, x: Operand, least: float | None, most: float | None) -> Operand:
        """Return x within the bounds."""
        return _within(x, least, most)


def _within(x: Operand, least: float | None, most: float | None) -> Operand:
    """Return x within the bounds, and a bound where x is null: engines pass over nulls."""
    above = x if least is None else ibis.greatest(x, float(least))
    return above if most is None else ibis.least(above, float(most))


_MATHS = IbisMaths()
_KNOWN = KnownMaths()


@dataclass(frozen=True)
class _Part:
    """The services of one kind of record, each with its number."""

    services: tuple[Service, ...]
    slots: tuple[Slot, ...]

    def kpi(self, service: Service, slot: Slot) -> Kpi | None:
        kqi = service.kqis.get(slot.kqi)
        kpis = list(kqi.kpis.values()) if kqi else []
        return kpis[slot.position] if slot.position < len(kpis) else None

    def chosen(
        self,
        number: Value,
        key: Callable[[Service], Hashable],
        expression: Callable[[Service], Value],
    ) -> Value:
        """Return by the row's service what an expression says, once for services of equal key."""
        by_key: dict[Hashable, list[int]] = {}
        for index, service in enumerate(self.services):
            by_key.setdefault(key(service), []).append(index)
        groups = sorted(by_key.values(), key=len)
        *special, usual = groups
        branches = [(number.isin(group), expression(self.services[group[0]])) for group in special]
        rest = expression(self.services[usual[0]])
        return ibis.cases(*branches, else_=rest) if branches else rest


def samples_of(kind: str, records: Table, owned: Table) -> Table:
    """Return the samples that records are: with ``KEYS``, ``at``, and the columns of measures.

    A call is a sample of whoever called. It is one of the other side too where that side answered,
    which did not wait for the set-up. A message is a sample of its sender.

    Parameters
    ----------
    owned
        The model of each one's device (``transforms.device.owned_on``), for ``DEVICELESS``.
    """
    at = KINDS[kind].time
    if kind == "calls":
        sides = (_side(records, "caller"), _side(records.filter(records.is_answered), "callee"))
        unheard = {"is_set_up": ibis.null("boolean"), "setup_ms": ibis.null("float64")}
        records = sides[0].union(sides[1].mutate(**unheard))
    elif kind == "messages":
        records = records.rename(subscriber_id="sender_id", cell_id="sender_cell_id")
    if kind in DEVICELESS:
        records = records.left_join(owned, "subscriber_id").drop("subscriber_id_right")
    lacking = {
        key: ibis.null("int64" if key == "h3" else "string")
        for key in KEYS
        if key not in records.columns
    }
    measured = {name for (of, _), each in MEASURES.items() if of == kind for name in each.columns}
    selector = [SELECTORS[kind]] if kind in SELECTORS else []
    timed = records.mutate(at=records[at], **lacking)
    return timed.select(*KEYS, "at", *selector, *sorted(measured))


def _side(calls: Table, side: str) -> Table:
    return calls.mutate(subscriber_id=calls[f"{side}_id"], cell_id=calls[f"{side}_cell_id"])


def scored(model: Model, kind: str, samples: Table, services: Sequence[str] | None = None) -> Table:
    """Return the score of every sample of a kind that belongs to a service of the model.

    Parameters
    ----------
    samples : Table
        ``KEYS``, ``at``, and the columns that the kind's measures are made of.
    services
        Of which services alone; of all that are of this kind where unset.

    Returns
    -------
    Table
        ``KEYS``, at, service; least and square (of the score) in millionths; by slot, with
        ``__score`` and ``__contribution`` in millionths, ``__value`` in thousandths of its unit
        where it is no flag. Null where it is not known; contributions sum to the score.
    """
    if services is None:
        services = [name for name, each in model.services.items() if each.records == kind]
    part = _Part(tuple(model.services[name] for name in services), _slots_of(model, services))
    return _rounded(_weighed(_measured(samples, kind, part), part), services, part)


def summed(
    model: Model, kind: str, samples: Table, keys: Sequence[str], window: Window = "hour"
) -> Table:
    """Return the sums of what ``scored`` says, by keys: those of ``graph.experience.tally``.

    Services whose KPIs have other slots are summed apart: a group is then as wide as what it
    counts, and more of them have room in memory.

    Parameters
    ----------
    samples
        Best a view: an engine may lay aside what an expression computes for several parts.
    window
        How long ``at``, where it is a key, is the same.
    """
    parts = [
        _summed(_windowed(scored(model, kind, samples, services), window), keys)
        for services in _alike(model, [kind])
    ]
    return _widened(parts, model, keys)


def _alike(model: Model, kinds: Collection[str]) -> list[list[str]]:
    """Return the services of kinds of record, those together whose KPIs have the same slots."""
    found: dict[frozenset[str], list[str]] = {}
    for name, service in model.services.items():
        if service.records in kinds:
            found.setdefault(frozenset(measures_of(service)), []).append(name)
    return list(found.values())


def _widened(parts: Sequence[Table], model: Model, keys: Sequence[str]) -> Table:
    """Return all parts' groups with all sums: 0 of the slots that a part has not."""
    names = sum_names(slots(model))
    filled = [
        part.mutate(
            **{name: ibis.literal(0, "int64") for name in names if name not in part.columns}
        )
        for part in parts
    ]
    wide = [part.select(*keys, *names) for part in filled]
    return ibis.union(*wide) if wide[1:] else wide[0]


def _windowed(rows: Table, window: Window) -> Table:
    return rows.mutate(at=rows["at"].truncate("h" if window == "hour" else "D"))


def _slots_of(model: Model, services: Sequence[str]) -> tuple[Slot, ...]:
    used = {name for service in services for name in measures_of(model.services[service])}
    return tuple(slot for slot in slots(model) if slot.name in used)


def _summed(rows: Table, keys: Sequence[str]) -> Table:
    sums: dict[str, Value] = {"samples": rows.count(), "scored": rows.square.count()}
    for name in rows.columns:
        if name in ("least", "square") or "__" in name:
            sums[name] = rows[name].sum().cast("int64").fill_null(0)
        if name.endswith("__score"):
            sums[name.replace("__score", "__samples")] = rows[name].count()
    return rows.group_by(*keys).agg(**sums)


def added(sums: Table, model: Model, keys: Sequence[str]) -> Table:
    """Return sums of what ``summed`` returned, by fewer keys."""
    return _added(sums, sum_names(slots(model)), keys)


def finest(model: Model, kind: str, samples: Table) -> Table:
    """Return the sums of the finest grain; samples that have none of its keys are not in it."""
    return _known(summed(model, kind, samples, [*KEYS, "at", "service"]), KEYS)


def coarser(sums: Table, grain: Grain, model: Model) -> Table:
    """Return the sums of a grain that has some of the finest one's keys, from the sums of that."""
    keys = [*grain.keys, "at", "service"]
    parts = []
    for services in _alike(model, {service.records for service in model.services.values()}):
        some = _windowed(sums.filter(sums.service.isin(services)), grain.window)
        parts.append(_added(some, sum_names(_slots_of(model, services)), keys))
    return _known(_widened(parts, model, keys), grain.keys)


def _added(sums: Table, names: Sequence[str], keys: Sequence[str]) -> Table:
    # Sums of whole numbers that are floats: see _whole.
    totals = {name: sums[name].cast("float64").sum().cast("int64") for name in names}
    return sums.group_by(*keys).agg(**totals)


def _known(sums: Table, keys: Sequence[str]) -> Table:
    return sums.filter(reduce(or_, [sums[key].notnull() for key in keys]))


def _measured(samples: Table, kind: str, part: _Part) -> Table:
    """Return every KPI's value and score, by slot, and the number of the row's service."""
    selector = SELECTORS.get(kind)
    number: Value = ibis.literal(0, "int8")
    if selector:
        texts = [service.where[selector] for service in part.services]
        branches = [(samples[selector] == text, index) for index, text in enumerate(texts)]
        number = ibis.cases(*branches).cast("int8")
        samples = samples.filter(samples[selector].isin(texts))
    flags = [name for name, type_ in samples.schema().items() if type_.is_boolean()]
    numeric = samples.mutate(
        number=number, **{name: samples[name].cast("float64") for name in flags}
    )
    values = {_value(slot): _of_kpi(numeric, part, slot, _measure) for slot in part.slots}
    valued = numeric.select(*KEYS, "at", "number", **values)
    scores = {_score(slot): _mapped(valued, part, slot) for slot in part.slots}
    return valued.mutate(**scores)


def _measure(rows: Table, service: Service, kpi: Kpi) -> Value:
    measure = service.measure(kpi)
    return measure.of({name: rows[name] for name in measure.columns}, _MATHS).cast("float64")


def _mapped(rows: Table, part: _Part, slot: Slot) -> Value:
    value = rows[_value(slot)]
    score = _of_kpi(rows, part, slot, lambda _, __, kpi: kpi.map.score(value, _KNOWN))
    return ibis.ifelse(value.isnull(), ibis.null("float64"), score)


def _of_kpi(
    rows: Table, part: _Part, slot: Slot, expression: Callable[[Table, Service, Kpi], Value]
) -> Value:
    def key(service: Service) -> Hashable:
        kpi = part.kpi(service, slot)
        return kpi and (kpi.measure, kpi.map)

    def of(service: Service) -> Value:
        kpi = part.kpi(service, slot)
        return ibis.null("float64") if kpi is None else expression(rows, service, kpi)

    return part.chosen(rows.number, key, of)


def _weighed(rows: Table, part: _Part) -> Table:
    """Return the least score, and the factor of every KPI's part: the caps', over the weights."""
    sums = {f"{kqi}_known": _known_weight(rows, part, kqi) for kqi in KQIS}
    sums |= {f"{kqi}_reached": _reached(rows, part, kqi) for kqi in KQIS}
    summed_up = rows.mutate(**sums)

    def weights(service: Service) -> Hashable:
        return tuple(kqi and kqi.weight for kqi in map(service.kqis.get, KQIS))

    def by_kqi(of: Callable[[float, KqiName], Value]) -> Value:
        return part.chosen(
            summed_up.number,
            weights,
            lambda service: _sum([of(kqi.weight, name) for name, kqi in service.kqis.items()]),
        )

    total = by_kqi(lambda weight, kqi: weight * (summed_up[f"{kqi}_known"] > 0).cast("float64"))
    raw = by_kqi(lambda weight, kqi: weight * _quotient(summed_up, kqi).fill_null(0))
    totalled = summed_up.mutate(
        total=total.nullif(0),
        raw=raw,
        worst=by_kqi(lambda weight, kqi: weight * summed_up[f"{kqi}_reached"]),
        cap=part.chosen(summed_up.number, _vetoes, lambda each: _cap(summed_up, each, False)),
        worst_cap=part.chosen(summed_up.number, _vetoes, lambda each: _cap(summed_up, each, True)),
    )
    share = totalled.raw / totalled.total
    factor = ibis.ifelse(share > totalled.cap, totalled.cap / share, 1.0)
    return totalled.mutate(
        least=ibis.least(totalled.worst, totalled.worst_cap),
        factor=(factor / totalled.total).fill_null(0),
    )


def _vetoes(service: Service) -> Hashable:
    return tuple(kqi and kqi.veto for kqi in map(service.kqis.get, KQIS))


def _cap(rows: Table, service: Service, is_worst_case: bool) -> Value:
    """Return the least cap of the KQIs that veto; 1 where none does."""
    caps: list[Value] = [ibis.literal(1.0)]
    for name, kqi in service.kqis.items():
        if kqi.veto:
            known = 1.0 if is_worst_case else rows[f"{name}_known"]
            vetoes = rows[f"{name}_reached"] < kqi.veto.below * known
            caps.append(ibis.ifelse(vetoes, kqi.veto.cap, 1.0))
    return ibis.least(*caps) if len(caps) > 1 else caps[0]


def _known_weight(rows: Table, part: _Part, kqi: KqiName) -> Value:
    def of(weight: float, score: Column) -> Value:
        return weight * score.notnull().cast("float64")

    return _over_kpis(rows, part, kqi, of)


def _reached(rows: Table, part: _Part, kqi: KqiName) -> Value:
    return _over_kpis(rows, part, kqi, lambda weight, score: weight * score.fill_null(0))


def _over_kpis(
    rows: Table, part: _Part, kqi: KqiName, of: Callable[[float, Column], Value]
) -> Value:
    """Return the sum over a KQI's KPIs, with the weights of the row's service."""
    mine = [slot for slot in part.slots if slot.kqi == kqi]

    def weights(service: Service) -> tuple[float, ...]:
        kpis = [part.kpi(service, slot) for slot in mine]
        return tuple(kpi.weight for kpi in kpis if kpi)

    def total(service: Service) -> Value:
        pairs = zip(weights(service), mine, strict=False)
        return _sum([of(weight, rows[_score(slot)]) for weight, slot in pairs])

    return part.chosen(rows.number, weights, total)


def _quotient(rows: Table, kqi: KqiName) -> Value:
    return rows[f"{kqi}_reached"] / rows[f"{kqi}_known"].nullif(0)


def _rounded(rows: Table, names: Sequence[str], part: _Part) -> Table:
    """Return whole numbers, whose contributions sum to the score exactly."""
    total: Value = ibis.literal(0.0)
    ends = []
    for slot in part.slots:
        total = total + _contribution(rows, part, slot)
        ends.append(_whole(total, MILLION))
    ends = [end.name(f"end_{index}") for index, end in enumerate(ends)]
    bounds = rows.mutate(*ends)
    score = bounds[f"end_{len(ends) - 1}"] / MILLION
    is_known = bounds.total.notnull()
    columns: dict[str, Value] = {
        "least": _whole(bounds.least, MILLION),
        "square": ibis.ifelse(is_known, _whole(score * score, MILLION), ibis.null("float64")),
    }
    for index, slot in enumerate(part.slots):
        before = bounds[f"end_{index - 1}"] if index else ibis.literal(0.0)
        columns[f"{slot.name}__contribution"] = bounds[f"end_{index}"] - before
        columns[f"{slot.name}__score"] = _whole(bounds[_score(slot)], MILLION)
        if not slot.is_flag:
            columns[f"{slot.name}__value"] = _whole(bounds[_value(slot)], THOUSAND)
    service = ibis.cases(*[(bounds.number == i, name) for i, name in enumerate(names)])
    return bounds.select(*KEYS, "at", service=service, **columns)


def _contribution(rows: Table, part: _Part, slot: Slot) -> Value:
    def weight(service: Service) -> float:
        kpi = part.kpi(service, slot)
        return kpi.weight * service.kqis[slot.kqi].weight if kpi else 0.0

    chosen = part.chosen(rows.number, weight, lambda service: ibis.literal(weight(service)))
    share = rows[_score(slot)] / rows[f"{slot.kqi}_known"].nullif(0)
    return (chosen * share).fill_null(0) * rows.factor


def _whole(x: Value, steps: int) -> Value:
    # Engines round halves differently, but all have a floor. A whole number stays a float: sums of
    # such are exact, like those of integers (to 2^53), and take DuckDB half the time.
    return (x * steps + 0.5).floor().cast("float64")


def _sum(parts: Sequence[Value]) -> Value:
    return reduce(add, parts) if parts else ibis.literal(0.0)


def _value(slot: Slot) -> str:
    return f"value_{slot.name}"


def _score(slot: Slot) -> str:
    return f"score_{slot.name}"
