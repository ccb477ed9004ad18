"""What an operator sees of a generated population: contacts, who left, and how good it was.

The days are lived in memory by the generator's own steps, and nothing is taken from its truth:
contacts are counted from calls and messages, and experience is scored from sessions' KPIs.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from graph.contagion.contagion import STAYS, Floats, History
from graph.experience.model import DEFAULT_VERSION, Model, bundled_models, read_model
from graph.experience.scoring import score_samples
from graph.kernels import floats
from loaders.generate import contact, usage
from loaders.generate.churn import CAUSES, Churn
from loaders.generate.draws import blocks
from loaders.generate.files import Columns
from loaders.generate.options import Options
from loaders.generate.population import NEVER, Population, settle
from loaders.generate.problem import Severity, severity_of_day

_KEPT = (0.5, 0.8, 0.93)  # a day, of how it was before: it is not known how long people remember


@dataclass(frozen=True)
class Lived:
    """Some days of a population.

    Attributes
    ----------
    followers : int
        How many left because of others: the truth.
    """

    history: History
    followers: int


def live(options: Options) -> Lived:
    """Let people live for the days of the options."""
    population = settle(options)
    churn, count = Churn(population), len(population.people)
    model = read_model(bundled_models()[DEFAULT_VERSION])
    pairs: list[npt.NDArray[np.int64]] = []
    upset = np.zeros((count, len(_KEPT)))
    past, followers = [], 0
    for day in range(options.days):
        past.append(upset.copy())
        leavers = churn.leave(day)
        followers += int((leavers.cause == CAUSES.index("contagion")).sum())
        severity = severity_of_day(population.problems, day, population.country.cells, count)
        pairs.append(np.concatenate(_pairs(population, severity, day)))
        bad, had = _day(population, churn, model, severity, day)
        upset[had] = upset[had] * _KEPT + bad[had, None] * (1 - np.array(_KEPT))
    left_on = np.full(count, STAYS)
    gone = population.left_at != NEVER
    left_on[gone] = (population.left_at[gone] - options.start_s) // 86_400
    halves = [_contacts(np.concatenate(pairs[first::2]), count) for first in (0, 1)]
    history = History(
        halves[0] + halves[1],
        left_on,
        options.days,
        past.__getitem__,
        halves=(halves[0], halves[1]),
    )
    return Lived(history, followers)


def _day(
    population: Population, churn: Churn, model: Model, severity: Severity, day: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Live the sessions of a day; return how bad each one's were, and who had any."""
    count = len(population.people)
    suffered, lost, had = np.zeros(count), np.zeros(count), np.zeros(count)
    for block in blocks(count):
        sessions = usage.sessions_of_day(population, severity, day, block)
        none = np.empty(0, np.int64)
        shown = usage.session_columns(population, sessions, none, day, block)
        lost += np.bincount(sessions.who, _short(model, shown), minlength=count)
        suffered += np.bincount(sessions.who, sessions.severity, minlength=count)
        had += np.bincount(sessions.who, minlength=count)
    churn.feel(suffered, had)
    return lost / np.maximum(had, 1), had > 0


def _short(model: Model, shown: Columns) -> Floats:
    """Return by how much each session fell short of the best score; 0 where nothing is known."""
    table = pa.table({name: pa.array(column) for name, column in shown.items()})
    service = np.array(table["service"].to_pylist())
    short = np.zeros(table.num_rows)
    for each in model.services.values():
        of_it = np.flatnonzero(service == each.where.get("service"))
        if each.records != "sessions" or not len(of_it):
            continue
        rows = table.take(pa.array(of_it))
        columns = {name: _column(rows, name) for name in each.columns}
        short[of_it] = 1 - np.nan_to_num(score_samples(each, columns).score, nan=1.0)
    return short


def _column(rows: pa.Table, name: str) -> Floats:
    if name not in rows.column_names:
        return np.full(rows.num_rows, np.nan)
    return floats(rows[name])


def _pairs(population: Population, severity: Severity, day: int) -> list[npt.NDArray[np.int64]]:
    people = population.people.msisdn
    found = []
    for block in blocks(len(population.ties)):
        calls = contact.calls_of_day(population, severity, day, block)
        texts = contact.messages_of_day(population, severity, day, block)
        for one, other in (
            (calls["caller_id"], calls["callee_id"]),
            (texts["sender_id"], texts["recipient_id"]),
        ):
            found.append(np.searchsorted(people, np.stack([one, other], axis=1)))
    return found


def _contacts(pairs: npt.NDArray[np.int64], count: int) -> sparse.csr_array:
    one, other = pairs[:, 0], pairs[:, 1]
    directed = sparse.csr_array((np.ones(len(one)), (one, other)), shape=(count, count))
    return sparse.csr_array(directed + directed.T)
