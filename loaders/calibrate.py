"""From surveys to a new version of the experience model.

An answer that names a session is about that one. One that does not, as NPS do, is about whoever
gave it and when: it is joined with all their sessions of the service in the days before.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from pathlib import Path
from typing import Literal

import ibis
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
    settings: Settings,
    based_on: str,
    service: str,
    opinion: OpinionKind,
    version: str,
    window_days: int | None = None,
) -> tuple[Model, Path]:
    """Fit a service of a model to all surveys about its sessions, and store the new version.

    Parameters
    ----------
    window_days
        For how many days before an answer sessions count, at least 1; None: only answers that name
        their session are taken, and with it only those that name none.

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
    store = RecordStore(settings.records_folder)
    answers = _answers(store, model.services[service], opinion, window_days)
    fitted = calibrate(model, service, opinion, answers, version)
    return _stored(fitted, path), path


def told(model: Model, path: Path) -> Group:
    """Return the newest report as a table, and what to do next."""
    report = model.calibrations[-1]
    title = f"{report.service}: {report.samples:,} answers of {report.people:,} people"
    if report.window_days:
        title += f", on the {report.window_days} days before"
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


def _answers(
    store: RecordStore, service: Service, opinion: OpinionKind, window_days: int | None
) -> Answers:
    engine = connect()
    try:
        surveys, sessions = (store.table(engine, kind) for kind in ("surveys", "sessions"))
        if window_days:
            asked = answered_after(surveys, sessions, service, opinion, window_days)
        else:
            asked = answered(surveys, sessions, service, opinion)
        table = engine.to_pyarrow(asked)
    finally:
        engine.disconnect()
    _, first, about = np.unique(table["answer"], return_index=True, return_inverse=True)
    columns = {name: floats(table[name]) for name in service.columns}
    people = np.array(table["subscriber_id"].to_pylist(), dtype=np.str_)
    opinions = floats(table["opinion"])
    return Answers(columns, opinions[first], people[first], about, window_days)


def answered(surveys: Table, sessions: Table, service: Service, opinion: str) -> Table:
    """Return sessions of a service with what their people said of them, in one order."""
    asked = surveys.filter(surveys.kind == opinion, surveys.session_id.notnull())
    mine = _of_service(sessions, service)
    said = asked.select("session_id", who=asked.subscriber_id, opinion=asked.score)
    joined = mine.join(said, [mine.session_id == said.session_id, mine.subscriber_id == said.who])
    return _in_order(joined, service, "session_id", "opinion")


def answered_after(
    surveys: Table, sessions: Table, service: Service, opinion: str, window_days: int
) -> Table:
    """Return sessions of a service with what their people said within some days after them.

    An answer about another service is left out; one about none counts for each.
    """
    (name,) = service.where.values()
    asked = surveys.filter(
        surveys.kind == opinion,
        surveys.session_id.isnull(),
        surveys.service.isnull() | (surveys.service == name),
    )
    said = asked.select("answered_at", who=asked.subscriber_id, opinion=asked.score)
    mine = _of_service(sessions, service)
    joined = mine.join(
        said,
        [
            mine.subscriber_id == said.who,
            mine.started_at < said.answered_at,
            mine.started_at >= said.answered_at - ibis.interval(days=window_days),
        ],
    )
    return _in_order(joined, service, "who", "answered_at", "opinion")


def _of_service(sessions: Table, service: Service) -> Table:
    (name,) = service.where.values()
    return sessions.filter(sessions.service == name)


def _in_order(joined: Table, service: Service, *answer: str) -> Table:
    """Return the samples with the number of their answer, and what is known of each."""
    number = ibis.dense_rank().over(order_by=list(answer))
    wanted = joined.select("subscriber_id", "opinion", *service.columns, answer=number)
    return wanted.order_by("answer", *service.columns)


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
