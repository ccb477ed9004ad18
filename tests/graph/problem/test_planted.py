"""Problems that were planted in generated data are found, at the right place, and no others."""

from dataclasses import dataclass

import pytest

from graph.problem.delimit import Evidence, delimit
from graph.problem.identify import Seen, identify
from graph.problem.position import Finding
from tests.graph.problem.planted import Lab, Planted, lab

_SEEDS = (1, 2, 3)
_PEOPLE, _DAYS, _PROBLEMS = 20_000, 9, 8
_DOMAINS = {"cell": "radio", "site": "radio", "device": "device", "app": "service_provider"}


@dataclass(frozen=True)
class _Result:
    lab: Lab
    seen: list[Seen]

    @property
    def first_window(self) -> int:
        return self.seen[0].window

    def findings(self) -> list[Finding]:
        return [found for seen in self.seen for found in seen.findings if found.is_certain]

    def hits(self, planted: Planted) -> list[tuple[Seen, Finding]]:
        """Return what was found of it within two days of its beginning."""
        days = range(planted.first_day, planted.first_day + 2)
        return [
            (seen, found)
            for seen in self.seen
            for found in seen.findings
            if found.is_certain
            and seen.window - self.first_window in days
            and (found.kind, found.target) == (planted.kind, planted.target)
        ]

    def evidence(self, planted: Planted) -> Evidence:
        return delimit(*self.hits(planted)[0])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[_Result]:
    found = []
    for seed in _SEEDS:
        made = lab(tmp_path_factory.mktemp("lab"), _PEOPLE, _DAYS, seed, _PROBLEMS)
        found.append(_Result(made, list(identify(made.sums))))
    return found


def test_all_are_found_in_the_right_cell_site_device_or_app_within_two_days(
    results: list[_Result],
) -> None:
    """The issue asks for 95 % found and 90 % located; here, where 100 a day are struck, all are."""
    planted = [(result, one) for result in results for one in result.lab.planted]
    assert len(planted) == len(_SEEDS) * _PROBLEMS
    assert min(one.struck_a_day for _, one in planted) > 100
    assert [one for result, one in planted if not result.hits(one)] == []


def test_at_most_one_false_alarm_in_a_thousand_healthy_place_days(results: list[_Result]) -> None:
    """An alarm of whatever kind is false unless just that was planted, on that day."""
    alarms, place_days = 0, 0
    for result in results:
        true = {
            (one.kind, one.target, result.first_window + day)
            for one in result.lab.planted
            for day in range(one.first_day, one.last_day + 1)
        }
        found = {(one.kind, one.target, one.window) for one in result.findings()}
        alarms += len(found - true)
        ill = sum(1 for kind, *_ in true if kind in ("cell", "site"))
        place_days += result.lab.places * result.lab.days - ill
    assert place_days > 2_000
    assert alarms <= place_days / 1_000


def test_the_domain_at_fault_is_told_and_the_kpis_bear_it_out(results: list[_Result]) -> None:
    """By docs/generate.md: cells lack radio, sessions of a device break, an app is slow."""
    for result in results:
        for planted in result.lab.planted:
            evidence = result.evidence(planted)
            assert (evidence.domain, evidence.is_supported) == (_DOMAINS[planted.kind], True)


def test_busy_hours_are_told_from_whole_days(results: list[_Result]) -> None:
    """By docs/generate.md: a site fails from 17 to 22 h, whatever else does all day."""
    for result in results:
        for planted in result.lab.planted:
            evidence = result.evidence(planted)
            assert evidence.is_by_hours == (planted.kind == "site")
            if planted.kind == "site":
                assert abs(evidence.first_hour - 17) <= 1
                assert abs(evidence.last_hour - 22) <= 1


def test_a_healthy_network_raises_no_alarm(tmp_path_factory: pytest.TempPathFactory) -> None:
    healthy = lab(tmp_path_factory.mktemp("lab"), _PEOPLE, 5, 11, 0)
    assert [one for seen in identify(healthy.sums) for one in seen.findings if one.is_certain] == []
