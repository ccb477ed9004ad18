"""A service is fitted to what people said, and judged by people whose answers had no part in it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from graph.errors import BadInput
from graph.experience.calibration import Answers, calibrate
from graph.experience.maths import NUMPY
from graph.experience.model import Model, bundled_models, model_named, read_model
from graph.experience.scoring import score_samples
from graph.settings import Settings
from loaders.calibrate import calibrate_service
from loaders.store import RecordStore
from tests.loaders.records_of import staged_of
from tests.loaders.stored import store_files

SHIPPED = read_model(bundled_models()["2026-11"])
WEB = ("is_set_up", "setup_ms", "is_dropped", "response_ms", "down_bps", "loss_ratio")


@pytest.fixture(scope="module")
def poqemon(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Settings:
    settings = Settings(home_dir=tmp_path_factory.mktemp("home"))
    store_files(settings, "poqemon", [shared_data / "poqemon" / "pokemon.csv"], "L1")
    return settings


@pytest.fixture(scope="module")
def fitted(poqemon: Settings) -> tuple[Model, Path]:
    return calibrate_service(poqemon, "2026-11", "video", "mos", "poqemon")


def test_what_real_people_said_of_videos(fitted: tuple[Model, Path]) -> None:
    """The project's targets: 0.59 as shipped; fitted, 0.73 and 0.54 on people unseen.

    The forest is what the targets are made after: it must not be better by more than noise.
    """
    (report,) = fitted[0].calibrations
    assert (report.samples, report.people, report.left_out) == (1_543, 181, 0)
    assert report.uncalibrated.pearson >= 0.59
    assert report.calibrated.pearson >= 0.73
    assert report.calibrated.mean_absolute_error <= 0.54
    assert report.calibrated.pearson >= report.random_forest.pearson - 0.01
    assert report.calibrated.mean_absolute_error <= report.random_forest.mean_absolute_error
    assert sum(fold.samples for fold in report.folds) == 1_543
    assert sum(fold.people for fold in report.folds) == 181
    assert len(report.folds) == 10


def test_a_fitted_model_is_a_model_like_any_other(
    poqemon: Settings, fitted: tuple[Model, Path]
) -> None:
    model, path = fitted
    assert model_named("poqemon", poqemon.models_folder) == model
    assert read_model(path) == model
    video = model.services["video"]
    assert "stalled_ms" in video.kpis
    for _, kpi in video.kpis.values():
        low, high = sorted((kpi.map.worst, kpi.map.best))
        points = np.linspace(low, high, 200)
        scores = kpi.map.score(points, NUMPY)
        steps = [after - before for before, after in pairwise(scores)]
        assert min(steps) >= -1e-9 if kpi.better == "more" else max(steps) <= 1e-9
    untouched = {name: each for name, each in model.services.items() if name != "video"}
    assert untouched == {n: each for n, each in SHIPPED.services.items() if n != "video"}


def test_a_version_is_never_overwritten(poqemon: Settings, fitted: tuple[Model, Path]) -> None:
    before = fitted[1].read_bytes()
    with pytest.raises(BadInput, match="there is a model poqemon already"):
        calibrate_service(poqemon, "2026-11", "video", "mos", "poqemon")
    assert fitted[1].read_bytes() == before


def test_services_that_cannot_be_fitted_are_named(poqemon: Settings) -> None:
    with pytest.raises(BadInput, match="no service with sessions is called voice; there are web"):
        calibrate_service(poqemon, "2026-11", "voice", "mos", "new")
    with pytest.raises(BadInput, match="0 answers of 0 people can be used; a fit takes 100 of 10"):
        calibrate_service(poqemon, "2026-11", "web", "mos", "new")


def _web_answers(rng: np.random.Generator, count: int = 4_000) -> Answers:
    """Return answers that are known: 1 + 3 r + l with r, l straight lines, and people's offsets."""
    columns = {name: np.full(count, np.nan) for name in WEB}
    columns["response_ms"] = rng.uniform(0, 4_000, count)
    columns["loss_ratio"] = rng.uniform(0, 0.1, count)
    people = rng.integers(0, 100, count)
    offsets = rng.normal(0, 0.5, 100)
    truth = 1 + 3 * (1 - columns["response_ms"] / 4_000) + (1 - columns["loss_ratio"] / 0.1)
    about = np.arange(count)
    return Answers(columns, truth + offsets[people], people.astype(str), about)


def test_a_planted_truth_is_found() -> None:
    """Three quarters of the weight are the response's; offsets (deviation 0.5) are people's."""
    answers = _web_answers(np.random.default_rng(3))
    model = calibrate(SHIPPED, "web", "mos", answers, "planted")
    integrity = model.services["web"].kqis["integrity"].kpis
    assert integrity["response"].weight / integrity["loss"].weight == pytest.approx(3, rel=0.1)
    assert "download" in integrity  # nobody measured it, so it keeps what it had
    assert integrity["download"].weight == SHIPPED.services["web"].kpis["download"][1].weight
    assert model.calibrations[0].calibrated.mean_absolute_error == pytest.approx(0.4, abs=0.05)
    opinion = model.opinions["web"]["mos"]
    score = score_samples(model.services["web"], answers.columns).score
    predicted = opinion.floor + (opinion.ceiling - opinion.floor) * score
    assert np.corrcoef(predicted, answers.opinion)[0, 1] > 0.85


def test_a_kpi_that_says_nothing_or_the_wrong_way_has_no_weight() -> None:
    rng = np.random.default_rng(4)
    answers = _web_answers(rng)
    columns = dict(answers.columns)
    columns["down_bps"] = 1e6 * (5 - answers.opinion)  # the more, the worse they said it was
    wrong = Answers(columns, answers.opinion, answers.people, answers.about)
    model = calibrate(SHIPPED, "web", "mos", wrong, "planted")
    assert list(model.services["web"].kqis["integrity"].kpis) == ["response", "loss"]


def test_noise_is_not_learnt() -> None:
    """Answers that have nothing to do with the KPIs are not predicted of people unseen."""
    rng = np.random.default_rng(5)
    answers = _web_answers(rng)
    said = rng.integers(1, 6, 4_000).astype(float)
    noise = Answers(answers.columns, said, answers.people, answers.about)
    found = calibrate(SHIPPED, "web", "mos", noise, "noise").calibrations[0].calibrated
    assert abs(found.pearson) < 0.06


ASKED, DAYS = datetime(2026, 3, 2, 12, tzinfo=UTC), 14


@pytest.fixture(scope="module")
def recommended(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a home in which 40 people were asked five times, a month apart, what they recommend.

    They answer ``10 (1 - r / 4 s)`` in the mean of the response times r of their web sessions in
    the 14 days before. Those of earlier days were the other way round; those of video say nothing.
    """
    rng, folder = np.random.default_rng(6), tmp_path_factory.mktemp("recommended")
    sessions, surveys = [], []
    for number in range(200):
        who = f"{number % 40:032x}"
        asked = ASKED + timedelta(days=30 * (number // 40))
        level = rng.uniform(300, 3_700)
        own = np.clip(rng.normal(level, 200, 5), 0, 4_000)
        for begin, found in ((0, own), (DAYS, 4_000 - own)):
            for response_ms in found:
                at = asked - timedelta(days=begin + rng.uniform(0.01, DAYS - 0.01))
                sessions += [
                    {"subscriber_id": who, "started_at": at, "service": name, "response_ms": value}
                    for name, value in (("web", response_ms), ("video", rng.uniform(0, 4_000)))
                ]
        said = {"subscriber_id": who, "answered_at": asked, "kind": "nps"}
        surveys.append(said | {"score": float(10 * (1 - own.mean() / 4_000))})
    surveys.append(surveys[0] | {"score": 0.0, "service": "video"})
    settings = Settings(home_dir=folder / "home")
    for kind, rows in (("sessions", sessions), ("surveys", surveys)):
        path = staged_of(folder, kind, *rows, load_id="L1")
        RecordStore(settings.records_folder).append(kind, [path], "L1")
    return settings


def test_answers_that_name_no_session_are_about_the_days_before(recommended: Settings) -> None:
    """What was planted is found on people unseen; twice the time has its reverse, too."""
    model, _ = calibrate_service(recommended, "2026-11", "web", "nps", "recommended", DAYS)
    (report,) = model.calibrations
    assert (report.samples, report.people, report.window_days) == (200, 40, DAYS)
    assert report.calibrated.pearson > 0.99
    assert report.calibrated.mean_absolute_error < 0.2
    opinion = model.opinions["web"]["nps"]
    assert (opinion.floor, opinion.ceiling) == pytest.approx((0, 10), abs=1)
    longer, _ = calibrate_service(recommended, "2026-11", "web", "nps", "longer", 2 * DAYS)
    assert longer.calibrations[0].calibrated.pearson < 0.5
    with pytest.raises(BadInput, match="0 answers of 0 people can be used"):
        calibrate_service(recommended, "2026-11", "web", "nps", "rated")
