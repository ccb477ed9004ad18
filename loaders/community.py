"""Communities of two levels, found on all ties and written to the graph under lasting names.

Nothing is done where the ties are those that were divided last; else only those are told of who
changed over to another community.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from cypher import statement
from graph.community.leiden import communities
from graph.community.stable import names
from graph.community.summary import shapes
from graph.database.projection import Projections
from graph.database.session import Database, Endpoint, opened
from graph.experience.means import mean_cei
from graph.experience.model import Model
from graph.ledger import Ledger
from graph.projection import Ints, Matrix, Projection
from graph.settings import Settings
from loaders.progress import Watch
from loaders.turn import writing_turn
from loaders.versions import is_current, write_down

_MEMBERSHIPS = statement("community/memberships")
_SAVE = statement("community/save")
_JOIN = statement("community/join")
_DISSOLVE = statement("community/dissolve")
_INTERESTS = statement("community/interests")
_WHAT = "communities 1"  # another number: another way, by which they are found anew
_PEOPLE_AT_ONCE = 50_000
_COMMUNITIES_AT_ONCE = 200
_MOST_NAMED = 5
WIDE, NARROW = 1, 2

Row = dict[str, Any]


@dataclass(frozen=True)
class Divided:
    """What was done; ``moved`` is None where nothing was new."""

    wide: int
    narrow: int
    moved: int | None
    lasted_s: float

    @property
    def told(self) -> str:
        """A line about it."""
        if self.moved is None:
            return f"nothing new, {self.lasted_s:,.1f} s"
        counts = f"{self.wide:,} communities, {self.narrow:,} within them"
        return f"{counts}, {self.moved:,} subscribers changed over, {self.lasted_s:,.1f} s"


@dataclass(frozen=True)
class _Former:
    """By key: status, and the names of both communities."""

    status: Mapping[str, str]
    names: Mapping[int, Mapping[str, str]]


def analyse(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch
) -> Divided:
    """Find communities anew, and write them to the graph."""
    with writing_turn(settings):
        return asyncio.run(_analyse(settings, locate, model, watch))


async def _analyse(
    settings: Settings, locate: Callable[[], Endpoint], model: Model, watch: Watch
) -> Divided:
    started_s = time.perf_counter()
    async with opened(locate, settings) as database:
        watch.begin("Reading ties", 1)
        ties = await Projections(settings, Ledger(settings.ledger_file)).now(database)
        watch.advance(1)
        if is_current(settings, _WHAT, ties.version):
            return Divided(0, 0, None, time.perf_counter() - started_s)
        watch.begin("Finding communities", 2)
        contacts = ties.undirected()
        wide = communities(contacts)
        watch.advance(1)
        narrow = communities(contacts, within=wide)
        watch.advance(1)
        former = await _former(database)
        named = {
            level: names(ties.keys, found, former.names[level], level)
            for level, found in ((WIDE, wide), (NARROW, narrow))
        }
        rows = _rows(
            settings, model, ties, contacts, {WIDE: wide, NARROW: narrow}, named, former.status
        )
        moved = _moved(ties, narrow, named[NARROW], former.names[NARROW])
        await _save(database, rows, moved, settings.batch_rows, watch)
        write_down(settings, _WHAT, ties.version)
    lasted_s = time.perf_counter() - started_s
    return Divided(len(named[WIDE]), len(named[NARROW]), len(moved), lasted_s)


async def _former(database: Database) -> _Former:
    status: dict[str, str] = {}
    former: dict[int, dict[str, str]] = {WIDE: {}, NARROW: {}}
    after = ""
    while True:
        part: Row = {"keys": []}
        async for row in database.stream(_MEMBERSHIPS, after=after, limit=_PEOPLE_AT_ONCE):
            part = row
        if not part["keys"]:
            return _Former(status, former)
        lists = (part[name] for name in ("keys", "statuses", "narrow", "wide"))
        for key, stated, narrow, wide in zip(*lists, strict=True):
            status[key] = stated
            former[NARROW] |= {key: narrow} if narrow else {}
            former[WIDE] |= {key: wide} if wide else {}
        after = part["keys"][-1]


def _rows(
    settings: Settings,
    model: Model,
    ties: Projection,
    contacts: Matrix,
    levels: Mapping[int, Ints],
    named: Mapping[int, Sequence[str]],
    status: Mapping[str, str],
) -> list[Row]:
    """Return every community with its measures, the wide ones first."""
    as_of = datetime.now(UTC)
    stated = np.array([status.get(key, "") for key in ties.keys.tolist()], np.str_)
    scores = mean_cei(settings.experience_folder, model, ties.keys)
    rows = []
    for level, community in levels.items():
        shape = shapes(contacts, community)
        known = np.bincount(community[stated != ""], minlength=len(shape.size))
        churned = np.bincount(community[stated == "churned"], minlength=len(shape.size))
        cei, scored = _means(scores, community, len(shape.size))
        first = np.unique(community, return_index=True)[1]
        for number, name in enumerate(named[level]):
            part_of = named[WIDE][int(levels[WIDE][first[number]])] if level == NARROW else None
            measures = {
                "level": level,
                "size": int(shape.size[number]),
                "pairs": int(shape.pairs[number]),
                "density": float(shape.density[number]),
                "inner_share": float(shape.inner_share[number]),
                "with_status": int(known[number]),
                "churned": int(churned[number]),
                "mean_cei": float(cei[number]) if scored[number] else None,
                "scored": int(scored[number]),
                "part_of": part_of,
                "as_of": as_of,
            }
            rows.append({"community_id": name, "part_of": part_of, "measures": measures})
    return rows


def _means(scores: Any, community: Ints, number: int) -> tuple[Any, Any]:
    is_scored = ~np.isnan(scores)
    scored = np.bincount(community[is_scored], minlength=number)
    total = np.bincount(community[is_scored], weights=scores[is_scored], minlength=number)
    return total / np.maximum(scored, 1), scored


def _moved(
    ties: Projection, community: Ints, named: Sequence[str], former: Mapping[str, str]
) -> list[Row]:
    """Return whose community has another name than before."""
    now = zip(ties.keys.tolist(), community.tolist(), strict=True)
    return [
        {"subscriber_id": key, "community_id": named[number]}
        for key, number in now
        if former.get(key) != named[number]
    ]


async def _save(
    database: Database, rows: list[Row], moved: list[Row], batch_rows: int, watch: Watch
) -> None:
    watch.begin("Writing communities", len(rows) + len(moved) + len(rows))
    for wanted, told in ((_SAVE, rows), (_JOIN, moved)):
        for begin in range(0, len(told), batch_rows):
            await database.write(wanted, rows=told[begin : begin + batch_rows])
            watch.advance(len(told[begin : begin + batch_rows]))
    if rows:
        await database.write(_DISSOLVE, as_of=rows[0]["measures"]["as_of"])
    keys = [row["community_id"] for row in rows]
    for begin in range(0, len(keys), _COMMUNITIES_AT_ONCE):
        some = keys[begin : begin + _COMMUNITIES_AT_ONCE]
        await database.write(_INTERESTS, community_ids=some, most=_MOST_NAMED)
        watch.advance(len(some))
