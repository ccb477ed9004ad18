"""From generated files to problems in GraphQL: what was planted is what is asked for."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from graph.database.session import Endpoint
from graph.experience.model import DEFAULT_VERSION, model_named
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.problem import analyse
from loaders.progress import Silence
from tests.lab import Lab

pytestmark = pytest.mark.database

_ASK = """{ problems(first: 100) { totalCount nodes {
    key state domain kind target beganOn revision affects { id }
    affectedCount affectedSubscribers(first: 2) { totalCount edges { fall node { key } } }
    history { action }
} } }"""
_DEPARTED = {"cell": "RADIO", "site": "RADIO", "device": "DEVICE", "app": "SERVICE_PROVIDER"}


def test_planted_problems_are_opened_closed_and_hung_on_what_they_ail(
    empty_graph: Endpoint, tmp_path: Path
) -> None:
    """Four of them, by the truth that the generator writes beside its files."""
    folder = tmp_path / "files"
    generate(
        folder,
        Options(3_000, 6, 3, start=date(2024, 1, 1), problems=4, file_format="parquet"),
    )
    lab = Lab(tmp_path / "home", empty_graph)
    lab.load("generated", folder)
    model = model_named(DEFAULT_VERSION, lab.settings.models_folder)
    followed = analyse(lab.settings, lambda: empty_graph, model, Silence())
    truth = pq.read_table(folder / "truth" / "problems.parquet").to_pylist()
    found = lab.ask(_ASK, "care")["problems"]
    began = {_named(row): str(row["began_at"])[:10] for row in truth}
    assert {(one["kind"], one["target"].partition(":")[2]) for one in found["nodes"]} == set(began)
    for one in found["nodes"]:
        kind = one["kind"].lower()
        assert one["domain"] == _DEPARTED[kind]
        assert one["affects"] is not None
        assert one["history"][0] == {"action": "open"}
        struck = one["affectedSubscribers"]
        assert 0 < struck["totalCount"] <= one["affectedCount"]
        assert all(edge["fall"] > 0 for edge in struck["edges"])
    assert (followed.days, followed.actions["open"]) == (6, 4)
    sessions = sum(pq.read_metadata(file).num_rows for file in folder.glob("sessions-*"))
    assert followed.samples > sessions
    again = analyse(lab.settings, lambda: empty_graph, model, Silence())
    assert not again.actions
    assert lab.ask(_ASK, "care")["problems"] == found


def _named(row: dict[str, Any]) -> tuple[str, str]:
    """Return kind and key of a planted problem; a cell's identifier begins with its site's."""
    if row["scope"] == "site":
        return "SITE", str(int(row["target_id"]) // 256)
    return row["scope"].upper(), row["target_id"]
