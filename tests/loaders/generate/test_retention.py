"""Retention targets against planted churn, which is simulated by whoever planted it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from graph.projection import Floats, Ints, Matrix
from graph.retention.reckoning import Reckoning
from graph.retention.stakes import Stakes, along
from graph.retention.targets import Sample, retention_targets
from graph.retention.world import draw_worlds
from loaders.generate.churn import Churn
from loaders.generate.options import Options
from loaders.generate.population import NEVER, Population, settle

_DAYS = 60
_PRICE_MINOR = np.array([600.0, 1200.0, 2500.0, 4500.0])  # a month, by plan
_KEPT_AT = 0  # whoever has left before the first day cannot leave, and nobody is taken along


def ties_of(population: Population) -> Matrix:
    """Return the planted strengths of ties, both ways."""
    ties, people = population.ties, len(population.people)
    ends = (ties.first, ties.second)
    one_way = sparse.coo_array((ties.strength.astype(np.float64), ends), shape=(people, people))
    return sparse.csr_array(one_way + one_way.T)


def loss(population: Population, value: Floats, kept: Ints, run: int) -> float:
    """Return what is lost when people leave day by day as the generator lets them."""
    options = replace(population.options, seed=run)
    population = replace(population, options=options, left_at=population.left_at.copy())
    population.left_at[kept] = _KEPT_AT
    churn = Churn(population)
    for day in range(_DAYS):
        churn.leave(day)
    has_left = (population.left_at != NEVER) & (population.left_at != _KEPT_AT)
    return float(value[has_left].sum())


@pytest.mark.parametrize("seed", [1, 2])
def test_targets_avert_more_than_calling_those_at_the_highest_risk(seed: int) -> None:
    """At least 1.3 times; 40 runs for each of six seeds gave 1.40 to 1.53 times."""
    population = settle(Options(2_000, _DAYS, seed))
    options, people = population.options, population.people
    risk = -np.expm1(-options.churn / 30 * people.proneness.astype(np.float64) * _DAYS)
    value = _PRICE_MINOR[people.plan]
    stakes = Stakes(risk, value, along(ties_of(population), options.contagion))
    sample = Sample.of(draw_worlds(stakes, 200_000, 1), draw_worlds(stakes, 200_000, 2))
    targets = retention_targets(sample, Reckoning.of(stakes), 60)
    riskiest = np.argsort(-risk, kind="stable")[:60]
    lost = np.array(
        [
            [
                loss(population, value, kept, run)
                for kept in (np.empty(0, int), targets.chosen, riskiest)
            ]
            for run in range(30)
        ]
    ).mean(axis=0)
    assert len(targets.chosen) == 60
    assert lost[0] - lost[1] >= 1.3 * (lost[0] - lost[2]) > 0
