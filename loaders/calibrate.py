"""From surveys to a new version of the experience model.

An answer is joined with the session that it is about, by the session's identifier.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from ibis.expr.types import Table
from rich.console import Group
from rich.table import Table as Grid

from graph.errors import BadInput
from graph.experience.calibration import Answers, calibrate
from graph.experience.model import Model, Service, model_named, read_model
from graph.kernels import floats
from graph.settings import Settings
from loaders.engine import connect
from loaders.report import plain
from loaders.store import RecordStore

OpinionKind = Literal["mos", "nps"]


def calibrate_service(
    settings: Settings, based_on: str, service: str, opinion: OpinionKind, version: str
) -> tuple[Model, Path]:
    """Fit a service of a model to all surveys about its sessions, and store the new version.

    Returns
    -------
    Model, Path
        The new model with its report, and its file.

    Raises
    ------
    BadInput
        There is no such model or service, the version exists, or the answers do not do.
    """
    model = model_named(based_on, settings.models_folder)
    path = settings.models_folder / f"{version}.yaml"
    if path.exists() or version == model.version:
        raise BadInput(f"there is a model {version} already; name the new one otherwise")
    known = [name for name, each in model.services.items() if each.records == "sessions"]
    if service not in known:
        raise BadInput(
            f"no service with sessions is called {service}; there are {', '.join(known)}"
        )
    answers = _answers(RecordStore(settings.records_folder), model.services[service], opinion)
    fitted = calibrate(model, service, opinion, answers, version)
    return _stored(fitted, path), path


def told(model: Model, path: Path) -> Group:
    """Return the newest report as a table, and what to do next."""
    report = model.calibrations[-1]
    title = f"{report.service}: {report.samples:,} answers of {report.people:,} people"
    listing = Grid("predicted by", "Pearson", "mean absolute error", title=title)
    rows = {
        f"model {report.based_on}": report.uncalibrated,
        f"model {model.version}, of people unseen": report.calibrated,
        "random forest, of people unseen": report.random_forest,
    }
    for name, found in rows.items():
        listing.add_row(*plain(name, f"{found.pearson:.4f}", f"{found.mean_absolute_error:.4f}"))
    return Group(
        listing,
        *plain(f"{path}\nScore with it: tiegraph analyse experience --model {model.version}"),
    )


def _answers(store: RecordStore, service: Service, opinion: OpinionKind) -> Answers:
    engine = connect()
    try:
        asked = answered(
            store.table(engine, "surveys"), store.table(engine, "sessions"), service, opinion
        )
        table = engine.to_pyarrow(asked)
    finally:
        engine.disconnect()
    columns = {name: floats(table[name]) for name in service.columns}
    people = np.array(table["subscriber_id"].to_pylist(), dtype=np.str_)
    return Answers(columns, floats(table["opinion"]), people)


def answered(surveys: Table, sessions: Table, service: Service, opinion: str) -> Table:
    """Return sessions of a service with what their people said of them, in one order."""
    asked = surveys.filter(surveys.kind == opinion, surveys.session_id.notnull())
    (name,) = service.where.values()
    mine = sessions.filter(sessions.service == name, sessions.session_id.notnull())
    said = asked.select("session_id", who=asked.subscriber_id, opinion=asked.score)
    joined = mine.join(said, ["session_id", mine.subscriber_id == said.who])
    return joined.select("session_id", "subscriber_id", "opinion", *service.columns).order_by(
        "session_id", "opinion"
    )


def _stored(model: Model, path: Path) -> Model:
    """Write a model and return it as it is read again, checked."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = model.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    read = read_model(fresh)
    fresh.replace(path)
    return read
