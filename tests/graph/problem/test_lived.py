"""From the scores of generated people to problems that close and return, of every kind."""

from collections import Counter
from collections.abc import Mapping

import pytest

from graph.problem.identify import Seen
from graph.problem.struck import MOST_STRUCK
from loaders.generate.options import SCOPES, Options
from tests.graph.problem.desk import Desk
from tests.graph.problem.lived import Life, Planted, live

_SCOPES = tuple(scope for scope in SCOPES if scope != "site")
_DOMAINS = {
    "cell": "radio",
    "device": "device",
    "app": "service_provider",
    "voice": "radio",
    "subscriber": "device",
    "messages": "core",
}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """5,000 people for 17 days; six problems, each of which comes twice."""
    options = Options(5_000, 17, 3, problems=6, scopes=_SCOPES, episodes=2, file_format="parquet")
    return live(tmp_path_factory.mktemp("life"), options)


@pytest.fixture(scope="module")
def desk(life: Life) -> Desk:
    return Desk().look_all(life.seen)


def _told(desk: Desk, planted: Planted) -> list[tuple[int, str]]:
    (name,) = (
        name
        for name, one in desk.problems.items()
        if (one.kind, one.target) == (planted.kind, planted.target)
    )
    return [(day, action) for day, told, action in desk.told if told == name]


def _by_scope(life: Life) -> Mapping[str, list[Planted]]:
    return {scope: [one for one in life.planted if one.scope == scope] for scope in _SCOPES}


def test_each_is_found_as_what_it_is_and_nothing_else_is(life: Life, desk: Desk) -> None:
    """A model of device and a cell's calls too; whose fault it is follows, and the KPIs agree."""
    wanted = {(one.kind, one.target): _DOMAINS[one.scope] for one in life.planted}
    found = {(one.kind, one.target): one.domain for one in desk.problems.values()}
    assert found == wanted
    assert len(desk.problems) == 6
    assert all(one.is_supported for one in desk.problems.values())
    assert all(one.chance < 1e-3 for one in desk.problems.values())


@pytest.mark.parametrize("scope", [scope for scope in _SCOPES if scope != "subscriber"])
def test_it_closes_after_two_good_days_and_opens_again_when_it_returns(
    life: Life, desk: Desk, scope: str
) -> None:
    first, again = _by_scope(life)[scope]
    told = _told(desk, first)
    assert told[:3] == [
        (first.first_day, "open"),
        (first.last_day + 1, "verify"),
        (first.last_day + 2, "close"),
    ]
    assert told[3] in [(again.first_day + later, "reopen") for later in (0, 1)]
    after = [action for day, action in told[4:] if day > again.last_day]
    assert after == ["verify", "close"][: max(0, 16 - again.last_day)]


def test_a_subscribers_own_takes_some_days_to_be_told(life: Life, desk: Desk) -> None:
    """Of five samples a day: opened on the third at the latest, and not closed while it lasts."""
    (planted, again) = _by_scope(life)["subscriber"]
    told = _told(desk, planted)
    assert planted.first_day <= told[0][0] <= planted.first_day + 2
    assert told[0][1] == "open"
    ill = [*range(planted.first_day, planted.last_day), *range(again.first_day, again.last_day)]
    assert [action for day, action in told if day in ill and action == "close"] == []
    assert "reopen" in [action for day, action in told if day >= again.first_day]


def test_those_whom_it_struck_are_known_and_most_of_them_are_seen_to_recover(
    life: Life, desk: Desk
) -> None:
    """Whoever had samples of the cell on its bad days and no other is struck by it."""
    (planted, _) = _by_scope(life)["cell"]
    there = _samples_at(life, planted)
    before = Desk()
    for day, seen in enumerate(life.seen[: planted.last_day + 3]):
        before.look(day, seen)
    (problem,) = (one for one in before.problems.values() if one.target == planted.target)
    people = problem.people or ()
    assert {one.subscriber_id for one in people} <= there.keys()
    assert sum(one.samples for one in people) >= 0.8 * sum(there.values())
    assert all(one.samples <= there[one.subscriber_id] for one in people)
    assert (problem.state, problem.struck) == ("closed", len(people))
    assert problem.recovered > 0.6 * len(people)
    assert problem.awaited < 0.1 * len(people)


def test_of_many_only_those_who_lost_most_are_remembered(desk: Desk) -> None:
    (app,) = (one for one in desk.problems.values() if one.kind == "app")
    assert len(app.people or ()) == MOST_STRUCK < app.struck


def _samples_at(life: Life, planted: Planted) -> Counter[str]:
    found: Counter[str] = Counter()
    for seen in life.seen[planted.first_day : planted.last_day + 1]:
        found.update(_samples_of_day(seen, planted))
    return found


def _samples_of_day(seen: Seen, planted: Planted) -> Counter[str]:
    names, sums = seen.sums.names["subscriber"], seen.sums
    cell = sums.names["cell"].index(planted.target)
    found: Counter[str] = Counter()
    for row in (sums.codes["cell"] == cell).nonzero()[0].tolist():
        found[names[int(sums.codes["subscriber"][row])]] += int(sums.n[row])
    return found
