"""What subscriptions are told: one feed a matter, shared by all of this process."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from anyio.to_thread import run_sync

from api.feed import Feed
from graph.database.session import Database
from graph.experience.stored import MANIFEST
from graph.problem.changes import ChangeReader, ProblemChange
from graph.settings import Settings

Read = Callable[[], Awaitable[Sequence[None]]]


class Live:
    """The feeds of one process; nothing is read while nobody listens.

    Attributes
    ----------
    problems : Feed of ProblemChange
        What happens to problems.
    experience : Feed
        That experience was computed anew; not what it is, which each listener asks for.
    """

    def __init__(self, database: Database, settings: Settings, dropped: Callable[[], None]) -> None:
        every_s = settings.live_interval_s

        def problems() -> Callable[[], Awaitable[Sequence[ProblemChange]]]:
            return partial(ChangeReader().read, database)

        self.problems = Feed(problems, every_s, dropped)
        self.experience = Feed(
            partial(_computed, settings.experience_folder), every_s, lambda: None
        )


def _computed(folder: Path) -> Read:
    known = _versions(folder)

    async def read() -> Sequence[None]:
        nonlocal known
        before, known = known, await run_sync(_versions, folder)
        return [None] if known != before else []

    return read


def _versions(folder: Path) -> Mapping[str, int]:
    """Return when each version of the model last scored, by its manifest's time of change."""
    manifests = folder.glob(f"*/{MANIFEST}")
    return {manifest.parent.name: manifest.stat().st_mtime_ns for manifest in manifests}
