"""From files to ties in arrays, influence and communities: two circles of friends and one alone."""

import asyncio
import sys
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from graph.audit import AuditLog
from graph.database.analyst import contact_frames, contact_graph
from graph.database.projection import Projections
from graph.database.session import Endpoint, opened
from graph.errors import BadInput, NotAnalysed, RuntimeFault
from graph.experience.model import DEFAULT_VERSION, model_named
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.projection import Projection
from graph.settings import Settings
from loaders import community, influence, tie
from loaders.erasure import erase
from loaders.progress import Silence
from tests.lab import Lab

pytestmark = pytest.mark.database

_DAY_S = 86_400
_INFLUENCERS = """query ($by: InfluenceMeasure!) {
  influencers(by: $by, first: 3) {
    totalCount edges { rank node { key influence {
      rank percentile kShell betweenness betweennessError role
      evidence { contacts clustering constraint }
    } } }
  }
}"""
_SPREAD = """query ($seeds: [ID!]!, $since: Date, $until: Date) {
  churnPropagation(seeds: $seeds, since: $since, until: $until) {
    seeds subscribers reached { subscriber { key } }
  }
}"""
_COMMUNITIES = """{
  communities(level: 1) {
    totalCount
    nodes { key size pairs density innerShare churnRate meanCei interests { category }
      homes { members } partOf { key } parts { nodes { key partOf { key } } }
      members { totalCount nodes { key communities { level key } } } }
  }
}"""


def _calls(*, day: int, pairs: list[tuple[int, int]]) -> str:
    """Return calls of a minute each, at noon of a day from 3 February 2014, a Monday."""
    return "".join(f"{day * _DAY_S + 43_200},{one},{other},60\n" for one, other in pairs)


def _written(folder: Path, calls: str) -> Path:
    folder.mkdir()
    (folder / "calls.csv").write_text("timestamp,caller,callee,duration\n" + calls)
    return folder


@pytest.fixture
def circles(tmp_path: Path, empty_graph: Endpoint) -> Lab:
    """All of 1 to 4 call each other, so do 5 to 8; 4 calls 5 on a Saturday, 9 nobody."""
    both = [*permutations([1, 2, 3, 4], 2), *permutations([5, 6, 7, 8], 2)]
    calls = _calls(day=0, pairs=both) + _calls(day=5, pairs=[(4, 5)])
    lab = Lab(tmp_path / "home", empty_graph)
    folder = _written(tmp_path / "files", calls)
    (folder / "genders.csv").write_text("user,female\n9,0\n")
    lab.load("copenhagen", folder)
    return lab


def _ties(lab: Lab, since: date | None = None, until: date | None = None) -> Projection:
    async def read() -> Projection:
        async with opened(lambda: lab.endpoint, lab.settings) as database:
            projections = Projections(lab.settings, Ledger(lab.settings.ledger_file))
            return await projections.between(database, since, until)

    return asyncio.run(read())


def _key(lab: Lab, person: int) -> str:
    return IdentityKey.of(lab.settings).pseudonym("copenhagen", str(person))


def _measures(ties: Projection) -> list[list[int]]:
    names = ("calls", "messages", "missed", "duration_s", "active_days", "first_at", "last_at")
    return [ties.columns[name].tolist() for name in names]


def test_days_add_up_to_what_the_graph_says(circles: Lab) -> None:
    with pytest.raises(NotAnalysed, match="tiegraph analyse ties"):
        _ties(circles, date(1970, 1, 1))
    first = tie.analyse(circles.settings, Silence())
    assert (first.days, first.kept, first.ties) == (2, 0, 25)
    every, summed = _ties(circles), _ties(circles, date(1969, 1, 1))
    assert (len(every), len(every.caller)) == (9, 25)
    assert every.caller.tolist() == summed.caller.tolist()
    assert every.callee.tolist() == summed.callee.tolist()
    assert _measures(every) == _measures(summed)
    assert every.columns["strength"] == pytest.approx(summed.columns["strength"])
    assert np.unique(summed.columns["office"]).tolist() == [0, 1]  # Saturday, and Monday
    assert summed.columns["weekend"].sum() == 1
    again = tie.analyse(circles.settings, Silence())
    assert (again.days, again.kept) == (0, 2)


def test_a_window_has_its_own_ties_among_the_same_people(circles: Lab) -> None:
    tie.analyse(circles.settings, Silence())
    saturday = _ties(circles, date(2014, 2, 8), date(2014, 2, 9))
    ends = sorted((_key(circles, 4), _key(circles, 5)))
    assert len(saturday) == 9
    assert saturday.keys[saturday.undirected("calls").nonzero()[0]].tolist() == ends
    empty = _ties(circles, date(2014, 2, 4), date(2014, 2, 8))
    assert (len(empty), len(empty.caller)) == (9, 0)
    assert empty.matrix().nnz == 0
    with pytest.raises(BadInput, match="must end after it begins"):
        _ties(circles, date(2014, 2, 4), date(2014, 2, 4))


def test_leaving_spreads_along_the_ties_of_a_window(circles: Lab) -> None:
    """On Monday the circles are apart; on Saturday 4 and 5 alone talk; on Tuesday nobody does."""
    tie.analyse(circles.settings, Silence())
    seed = _key(circles, 4)
    for since, until, reached in (
        ("2014-02-03", "2014-02-04", {1, 2, 3}),
        ("2014-02-08", "2014-02-09", {5}),
        ("2014-02-04", "2014-02-08", set()),
        (None, None, {1, 2, 3, 5, 6, 7, 8}),
    ):
        found = circles.ask(_SPREAD, seeds=[seed], since=since, until=until)["churnPropagation"]
        told = {each["subscriber"]["key"] for each in found["reached"]}
        assert told == {_key(circles, person) for person in reached}
        assert found["subscribers"] == len(reached)
    alone = circles.ask(_SPREAD, seeds=[_key(circles, 9)])["churnPropagation"]
    assert (alone["seeds"], alone["reached"]) == (1, [])


def test_analysts_get_the_ties_as_they_like_them(
    circles: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As networkx and pandas have them, and as files that networkx and pyarrow read."""
    four, nine = _key(circles, 4), _key(circles, 9)
    server = circles.endpoint
    told: dict[str, Any] = {"neo4j_uri": server.uri, "neo4j_password": server.password}
    settings = Settings(home_dir=circles.home, neo4j_user=server.user, **told)

    async def ask() -> tuple[nx.DiGraph, nx.DiGraph, pd.DataFrame, pd.DataFrame]:
        whole = await contact_graph(settings=settings)
        ego = await contact_graph(around=[four], settings=settings)
        return whole, ego, *await contact_frames(settings=settings)

    whole, ego, people, ties = asyncio.run(ask())
    assert (whole.number_of_nodes(), whole.number_of_edges()) == (9, 25)
    assert set(ego.nodes) == {_key(circles, each) for each in (1, 2, 3, 4, 5)}
    called = whole.edges[four, _key(circles, 5)]
    assert (called["calls"], called["duration_s"]) == (1, 60)
    assert called["first_at"].isoformat() == "2014-02-08T12:00:00"
    assert people.set_index("key")["contacts"][[four, nine]].tolist() == [4, 0]
    assert (len(ties), ties["calls"].sum()) == (25, 25)
    done = circles.run("export", "graph", tmp_path / "out")
    assert (done.returncode, done.stdout) == (0, f"9 subscribers, 25 ties in {tmp_path / 'out'}\n")
    read = nx.read_graphml(tmp_path / "out" / "contacts.graphml")
    assert set(read.edges) == set(whole.edges)
    assert read.edges[four, _key(circles, 5)]["strength"] == called["strength"]
    assert pq.read_table(tmp_path / "out" / "contacts.parquet").num_rows == 25
    again = circles.run("export", "graph", tmp_path / "out")
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)
    taken = list(AuditLog.of(settings).accesses(four))
    operations = ["contact_ties", "contact_ties", "contact_ties", "export graph", "export graph"]
    assert [each.operation for each in taken] == operations
    assert set(taken[1].keys) == set(ego.nodes)
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(RuntimeFault, match=r"needs networkx.*tiegraph\[notebook\]"):
        asyncio.run(contact_graph(settings=settings))


def test_later_loads_are_read_for_those_they_touch(circles: Lab, tmp_path: Path) -> None:
    """After a load, and after an erasure, it is as if all were read for the first time."""
    before = _ties(circles)
    circles.load("copenhagen", _written(tmp_path / "more", _calls(day=4, pairs=[(9, 1), (10, 9)])))
    after = _ties(circles)
    assert before.version != after.version
    assert (len(after), len(after.caller)) == (10, 27)
    erase(frozenset({_key(circles, 1)}), circles.settings, lambda: circles.endpoint, Silence())
    left = _ties(circles)
    assert (len(left), len(left.caller)) == (9, 20)
    (circles.settings.social_folder / "projection.json").unlink()
    anew = _ties(circles)
    assert _measures(left) == _measures(anew)
    assert left.callee.tolist() == anew.callee.tolist()


def test_influence_is_written_and_served(circles: Lab) -> None:
    """By hand: 4 lies between 3 friends and 4 others, both ways: 24 of 8 x 7; so does 5."""
    assert circles.ask(_INFLUENCERS, by="PAGERANK")["influencers"]["edges"] == []
    done = influence.analyse(circles.settings, lambda: circles.endpoint, Silence())
    assert (done.subscribers, done.ties, done.error) == (9, 25, 0)
    found = circles.ask(_INFLUENCERS, by="BETWEENNESS")["influencers"]
    assert found["totalCount"] == 9
    first, second, _saturday = found["edges"]
    assert {first["node"]["key"], second["node"]["key"]} == {_key(circles, 4), _key(circles, 5)}
    told = first["node"]["influence"]
    assert (first["rank"], second["rank"]) == (1, 1)
    assert told["betweenness"] == pytest.approx(24 / 56)
    assert (told["betweennessError"], told["kShell"]) == (0, 3)
    assert told["evidence"]["contacts"] == 4
    assert told["evidence"]["clustering"] == pytest.approx(0.5)
    again = influence.analyse(circles.settings, lambda: circles.endpoint, Silence())
    assert again.ties is None
    alone = circles.ask(
        "query ($key: ID!) { subscriber(key: $key) { influence { role kShell } } }",
        key=_key(circles, 9),
    )
    assert alone["subscriber"]["influence"] == {"role": "OUTLIER", "kShell": 0}


def test_communities_keep_their_names(circles: Lab, tmp_path: Path) -> None:
    model = model_named(DEFAULT_VERSION, circles.settings.models_folder)

    def analyse() -> community.Divided:
        return community.analyse(circles.settings, lambda: circles.endpoint, model, Silence())

    done = analyse()
    assert (done.wide, done.narrow, done.moved) == (3, 3, 9)
    found = circles.ask(_COMMUNITIES)["communities"]
    assert found["totalCount"] == 3
    assert [(one["size"], one["pairs"], one["density"]) for one in found["nodes"]] == [
        (4, 6, 1.0),
        (4, 6, 1.0),
        (1, 0, 0.0),
    ]
    for one in found["nodes"]:
        assert one["members"]["totalCount"] == one["size"]
        (part,) = one["parts"]["nodes"]
        assert part["partOf"]["key"] == one["key"]
        for member in one["members"]["nodes"]:
            levels = [(1, one["key"]), (2, part["key"])]
            assert [(each["level"], each["key"]) for each in member["communities"]] == levels
        assert (one["churnRate"], one["meanCei"], one["interests"]) == (None, None, [])
    assert analyse().moved is None
    circles.load("copenhagen", _written(tmp_path / "more", _calls(day=4, pairs=[(9, 8), (8, 9)])))
    later = analyse()
    assert (later.wide, later.moved) == (2, 1)
    names = {one["key"] for one in circles.ask(_COMMUNITIES)["communities"]["nodes"]}
    assert names == {one["key"] for one in found["nodes"][:2]}
