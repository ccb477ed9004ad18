"""The experience model: YAML that says how KPIs make KQIs, and these the score of a sample.

It is checked when it is read; an error names the file, the line, the key and the reason.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graph.documents import Document, KeyPath
from graph.errors import BadInput
from graph.experience.mappings import Mapping
from graph.experience.measures import MEASURES, RECORDS, SELECTORS, Measure

KqiName = Literal["accessibility", "retainability", "integrity"]
KQIS: tuple[KqiName, ...] = ("accessibility", "retainability", "integrity")
Stage = Literal["interact", "choose", "use", "get_help"]
STAGES: tuple[Stage, ...] = ("interact", "choose", "use", "get_help")
Domain = Literal["device", "radio", "core", "transport", "service_provider", "care"]
Problem = tuple[KeyPath, str]

DEFAULT_VERSION = "2026-11"
_BUNDLED = Path(__file__).parent / "models"
_SUM_TOLERANCE = 1e-6


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Kpi(_Part):
    """One measure of a sample, and what it means."""

    measure: str = Field(description="A measure of the records, see docs/experience.md.")
    unit: str = Field(description="The measure's unit, so that limits are read as they are meant.")
    better: Literal["more", "less"] = Field(description="Direction.")
    weight: float = Field(gt=0, le=1, description="Share in its KQI; they sum to 1.")
    map: Mapping = Field(description="From the measure's unit to [0, 1].")
    source: str = Field(description="Key of the source that the mapping is from.")
    domain: Domain | None = Field(None, description="Whose part of the way it is, as a rule.")


class Veto(_Part):
    """What a KQI that is too bad does to the whole sample."""

    below: float = Field(gt=0, le=1, description="A score of the KQI under this one vetoes.")
    cap: float = Field(ge=0, lt=1, description="What the sample's score can then be at most.")


class Kqi(_Part):
    """One aspect of a service."""

    weight: float = Field(gt=0, le=1, description="Share in the service's score; they sum to 1.")
    veto: Veto | None = None
    kpis: dict[str, Kpi] = Field(min_length=1)


class Service(_Part):
    """One service: which records are its samples, and how they are scored."""

    title: str
    records: str = Field(description="Kind of record that its samples are.")
    where: dict[str, str] = Field({}, description="Column with the text that its samples have.")
    importance: float = Field(
        1, gt=0, description="Weight of a sample of it in scores of several services."
    )
    stage: Stage = Field("use", description="Stage of the journey.")
    kqis: dict[KqiName, Kqi] = Field(min_length=1)

    @property
    def kpis(self) -> dict[str, tuple[KqiName, Kpi]]:
        """Return every KPI by its name, in the order of KQIs, then as the file has them."""
        return {
            name: (kqi, kpi)
            for kqi in KQIS
            if kqi in self.kqis
            for name, kpi in self.kqis[kqi].kpis.items()
        }

    @cached_property
    def places(self) -> tuple[tuple[KqiName, int, str, Kpi], ...]:
        """Every KPI with its KQI, its place there from 0, and its name, as the file has them."""
        return tuple(
            (name, position, kpi_name, kpi)
            for name, kqi in self.kqis.items()
            for position, (kpi_name, kpi) in enumerate(kqi.kpis.items())
        )

    @property
    def columns(self) -> list[str]:
        """Return the columns that its measures are made of, and their parts."""
        measures = [self.measure(kpi) for _, kpi in self.kpis.values()]
        parts = [MEASURES[self.records, part] for each in measures for part in each.parts]
        return sorted({name for each in [*measures, *parts] for name in each.columns})

    def measure(self, kpi: Kpi) -> Measure:
        """Return what a KPI of this service measures."""
        return MEASURES[self.records, kpi.measure]


class Opinion(_Part):
    """What people answer where a score is 0 and where it is 100."""

    floor: float
    ceiling: float


class Quality(_Part):
    """How near a model's predictions come to answers.

    Attributes
    ----------
    pearson : float
        Correlation, in [-1, 1].
    mean_absolute_error : float
        On the scale of the answers.
    """

    pearson: float
    mean_absolute_error: float


class Fold(Quality):
    """The same for the people of one fold, whose answers had no part in the fit."""

    people: int
    samples: int


class Calibration(_Part):
    """How a service's part of the model was fitted to surveys, and how well."""

    service: str
    based_on: str = Field(description="Version that was calibrated.")
    opinion: str = Field(description="Kind of survey.")
    people: int
    samples: int
    left_out: int = Field(description="Answers without all KPIs of the fit.")
    window_days: int | None = Field(
        None, description="For how long before an answer samples count; None: it names its own."
    )
    uncalibrated: Quality
    calibrated: Quality
    random_forest: Quality = Field(description="On the same KPIs and folds, for comparison.")
    folds: tuple[Fold, ...]


class Model(_Part):
    """One version of the model.

    Attributes
    ----------
    opinions : mapping
        By service and kind of survey; what is not stated goes from one end of the scale to the
        other.
    """

    version: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")
    title: str
    sources: dict[str, str] = Field(min_length=1, description="Citations by key.")
    services: dict[str, Service] = Field(min_length=1)
    opinions: dict[str, dict[str, Opinion]] = {}
    calibrations: tuple[Calibration, ...] = ()


def read_model(path: Path) -> Model:
    """Read and check a model.

    Raises
    ------
    SourceError
        It is not a model; the message names the file, the line, the key and the reason.
    """
    document = Document(path)
    try:
        model = Model.model_validate(document.content)
    except ValidationError as error:
        first = error.errors()[0]
        reason = first["msg"].removeprefix("Value error, ")
        raise document.error(_without_kinds(first["loc"]), reason) from error
    for key_path, reason in _problems(model):
        raise document.error(key_path, reason)
    return model


def bundled_models() -> dict[str, Path]:
    """Return the files of the models that are shipped, by version."""
    return {path.stem: path for path in sorted(_BUNDLED.glob("*.yaml"))}


def model_files(folder: Path) -> dict[str, Path]:
    """Return the files of all models, those of a folder of own ones too, by version."""
    return bundled_models() | {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def model_of(version: str, folder: Path) -> Model:
    """Return a model by its version alone, from a folder of own ones or the shipped.

    It is read again only where its file has changed, so that asking often costs nothing.

    Raises
    ------
    BadInput
        There is none, or it says that it is another.
    SourceError
        It is wrong.
    """
    files = model_files(folder)
    if version not in files:
        raise _unknown(version, files)
    model = _read_once(files[version], files[version].stat().st_mtime_ns)
    if model.version != version:
        raise BadInput(f"the model {version} says that it is {model.version}: rename its file")
    return model


@lru_cache(maxsize=32)
def _read_once(path: Path, _changed_ns: int) -> Model:
    return read_model(path)


def _unknown(name: str, files: dict[str, Path]) -> BadInput:
    return BadInput(f"there is no experience model {name}; there are {', '.join(sorted(files))}")


def model_named(name: str, folder: Path) -> Model:
    """Return a model by its version, from a folder of own ones or the shipped, or by its path.

    Raises
    ------
    BadInput
        There is none.
    SourceError
        It is wrong.
    """
    files = model_files(folder)
    path = files.get(name, Path(name))
    if not path.is_file():
        raise _unknown(name, files)
    return read_model(path)


def _without_kinds(key_path: KeyPath) -> KeyPath:
    """Return a path without the kind of a mapping, which pydantic names as if it were a key."""
    before = (None, *key_path)
    return tuple(key for key, last in zip(key_path, before, strict=False) if last != "map")


def _problems(model: Model) -> Iterator[Problem]:
    selected: Counter[tuple[str, str]] = Counter()
    for name, service in model.services.items():
        at: KeyPath = ("services", name)
        yield from _service_problems(service, at)
        selected[service.records, "".join(service.where.values())] += 1
        if max(selected.values()) > 1:
            yield (*at, "records"), "another service has the same samples"
        for kpi_name, (kqi, kpi) in service.kpis.items():
            if kpi.source not in model.sources:
                here = (*at, "kqis", kqi, "kpis", kpi_name, "source")
                yield here, f"{kpi.source!r} is none of the sources"
    for name in model.opinions:
        if name not in model.services:
            yield ("opinions", name), "is no service of this model"


def _service_problems(service: Service, at: KeyPath) -> Iterator[Problem]:
    if service.records not in RECORDS:
        yield (*at, "records"), f"{service.records!r} is none of {', '.join(RECORDS)}"
        return
    selector = SELECTORS.get(service.records)
    if set(service.where) != ({selector} if selector else set()):
        wanted = f"names the text of {selector}" if selector else "is not for these records"
        yield (*at, "where"), wanted
    yield from _sum_problems([kqi.weight for kqi in service.kqis.values()], (*at, "kqis"))
    names = Counter(name for kqi in service.kqis.values() for name in kqi.kpis)
    measures = Counter(kpi.measure for kqi in service.kqis.values() for kpi in kqi.kpis.values())
    for kqi_name, kqi in service.kqis.items():
        within: KeyPath = (*at, "kqis", kqi_name, "kpis")
        yield from _sum_problems([kpi.weight for kpi in kqi.kpis.values()], within)
        for name, kpi in kqi.kpis.items():
            here = (*within, name)
            if names[name] > 1 or measures[kpi.measure] > 1:
                yield here, "stands twice in the service, by its name or by its measure"
            yield from _kpi_problems(service.records, kpi, here)


def _sum_problems(weights: Sequence[float], at: KeyPath) -> Iterator[Problem]:
    if abs(math.fsum(weights) - 1) > _SUM_TOLERANCE:
        yield at, f"weights sum to {math.fsum(weights):g}, not to 1"


def _kpi_problems(records: str, kpi: Kpi, at: KeyPath) -> Iterator[Problem]:
    measure = MEASURES.get((records, kpi.measure))
    if measure is None:
        known = ", ".join(name for kind, name in MEASURES if kind == records)
        yield (*at, "measure"), f"{kpi.measure!r} is no measure of {records}; there are {known}"
        return
    if kpi.unit != measure.unit:
        yield (*at, "unit"), f"{kpi.measure} is in {measure.unit}, not in {kpi.unit}"
    if measure.unit == "bool" and {kpi.map.worst, kpi.map.best} != {0.0, 1.0}:
        yield (*at, "map"), f"{kpi.measure} is a flag: 1 and 0 are its best and its worst"
    if (kpi.better == "more") != (kpi.map.best > kpi.map.worst):
        yield (*at, "map"), f"{kpi.better} is better, but the mapping falls the other way"
