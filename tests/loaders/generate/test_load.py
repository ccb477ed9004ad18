"""The whole way: generated files, loaded into the graph, and asked for by GraphQL."""

from pathlib import Path

import numpy as np
import pytest

from graph.database.session import Endpoint
from loaders.generate.generate import generate
from loaders.generate.options import Options
from tests.lab import Lab
from tests.loaders.generate.observed import columns, contacts

pytestmark = pytest.mark.database

FIGURES = """{
  people: subscribers(filter: {namespace: "generated"}) { totalCount }
  calls: contactsAggregate(channel: CALL) { calls missed }
  all: contactsAggregate { subscribers directedPairs }
  loads { nodes { state rowsRead rowsRejected records { kind loaded duplicate } } }
}"""


def test_generated_files_load_whole(tmp_path: Path, empty_graph: Endpoint) -> None:
    """Figures of the graph are those of the files, counted there with NumPy; nothing is refused."""
    folder, lab = tmp_path / "f", Lab(tmp_path / "home", empty_graph)
    generated = generate(folder, Options(people=300, days=2, seed=1))
    lab.load("generated", folder)
    answer = lab.ask(FIGURES)
    seen, (answered,) = contacts(folder), columns(folder, "calls", "is_answered")
    assert answer["people"]["totalCount"] == 300
    assert answer["calls"]["calls"] == len(answered)
    assert answer["calls"]["missed"] == int(np.count_nonzero(~answered.astype(bool)))
    assert answer["all"]["subscribers"] == len(seen.people)
    assert answer["all"]["directedPairs"] == len(seen.count) + int(seen.is_mutual.sum())
    (load,) = answer["loads"]["nodes"]
    assert (load["state"], load["rowsRejected"]) == ("APPLIED", 0)
    assert load["rowsRead"] == sum(generated.rows.values())
    assert {one["kind"]: one["loaded"] + one["duplicate"] for one in load["records"]} == {
        kind: rows for kind, rows in generated.rows.items() if rows
    }
