"""The service under mixed load, while its database is restarted twice and a worker is killed.

Two workers answer eight clients, who ask without a pause and compare every answer: those about
contacts with the network that was made, the others with what was answered before anything was
disturbed. What fails is told apart by when it was under way: while the database was away and the
five seconds after its return, answers may be DATABASE_UNAVAILABLE; when the worker was killed, its
connections may break. Whatever else is not the expected answer is a fault, and so are a request
that takes forty seconds, and workers that have grown by more than a tenth since they were warm.
"""

import asyncio
import itertools
import json
import math
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil

from graph.database.server import start, stop
from graph.database.session import Database, Endpoint
from graph.identity import IdentityKey
from graph.projection import Projection
from graph.settings import Settings
from tests.benchmarks.peer import Service, made, our_contacts, served
from tests.benchmarks.stored import store
from tests.benchmarks.user_view import VIEW
from tests.lab import PATIENCE_S
from tests.village import settle

PEOPLE, TIES, WORKERS, CLIENTS = 5_000, 50_000, 2, 8
RECOVERY_S, HANG_S, MOST_GROWTH = 5.0, 40.0, 1.1
_PATIENT = {"patience_s": PATIENCE_S, "statement_timeout_s": 30}  # the machine may be busy
_AWAY_S = 5.0  # between the end of the database and its next start
_LIST = """{
  subscribers(first: 20, orderBy: { field: CONTACTS, direction: DESC }) {
    totalCount nodes { key traffic { contacts } }
  }
}"""
_COSTLY = "{ subscribers(first: 100) { nodes { contacts(first: 100) { nodes { " + (
    "contacts(first: 100) { nodes { key } } } } } } }"
)
_VILLAGERS = ("asha", "bram", "chidi", "dewi", "emil", "nobody")


@dataclass(frozen=True)
class Question:
    """What is asked, and how its answer must look when it is taken apart."""

    kind: str
    body: str
    taken: Callable[[int, Any], Any]
    expected: Any


@dataclass
class Course:
    """What was done to the service, when, and what its clients saw; instants in s of a clock."""

    away: list[tuple[float, float]] = field(default_factory=list)
    killed: list[float] = field(default_factory=list)
    right: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[float, float]] = field(default_factory=list)
    broken: list[tuple[float, float]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    rss: dict[int, list[tuple[float, int]]] = field(default_factory=dict)

    def excuses(self) -> Iterator[str]:
        """Yield what failed although nothing was done to it at that time."""
        for began, ended in self.refused:
            if not any(ended >= gone and began <= back + RECOVERY_S for gone, back in self.away):
                yield f"DATABASE_UNAVAILABLE after {ended - began:.1f} s, while it was there"
        for began, ended in self.broken:
            if not any(began <= at + 1 and ended >= at for at in self.killed):
                yield f"a connection broke after {ended - began:.1f} s, while no worker was killed"

    def recoveries_s(self) -> list[float]:
        """Return how long after each return of the database requests were still refused."""
        gone = [*(gone for gone, _ in self.away[1:]), math.inf]
        return [
            max((ended - back for _, ended in self.refused if back <= ended < until), default=0)
            for (_, back), until in zip(self.away, gone, strict=True)
        ]


def compare(minutes: float, settings: Settings, locate: Callable[[], Endpoint]) -> str:
    """Ask for some minutes, and tell what was seen.

    Raises
    ------
    RuntimeError
        Something was answered wrongly, or not in time, or grew.
    """
    ties = made(PEOPLE, TIES)
    store(ties, settings, locate)
    asyncio.run(_settled(settings, locate))
    start(settings)  # to stay until it is stopped
    try:
        with served(settings, WORKERS, **_PATIENT) as service:
            questions = _questions(ties, service)
            course = asyncio.run(_soaked(minutes * 60, service, questions, settings))
    finally:
        stop(settings)
    grown = [*_growth(course)]
    faults = [*course.faults, *course.excuses()]
    faults += [f"a worker grew by {late / early - 1:.0%}" for early, late in grown if
               late > early * MOST_GROWTH]  # fmt: skip
    faults += [f"recovery took {took_s:.1f} s" for took_s in course.recoveries_s()
               if took_s > RECOVERY_S]  # fmt: skip
    told = _told(minutes, course, grown)
    if faults:
        raise RuntimeError("\n".join([told, f"{len(faults)} faults:", *faults[:20]]))
    return f"{told}\n  no fault"


async def _settled(settings: Settings, locate: Callable[[], Endpoint]) -> None:
    database = Database(locate, settings)
    await settle(database, IdentityKey.of(settings))
    await database.close()


def _questions(ties: Projection, service: Service) -> list[Question]:
    contacts = _contacts(ties)
    asked = [
        Question("contacts", service.body(key), _our_contacts, (200, contacts[key]))
        for key in itertools.islice(contacts, 0, None, 25)
    ]
    same = [("user view", VIEW, {"key": key}) for key in _VILLAGERS]
    same += [("list", _LIST, {}), ("refusal", _COSTLY, {})]
    others = [_as_now(service, *one) for one in same]
    return [one for at in range(0, len(asked), 4) for one in (*asked[at : at + 4], *others)]


def _contacts(ties: Projection) -> dict[str, list[tuple[Any, ...]]]:
    """Return the first 20 contacts of each by the network alone, as ``our_contacts`` has them."""
    calls, seconds = ties.columns["calls"], ties.columns["duration_s"]
    events, keys = calls + ties.columns["messages"], ties.keys.tolist()
    found: dict[str, list[tuple[Any, ...]]] = {key: [] for key in keys}
    for tie, (one, other) in enumerate(zip(ties.caller, ties.callee, strict=True)):
        measures = int(events[tie]), int(calls[tie]), int(seconds[tie])
        found[keys[one]].append((keys[other], "active", *measures))
        found[keys[other]].append((keys[one], "active", *measures))
    return {
        key: [(key, "active"), *sorted(met, key=lambda row: (-row[2], row[0]))[:20]]
        for key, met in found.items()
    }


def _our_contacts(status: int, answer: Any) -> Any:
    return status, our_contacts(answer)


def _whole(status: int, answer: Any) -> Any:
    return status, answer


def _as_now(service: Service, kind: str, document: str, variables: Mapping[str, Any]) -> Question:
    """Return a question with today's answer, which nothing has disturbed."""
    body = json.dumps({"query": document, "variables": variables})
    while True:
        response = httpx.post(service.url, content=body, headers=service.headers, timeout=60)
        answer = response.json()
        if not _is_away(answer):  # as it may seem at first, when nothing is warm
            return Question(kind, body, _whole, (response.status_code, answer))


async def _soaked(
    duration_s: float, service: Service, questions: list[Question], settings: Settings
) -> Course:
    course, end_s = Course(), time.monotonic() + duration_s
    watching = asyncio.create_task(_watch(course, service.process))
    clients = [
        _client(course, service, questions, number * len(questions) // CLIENTS, end_s)
        for number in range(CLIENTS)
    ]
    await asyncio.gather(_disturb(course, duration_s, service, settings), *clients)
    watching.cancel()
    return course


async def _client(
    course: Course, service: Service, questions: list[Question], begin: int, end_s: float
) -> None:
    turns = itertools.islice(itertools.cycle(questions), begin, None)
    async with httpx.AsyncClient(headers=service.headers, timeout=HANG_S) as client:
        while time.monotonic() < end_s:
            await _ask(course, client, service.url, next(turns))


async def _ask(course: Course, client: httpx.AsyncClient, url: str, asked: Question) -> None:
    began_s = time.monotonic()
    try:
        response = await client.post(url, content=asked.body)
    except httpx.TimeoutException:
        course.faults.append(f"{asked.kind}: no answer within {HANG_S:.0f} s")
        return
    except httpx.TransportError:
        course.broken.append((began_s, time.monotonic()))
        return
    answer = response.json()
    if _is_away(answer):
        course.refused.append((began_s, time.monotonic()))
        await asyncio.sleep(0.1)  # as clients do who were told to come again
    elif asked.taken(response.status_code, answer) == asked.expected:
        course.right[asked.kind] += 1
    else:
        course.faults.append(f"{asked.kind}: {answer.get('errors', answer)!s:.300}")


def _is_away(answer: Any) -> bool:
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    return codes == {"DATABASE_UNAVAILABLE"}


async def _disturb(course: Course, duration_s: float, service: Service, settings: Settings) -> None:
    """Restart the database after a fifth and after seven tenths; kill a worker half-way."""
    began_s = time.monotonic()
    for share, disturb in ((0.2, _restart), (0.5, _kill), (0.7, _restart)):
        await asyncio.sleep(began_s + share * duration_s - time.monotonic())
        await disturb(course, service, settings)


async def _restart(course: Course, _service: Service, settings: Settings) -> None:
    gone_s = time.monotonic()
    await asyncio.to_thread(stop, settings)
    await asyncio.sleep(_AWAY_S)
    await asyncio.to_thread(start, settings)  # which waits until it answers
    course.away.append((gone_s, time.monotonic()))


async def _kill(course: Course, service: Service, _settings: Settings) -> None:
    course.killed.append(time.monotonic())
    busiest = max(_workers(service.process), key=lambda worker: len(worker.net_connections()))
    busiest.kill()


def _workers(service: psutil.Process) -> Iterator[psutil.Process]:
    for child in service.children():
        with suppress(psutil.NoSuchProcess):
            if "resource_tracker" not in "".join(child.cmdline()):
                yield child


async def _watch(course: Course, service: psutil.Process) -> None:
    while True:
        for worker in _workers(service):
            with suppress(psutil.NoSuchProcess):
                seen = time.monotonic(), worker.memory_info().rss
                course.rss.setdefault(worker.pid, []).append(seen)
        await asyncio.sleep(1)


def _growth(course: Course) -> Iterator[tuple[float, float]]:
    """Yield of each worker that lives to the end how large it was, in MiB, when warm, and last."""
    end_s = max(seen[-1][0] for seen in course.rss.values())
    for seen in course.rss.values():
        if seen[-1][0] < end_s - 5:
            continue
        sizes = [size / 2**20 for _, size in seen]
        part = max(1, len(sizes) // 6)
        yield statistics.median(sizes[2 * part : 3 * part]), statistics.median(sizes[-part:])


def _told(minutes: float, course: Course, grown: list[tuple[float, float]]) -> str:
    right = ", ".join(f"{count:,} {kind}" for kind, count in course.right.most_common())
    gone = ", ".join(f"{back - gone:.1f} s" for gone, back in course.away)
    back = ", ".join(f"{took_s:.1f} s" for took_s in course.recoveries_s())
    sizes = ", ".join(f"{early:.0f} to {late:.0f} MiB" for early, late in grown)
    load = os.getloadavg()[1]
    return "\n".join([
        f"{minutes:g} minutes, {WORKERS} workers, {CLIENTS} clients, load average {load:.0f}:",
        f"  right: {right}",
        f"  database away for {gone}: {len(course.refused)} refused, after its return for {back}",
        f"  workers killed: {len(course.killed)}, connections broken: {len(course.broken)}",
        f"  workers grew from {sizes}",
    ])  # fmt: skip
