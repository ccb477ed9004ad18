"""What a model of churn was learned from and how well it did, as it is kept and shown."""

from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from graph.churn.evaluation import Evaluation, Measured
from graph.churn.records import Definition
from graph.contagion.contagion import Contagion, Estimate


class Range(BaseModel):
    """A number and the interval that holds the true one 19 times of 20."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, measured: Measured) -> "Range":
        """Return a measured number as it is kept."""
        return cls(value=measured.value, low=measured.low, high=measured.high)


class Judged(BaseModel):
    """How well scores told who would leave: ``graph.churn.evaluation.Evaluation``."""

    model_config = ConfigDict(frozen=True)

    subscribers: int
    leavers: int
    auc: Range
    lift: Range
    empc: Range
    called: float

    @classmethod
    def of(cls, found: Evaluation) -> "Judged":
        """Return an evaluation as it is kept."""
        return cls(
            subscribers=found.subscribers,
            leavers=found.leavers,
            auc=Range.of(found.auc),
            lift=Range.of(found.lift),
            empc=Range.of(found.empc),
            called=found.called,
        )


class Believed(BaseModel):
    """A number and the interval that holds the true one 99 times of 100."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, found: Estimate) -> "Believed":
        """Return an estimate as it is kept."""
        return cls(value=found.value, low=found.low, high=found.high)


class Followed(BaseModel):
    """How much people leave because others did: ``graph.contagion.contagion.Contagion``."""

    model_config = ConfigDict(frozen=True)

    strength: Believed
    leavers: int
    because_of_others: Believed
    clustering: float
    share: Believed | None
    lasts_days: float

    @classmethod
    def of(cls, found: Contagion) -> "Followed":
        """Return what was found as it is kept."""
        return cls(
            strength=Believed.of(found.strength),
            leavers=found.leavers,
            because_of_others=Believed.of(found.because_of_others),
            clustering=found.clustering,
            share=Believed.of(found.share) if found.share else None,
            lasts_days=found.lasts_days,
        )


class ChurnReport(BaseModel):
    """A model of churn, judged on a time that it has not seen.

    Attributes
    ----------
    definition : str
        How churn was known: by the stated status, or by silence for as long as the horizon.
    judged_from : date
        The first day of the horizon that it was judged on.
    scored_from : date
        The first day of the horizon that the scores in the graph are about.
    words : Mapping
        Of features that are texts, which numbers stand for which.
    by_vote, by_links : Judged or None
        The relational classifiers wvRN and nLB; None: of an analysis before there were any.
    contagion : Followed or None
        None: it is not known when enough people left, as the operator states it.
    """

    model_config = ConfigDict(frozen=True)

    version: str
    as_of: datetime
    definition: Definition
    horizon_days: int
    judged_from: date
    scored_from: date
    base: float
    words: dict[str, list[str]]
    with_network: Judged
    without_network: Judged
    by_silence: Judged
    gain: Range
    by_vote: Judged | None = None
    by_links: Judged | None = None
    contagion: Followed | None = None


def read_report(file: Path) -> ChurnReport | None:
    """Return the report of the last analysis; None before the first."""
    try:
        return ChurnReport.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def write_report(file: Path, report: ChurnReport) -> None:
    """Put a report in the place of the last one."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.write_text(report.model_dump_json(indent=2), encoding="utf-8")
    fresh.replace(file)
