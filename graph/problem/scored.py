"""Sums of scores as experience stores them, as the tables that problems are told from.

Each service has KPIs of its own, numbered; here they are named by what they measure, which is alike
for all services. A sample counts as much as any other, whatever its service's importance.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as pads

from graph.experience.model import Model, Service
from graph.experience.stored import Part, key_values, read_manifest, read_parts
from graph.experience.tally import MILLION, measures_of
from graph.kernels import floats, pc
from graph.problem.sums import Floats, Frame, Parents

WATCHED = ("sessions", "calls", "messages")
_GRAIN = "samples"
_KEYS = ("subscriber_id", "cell_id", "tac", "app_id", "technology")
_POINTS_A_MILLIONTH = 100 / MILLION
_A_MILLIONTH = 1 / MILLION


@dataclass(frozen=True)
class ScoredDays:
    """The days that a model has scored.

    Attributes
    ----------
    folder : Path
        That of experience, with a folder for each version of the model.
    """

    folder: Path
    model: Model

    def days(self, before: date) -> list[date]:
        """Return those before a day, in order.

        Raises
        ------
        NotAnalysed
            Nothing has been computed yet.
        """
        found = read_manifest(self.folder, self.model.version).days
        return sorted(day for day in found if day < before)

    def frame(self, days: list[date], parents: Parents) -> Frame:
        """Return what some days have sums of."""
        values = key_values(self.folder, self.model, _GRAIN, _KEYS, days)
        services = sorted(named(service) for service in watched(self.model).values())
        return Frame.of({**values, "service": services}, parents)

    def sums(self, day: date) -> pa.Table:
        """Return the sums of a day, as ``graph.problem.sums`` wants them."""
        first = datetime(day.year, day.month, day.day, tzinfo=UTC)
        part = Part(_GRAIN, pads.scalar(True), _KEYS)
        span = (first, first + timedelta(days=1))
        return sums_of(self.model, read_parts(self.folder, self.model, part, span)[1])


def watched(model: Model) -> dict[str, Service]:
    """Return the services of which samples are looked through, by their names in the model."""
    return {name: each for name, each in model.services.items() if each.records in WATCHED}


def named(service: Service) -> str:
    """Return what a service is called in records; calls and messages are what they are.

    Examples
    --------
    >>> from graph.experience.model import DEFAULT_VERSION, bundled_models, read_model
    >>> services = read_model(bundled_models()[DEFAULT_VERSION]).services
    >>> named(services["internet_voice"]), named(services["voice"])
    ('voice', 'calls')
    """
    return service.where.get("service", service.records)


def sums_of(model: Model, stored: pa.Table) -> pa.Table:
    """Return stored sums with KPIs by what they measure; those without a score are left out."""
    rows = stored.filter(pc.greater(stored["scored"], 0))
    services = watched(model)
    measures = sorted({name for each in services.values() for name in measures_of(each).values()})
    return pa.concat_tables(
        _of_service(service, rows.filter(pc.equal(rows["service"], name)), measures)
        for name, service in services.items()
    )


def _of_service(service: Service, rows: pa.Table, measures: list[str]) -> pa.Table:
    slots = measures_of(service)
    points = _added(rows, [f"{slot}__contribution" for slot in slots], _POINTS_A_MILLIONTH)
    columns: dict[str, object] = {
        "window_start": pc.floor_temporal(rows["at"], unit="hour"),
        **{key: rows[key] for key in _KEYS},
        "service": pa.array([named(service)] * len(rows), pa.string()),
        "n": floats(rows["scored"]),
        "score_sum": points,
        "score_sq_sum": floats(rows["square"]) * _POINTS_A_MILLIONTH * 100,
    }
    for measure in measures:
        mine = [slot for slot in slots if slots[slot] == measure]
        columns[f"{measure}__n"] = _added(rows, [f"{slot}__samples" for slot in mine])
        columns[f"{measure}__sum"] = _added(rows, [f"{slot}__score" for slot in mine], _A_MILLIONTH)
        columns[f"{measure}__contribution"] = _added(
            rows, [f"{slot}__contribution" for slot in mine], _POINTS_A_MILLIONTH
        )
    return pa.table(columns)


def _added(rows: pa.Table, names: list[str], unit: float = 1.0) -> Floats:
    total = np.zeros(len(rows))
    for name in names:
        total += floats(rows[name])
    return total * unit
