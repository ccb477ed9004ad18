"""Fitting the model to what people said, so that it stays monotone and can be explained.

An answer is the floor of the scale and what each KPI adds to it, in the mean of the samples that
the answer is about: one that was rated, or all that somebody had before they were asked. What a KPI
adds is a monotone line through knots at quantiles of its values: non-negative weights on ramps
between neighbouring knots, found by least squares. People use a scale differently, so each has an
offset of their own, shrunk towards 0, that is found along with the weights and then forgotten.

Prediction is judged by folds of people: nobody's answer is predicted by a fit that saw any of
theirs. The random forest beside it shows what is lost by being explainable.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from graph.errors import BadInput
from graph.experience.mappings import Linear, Piecewise
from graph.experience.maths import NUMPY, Array
from graph.experience.measures import MEASURES
from graph.experience.model import (
    KQIS,
    Calibration,
    Fold,
    Kpi,
    Kqi,
    KqiName,
    Model,
    Opinion,
    Quality,
    Service,
)
from graph.experience.scoring import Columns, score_samples

SCALES = {"mos": Opinion(floor=1, ceiling=5), "nps": Opinion(floor=0, ceiling=10)}
LEAST_ANSWERS, LEAST_PEOPLE = 100, 10
FOLDS = 10
SOURCE = "calibrated"
_MOST_UNKNOWN = 0.1  # a KPI that is missing more often has no part in a fit
_LOWER = (0, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25)
# Close at the ends: what goes wrong seldom is what people remember.
_QUANTILES = np.array([*_LOWER, 0.5, *(1 - each for each in reversed(_LOWER))])
_RIDGE = 1.0
_PERSON_PRIOR = 2.0  # answers at no offset that each person is taken to have given besides
_ROUNDS = 6  # of weights and offsets by turns
_TREES, _LEAF = 300, 5
_DECIMALS = 6

People = NDArray[np.str_]
_Predict = Callable[["_Data"], Array]


@dataclass(frozen=True)
class Answers:
    """What people answered about samples of one service.

    Attributes
    ----------
    columns : mapping
        The samples' columns, as for ``score_samples``.
    opinion : Array
        The answers.
    people : People
        Who gave each.
    about : NDArray of int
        Of each sample, the position of the answer that it belongs to. An answer is about one sample
        that was rated, or about all that somebody had before they were asked.
    window_days : int or None
        For how long before; None: each answer is about one sample.
    """

    columns: Columns
    opinion: Array
    people: People
    about: NDArray[np.int64]
    window_days: int | None = None


@dataclass(frozen=True)
class _Data:
    """What a fit sees: values of samples, a column a KPI, and the answers that they belong to."""

    values: Array
    about: NDArray[np.int64]
    opinions: Array
    people: People

    def means(self, of_samples: Array) -> Array:
        """Return the mean over each answer's samples."""
        total = np.bincount(self.about, of_samples, minlength=len(self.opinions))
        mean: Array = total / np.bincount(self.about, minlength=len(self.opinions))
        return mean

    def of(self, answers: NDArray[np.bool_]) -> "_Data":
        """Return some of the answers, with their samples."""
        mine = answers[self.about]
        about = (np.cumsum(answers) - 1)[self.about[mine]]
        return _Data(self.values[mine], about, self.opinions[answers], self.people[answers])

    @property
    def mean_values(self) -> Array:
        """The values of each answer in the mean."""
        return np.column_stack([self.means(column) for column in self.values.T])


@dataclass(frozen=True)
class _Feature:
    """A KPI that has a part in a fit, and its place in the model."""

    name: str
    kqi: KqiName
    measure: str
    unit: str
    better: Literal["more", "less"]
    template: Kpi


@dataclass(frozen=True)
class _Fit:
    """Ramps between knots with weights that are not negative, above a floor."""

    floor: float
    knots: tuple[Array, ...]
    weights: tuple[Array, ...]
    signs: tuple[int, ...]

    def predict(self, data: _Data) -> Array:
        """Return the answers that are expected."""
        total = np.full(len(data.opinions), self.floor)
        for position, weights in enumerate(self.weights):
            total += _ramps(data, position, self.knots[position], self.signs[position]) @ weights
        return total


def calibrate(
    model: Model, service_name: str, opinion: str, answers: Answers, version: str
) -> Model:
    """Return a new version of the model in which one service is fitted to answers.

    KPIs of which the answers say nothing keep their mapping, weight and veto.

    Raises
    ------
    BadInput
        There are too few answers, or none with a KPI that differs.
    """
    service, scale = model.services[service_name], SCALES[opinion]
    features, data, complete = _usable(service, answers)
    opinions, people = data.opinions, data.people
    if len(opinions) < LEAST_ANSWERS or len(np.unique(people)) < LEAST_PEOPLE:
        raise BadInput(
            f"{len(opinions)} answers of {len(np.unique(people))} people can be used; a fit takes "
            f"{LEAST_ANSWERS} of {LEAST_PEOPLE}"
        )
    if not features:
        raise BadInput("no KPI of the service is known of the samples that were rated")
    fit = _fitted(features, data, scale)
    fold_of = _folds(people)
    lines = _held_out(data, fold_of, lambda seen: _fitted(features, seen, scale).predict)
    lines, trees = _on(scale, lines), _held_out(data, fold_of, _forest)
    plain = data.means(score_samples(service, answers.columns).score[complete])
    stated = model.opinions.get(service_name, {}).get(opinion, scale)
    report = Calibration(
        service=service_name,
        based_on=model.version,
        opinion=opinion,
        people=len(np.unique(people)),
        samples=len(opinions),
        left_out=len(answers.opinion) - len(opinions),
        window_days=answers.window_days,
        uncalibrated=_quality(stated.floor + (stated.ceiling - stated.floor) * plain, opinions),
        calibrated=_quality(lines, opinions),
        random_forest=_quality(trees, opinions),
        folds=tuple(
            _fold(people[unseen], lines[unseen], opinions[unseen])
            for unseen in (fold_of == fold for fold in range(fold_of.max() + 1))
        ),
    )
    return _changed(model, service_name, opinion, features, fit, report, version)


def _usable(service: Service, answers: Answers) -> tuple[list[_Feature], _Data, NDArray[np.bool_]]:
    """Return the KPIs that are known nearly always and differ, their data, and of which samples."""
    features, columns = [], []
    for feature in _features(service):
        measure = MEASURES[service.records, feature.measure]
        column = np.asarray(measure.of(answers.columns, NUMPY), dtype=float)
        known = column[~np.isnan(column)]
        is_rare = len(known) < (1 - _MOST_UNKNOWN) * len(column)
        if not is_rare and len(np.unique(known)) > 1:
            features.append(feature)
            columns.append(column)
    values = np.column_stack(columns) if columns else np.empty((len(answers.about), 0))
    complete: NDArray[np.bool_] = np.logical_not(np.isnan(values).any(axis=1))
    about = answers.about[complete]
    data = _Data(values[complete], about, answers.opinion, answers.people)
    return features, data.of(np.isin(np.arange(len(answers.opinion)), about)), complete


def _features(service: Service) -> list[_Feature]:
    """Return the service's KPIs; of one that is computed of measures, these."""
    found = []
    for name, (kqi, kpi) in service.kpis.items():
        parts = service.measure(kpi).parts or (kpi.measure,)
        for part in parts:
            unit = MEASURES[service.records, part].unit
            own = name if parts == (kpi.measure,) else part
            found.append(_Feature(own, kqi, part, unit, kpi.better, kpi))
    return found


def _fitted(features: Sequence[_Feature], data: _Data, scale: Opinion) -> _Fit:
    from scipy.optimize import nnls

    opinions, people = data.opinions, data.people
    knots = tuple(np.unique(np.quantile(column, _QUANTILES)) for column in data.values.T)
    signs = tuple(1 if feature.better == "more" else -1 for feature in features)
    blocks = [_ramps(data, i, knots[i], signs[i]) for i in range(len(features))]
    ramps = np.column_stack([np.ones(len(opinions)), *blocks])
    penalty = _RIDGE * np.eye(ramps.shape[1])
    penalty[0, 0] = 0  # the floor may be anywhere on the scale
    design = np.vstack([ramps, penalty])
    _, person, counts = np.unique(people, return_inverse=True, return_counts=True)
    offsets = np.zeros(len(counts))
    weights = np.zeros(ramps.shape[1])
    for _ in range(_ROUNDS):
        wanted = opinions - scale.floor - offsets[person]
        weights, _ = nnls(design, np.concatenate([wanted, np.zeros(len(penalty))]))
        rest = np.bincount(person, opinions - scale.floor - ramps @ weights)
        offsets = rest / (counts + _PERSON_PRIOR)
        offsets -= np.average(offsets, weights=counts)
    ends = np.cumsum([1, *(len(each) - 1 for each in knots)])
    parts = tuple(weights[start:end] for start, end in pairwise(ends))
    return _Fit(scale.floor + float(weights[0]), knots, parts, signs)


def _ramps(data: _Data, position: int, knots: Array, sign: int) -> Array:
    """Return a column for each pair of neighbouring knots: how far between them, the good way.

    In the mean of each answer's samples, of which there may be very many: a column at a time.
    """
    values = data.values[:, position]
    columns = [
        data.means(np.clip((values - low) / (high - low), 0, 1)) for low, high in pairwise(knots)
    ]
    ramps: Array = np.column_stack(columns) if columns else np.empty((len(data.opinions), 0))
    return ramps if sign > 0 else 1 - ramps


def _forest(seen: _Data) -> _Predict:
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(_TREES, min_samples_leaf=_LEAF, random_state=0, n_jobs=-1)
    forest.fit(seen.mean_values, seen.opinions)
    return lambda unseen: np.asarray(forest.predict(unseen.mean_values))


def _folds(people: People) -> NDArray[np.int64]:
    """Return everybody's fold, dealt out at random to people and not to answers."""
    _, person = np.unique(people, return_inverse=True)
    count = int(person.max()) + 1
    dealt = np.random.default_rng(0).permutation(count) % min(FOLDS, count)
    folds: NDArray[np.int64] = dealt[person]
    return folds


def _held_out(
    data: _Data, fold_of: NDArray[np.int64], learnt: Callable[[_Data], _Predict]
) -> Array:
    predicted = np.zeros(len(data.opinions))
    for fold in range(int(fold_of.max()) + 1):
        unseen = fold_of == fold
        predicted[unseen] = learnt(data.of(~unseen))(data.of(unseen))
    return predicted


def _fold(people: People, predicted: Array, opinions: Array) -> Fold:
    found = _quality(predicted, opinions)
    return Fold(people=len(np.unique(people)), samples=len(people), **found.model_dump())


def _on(scale: Opinion, opinions: Array) -> Array:
    return np.clip(opinions, scale.floor, scale.ceiling)


def _quality(predicted: Array, opinions: Array) -> Quality:
    known = ~np.isnan(predicted)
    mine, said = predicted[known], opinions[known]
    varies = len(mine) > 1 and mine.std() > 0 and said.std() > 0
    return Quality(
        pearson=round(float(np.corrcoef(mine, said)[0, 1]), 4) if varies else 0.0,
        mean_absolute_error=round(float(np.abs(mine - said).mean()), 4),
    )


def _changed(
    model: Model,
    service_name: str,
    opinion: str,
    features: Sequence[_Feature],
    fit: _Fit,
    report: Calibration,
    version: str,
) -> Model:
    service = model.services[service_name]
    points = [float(weights.sum()) for weights in fit.weights]
    kqis = _kqis(service, features, fit, points)
    ceiling = min(fit.floor + sum(points), SCALES[opinion].ceiling * 10)
    opinions = {name: dict(each) for name, each in model.opinions.items()}
    opinions.setdefault(service_name, {})[opinion] = Opinion(
        floor=round(fit.floor, _DECIMALS), ceiling=round(ceiling, _DECIMALS)
    )
    cited = f"Fitted to {report.samples} answers ({opinion}) of {report.people} people."
    return model.model_copy(
        update={
            "version": version,
            "title": f"{model.title}; {service_name} calibrated",
            "sources": {**model.sources, SOURCE: cited},
            "services": {**model.services, service_name: service.model_copy(update={"kqis": kqis})},
            "opinions": opinions,
            "calibrations": (*model.calibrations, report),
        }
    )


def _kqis(
    service: Service, features: Sequence[_Feature], fit: _Fit, points: Sequence[float]
) -> dict[KqiName, Kqi]:
    """Return the KQIs with fitted KPIs in the place of those that were used.

    What was fitted shares the weight that the KQIs had that it stands in; what was not keeps its
    own. So a sample of which only fitted KPIs are known scores as it was fitted.
    """
    used = {feature.template.measure for feature in features}
    fitted_kqis: list[KqiName] = [
        name for name in KQIS if any(feature.kqi == name for feature in features)
    ]
    weight_of = {
        name: sum(p for f, p in zip(features, points, strict=True) if f.kqi == name)
        for name in fitted_kqis
    }
    shared = sum(service.kqis[name].weight for name in fitted_kqis)
    kqis: dict[KqiName, Kqi] = {}
    for name, kqi in service.kqis.items():
        if name not in fitted_kqis:
            kqis[name] = kqi
            continue
        kept = {key: kpi for key, kpi in kqi.kpis.items() if kpi.measure not in used}
        share = 1 - sum(kpi.weight for kpi in kept.values())
        own = weight_of[name]
        if not own:
            continue
        fresh = {
            feature.name: _kpi(feature, fit, position, share * points[position] / own)
            for position, feature in enumerate(features)
            if feature.kqi == name and points[position] > 0
        }
        weight = shared * own / sum(weight_of.values())
        kqis[name] = Kqi(weight=weight, veto=kqi.veto, kpis={**fresh, **kept})
    return kqis


def _kpi(feature: _Feature, fit: _Fit, position: int, weight: float) -> Kpi:
    knots, weights = fit.knots[position], fit.weights[position]
    if feature.unit == "bool":
        worst, best = (0.0, 1.0) if feature.better == "more" else (1.0, 0.0)
        mapping: Linear | Piecewise = Linear(kind="linear", worst=worst, best=best)
    else:
        reached = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()
        scores = reached if feature.better == "more" else 1 - reached
        scores[0], scores[-1] = (0.0, 1.0) if feature.better == "more" else (1.0, 0.0)
        pairs = zip(knots.tolist(), np.round(scores, _DECIMALS).tolist(), strict=True)
        mapping = Piecewise(kind="piecewise", points=tuple(pairs))
    return Kpi(
        measure=feature.measure,
        unit=feature.unit,
        better=feature.better,
        weight=weight,
        map=mapping,
        source=SOURCE,
        domain=feature.template.domain,
    )
