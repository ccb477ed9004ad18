"""What is at stake in the graph as it is now, drawn once and asked about many budgets.

Drawing worlds takes far longer than choosing among them, so what was drawn last stays in memory
until the ties or the risks change.
"""

import asyncio
from dataclasses import dataclass

from graph.churn.report import ChurnReport, read_report
from graph.database.projection import Projections
from graph.database.session import Database
from graph.errors import NotAnalysed
from graph.projection import Projection
from graph.retention.people import People, read_people
from graph.retention.reckoning import Reckoning
from graph.retention.stakes import DEFAULT_CONTAGION, Stakes, along
from graph.retention.targets import Sample
from graph.retention.world import draw_worlds
from graph.settings import Settings

WORLDS = 100_000
_MOST_KEPT = 2
_CHOOSING, _JUDGING = 1, 2  # seeds of the two samples


@dataclass(frozen=True)
class Assumptions:
    """What is taken for granted.

    Attributes
    ----------
    contagion : float, optional
        As in ``graph.retention.stakes.along``; unset: as measured, or 0.5 where it was not.
    success : float
        Probability in [0, 1] that somebody who is asked to stay does.
    currency : str, optional
        In which charges count; needed where there are several.
    """

    contagion: float | None = None
    success: float = 1.0
    currency: str | None = None


@dataclass(frozen=True, eq=False)
class Outlook:
    """What would be lost if nobody were kept, and all that choosing needs.

    Attributes
    ----------
    contagion : float
        Taken for granted, or measured.
    is_measured : bool
        Whether it is what `tiegraph analyse churn` found.
    sample : Sample or None
        None: nobody is worth anything, so nothing is at stake.
    """

    ties: Projection
    report: ChurnReport
    people: People
    contagion: float
    is_measured: bool
    sample: Sample | None
    reckoning: Reckoning


class Outlooks:
    """Outlooks on the graph as of its present version.

    Parameters
    ----------
    settings : Settings
        Where the report of churn is.
    projections : Projections
        The ties.
    """

    def __init__(self, settings: Settings, projections: Projections) -> None:
        self._settings = settings
        self._projections = projections
        self._of: tuple[str, str] | None = None
        self._kept: dict[Assumptions, Outlook] = {}
        self._turn = asyncio.Lock()

    async def now(self, database: Database, assumed: Assumptions) -> Outlook:
        """Return the outlook under some assumptions.

        Raises
        ------
        NotAnalysed
            Nobody's risk has been computed yet.
        BadInput
            An assumption is out of its range, or there is no such currency.
        """
        async with self._turn:
            ties = await self._projections.now(database)
            report = await asyncio.to_thread(read_report, self._settings.churn_report_file)
            if report is None:
                raise NotAnalysed("nobody's risk of leaving is known: run `tiegraph analyse churn`")
            version = ties.version, report.version
            if self._of != version:
                self._of, self._kept = version, {}
            if assumed not in self._kept:
                people = await read_people(database, ties, report.scored_from, assumed.currency)
                drawn = await asyncio.to_thread(_drawn, ties, report, people, assumed)
                self._keep(assumed, drawn)
            return self._kept[assumed]

    def _keep(self, assumed: Assumptions, drawn: Outlook) -> None:
        if len(self._kept) == _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[assumed] = drawn


def _drawn(ties: Projection, report: ChurnReport, people: People, assumed: Assumptions) -> Outlook:
    measured = max(0.0, report.contagion.strength.value) if report.contagion else None
    contagion = _first(assumed.contagion, measured, DEFAULT_CONTAGION)
    stakes = Stakes(people.risk, people.value, along(ties.contacts, contagion))
    sample = None
    if people.value.any():
        choosing, judging = (
            draw_worlds(stakes, WORLDS, seed, success=assumed.success)
            for seed in (_CHOOSING, _JUDGING)
        )
        sample = Sample.of(choosing, judging)
    reckoning = Reckoning.of(stakes)
    is_measured = assumed.contagion is None and measured is not None
    return Outlook(ties, report, people, contagion, is_measured, sample, reckoning)


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)
