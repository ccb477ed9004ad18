"""Answers of the page, counted in the raw files by DuckDB and networkx.

Neither knows of the graph, the record store or the transforms. A person is told as the page does.
"""

from collections.abc import Callable, Mapping
from typing import Any

import networkx as nx

from tests.cookbook.conftest import Town
from tests.village import KEY

SOMEBODY, IN_NEED = 210100001051, 210100000007  # the raw numbers that the page names
_SECOND = "%Y-%m-%dT%H:%M:%S+00:00"


def _size(town: Town) -> Any:
    ((missed, duration_s),) = town.counted(
        "SELECT count(*) FILTER (NOT is_answered), sum(duration_s) FROM calls"
    )
    return {
        "subscribers": {"totalCount": _people(town)},
        "calls": {**_mutuality(town, is_call=True), "missed": missed, "durationS": duration_s},
        "messages": _mutuality(town, is_call=False),
    }


def _people(town: Town) -> int:
    ((people,),) = town.counted("SELECT count(*) FROM people")
    return int(people)


def _mutuality(town: Town, is_call: bool) -> dict[str, Any]:
    asked = "SELECT DISTINCT who, whom FROM begun WHERE is_call = $is_call"
    pairs = set(town.counted(asked, is_call=is_call))
    mutual = sum((whom, who) in pairs for who, whom in pairs)
    return {
        "subscribers": len({person for pair in pairs for person in pair}),
        "directedPairs": len(pairs),
        "mutualPairs": mutual,
        "reciprocity": mutual / len(pairs),
    }


def _most_contacts(town: Town) -> Any:
    rows = town.counted("SELECT who, count(DISTINCT whom), count(*) FROM events GROUP BY who")
    rows.sort(key=lambda row: (row[1], KEY.pseudonym("generated", str(row[0]))), reverse=True)
    nodes = [
        {"key": f"<{who}>", "traffic": {"contacts": contacts, "events": events}}
        for who, contacts, events in rows[:3]
    ]
    return {"subscribers": {"nodes": nodes}}


def _plans(town: Town) -> Any:
    rows = town.counted("SELECT plan, count(*) FROM people GROUP BY plan ORDER BY 2 DESC, 1")
    groups = [{"plan": plan, "subscribers": people} for plan, people in rows]
    return {"subscribersAggregate": {"subscribers": sum(row[1] for row in rows), "groups": groups}}


def _genders(town: Town) -> Any:
    rows = town.counted(
        "SELECT upper(gender), count(*), avg(coalesce(contacts, 0)), avg(coalesce(events, 0))"
        " FROM people LEFT JOIN (SELECT who, count(DISTINCT whom) AS contacts, count(*) AS events"
        " FROM events GROUP BY who) ON who = subscriber_id GROUP BY gender ORDER BY 2 DESC"
    )
    groups = [
        {"gender": gender, "subscribers": people, "means": {"contacts": each, "events": events}}
        for gender, people, each, events in rows
    ]
    return {"subscribersAggregate": {"groups": groups}}


def _packages(town: Town) -> Any:
    rows = town.counted(
        "SELECT name, price_minor, packages.currency, count(DISTINCT subscriber_id) FROM packages"
        " JOIN subscriptions USING (package_id) GROUP BY ALL ORDER BY any_value(package_id)"
    )
    names = ("name", "priceMinor", "currency", "subscribers")
    return {"packages": {"nodes": [dict(zip(names, row, strict=True)) for row in rows]}}


def _devices(town: Town) -> Any:
    rows = town.counted(
        "SELECT model, operating_system, count(DISTINCT subscriber_id) FROM devices"
        " LEFT JOIN ownerships USING (tac) WHERE maker = 'Arbor' GROUP BY ALL"
        " ORDER BY any_value(tac)"
    )
    names = ("model", "operatingSystem", "subscribers")
    nodes = [dict(zip(names, row, strict=True)) for row in rows[:3]]
    return {"devices": {"totalCount": len(rows), "nodes": nodes}}


def _video(town: Town) -> Any:
    rows = town.counted(
        "SELECT name, count(DISTINCT subscriber_id) FROM apps LEFT JOIN sessions USING (app_id)"
        " WHERE category = 'video' GROUP BY name ORDER BY any_value(app_id)"
    )
    nodes = [{"name": name, "subscribers": people} for name, people in rows[:3]]
    return {"apps": {"totalCount": len(rows), "nodes": nodes}}


def _friendships(town: Town) -> Any:
    pairs = {frozenset(pair) for pair in town.counted("SELECT subscriber_id, other_id FROM ties")}
    people = {person for pair in pairs for person in pair}
    toward_oneself = sum(len(pair) == 1 for pair in pairs)
    told = {"pairs": len(pairs), "subscribers": len(people), "toOneself": toward_oneself}
    return {"friendshipsAggregate": told}


def _network(town: Town) -> "nx.Graph[int]":
    return nx.Graph(town.counted("SELECT DISTINCT who, whom FROM events"))


def _brokers(town: Town) -> Any:
    graph = _network(town)
    graph.add_nodes_from(range(_people(town) - len(graph)))  # who is in contact with nobody
    cores, between = nx.core_number(graph), nx.betweenness_centrality(graph)
    first = sorted(between, key=lambda who: -between[who])[:3]
    return [(f"<{who}>", between[who], cores[who]) for who in first]


def _told_of_brokers(answer: Any) -> Any:
    nodes = (edge["node"] for edge in answer["influencers"]["edges"])
    return [
        (node["key"], node["influence"]["betweenness"], node["influence"]["kShell"])
        for node in nodes
    ]


def _touchpoints(town: Town) -> Any:
    rows = town.counted(
        'SELECT strftime("at", $second), upper(stage), channel, topic, outcome FROM touchpoints'
        ' WHERE subscriber_id = $who ORDER BY "at" DESC',
        who=IN_NEED,
        second=_SECOND,
    )
    names = ("at", "stage", "channel", "topic", "outcome")
    nodes = [dict(zip(names, row, strict=True)) for row in rows]
    return {"subscriber": {"touchpoints": {"nodes": nodes}}}


def _surveys(town: Town) -> Any:
    rows = town.counted(
        "SELECT upper(kind), score, strftime(answered_at, $second), service FROM surveys"
        " WHERE subscriber_id = $who ORDER BY answered_at DESC",
        who=SOMEBODY,
        second=_SECOND,
    )
    nodes = [
        {"kind": kind, "score": float(score), "answeredAt": at, "service": {"key": service}}
        for kind, score, at, service in rows
    ]
    return {"subscriber": {"surveys": {"nodes": nodes}}}


def _use(town: Town) -> Any:
    ((sessions, received),) = town.counted(
        "SELECT count(*), sum(volume_down_bytes) FROM sessions WHERE subscriber_id = $who",
        who=SOMEBODY,
    )
    return {"sessions": sessions, "volumeDownBytes": received}


def _rows(town: Town) -> Any:
    files = [path.read_text().splitlines() for path in town.folder.glob("*.csv")]
    return sum(len(lines) - 1 for lines in files)


def _all(answer: Any) -> Any:
    return answer


#: By the number of the question: what counts the answer, and what of it is counted.
COUNTED: Mapping[int, tuple[Callable[[Town], Any], Callable[[Any], Any]]] = {
    1: (_size, _all),
    2: (_most_contacts, _all),
    3: (_plans, _all),
    4: (_genders, _all),
    5: (_packages, _all),
    6: (_devices, _all),
    7: (_video, _all),
    8: (_friendships, _all),
    11: (_brokers, _told_of_brokers),
    16: (
        lambda town: len(_network(town)[SOMEBODY]),
        lambda answer: answer["churnPropagation"]["subscribers"],
    ),
    18: (_touchpoints, _all),
    20: (_surveys, _all),
    23: (_use, lambda answer: answer["subscriber"]["usage"]),
    28: (_rows, lambda answer: answer["loads"]["nodes"][0]["recordsLoaded"]),
}
