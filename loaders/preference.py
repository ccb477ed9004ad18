"""What everybody likes, told from the use of apps in the graph, and written there."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from cypher import statement
from graph.database.schema import prepare
from graph.database.session import Database, Endpoint, opened
from graph.identity import IdentityKey
from graph.preference.inference import decayed, liked
from graph.preference.taxonomy import interests, told_by
from graph.settings import Settings
from loaders.progress import Watch
from loaders.turn import writing_turn

_USES = statement("preference/uses")
_SAVE_INTERESTS = statement("preference/save_interests")
_SAVE = statement("preference/save")
_FORGET = statement("preference/forget")
_PEOPLE_AT_ONCE = 50_000
_DAY_S = 86_400

Row = dict[str, Any]
_Pair = tuple[str, str]  # a subscriber and an interest


@dataclass(frozen=True)
class Inferred:
    """What was done."""

    subscribers: int
    preferences: int
    lasted_s: float

    @property
    def told(self) -> str:
        """A line about it."""
        counts = f"{self.subscribers:,} subscribers, {self.preferences:,} preferences"
        return f"{counts}, {self.lasted_s:,.1f} s"


def analyse(settings: Settings, locate: Callable[[], Endpoint], watch: Watch) -> Inferred:
    """Tell anew what everybody likes, and write it to the graph."""
    with writing_turn(settings):
        return asyncio.run(_analyse(settings, locate, watch))


async def _analyse(settings: Settings, locate: Callable[[], Endpoint], watch: Watch) -> Inferred:
    started_s = time.perf_counter()
    async with opened(locate, settings) as database:
        await prepare(database, IdentityKey.of(settings))
        watch.begin("Reading use of apps", 1)
        people, uses = await _read(database)
        watch.advance(1)
        as_of = datetime.now(UTC)
        rows = list(_preferences(uses, as_of))
        watch.begin("Writing preferences", len(rows))
        await database.write(_SAVE_INTERESTS, rows=_interests())
        for begin in range(0, len(rows), settings.batch_rows):
            some = rows[begin : begin + settings.batch_rows]
            await database.write(_SAVE, rows=some)
            watch.advance(len(some))
        await database.write(_FORGET, as_of=as_of)
    return Inferred(people, len(rows), time.perf_counter() - started_s)


async def _read(database: Database) -> tuple[int, list[Row]]:
    """Return how many people there are, and their use of what tells of interests."""
    people, uses, after, told = 0, [], "", told_by()
    while True:
        seen: set[str] = set()
        async for row in database.stream(_USES, after=after, limit=_PEOPLE_AT_ONCE):
            seen.add(row["subscriber_id"])
            interest = told.get((row["category"] or "").lower())
            if interest:
                uses.append({**row, "interest_id": interest})
        if not seen:
            return people, uses
        people += len(seen)
        after = max(seen)


def _preferences(uses: list[Row], as_of: datetime) -> Iterator[Row]:
    """Yield what is liked, with the evidence, by narrow interests and by the widest ones."""
    widest = {one.interest_id: one.part_of or one.interest_id for one in interests()}
    narrow = _evidence(uses, {key: key for key in widest})
    wide = _evidence(uses, widest)
    yield from _liked(narrow, as_of)
    yield from (row for row in _liked(wide, as_of) if row["interest_id"] not in told_by().values())


def _liked(evidence: Mapping[_Pair, Row], as_of: datetime) -> Iterator[Row]:
    people = {key: number for number, key in enumerate(dict.fromkeys(p for p, _ in evidence))}
    topics = {key: number for number, key in enumerate(dict.fromkeys(i for _, i in evidence))}
    found = liked(
        np.array([people[person] for person, _ in evidence], np.int64),
        np.array([topics[interest] for _, interest in evidence], np.int64),
        np.array([told["evidence"] for told in evidence.values()], np.float64),
    )
    pairs = list(evidence.items())
    for row, score, confidence in zip(found.row, found.score, found.confidence, strict=True):
        (person, interest), told = pairs[row]
        measures = {"score": float(score), "confidence": float(confidence), "as_of": as_of}
        yield {"subscriber_id": person, "interest_id": interest, "found": told | measures}


def _evidence(uses: list[Row], stands_for: Mapping[str, str]) -> dict[_Pair, Row]:
    """Return the evidence of each person for each interest that uses stand for."""
    first, last = (
        np.array([use[name].timestamp() / _DAY_S for use in uses], np.float64)
        for name in ("first_at", "last_at")
    )
    sessions = np.array([use["sessions"] for use in uses], np.float64)
    still = decayed(sessions, first, last, float(last.max(initial=0.0)))
    found: dict[_Pair, Row] = {}
    for use, told in zip(uses, still.tolist(), strict=True):
        pair = (use["subscriber_id"], stands_for[use["interest_id"]])
        so_far = found.setdefault(pair, {"evidence": 0.0, "sessions": 0, "last_at": use["last_at"]})
        so_far["evidence"] += told
        so_far["sessions"] += use["sessions"]
        so_far["last_at"] = max(so_far["last_at"], use["last_at"])
    return found


def _interests() -> list[Row]:
    return [
        {"interest_id": one.interest_id, "name": one.name, "part_of": one.part_of}
        for one in interests()
    ]
