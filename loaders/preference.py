"""What everybody likes, told from what they use and where they go, and written to the graph."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from cypher import statement
from graph.database.schema import prepare
from graph.database.session import Endpoint, opened
from graph.identity import IdentityKey
from graph.preference.inference import decayed, liked
from graph.preference.taxonomy import SOURCES, interests, weights
from graph.settings import Settings
from loaders.engine import working
from loaders.preference_evidence import Sign, of_places, of_use
from loaders.progress import Watch
from loaders.store import RecordStore
from loaders.turn import staging_folder, writing_turn

_SAVE_INTERESTS = statement("preference/save_interests")
_SAVE = statement("preference/save")
_FORGET = statement("preference/forget")
_DAY_S = 86_400

Row = dict[str, Any]
_Pair = tuple[str, str]  # a subscriber and an interest
_Weighed = list[tuple[Sign, float]]  # what it is worth today


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
    started_s = time.perf_counter()
    with writing_turn(settings):
        watch.begin("Reading where people were", 1)
        with staging_folder(settings) as spill, working(settings, spill) as engine:
            store = RecordStore(settings.records_folder)
            seen = of_places(engine, store, settings.local_time_zone)
        watch.advance(1)
        people, written = asyncio.run(_analyse(settings, locate, watch, seen))
    return Inferred(people, written, time.perf_counter() - started_s)


async def _analyse(
    settings: Settings, locate: Callable[[], Endpoint], watch: Watch, seen: Sequence[Sign]
) -> tuple[int, int]:
    """Return how many people there are, and how many preferences of theirs were written."""
    async with opened(locate, settings) as database:
        await prepare(database, IdentityKey.of(settings))
        watch.begin("Reading use of apps", 1)
        people, used = await of_use(database)
        watch.advance(1)
        as_of = datetime.now(UTC)
        rows = list(preferences([*used, *seen], as_of))
        watch.begin("Writing preferences", len(rows))
        await database.write(_SAVE_INTERESTS, rows=_interests())
        for begin in range(0, len(rows), settings.batch_rows):
            some = rows[begin : begin + settings.batch_rows]
            await database.write(_SAVE, rows=some)
            watch.advance(len(some))
        await database.write(_FORGET, as_of=as_of)
    return people, len(rows)


def preferences(signs: Sequence[Sign], as_of: datetime) -> Iterator[Row]:
    """Yield what is liked, with the evidence, by narrow interests and by the widest ones."""
    weighed, wide = _weighed(signs), {one.part_of for one in interests()}
    yield from _liked(_evidence(weighed, {}), as_of)
    parts = {one.interest_id: one.part_of or one.interest_id for one in interests()}
    yield from (
        row for row in _liked(_evidence(weighed, parts), as_of) if row["interest_id"] in wide
    )


def _weighed(signs: Sequence[Sign]) -> _Weighed:
    """Return what signs are still worth, in sessions."""
    first, last = (
        np.array([getattr(sign, name).timestamp() / _DAY_S for sign in signs], np.float64)
        for name in ("first_at", "last_at")
    )
    told = np.array([sign.told * weights()[sign.source] for sign in signs], np.float64)
    still = decayed(told, first, last, float(last.max(initial=0.0)))
    return list(zip(signs, still.tolist(), strict=True))


def _evidence(weighed: _Weighed, stands_for: Mapping[str, str]) -> Mapping[_Pair, _Weighed]:
    """Return what tells of each person and each interest that signs stand for."""
    found: dict[_Pair, _Weighed] = {}
    for sign, worth in weighed:
        interest = stands_for.get(sign.interest_id, sign.interest_id)
        found.setdefault((sign.subscriber_id, interest), []).append((sign, worth))
    return found


def _liked(evidence: Mapping[_Pair, _Weighed], as_of: datetime) -> Iterator[Row]:
    people = {key: number for number, key in enumerate(dict.fromkeys(p for p, _ in evidence))}
    topics = {key: number for number, key in enumerate(dict.fromkeys(i for _, i in evidence))}
    found = liked(
        np.array([people[person] for person, _ in evidence], np.int64),
        np.array([topics[interest] for _, interest in evidence], np.int64),
        np.array([sum(worth for _, worth in told) for told in evidence.values()], np.float64),
    )
    pairs = list(evidence.items())
    for row, score, confidence in zip(found.row, found.score, found.confidence, strict=True):
        (person, interest), told = pairs[row]
        measures = {"score": float(score), "confidence": float(confidence), "as_of": as_of}
        yield {"subscriber_id": person, "interest_id": interest, "found": _why(told) | measures}


def _why(told: _Weighed) -> Row:
    """Return what tells of a preference: together, and by source in lists of one length."""
    sources = [source for source in SOURCES if any(sign.source == source for sign, _ in told)]
    of = {source: [one for one in told if one[0].source == source] for source in sources}
    sessions = sum(sign.times for sign, _ in told if sign.source in ("apps", "sites"))
    return {
        "evidence": sum(worth for _, worth in told),
        "sessions": sessions,
        "last_at": max(sign.last_at for sign, _ in told),
        "sources": sources,
        "source_evidence": [sum(worth for _, worth in of[source]) for source in sources],
        "source_times": [sum(sign.times for sign, _ in of[source]) for source in sources],
        "source_last_at": [max(sign.last_at for sign, _ in of[source]) for source in sources],
    }


def _interests() -> list[Row]:
    return [
        {"interest_id": one.interest_id, "name": one.name, "part_of": one.part_of}
        for one in interests()
    ]
