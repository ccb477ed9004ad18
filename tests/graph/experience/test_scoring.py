"""What must be true of every model's scores, whatever the samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.experience.maths import Array
from graph.experience.measures import MEASURES
from graph.experience.model import DEFAULT_VERSION, Service, bundled_models, read_model
from graph.experience.scoring import Scored, score_samples

SERVICES = read_model(bundled_models()[DEFAULT_VERSION]).services
FAR = 1e12  # beyond every limit of the shipped model, in any unit
CLOSE = 1e-9

services = st.sampled_from(sorted(SERVICES)).map(SERVICES.__getitem__)
seeds = st.integers(0, 2**32 - 1)


def columns_of(service: Service, values: Array) -> dict[str, Array]:
    """Return columns of samples, with each KPI's value in the column that it is measured by.

    A computed measure is inverted: a load is one of stalls alone, a MOS is one that was measured.
    """
    columns: dict[str, Array] = {}
    for position, (_, kpi) in enumerate(service.kpis.values()):
        given_value = values[:, position]
        if kpi.measure == "stalling_load":
            columns["stalls"] = given_value / 0.19
            columns["stalled_ms"] = np.where(np.isnan(given_value), np.nan, 0)
        elif kpi.measure == "speech_mos":
            columns |= {"mos": given_value, "delay_ms": np.full(len(values), np.nan)}
            columns["loss_ratio"] = np.full(len(values), np.nan)
        elif kpi.measure == "is_resolved":
            words = {0.0: "open", 1.0: "resolved"}
            texts = [None if np.isnan(v) else words[float(v >= 0.5)] for v in given_value]
            columns["outcome"] = np.array(texts, dtype=object)
        else:
            columns[kpi.measure] = given_value
    return columns


def random_values(service: Service, seed: int, rows: int = 20, gaps: float = 0.3) -> Array:
    """Return KPIs around their limits, of which some are missing and no sample lacks all."""
    rng = np.random.default_rng(seed)
    kpis = [kpi for _, kpi in service.kpis.values()]
    worst = np.array(
        [min(kpi.map.worst, 10) if np.isinf(kpi.map.worst) else kpi.map.worst for kpi in kpis]
    )
    best = np.array([kpi.map.best for kpi in kpis])
    values = worst + (best - worst) * rng.uniform(-0.1, 1.1, (rows, len(kpis)))
    is_flag = np.array([service.measure(kpi).unit == "bool" for kpi in kpis])
    values = np.where(is_flag, values >= 0.5, values).astype(float)
    missing = rng.random(values.shape) < gaps
    missing[missing.all(axis=1), 0] = False
    return np.where(missing, np.nan, values)


def scored(service: Service, values: Array) -> Scored:
    return score_samples(service, columns_of(service, values))


def test_every_computed_measure_is_known_to_these_tests() -> None:
    computed = [name for (_, name), each in MEASURES.items() if each.columns != (name,)]
    assert computed == ["stalling_load", "speech_mos", "is_resolved"]


@given(services, seeds)
def test_scores_are_in_range_and_contributions_sum_to_them(service: Service, seed: int) -> None:
    found = scored(service, random_values(service, seed))
    for each in (found.score, found.least, found.coverage):
        assert each.min() >= 0
        assert each.max() <= 1 + CLOSE
    np.testing.assert_allclose(found.contributions.sum(axis=1), found.score, atol=1e-12)
    assert (found.contributions >= 0).all()


@given(services, seeds, st.data())
def test_a_better_kpi_never_lowers_a_score(
    service: Service, seed: int, data: st.DataObject
) -> None:
    values = random_values(service, seed)
    names = list(service.kpis)
    position = data.draw(st.integers(0, len(names) - 1))
    kpi = service.kpis[names[position]][1]
    step = data.draw(st.floats(0, 1)) * abs(kpi.map.best - min(kpi.map.worst, 10.0))
    better = values.copy()
    if service.measure(kpi).unit == "bool":
        better[:, position] = np.where(np.isnan(values[:, position]), np.nan, kpi.map.best)
    else:
        better[:, position] += step if kpi.better == "more" else -step
    before, after = scored(service, values), scored(service, better)
    assert (after.score >= before.score - CLOSE).all()
    assert (after.least >= before.least - CLOSE).all()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_all_good_is_100_and_all_bad_is_0(name: str) -> None:
    service = SERVICES[name]
    kpis = [kpi for _, kpi in service.kpis.values()]
    best = np.array([[kpi.map.best for kpi in kpis]])
    worst = np.array([[min(kpi.map.worst, FAR) for kpi in kpis]])
    good, bad = scored(service, best), scored(service, worst)
    assert good.score.tolist() == pytest.approx([1], abs=1e-12)
    assert good.least.tolist() == pytest.approx([1], abs=1e-12)
    assert good.coverage.tolist() == pytest.approx([1], abs=1e-12)
    assert bad.score.tolist() == pytest.approx([0], abs=1e-12)


@given(services, seeds, st.data())
def test_a_missing_kpi_lowers_coverage_and_never_helps(
    service: Service, seed: int, data: st.DataObject
) -> None:
    """The worst case never rises, and the score never exceeds the best of what is present."""
    values = random_values(service, seed, gaps=0.2)
    position = data.draw(st.integers(0, values.shape[1] - 1))
    lacking = values.copy()
    lacking[:, position] = np.nan
    before, after = scored(service, values), scored(service, lacking)
    was_known = ~np.isnan(values[:, position])
    assert (after.coverage[was_known] < before.coverage[was_known] - CLOSE).all()
    assert (after.least <= before.least + CLOSE).all()
    assert (after.least <= np.nan_to_num(after.score, nan=0) + CLOSE).all()
    has_any = ~np.isnan(lacking).all(axis=1)
    best = np.nanmax(after.scores[has_any], axis=1)
    assert (after.score[has_any] <= best + CLOSE).all()
    assert np.isnan(after.score[~has_any]).all()


def test_a_session_that_was_not_set_up_scores_nothing() -> None:
    web = SERVICES["web"]
    kpis = [kpi for _, kpi in web.kpis.values()]
    values = np.array([[0.0 if kpi.measure == "is_set_up" else kpi.map.best for kpi in kpis]])
    found = scored(web, values)
    assert found.score.tolist() == [0]
    assert found.contributions.tolist() == [[0] * len(kpis)]


def test_a_session_that_was_cut_off_is_capped_and_its_parts_with_it() -> None:
    """All is perfect but the drop: 0.2 + 0.6 = 0.8 is capped to 0.4, so each part is halved.

    Set-up: 0.2 · 0.7 = 0.14, its time 0.06, response 0.42, download 0.12, loss 0.06.
    """
    web = SERVICES["web"]
    kpis = [kpi for _, kpi in web.kpis.values()]
    values = np.array([[1.0 if kpi.measure == "is_dropped" else kpi.map.best for kpi in kpis]])
    found = scored(web, values)
    assert found.score.tolist() == pytest.approx([0.4])
    assert found.contributions[0].tolist() == pytest.approx([0.07, 0.03, 0, 0.21, 0.06, 0.03])


def test_stalling_scores_as_the_published_formula() -> None:
    """(MOS - 1.5) / 3.5 of two stalls of 3 s: MOS is 2.473, so the score is 0.278."""
    video = SERVICES["video"]
    values = np.full((1, len(video.kpis)), np.nan)
    values[0, list(video.kpis).index("stalling")] = 0.15 * 6 + 0.19 * 2
    assert scored(video, values).score.tolist() == pytest.approx([0.278], abs=2e-4)


def test_a_page_scores_as_g1030() -> None:
    """(MOS - 1) / 4 of 2 s with 0.67 and 6 s: MOS is 3.005, so the score is 0.501."""
    web = SERVICES["web"]
    values = np.full((1, len(web.kpis)), np.nan)
    values[0, list(web.kpis).index("response")] = 2000
    assert scored(web, values).score.tolist() == pytest.approx([0.501], abs=5e-4)


def test_speech_is_rated_by_the_e_model_where_nobody_measured_it() -> None:
    """A call at 50 ms with 1 % loss has MOS 4.297; a measured 2.0 counts instead."""
    voice = SERVICES["voice"]
    nothing = np.full(3, np.nan)
    columns = {
        "is_set_up": nothing,
        "setup_ms": nothing,
        "is_dropped": nothing,
        "mos": np.array([np.nan, 2.0, np.nan]),
        "delay_ms": np.array([50, 50, np.nan]),
        "loss_ratio": np.array([0.01, 0.01, 0.01]),
    }
    found = score_samples(voice, columns)
    values = found.values[:, list(voice.kpis).index("speech")]
    assert values.tolist() == pytest.approx([4.297, 2.0, np.nan], abs=5e-4, nan_ok=True)
    assert found.score[:2].tolist() == pytest.approx([3.297 / 3.409, 1 / 3.409], abs=5e-4)
