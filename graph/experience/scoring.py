"""How a sample is scored: the reference, on arrays.

For a KPI k of KQI q with weights ``w_k`` and ``v_q``, over what is known of the sample::

    s_k = map(k)        S_q = Σ w_k s_k / Σ w_k        raw = Σ v_q S_q / Σ v_q
    score = raw, or the least cap of a KQI that vetoes, where that is less
    contribution_k = v_q w_k s_k / (Σ w_k Σ v_q) · score / raw          so that they sum to it
    coverage = Σ v_q Σ w_k, which is 1 where everything is known
    least = the score if everything that is not known were as bad as can be

The engines compute the same of many samples at once, see ``loaders.transforms.experience``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graph.experience.maths import NUMPY, Array
from graph.experience.model import KqiName, Service

Columns = Mapping[str, Array]


@dataclass(frozen=True)
class Scored:
    """Samples' scores; NaN is not known. By KPI: in the order of ``Service.kpis``.

    Attributes
    ----------
    score, least, coverage : Array
        Of each sample, in [0, 1]; a sample of which nothing is known has no score.
    values, scores, contributions : Array
        A row a sample and a column a KPI: in its unit, in [0, 1], and as a part of the score.
    """

    score: Array
    least: Array
    coverage: Array
    values: Array
    scores: Array
    contributions: Array


def score_samples(service: Service, columns: Columns) -> Scored:
    """Score samples of a service.

    Parameters
    ----------
    columns
        By name, those that the service's measures need; NaN, or None for texts, is not known.
    """
    kpis = service.kpis.values()
    values = np.column_stack([service.measure(kpi).of(columns, NUMPY) for _, kpi in kpis])
    scores = np.column_stack(
        [kpi.map.score(values[:, i], NUMPY) for i, (_, kpi) in enumerate(kpis)]
    )
    kqi_of: list[KqiName] = [kqi for kqi, _ in kpis]
    weights = np.array([kpi.weight for _, kpi in kpis])
    shares, coverage = _shares(service, kqi_of, weights, ~np.isnan(scores))
    parts = np.nan_to_num(shares * np.nan_to_num(scores))
    raw = np.where(coverage > 0, parts.sum(axis=1), np.nan)
    score = _capped(raw, service, kqi_of, weights, scores)
    factor = np.divide(score, raw, out=np.ones_like(raw), where=raw > 0)
    whole = np.array([service.kqis[kqi].weight for kqi in kqi_of]) * weights
    worst = np.nan_to_num(scores)
    least = _capped(worst @ whole, service, kqi_of, weights, worst)
    return Scored(score, least, coverage, values, scores, parts * factor[:, None])


def _shares(
    service: Service, kqi_of: list[KqiName], weights: Array, known: np.ndarray
) -> tuple[Array, Array]:
    """Return the weight that each KPI has in each sample, and the coverage."""
    present = known * weights
    shares = np.zeros_like(present)
    total, coverage = np.zeros(len(known)), np.zeros(len(known))
    for name, kqi in service.kqis.items():
        within = np.array([each == name for each in kqi_of])
        of_kqi = present[:, within].sum(axis=1)
        share = np.divide(1, of_kqi, out=np.zeros_like(of_kqi), where=of_kqi > 0)
        shares[:, within] = kqi.weight * present[:, within] * share[:, None]
        total += kqi.weight * (of_kqi > 0)
        coverage += kqi.weight * of_kqi
    return np.divide(shares, total[:, None], out=shares, where=total[:, None] > 0), coverage


def _capped(
    raw: Array, service: Service, kqi_of: list[KqiName], weights: Array, scores: Array
) -> Array:
    """Return scores after the vetoes of KQIs; one of which nothing is known has none."""
    capped = raw.copy()
    for name, kqi in service.kqis.items():
        if kqi.veto is None:
            continue
        within = np.array([each == name for each in kqi_of])
        known = ~np.isnan(scores[:, within])
        present = (known * weights[within]).sum(axis=1)
        reached = (np.nan_to_num(scores[:, within]) * weights[within]).sum(axis=1)
        vetoes = (present > 0) & (reached < kqi.veto.below * present)
        capped = np.where(vetoes, np.fmin(capped, kqi.veto.cap), capped)
    return capped
