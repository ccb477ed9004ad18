"""What is to be generated: sizes, seed and knobs."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from graph.errors import BadInput

FileFormat = Literal["csv", "parquet"]
SCOPES = ("cell", "site", "device", "app", "voice", "subscriber", "messages")
_USUAL_SCOPES = SCOPES[:4]
_MOST_EPISODES = 100
_MOST_PEOPLE = 100_000_000
_MOST_DAYS = 3_660
_MOST_PROBLEMS = 1_000


@dataclass(frozen=True)
class Options:
    """Everything that the files depend on: equal options, equal bytes.

    Attributes
    ----------
    records : int or None
        About how many records there shall be in all, within some 3 %: traffic (calls, messages,
        sessions, locations) is made rarer or more frequent to that end. Unset: as people live.
    homophily : float
        In [0, 1]: the share of people who have the taste of their circle of friends. Taste tells
        which apps they use and how readily they leave.
    contagion : float
        Cumulative hazard of leaving, in [0, 10], that one bears when all of one's contacts left.
        0: nobody leaves because of others.
    discontent : float
        Hazard of leaving a day, in [0, 1], of those whose every session is as bad as can be.
    churn : float
        Hazard of leaving in 30 days, in [0, 1], for reasons of one's own.
    problems : int
        How many problems are planted in the network.
    scopes : tuple of str
        Of ``SCOPES``: what they are problems of, in turn.
    episodes : int
        How often each comes.
    """

    people: int
    days: int
    seed: int
    start: date = date(2026, 1, 5)
    records: int | None = None
    homophily: float = 0.6
    contagion: float = 0.5
    discontent: float = 0.02
    churn: float = 0.02
    problems: int = 6
    scopes: tuple[str, ...] = _USUAL_SCOPES
    episodes: int = 1
    file_format: FileFormat = "csv"

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises
        ------
        BadInput
            Something is out of its range; the message names it.
        """
        _within("people", self.people, 10, _MOST_PEOPLE)
        _within("days", self.days, 1, _MOST_DAYS)
        _within("seed", self.seed, 0, 2**63 - 1)
        _within("homophily", self.homophily, 0, 1)
        _within("contagion", self.contagion, 0, 10)
        _within("discontent", self.discontent, 0, 1)
        _within("churn", self.churn, 0, 1)
        _within("problems", self.problems, 0, _MOST_PROBLEMS)
        _within("episodes", self.episodes, 1, _MOST_EPISODES)
        if unknown := [scope for scope in self.scopes if scope not in SCOPES]:
            raise BadInput(f"no problem is of a {unknown[0]}; there are {', '.join(SCOPES)}")
        if not self.scopes:
            raise BadInput("problems must be of something: name a scope")
        if not date(1990, 1, 1) <= self.start <= date(2080, 1, 1):
            raise BadInput("start is not between 1990-01-01 and 2080-01-01")

    @property
    def start_s(self) -> int:
        """The first instant, in seconds since 1970, UTC."""
        midnight = datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC)
        return int(midnight.timestamp())


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise BadInput(f"{name} is not between {least:,} and {most:,}")
