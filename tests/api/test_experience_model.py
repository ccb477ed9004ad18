"""Models of experience by GraphQL: what they say, and how they were fitted."""

from pathlib import Path

import pytest
import yaml

from graph.experience.model import DEFAULT_VERSION, bundled_models
from tests.api.conftest import Service, fresh_service

pytestmark = pytest.mark.database


@pytest.fixture
def service(village: Service, tmp_path: Path) -> Service:
    return fresh_service(village, tmp_path / "home")


def test_the_model_is_shown_as_it_is(service: Service) -> None:
    """As the file of 2026-11 says."""
    model = service.data(
        """{ experienceModel { version sources { key citation } services {
          name records selects importance stage
          kqis { name weight vetoBelow vetoCap kpis { name measure unit better weight source domain
            mapping { kind worst best rate points { value } } } } } } }"""
    )["experienceModel"]
    assert model["version"] == DEFAULT_VERSION
    assert {each["key"] for each in model["sources"]} == {
        "operator",
        "definition",
        "g107",
        "g1030",
        "hossfeld2013",
    }
    services = {each["name"]: each for each in model["services"]}
    video = services["video"]
    assert [video[name] for name in ("records", "selects", "importance", "stage")] == [
        "sessions",
        "video",
        1,
        "use",
    ]
    assert services["voice"]["selects"] is None
    kqis = {each["name"]: each for each in video["kqis"]}
    assert list(kqis) == ["accessibility", "retainability", "integrity"]
    assert [kqis["accessibility"][name] for name in ("weight", "vetoBelow", "vetoCap")] == [
        0.2,
        0.4,
        0,
    ]
    assert kqis["integrity"]["vetoBelow"] is None
    assert kqis["integrity"]["kpis"][0] == {
        "name": "stalling",
        "measure": "stalling_load",
        "unit": "number",
        "better": "less",
        "weight": 0.5,
        "source": "hossfeld2013",
        "domain": "radio",
        "mapping": {"kind": "iqx", "worst": None, "best": 0, "rate": 1, "points": []},
    }


def test_a_version_is_no_path(service: Service) -> None:
    path = bundled_models()[DEFAULT_VERSION]
    query = "query ($path: String!) { experienceModel(version: $path) { version } }"
    ((code, _),) = service.errors(query, {"path": str(path)})
    assert code == "BAD_USER_INPUT"


def test_a_fitted_model_tells_how_it_was_fitted(service: Service) -> None:
    """A report as `tiegraph calibrate` writes it, with numbers that nobody fitted."""
    folder = service.settings.models_folder
    folder.mkdir(parents=True)
    text = bundled_models()[DEFAULT_VERSION].read_text()
    fit = {"pearson": 0.5, "mean_absolute_error": 0.75}
    report = {
        "service": "video",
        "based_on": DEFAULT_VERSION,
        "opinion": "mos",
        "people": 12,
        "samples": 120,
        "left_out": 3,
        "uncalibrated": fit,
        "calibrated": fit | {"pearson": 0.625},
        "random_forest": fit,
        "folds": [fit | {"people": 12, "samples": 120}],
    }
    fitted = yaml.safe_load(text) | {"version": "fitted", "calibrations": [report]}
    (folder / "fitted.yaml").write_text(yaml.safe_dump(fitted, sort_keys=False))
    fits = "pearson meanAbsoluteError"
    asked = f"""service basedOn opinion people samples leftOut uncalibrated {{ {fits} }}
      calibrated {{ {fits} }} randomForest {{ {fits} }} folds {{ people samples {fits} }}"""
    document = f'{{ experienceModel(version: "fitted") {{ calibrations {{ {asked} }} }} }}'
    told = {"pearson": 0.5, "meanAbsoluteError": 0.75}
    assert service.data(document)["experienceModel"]["calibrations"] == [
        {
            "service": "video",
            "basedOn": DEFAULT_VERSION,
            "opinion": "MOS",
            "people": 12,
            "samples": 120,
            "leftOut": 3,
            "uncalibrated": told,
            "calibrated": told | {"pearson": 0.625},
            "randomForest": told,
            "folds": [told | {"people": 12, "samples": 120}],
        }
    ]
    assert service.data("{ experienceModel { calibrations { service } } }") == {
        "experienceModel": {"calibrations": []}
    }
    (folder / "fitted.yaml").unlink()
