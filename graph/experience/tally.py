"""From sums over samples to scores: of a subscriber, a place, a device, or whatever was summed.

The CEI of a group is 100 times the mean of its samples' scores, each weighted by the importance of
its service. So everything is a sum: windows split and merge, contributions add up, and the CEI of
a place is the mean of those of the people in it, weighted by what they used.

Sums are of whole millionths (values: thousandths), see ``loaders.transforms.experience``; their
names are those of ``sum_names``. Where a share of a cell's is meant, they are not whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from graph.experience.maths import NUMPY, Operand
from graph.experience.model import KQIS, STAGES, Kpi, KqiName, Model, Service, Stage

MILLION = 1_000_000
THOUSAND = 1_000
HALF_LIFE_D = 7.0
_PRIOR_SAMPLES = 10  # with the variance of what could be anything between 0 and 1
_PRIOR_VARIANCE = 1 / 12
_Z_95 = 1.96

Sums = Mapping[str, float]
_Place = tuple[KqiName, int, str, Kpi]


@dataclass(frozen=True)
class Slot:
    """The place of a KPI in its KQI, alike for all services.

    Attributes
    ----------
    is_flag : bool
        Whether it is 1 or 0 in all services; then its score tells its value.
    """

    kqi: KqiName
    position: int
    is_flag: bool

    @property
    def name(self) -> str:
        """Beginning of the names of its columns."""
        return f"{self.kqi}_{self.position}"


def slots(model: Model) -> tuple[Slot, ...]:
    """Return as many places in each KQI as the service with most KPIs there has."""
    found: dict[tuple[KqiName, int], bool] = {}
    for service in model.services.values():
        for name, position, _, kpi in service.places:
            is_flag = service.measure(kpi).unit == "bool"
            found[name, position] = found.get((name, position), True) and is_flag
    ordered = sorted(found, key=lambda place: (KQIS.index(place[0]), place[1]))
    return tuple(Slot(*place, is_flag=found[place]) for place in ordered)


def sum_names(places: Sequence[Slot]) -> list[str]:
    """Return the names of the sums of a group whose KPIs have these slots."""
    names = ["samples", "scored", "least", "square"]
    for slot in places:
        parts = ("contribution", "score", "samples") + (() if slot.is_flag else ("value",))
        names += [f"{slot.name}__{part}" for part in parts]
    return names


def cei_names(places: Sequence[Slot]) -> list[str]:
    """Return the names of those sums that ``cei_of`` and ``weight_of`` look at."""
    return ["scored", *(f"{slot.name}__contribution" for slot in places)]


def measures_of(service: Service) -> dict[str, str]:
    """Return by the name of each slot that a service uses what is measured there."""
    return {f"{kqi}_{position}": kpi.measure for kqi, position, _, kpi in service.places}


@dataclass(frozen=True)
class KpiScore:
    """What one KPI says of a group's samples.

    Attributes
    ----------
    value : float or None
        Mean, in ``unit``; None: no sample has it.
    score : float or None
        Mean, in [0, 100].
    weight : float
        Share in the service's score where everything is known.
    contribution : float
        Points of the CEI; all contributions sum to it.
    samples : int
        How many samples have it.
    coverage : float
        Share of the service's samples that have it, in [0, 1].
    confidence : float
        Of so many samples, see ``confidence_of``.
    """

    name: str
    measure: str
    unit: str
    source: str
    domain: str | None
    value: float | None
    score: float | None
    weight: float
    contribution: float
    samples: int
    coverage: float
    confidence: float


@dataclass(frozen=True)
class KqiScore:
    """What one KQI says; ``score`` is the mean of its KPIs', by weight and samples.

    ``coverage`` is the share of its weight that is known, in [0, 1], ``confidence`` that of as many
    samples as it is known of.
    """

    name: KqiName
    service: str
    score: float | None
    weight: float
    contribution: float
    coverage: float
    confidence: float
    kpis: tuple[KpiScore, ...]


@dataclass(frozen=True)
class ServiceScore:
    """One service's part of a score; ``cei`` is of its samples alone.

    Attributes
    ----------
    sums : _Sums
        Of its samples, of which ``kqis`` are made once somebody asks for them.
    points : float
        Points of the CEI by millionth of a contribution.
    """

    service: str
    cei: float | None
    samples: int
    coverage: float
    confidence: float
    contribution: float
    sums: "_Sums"
    points: float

    @cached_property
    def kqis(self) -> tuple[KqiScore, ...]:
        """Its KQIs, whose contributions sum to its own."""
        return self.sums.kqi_scores(self.points)


@dataclass(frozen=True)
class Score:
    """How good it was for a group.

    Attributes
    ----------
    cei : float or None
        In [0, 100]; None: nothing is known of any sample.
    least : float or None
        What it would be if everything that is not known were as bad as can be.
    coverage : float
        Share of the weight that is known, in [0, 1].
    margin : float or None
        Half the width, in points, of an interval around the CEI that holds the true mean 19 times
        of 20: ``100 · 1.96 sqrt(v / n)``, with the samples' variance blended with that of 10 of
        which nothing is known, ``v = (n s² + 10 / 12) / (n + 10)``.
    confidence : float
        How much the samples count beside those ten: ``confidence_of``.
    samples : int
        All; ``scored`` are those of which anything is known.
    """

    version: str
    cei: float | None
    least: float | None
    coverage: float
    margin: float | None
    confidence: float
    samples: int
    scored: int
    services: tuple[ServiceScore, ...]

    @property
    def kqis(self) -> tuple[KqiScore, ...]:
        """The KQIs of all services; their contributions sum to the CEI."""
        return tuple(kqi for service in self.services for kqi in service.kqis)


@dataclass(frozen=True)
class StageScore:
    """One stage of the journey: the score of its services, and their part of the whole."""

    stage: Stage
    contribution: float
    score: Score


def weight_of(model: Model, by_service: Mapping[str, Sums]) -> float:
    """Return how much a score of these sums counts beside others: scored samples by importance."""
    return sum(
        model.services[name].importance * sums["scored"]
        for name, sums in by_service.items()
        if name in model.services
    )


def score_of(model: Model, by_service: Mapping[str, Sums]) -> Score:
    """Return the score of a group from its sums by service.

    Services that the model does not have are left out.
    """
    parts = _parts(model, by_service)
    scored = sum(part.importance * part.sums["scored"] for part in parts)
    samples = sum(part.importance * part.sums["samples"] for part in parts)
    least = sum(part.importance * part.sums["least"] for part in parts) / MILLION
    return Score(
        version=model.version,
        cei=_cei(parts),
        least=100 * least / samples if samples else None,
        coverage=sum(part.importance * part.covered for part in parts) / samples if samples else 0,
        margin=_margin(parts) if scored else None,
        confidence=confidence_of(_effective(parts)) if scored else 0.0,
        samples=round(sum(part.sums["samples"] for part in parts)),
        scored=round(sum(part.sums["scored"] for part in parts)),
        services=tuple(part.service_score(scored) for part in parts),
    )


def cei_of(model: Model, by_service: Mapping[str, Sums]) -> float | None:
    """Return the CEI of the score of a group, and nothing else of it."""
    return _cei(_parts(model, by_service))


def _parts(model: Model, by_service: Mapping[str, Sums]) -> "list[_Sums]":
    return [
        _Sums(model.services[name], name, sums)
        for name, sums in sorted(by_service.items())
        if name in model.services
    ]


def _cei(parts: "Sequence[_Sums]") -> float | None:
    scored = sum(part.importance * part.sums["scored"] for part in parts)
    return 100 * sum(part.importance * part.score for part in parts) / scored if scored else None


def stages_of(model: Model, by_service: Mapping[str, Sums], whole: Score) -> tuple[StageScore, ...]:
    """Return the scores of the stages of the journey that have samples, in the journey's order.

    Each is the score of the stage's services alone; the contributions sum to the CEI of all,
    whose score is ``whole``.
    """
    points = {part.service: part.contribution for part in whole.services}
    found = []
    for stage in STAGES:
        mine = {name: sums for name, sums in by_service.items() if _stage(model, name) == stage}
        if mine:
            contribution = sum(points[name] for name in mine)
            found.append(StageScore(stage, contribution, score_of(model, mine)))
    return tuple(found)


def _stage(model: Model, service: str) -> Stage | None:
    return model.services[service].stage if service in model.services else None


def smoothed(
    days: Sequence[date], means: Sequence[float], weights: Sequence[float], as_of: date
) -> float | None:
    """Return the mean of days, of which one counts half as much as one a week later.

    ``Σ w_d m_d 2^(-(as_of - d) / 7) / Σ w_d 2^(-(as_of - d) / 7)``; None without days.

    Examples
    --------
    >>> smoothed([date(2026, 1, 1), date(2026, 1, 8)], [50.0, 80.0], [1, 1], date(2026, 1, 8))
    70.0
    """
    decay = [
        weight * 2 ** (-(as_of - day).days / HALF_LIFE_D)
        for day, weight in zip(days, weights, strict=True)
    ]
    if not sum(decay):
        return None
    return sum(each * mean for each, mean in zip(decay, means, strict=True)) / sum(decay)


@dataclass(frozen=True)
class _Sums:
    """The sums of one service's samples."""

    service: Service
    name: str
    sums: Sums

    @property
    def importance(self) -> float:
        return self.service.importance

    @cached_property
    def score(self) -> float:
        """Sum of the samples' scores, each in [0, 1]."""
        return self._contribution(self.service.places) / MILLION

    @cached_property
    def covered(self) -> float:
        """Sum of the samples' coverage, each in [0, 1]."""
        return sum(
            self.service.kqis[kqi].weight * kpi.weight * self.sums[f"{kqi}_{position}__samples"]
            for kqi, position, _, kpi in self.service.places
        )

    def service_score(self, scored: float) -> ServiceScore:
        """Return this service's part of a score of samples with so much importance in all."""
        points = 100 * self.importance / MILLION / scored if scored else 0.0
        own = self.sums["scored"]
        return ServiceScore(
            service=self.name,
            cei=100 * self.score / own if own else None,
            samples=round(self.sums["samples"]),
            coverage=self._share(self.covered),
            confidence=confidence_of(own),
            contribution=points * self.score * MILLION,
            sums=self,
            points=points,
        )

    def kqi_scores(self, points: float) -> tuple[KqiScore, ...]:
        """Return the KQIs' parts of a score of which a millionth is worth so many points."""
        return tuple(self._kqi_score(kqi, points) for kqi in KQIS if kqi in self.service.kqis)

    def _share(self, samples: float) -> float:
        return samples / self.sums["samples"] if self.sums["samples"] else 0.0

    def _contribution(self, places: Sequence[_Place]) -> float:
        return sum(self.sums[f"{kqi}_{at}__contribution"] for kqi, at, _, _ in places)

    def _kqi_score(self, name: KqiName, points: float) -> KqiScore:
        kqi, sums = self.service.kqis[name], self.sums
        places = [place for place in self.service.places if place[0] == name]
        weight = sum(kpi.weight * sums[f"{name}_{at}__samples"] for _, at, _, kpi in places)
        reached = sum(kpi.weight * sums[f"{name}_{at}__score"] for _, at, _, kpi in places)
        return KqiScore(
            name=name,
            service=self.name,
            score=100 * reached / MILLION / weight if weight else None,
            weight=kqi.weight,
            contribution=points * self._contribution(places),
            coverage=self._share(weight),
            confidence=confidence_of(weight),
            kpis=tuple(self._kpi_score(place, points) for place in places),
        )

    def _kpi_score(self, place: _Place, points: float) -> KpiScore:
        kqi, at, name, kpi = place
        slot = f"{kqi}_{at}"
        samples, score = self.sums[f"{slot}__samples"], self.sums[f"{slot}__score"] / MILLION
        unit = self.service.measure(kpi).unit
        total = self.sums.get(f"{slot}__value", 0) / THOUSAND
        if unit == "bool":  # its mapping is the line from 0 to 1, or down
            total = score if kpi.better == "more" else samples - score
        return KpiScore(
            name=name,
            measure=kpi.measure,
            unit=unit,
            source=kpi.source,
            domain=kpi.domain,
            value=total / samples if samples else None,
            score=100 * score / samples if samples else None,
            weight=kpi.weight * self.service.kqis[kqi].weight,
            contribution=points * self.sums[f"{slot}__contribution"],
            samples=round(samples),
            coverage=self._share(samples),
            confidence=confidence_of(samples),
        )


def confidence_of(count: float) -> float:
    """Return how much so many samples count beside the ten unknown ones that ``margin_of`` adds.

    In [0, 1): 0 of none, a half of ten, towards 1 of many.

    Examples
    --------
    >>> confidence_of(30)
    0.75
    """
    return count / (count + _PRIOR_SAMPLES)


def margin_of(mean: Operand, square: Operand, count: Operand) -> Operand:
    """Return the margin of a mean of scores, in points, with the samples' mean square and number.

    Examples
    --------
    >>> round(float(margin_of(1.0, 1.0, 20)), 3)
    7.304
    """
    variance = NUMPY.clip(square - mean * mean, 0, None)
    blended = (count * variance + _PRIOR_SAMPLES * _PRIOR_VARIANCE) / (count + _PRIOR_SAMPLES)
    return 100 * _Z_95 * (blended / count) ** 0.5


def _margin(parts: Sequence[_Sums]) -> float:
    weight = sum(part.importance * part.sums["scored"] for part in parts)
    mean = sum(part.importance * part.score for part in parts) / weight
    square = sum(part.importance * part.sums["square"] for part in parts) / MILLION / weight
    return float(margin_of(mean, square, _effective(parts)))


def _effective(parts: Sequence[_Sums]) -> float:
    """Return how many samples of equal weight say as much: Kish's effective size."""
    weights = [(part.importance, part.sums["scored"]) for part in parts]
    weight = sum(each * count for each, count in weights)
    return weight**2 / sum(each**2 * scored for each, scored in weights)
