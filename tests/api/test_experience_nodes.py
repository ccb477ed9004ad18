"""The graph's nodes of scores say what GraphQL answers from the stored sums, each in its window."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cypher import Statement, statement
from graph.experience.model import DEFAULT_VERSION, model_of
from loaders.experience import analyse
from loaders.experience_nodes import Written, write
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.api.conftest import Service
from tests.api.test_experience import BEST, MAST, SESSIONS, scored_in, session
from tests.loaders.records_of import staged_of
from tests.village import MARKET, REGION, SCHOOL

pytestmark = pytest.mark.database

_MODEL = model_of(DEFAULT_VERSION, Path())
_ALL: Any = """
MATCH (experience:Experience)
OPTIONAL MATCH (owner)-[:EXPERIENCED]->(experience)
OPTIONAL MATCH (service:Service)-[:OF]->(experience)
RETURN experience {.*} AS node, labels(owner) AS labels, service.service_id AS service_id
"""
_NODES = Statement("tests/nodes", "Scores.", _ALL, "read", {}, {})
# How GraphQL is asked of each kind of owner; a window's fields are those of a node.
_FIELDS = "since until cei least coverage margin confidence samples scored"
_ASKED = {
    "subscriber": "subscriber(key: $key)",
    "place": "place(h3: $key)",
    "cell": "cell(key: $key)",
    "device": "device(key: $key)",
    "app": "app(key: $key)",
    "service": "service(key: $key)",
}


@pytest.fixture(scope="module")
def scored(village: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    folder = tmp_path_factory.mktemp("scored")
    service = scored_in(village, folder)
    key = folder / "identity.key"
    key.write_bytes(bytes(32))
    service.settings = service.settings.model_copy(update={"identity_key_file": key})
    return service


def written(service: Service) -> Written:
    return write(service.settings, service.database._locate, _MODEL, Silence())


def nodes(service: Service) -> dict[str, dict[str, Any]]:
    """Return every node with the label of its owner and its service in the graph, by key."""
    rows = service.run(service.database.read(_NODES))
    return {row["node"]["experience_id"]: row for row in rows}


def answered(service: Service, kind: str, owner: str, window: str) -> Any:
    """Return what GraphQL says of the newest window of an owner."""
    services = "services { service cei samples kqis { name score } }"
    if kind == "segment":  # of all of which that would be too much to ask
        services = "services { service cei samples }"
    inner = f"experience {{ trend windows(by: {window.upper()}) {{ {_FIELDS} {services} }} }}"
    if kind == "segment":
        listed = service.data(f"{{ experienceBySegment {{ segment {inner} }} }}")
        (found,) = [each for each in listed["experienceBySegment"] if each["segment"] == owner]
    else:
        query = f"query ($key: ID!) {{ found: {_ASKED[kind]} {{ {inner} }} }}"
        found = service.data(query, {"key": owner})["found"]
    return found["experience"]


def test_nodes_say_what_graphql_says(scored: Service) -> None:
    """Each field of each node of all services, and of each service its CEI and its KQIs."""
    done = written(scored)
    found = nodes(scored)
    assert (done.nodes, done.kept) == (len(found), 0)
    owners = {(row["node"]["owner_kind"], row["node"]["owner"]) for row in found.values()}
    assert owners >= {
        ("subscriber", "asha"),
        ("segment", "gold"),
        ("cell", "village:mast"),
        ("device", "village:35"),
        ("app", "village:maps"),
        ("service", "messaging"),
        *(("place", each) for each in (SCHOOL, MARKET, REGION)),
    }
    for row in found.values():
        node = row["node"]
        kind, owner, window = (node[name] for name in ("owner_kind", "owner", "window"))
        assert row["labels"] == (None if kind == "segment" else [kind.capitalize()])
        answer = answered(scored, kind, owner, window)
        wanted = answer["windows"][-1]
        if "service" not in node:
            assert node["trend"] == pytest.approx(answer["trend"], abs=1e-5)
            for name in _FIELDS.split():
                told = node[name].isoformat() if name in ("since", "until") else node[name]
                said = wanted[name]
                assert told == (said if isinstance(said, str) else pytest.approx(said, abs=1e-5))
            continue
        (service,) = [s for s in wanted["services"] if s["service"] == node["service"]]
        assert (node["cei"], node["samples"]) == pytest.approx((service["cei"], service["samples"]))
        for kqi in service.get("kqis", ()):
            assert node.get(kqi["name"]) == pytest.approx(kqi["score"])
        assert row["service_id"] == _MODEL.services[node["service"]].where.get("service")
        weights = zip(node["kpi_weights"], node["kpi_scores"], strict=True)
        assert sum(node["kpi_contributions"]) == pytest.approx(node["cei"])
        assert all(0 < weight <= 1 and 0 <= score <= 100 for weight, score in weights)


def test_only_what_changed_is_written(scored: Service, tmp_path: Path) -> None:
    """Of Bram's session on the last day tell he, his segment and the web; a week later is another.

    Nothing else is touched: not the time at which it was written either.
    """
    scored.run(scored.database.write(statement("experience/forget_all"), limit=100_000))
    first = written(scored)
    again = written(scored)
    assert (again.written, again.nodes, again.gone, again.kept) == (0, 0, 0, first.written)
    before = nodes(scored)
    store = RecordStore(scored.settings.records_folder)
    late = session("bram", 62, **BEST)
    store.append("sessions", [staged_of(tmp_path, "sessions", late, load_id="L2")], "L2")
    analyse(scored.settings, _MODEL, Silence())
    done = written(scored)
    assert done.gone == 0
    after = nodes(scored)
    touched = {
        (row["node"]["owner_kind"], row["node"]["owner"])
        for key, row in after.items()
        if row != before.get(key)
    }
    assert touched == {("subscriber", "bram"), ("segment", "silver"), ("service", "web")}
    next_week = session("asha", 24 * 7, **MAST, **BEST)
    store.append("sessions", [staged_of(tmp_path, "sessions", next_week, load_id="L3")], "L3")
    analyse(scored.settings, _MODEL, Silence())
    assert written(scored).gone > 0
    now = nodes(scored)
    assert {row["node"]["since"] for key, row in now.items() if "/week/" in key} == {
        SESSIONS[0]["started_at"].replace(hour=0) + timedelta(7)
    }
    assert not any("/day/subscriber:bram/" in key for key in now)
    assert any("/month/subscriber:bram/" in key for key in now)
