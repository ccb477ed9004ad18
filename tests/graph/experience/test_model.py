"""A model that cannot be right is refused, with the file, the line and the reason."""

import re
from pathlib import Path

import pytest

from graph.errors import BadInput, SourceError
from graph.experience.measures import MEASURES, SELECTORS
from graph.experience.model import DEFAULT_VERSION, bundled_models, model_named, read_model
from loaders.kinds import KINDS

SMALL = """version: small
title: A small model
sources: {operator: Operator's choice}
services:
  web:
    title: Pages
    records: sessions
    where: {service: web}
    kqis:
      accessibility:
        weight: 0.4
        veto: {below: 0.5, cap: 0}
        kpis:
          set_up:
            measure: is_set_up
            unit: bool
            better: more
            weight: 1
            map: {kind: linear, worst: 0, best: 1}
            source: operator
      integrity:
        weight: 0.6
        kpis:
          response:
            measure: response_ms
            unit: ms
            better: less
            weight: 0.75
            map: {kind: logarithmic, worst: 6000, best: 670}
            source: operator
          loss:
            measure: loss_ratio
            unit: ratio
            better: less
            weight: 0.25
            map: {kind: piecewise, points: [[0, 1], [0.1, 0.5], [0.2, 0]]}
            source: operator
"""


def write_model(folder: Path, text: str = SMALL) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


def test_the_model_that_the_errors_start_from_is_right(tmp_path: Path) -> None:
    web = read_model(write_model(tmp_path)).services["web"]
    assert list(web.kpis) == ["set_up", "response", "loss"]
    assert web.kpis["loss"][1].map.worst == 0.2
    assert web.kpis["loss"][1].map.best == 0


@pytest.mark.parametrize("name", bundled_models())
def test_a_shipped_model_is_right_and_named_as_its_file(name: str, tmp_path: Path) -> None:
    assert model_named(name, tmp_path).version == name


def test_the_shipped_model_has_the_services_that_it_should(tmp_path: Path) -> None:
    model = model_named(DEFAULT_VERSION, tmp_path)
    wanted = {"voice", "messaging", "web", "video", "social", "gaming", "file_transfer"}
    assert wanted <= set(model.services)
    assert {service.stage for service in model.services.values()} == {
        "interact",
        "choose",
        "use",
        "get_help",
    }


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (
            "weight: 0.75",
            "weight: 0.7",
            "mine.yaml, line 23: services.web.kqis.integrity.kpis: weights sum to 0.95, not to 1",
        ),
        (
            "weight: 0.4",
            "weight: 0.5",
            "mine.yaml, line 9: services.web.kqis: weights sum to 1.1, not to 1",
        ),
        (
            "measure: loss_ratio",
            "measure: lost_ratio",
            "line 32: services.web.kqis.integrity.kpis.loss.measure: 'lost_ratio' is no measure of "
            "sessions; there are is_set_up",
        ),
        (
            "unit: ms",
            "unit: s",
            "line 26: services.web.kqis.integrity.kpis.response.unit: response_ms is in ms, "
            "not in s",
        ),
        (
            "[0.1, 0.5]",
            "[0.1, 0.5], [0.15, 0.7]",
            "line 36: services.web.kqis.integrity.kpis.loss.map: scores of points go up and down, "
            "so it is not monotone",
        ),
        ("[0.1, 0.5]", "[0, 0.5]", "line 36: services.web.kqis.integrity.kpis.loss.map"),
        ("[0.2, 0]", "[0.2, 0.1]", "scores of points do not go from 0 to 1"),
        (
            "worst: 6000, best: 670",
            "worst: 670, best: 670",
            "line 29: services.web.kqis.integrity.kpis.response.map: worst and best are the same",
        ),
        (
            "worst: 6000, best: 670",
            "worst: 670, best: 6000",
            "line 29: services.web.kqis.integrity.kpis.response.map: less is better, but the",
        ),
        ("worst: 6000", "worst: nan", "line 29: services.web.kqis.integrity.kpis.response.map"),
        ("kind: linear", "kind: cubic", "line 19: services.web.kqis.accessibility.kpis.set_up.map"),
        (
            "where: {service: web}",
            "where: {stage: use}",
            "line 8: services.web.where: names the text of service",
        ),
        ("records: sessions", "records: masts", "line 7: services.web.records: 'masts' is none of"),
        ("source: operator", "source: hearsay", "line 20: services.web.kqis.accessibility.kpis"),
        (
            "measure: loss_ratio\n            unit: ratio",
            "measure: response_ms\n            unit: ms",
            "line 24: services.web.kqis.integrity.kpis.response: stands twice in the service",
        ),
        ("          loss:", "          response:", "line 31: services.web.kqis.integrity.kpis"),
        ("cap: 0}", "cap: 1}", "line 12: services.web.kqis.accessibility.veto.cap"),
        ("version: small", "version: ../small", "line 1: version"),
    ],
)
def test_a_wrong_model_is_refused(tmp_path: Path, old: str, new: str, error: str) -> None:
    path = write_model(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(SourceError, match=re.escape(error)):
        read_model(path)


def test_two_services_cannot_have_the_same_samples(tmp_path: Path) -> None:
    text = SMALL.replace("  web:\n", "  web: &web\n") + "  pages: *web\n"
    with pytest.raises(SourceError, match=r"line \d+: services\.pages\.records: another service"):
        read_model(write_model(tmp_path, text))


def test_a_model_that_does_not_exist_is_named_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no experience model 1999; there are 2026-11"):
        model_named("1999", tmp_path)


def test_measures_are_columns_of_their_records_in_their_unit() -> None:
    for (records, name), measure in MEASURES.items():
        columns = [KINDS[records].column(each) for each in measure.columns]
        assert None not in columns, name
        if measure.columns == (name,) and columns[0] is not None:
            unit = "bool" if columns[0].type == "bool" else columns[0].unit or "number"
            assert measure.unit == unit, name


def test_selectors_are_columns_with_choices() -> None:
    for records, name in SELECTORS.items():
        column = KINDS[records].column(name)
        assert column is not None
        assert column.choices
