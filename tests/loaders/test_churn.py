"""From files to who leaves next, by GraphQL: a generated population, and real phones."""

import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from scipy.special import logit

from graph.churn.report import read_report
from graph.experience.model import DEFAULT_VERSION, model_named
from loaders.churn import Learned, analyse
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.progress import Silence
from tests.lab import Lab

pytestmark = pytest.mark.database

SAMPLES = Path(__file__).parents[2] / "loaders" / "samples" / "copenhagen"
_EVERYBODY = """{
  subscribers(first: 100) { nodes { key status traffic { contacts } churn {
    risk rank base model
    reasons { feature group value text part }
    exposure { contacts left named { key events } }
  } } }
}"""
_MODEL = """{
  churnModel {
    version definition horizonDays judgedFrom scoredFrom gain { value low high }
    withNetwork { subscribers leavers auc { value low high } lift { value } empc { value } }
    withoutNetwork { auc { value } } bySilence { auc { value } lift { value } }
    byVote { auc { value } } byLinks { leavers auc { value low high } } contagion { leavers }
  }
}"""
_TARGETS = """query ($budget: Float!) {
  retentionTargets(budget: $budget, cost: 5) {
    currency isContagionMeasured spent atStake { value } averted { value }
    targets(first: 100) { edges {
      cost risk value averts node { churn { risk } } reason { leaves ownLoss takenLoss }
    } }
  }
}"""
_SPREAD = """query ($seeds: [ID!]!, $hops: Int) {
  churnPropagation(seeds: $seeds, hops: $hops, first: 5) {
    seeds subscribers
    steps { step energy reached { energy subscriber { key } givers { energy } } }
    reached { energy subscriber { key } path { energy subscriber { key } } }
  }
}"""


def learned(lab: Lab) -> Learned:
    """Learn from what is stored."""
    model = model_named(DEFAULT_VERSION, lab.settings.models_folder)
    return analyse(lab.settings, lambda: lab.endpoint, model, Silence())


def test_who_falls_silent_in_the_fourth_week_of_copenhagen(
    new_lab: Callable[[str], Lab],
) -> None:
    """Judged on its last seven days by what was known before; docs/churn.md has the figures."""
    real = new_lab("copenhagen")
    real.load("copenhagen", SAMPLES)
    done = learned(real)
    report = done.report
    assert (report.definition, report.horizon_days) == ("silence", 7)
    assert report.scored_from - report.judged_from == date(2014, 3, 3) - date(2014, 2, 24)
    assert report == read_report(real.settings.churn_report_file)
    again = learned(real)
    assert (again.report, again.scored) == (report, None), "nothing new"
    told = real.ask(_MODEL)["churnModel"]
    assert told["version"] == report.version
    assert told["withNetwork"]["auc"]["value"] == report.with_network.auc.value
    assert report.with_network.leavers == report.by_silence.leavers > 50
    assert told["byLinks"]["leavers"] == report.with_network.leavers
    assert 0 < told["byVote"]["auc"]["value"] < 1
    assert told["contagion"] is None  # silence tells nothing of it
    assert report.with_network.auc.value > 0.6
    people = real.ask(_EVERYBODY)["subscribers"]["nodes"]
    scored = [one["churn"] for one in people if one["churn"]]
    assert scored
    for churn in scored:
        parts = sum(reason["part"] for reason in churn["reasons"])
        assert churn["base"] + parts == pytest.approx(logit(churn["risk"]), abs=1e-9)
        sizes = [abs(reason["part"]) for reason in churn["reasons"]]
        assert sizes == sorted(sizes, reverse=True)
    known = {one["traffic"]["contacts"]: one["key"] for one in people}
    spreads_along_ties_step_by_step(real, known[max(known)])
    refuses_what_cannot_spread(real, known[0])


def spreads_along_ties_step_by_step(real: Lab, seed: str) -> None:
    """Check that energy is kept, and that a way begins at the seed and ends where it is told."""
    found = real.ask(_SPREAD, seeds=[seed, seed], hops=3)["churnPropagation"]
    assert (found["seeds"], len(found["steps"])) == (1, 3)
    assert found["steps"][0]["energy"] == pytest.approx(0.5)
    assert found["steps"][1]["energy"] == pytest.approx(0.25)
    for reached in found["reached"]:
        assert reached["path"][0]["subscriber"]["key"] == seed
        assert reached["path"][-1]["subscriber"]["key"] == reached["subscriber"]["key"]
    energies = [one["energy"] for one in found["reached"]]
    assert energies == sorted(energies, reverse=True)


def refuses_what_cannot_spread(real: Lab, alone: str) -> None:
    """Check that a wrong question has its own code, and that somebody alone reaches nobody."""
    for seeds, hops, code in (
        (["nobody"], 3, "NOT_FOUND"),
        ([], 3, "BAD_USER_INPUT"),
        ([alone], -1, "BAD_USER_INPUT"),
    ):
        answer: dict[str, Any] = real.answer(_SPREAD, seeds=seeds, hops=hops)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert real.ask(_SPREAD, seeds=[alone])["churnPropagation"]["reached"] == []


def test_stated_leaving_is_learned_and_exposure_is_named(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    files = tmp_path / "files"
    options = Options(people=600, days=24, seed=3, contagion=4.0, churn=0.2, records=40_000)
    generate(files, options, lambda _day: None)
    lab = new_lab("generated")
    lab.load("generated", files)
    report = learned(lab).report
    assert (report.definition, report.horizon_days) == ("status", 6)
    people = lab.ask(_EVERYBODY)["subscribers"]["nodes"]
    assert any(one["churn"] is None for one in people if one["status"] == "CHURNED")
    exposed = [one["churn"]["exposure"] for one in people if one["churn"]]
    assert all(each["left"] <= each["contacts"] for each in exposed)
    assert all(len(each["named"]) == min(each["left"], 10) for each in exposed)
    assert any(each["left"] for each in exposed)
    assert all(math.isfinite(one["churn"]["risk"]) for one in people if one["churn"])
    told = lab.ask(_MODEL)["churnModel"]
    assert told["contagion"]["leavers"] > 100
    assert 0.5 < told["byVote"]["auc"]["value"] <= 1
    keeps_whom_least_is_lost_with(lab)


def keeps_whom_least_is_lost_with(lab: Lab) -> None:
    """Check that targets follow from the stored risks and charges, and that costs add up."""
    found = lab.ask(_TARGETS, budget=60)["retentionTargets"]
    edges = found["targets"]["edges"]
    assert found["currency"]
    assert found["isContagionMeasured"]
    assert found["spent"] == pytest.approx(sum(edge["cost"] for edge in edges))
    assert found["spent"] <= 60
    assert 0 < found["averted"]["value"] <= found["atStake"]["value"]
    for edge in edges:
        reason = edge["reason"]
        assert edge["node"]["churn"]["risk"] == edge["risk"]
        assert reason["leaves"] >= edge["risk"] * (1 - 1e-9)
        assert reason["ownLoss"] == pytest.approx(reason["leaves"] * edge["value"])
        assert edge["averts"] == pytest.approx(reason["ownLoss"] + reason["takenLoss"])
