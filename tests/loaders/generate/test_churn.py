"""Who leaves, why, and because of whom; against the truth and against the formula."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from loaders.generate.generate import generate
from loaders.generate.options import Options
from tests.loaders.generate.conftest import OPTIONS
from tests.loaders.generate.observed import columns, seconds, table

MANY = Options(people=6_000, days=30, seed=4, records=200_000, problems=0)


@pytest.fixture(scope="module")
def cascades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of people who leave in droves because others did."""
    folder = tmp_path_factory.mktemp("cascades")
    generate(folder, replace(MANY, contagion=3.0))
    return folder


def _causes(folder: Path) -> dict[str, int]:
    (cause,) = columns(folder / "truth", "churn", "cause")
    names, counts = np.unique(cause.astype(str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def test_without_contagion_nobody_leaves_because_of_another(tmp_path: Path) -> None:
    """With homophily at its greatest, so that leavers cluster all the same."""
    generate(tmp_path / "f", replace(MANY, contagion=0, homophily=1))
    assert set(_causes(tmp_path / "f")) == {"baseline"}
    (because,) = columns(tmp_path / "f" / "truth", "churn", "because_of_id")
    assert len(because) > 50
    assert np.isnan(because.astype(float)).all()


def test_contagion_follows_ties_and_comes_after(cascades: Path) -> None:
    """Whom somebody leaves because of had left on an earlier day, and was a contact."""
    who, at, cause, because = columns(
        cascades / "truth", "churn", "subscriber_id", "churned_at", "cause", "because_of_id"
    )
    first, second = columns(cascades / "truth", "ties", "subscriber_id", "other_id")
    ties = set(zip(first.tolist(), second.tolist(), strict=True))
    left_on = dict(zip(who.tolist(), (seconds(at) // 86_400).tolist(), strict=True))
    is_infected = cause == "contagion"
    assert is_infected.sum() > 100
    assert np.isnan(because[~is_infected]).all()
    for one, other in zip(who[is_infected].tolist(), because[is_infected].tolist(), strict=True):
        assert (min(one, int(other)), max(one, int(other))) in ties
        assert left_on[int(other)] < left_on[one]


def test_more_contagion_more_leave(cascades: Path, tmp_path: Path) -> None:
    generate(tmp_path / "f", replace(MANY, contagion=0))
    assert sum(_causes(cascades).values()) > 1.3 * sum(_causes(tmp_path / "f").values())


def test_as_many_leave_of_themselves_as_asked_for(tmp_path: Path) -> None:
    """5 % in 30 days: 1 - exp(-0.05) of 6,000 people, 293, give or take 3 standard deviations.

    The proneness of people differs, with a mean of 1.
    """
    generate(tmp_path / "f", replace(MANY, contagion=0, discontent=0, churn=0.05))
    assert _causes(tmp_path / "f")["baseline"] == pytest.approx(293, abs=52)


def test_nobody_leaves_where_nothing_makes_them(tmp_path: Path) -> None:
    generated = generate(tmp_path / "f", replace(MANY, contagion=5, discontent=0, churn=0))
    assert generated.churned == 0
    assert not list((tmp_path / "f").glob("subscribers-*"))


def test_leavers_cluster_by_homophily_alone(tmp_path: Path) -> None:
    """Friends of leavers leave more often than others, though nobody infects anybody.

    That is what makes homophily look like contagion: Aral et al., PNAS 106, 2009.
    """
    lifts = []
    for homophily in (0.0, 1.0):
        folder = tmp_path / str(homophily)
        alone = replace(MANY, people=20_000, days=15, contagion=0, discontent=0, churn=1)
        generate(folder, replace(alone, records=300_000, homophily=homophily))
        lifts.append(_lift(folder))
    assert lifts[0] == pytest.approx(1, abs=0.05)
    assert lifts[1] > 1.15


def _lift(folder: Path) -> float:
    """Return how much more often friends of leavers left than anybody."""
    (left,) = columns(folder / "truth", "churn", "subscriber_id")
    (people,) = columns(folder / "truth", "people", "subscriber_id")
    first, second, kind = columns(folder / "truth", "ties", "subscriber_id", "other_id", "kind")
    is_friend = kind == "circle"
    ends = np.stack([first[is_friend], second[is_friend]])
    has_left = np.isin(ends, left)
    both, any_end = (has_left[0] & has_left[1]).sum() * 2, has_left.sum()
    return float(both / any_end / (len(left) / len(people)))


def test_bad_experience_makes_people_leave_and_complain(crowd: Path) -> None:
    """Most of those whose cause is experience live in a cell with a problem, or own a bad device.

    Of all people only a few do; and those few ask for help more often.
    """
    who, cause = columns(crowd / "truth", "churn", "subscriber_id", "cause")
    target, scope = columns(crowd / "truth", "problems", "target_id", "scope")
    people, home, work = columns(
        crowd / "truth", "people", "subscriber_id", "home_cell_id", "work_cell_id"
    )
    owners, tac = columns(crowd, "ownerships", "subscriber_id", "tac")
    bad_cells = target[(scope == "cell") | (scope == "site")].astype(np.int64)
    suffers = np.isin(home, bad_cells) | np.isin(work, bad_cells)
    suffers |= np.isin(tac.astype(str), target[scope == "device"].astype(str))
    assert (owners == people).all()
    is_upset = np.isin(people, who[cause == "experience"])
    assert is_upset.sum() > 10
    assert suffers[is_upset].mean() > 4 * suffers.mean()
    asking, stage = columns(crowd, "touchpoints", "subscriber_id", "stage")
    asks = np.isin(people, asking[stage == "get_help"])
    assert asks[suffers].mean() > 1.5 * asks[~suffers].mean()


def test_whoever_has_left_does_nothing_any_more(crowd: Path) -> None:
    who, left_at = columns(crowd, "subscribers", "subscriber_id", "as_of")
    status = table(crowd, "subscribers")["status"].to_numpy()
    gone = {
        one: at
        for one, at, now in zip(who.tolist(), seconds(left_at).tolist(), status, strict=True)
        if now == "churned"
    }
    assert len(gone) > 100
    for kind, name, instant in (
        ("calls", "caller_id", "started_at"),
        ("calls", "callee_id", "started_at"),
        ("messages", "sender_id", "sent_at"),
        ("messages", "recipient_id", "sent_at"),
        ("sessions", "subscriber_id", "started_at"),
        ("locations", "subscriber_id", "seen_at"),
        ("payments", "subscriber_id", "paid_at"),
        ("touchpoints", "subscriber_id", "at"),
        ("surveys", "subscriber_id", "answered_at"),
    ):
        people, at = columns(crowd, kind, name, instant)
        leavers = np.isin(people, list(gone))
        limits = np.array([gone[one] for one in people[leavers].tolist()])
        assert (seconds(at)[leavers] < limits).all(), (kind, name)
        assert leavers.any(), kind


def test_options_are_in_the_truth(crowd: Path) -> None:
    text = (crowd / "truth" / "options.json").read_text()
    assert f'"seed": {OPTIONS.seed}' in text
    assert f'"people": {OPTIONS.people}' in text
