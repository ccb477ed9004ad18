"""Data sessions with how they went, signalling, and what each cell counted."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loaders.generate.catalogue import APP_USE, APPS, CATEGORIES, MODELS
from loaders.generate.device import TACS
from loaders.generate.draws import Array, pick, quantiles, stream
from loaders.generate.files import Columns, Folder, instants, numbers, words
from loaders.generate.place import TECHNOLOGIES, cell_id
from loaders.generate.population import Population
from loaders.generate.problem import Severity
from loaders.generate.rhythm import DATA, NETWORK, seconds_of_day, weight_of_day
from loaders.generate.subscriber import TASTES

SESSIONS_A_DAY, LOCATIONS_A_DAY = 3.0, 4.0
PERIOD_S = 21_600  # of the counters
PERIODS = 86_400 // PERIOD_S
COUNTERS = ("session_attempts", "session_failures", "volume_down_bytes")
_EVENTS = ("periodic_update", "area_update", "service_request", "handover", "attach")
_EVENT_SHARES = quantiles(np.array([0.35, 0.2, 0.3, 0.12, 0.03]))

SERVICES = tuple(dict.fromkeys(app.service for app in APPS))
SERVICE_OF_APP = np.array([SERVICES.index(app.service) for app in APPS])
_VIDEO, _AUDIO = SERVICES.index("video"), SERVICES.index("audio")
_APP_IDS = tuple(app.app_id for app in APPS)
_TYPICAL_S = {"video": 400, "audio": 700, "gaming": 600, "social": 180, "web": 90}
_TYPICAL_BPS = {"video": 2.5e6, "file_transfer": 2e6, "audio": 1.6e5, "social": 6e5, "web": 4e5}
_DURATION_S = np.array([_TYPICAL_S.get(service, 60) for service in SERVICES])
_DEMAND_BPS = np.array([_TYPICAL_BPS.get(service, 5e4) for service in SERVICES])
_DOWN_BPS = np.array([1e5, 4e6, 2.5e7, 1.2e8])  # typical, of each technology
_ROUND_TRIP_MS = np.array([600.0, 120.0, 45.0, 20.0])
_BEST = np.array([model.technology for model in MODELS])


def _tables() -> Array:
    """Return tables to draw an app by taste: each taste has two categories that it uses more."""
    uses = np.tile(np.array(APP_USE), (TASTES, 1))
    category = np.array([CATEGORIES.index(app.category) for app in APPS])
    for taste in range(TASTES):
        liked = (category == 2 * taste) | (category == (2 * taste + 5) % len(CATEGORIES))
        uses[taste, liked] *= 5
    return quantiles(uses)


_APP_OF_TASTE = _tables()


def write_apps(folder: Folder) -> None:
    """Write the apps."""
    folder.write(
        "apps",
        {
            "app_id": list(_APP_IDS),
            "name": [app.name for app in APPS],
            "category": [app.category for app in APPS],
        },
    )


@dataclass(frozen=True)
class Sessions:
    """The sessions of a day and a block of people, in order of time."""

    who: Array
    second: Array
    app: Array
    cell: Array
    technology: Array
    radio: Array
    server: Array
    device: Array
    is_set_up: Array
    is_dropped: Array
    duration_s: Array
    down_bytes: Array

    @property
    def severity(self) -> Array:
        """How bad each was, in [0, 1]; 0: as it should be."""
        return np.maximum(np.maximum(self.radio, self.server), self.device)


def sessions_of_day(population: Population, severity: Severity, day: int, block: slice) -> Sessions:
    """Draw the sessions of a block of people."""
    rng = stream(population.options.seed, "sessions", day, block.start)
    rate = SESSIONS_A_DAY * weight_of_day(DATA, population.weekday(day))
    who, second = _moments(population, rate, DATA, day, block, rng)
    count = len(who)
    app = pick(_APP_OF_TASTE, population.people.taste[who], rng, count)
    service = SERVICE_OF_APP[app]
    cell, model = population.cell_of(who, day, second), population.model[who]
    technology = np.minimum(population.country.technology[cell], _BEST[model])
    radio = np.maximum(severity.by_cell[second // 3600, cell], severity.by_person[who])
    server, device = severity.by_app[app], severity.by_model[model]
    is_set_up = rng.random(count) >= 0.004 + 0.15 * radio + 0.05 * server
    is_dropped = is_set_up & (rng.random(count) < 0.005 + 0.12 * radio + 0.15 * device)
    duration = np.minimum(_DURATION_S[service] * rng.lognormal(-0.3, 0.9, count), 14_400)
    duration *= np.where(is_dropped, 0.4, 1.0) * is_set_up
    volume = duration * _DEMAND_BPS[service] / 8 * rng.lognormal(-0.2, 0.6, count)
    volume *= (1 - 0.7 * radio) * (technology + 1) / 4
    return Sessions(
        who, second, app, cell, technology, radio, server, device,
        is_set_up, is_dropped, np.ceil(duration).astype(np.int64), volume.astype(np.int64),
    )  # fmt: skip


def session_columns(
    population: Population, sessions: Sessions, rated: Array, day: int, block: slice
) -> Columns:
    """Return the records of sessions, with KPIs that show how bad each was.

    Parameters
    ----------
    rated
        Positions of sessions that were rated: these alone were traced and have an identifier.
    """
    rng = stream(population.options.seed, "kpis", day, block.start)
    who, radio, server = sessions.who, sessions.radio, sessions.server
    count, failed = len(who), ~sessions.is_set_up
    lost = np.minimum(0.001 * rng.exponential(1, count) + 0.04 * radio + 0.02 * sessions.device, 1)
    down_bps = _DOWN_BPS[sessions.technology] * rng.lognormal(0, 0.6, count) * (1 - 0.85 * radio)
    trip_ms = _ROUND_TRIP_MS[sessions.technology] * rng.lognormal(0, 0.3, count) * (1 + 3 * radio)
    response_ms = (300 + 6 * trip_ms) * rng.lognormal(0, 0.3, count) * (1 + 4 * server)
    service = SERVICE_OF_APP[sessions.app]
    is_streamed = (service == _VIDEO) | (service == _AUDIO)
    no_video = failed | (service != _VIDEO)
    start_ms = (400 + 8 * trip_ms) * rng.lognormal(0, 0.3, count) * (1 + 4 * server)
    stalls = rng.poisson(0.08 + 2 * radio + 3 * server)
    return {
        "subscriber_id": population.people.msisdn[who],
        "started_at": instants(population.at(day, sessions.second)),
        "duration_s": sessions.duration_s,
        "session_id": pa.array(
            session_ids(day, block, np.arange(count)), mask=~np.isin(np.arange(count), rated)
        ),
        "service": words(SERVICES, service),
        "app_id": words(_APP_IDS, sessions.app),
        "cell_id": cell_id(sessions.cell),
        "tac": words(TACS, population.model[who]),
        "technology": words(TECHNOLOGIES, sessions.technology),
        "volume_up_bytes": sessions.down_bytes // 9,
        "volume_down_bytes": sessions.down_bytes,
        "is_set_up": sessions.is_set_up,
        "is_dropped": sessions.is_dropped,
        "setup_ms": numbers(120 * rng.lognormal(0, 0.3, count) * (1 + 2 * radio), failed),
        "round_trip_ms": numbers(trip_ms, failed),
        "loss_ratio": numbers(lost, failed, 4),
        "down_bps": numbers(down_bps, failed),
        "response_ms": numbers(response_ms, failed | is_streamed),
        "initial_delay_ms": numbers(start_ms, failed | ~is_streamed),
        "stalls": numbers(stalls, no_video),
        "stalled_ms": numbers(stalls * rng.lognormal(7.5, 0.5, count), no_video),
    }


def session_ids(day: int, block: slice, position: Array) -> Array:
    """Return identifiers: day, block and position."""
    identifiers: Array = (day + 1) * 10**14 + block.start * 10**4 + position
    return identifiers


def no_counts(population: Population) -> Array:
    """Return counters at zero: by counter, period and cell."""
    return np.zeros((len(COUNTERS), PERIODS, population.country.cells))


def count_sessions(sessions: Sessions, counts: Array) -> None:
    """Add sessions to what each cell counts, by counter, period and cell."""
    cells = counts.shape[2]
    at = sessions.second // PERIOD_S * cells + sessions.cell
    values = (np.ones(len(at)), ~sessions.is_set_up, sessions.down_bytes)
    for number, value in enumerate(values):
        counted = np.bincount(at, weights=value, minlength=PERIODS * cells)
        counts[number] += counted.reshape(PERIODS, cells)


def counter_columns(population: Population, counts: Array, day: int) -> Columns:
    """Return what the cells that had any sessions counted on a day."""
    period, cell = np.nonzero(counts[0])
    name = np.repeat(np.arange(len(COUNTERS)), len(period))
    period, cell = np.tile(period, len(COUNTERS)), np.tile(cell, len(COUNTERS))
    return {
        "cell_id": cell_id(cell),
        "started_at": instants(population.at(day, period * PERIOD_S)),
        "period_s": np.full(len(cell), PERIOD_S),
        "name": words(COUNTERS, name),
        "value": counts[name, period, cell].astype(np.int64),
    }


def locations_of_day(population: Population, day: int, block: slice) -> Columns:
    """Return the signalling of a block of people."""
    rng = stream(population.options.seed, "locations", day, block.start)
    who, second = _moments(population, LOCATIONS_A_DAY, NETWORK, day, block, rng)
    return {
        "subscriber_id": population.people.msisdn[who],
        "seen_at": instants(population.at(day, second)),
        "cell_id": cell_id(population.cell_of(who, day, second)),
        "event": words(_EVENTS, pick(_EVENT_SHARES, 0, rng, len(who))),
    }


def _moments(
    population: Population,
    rate: float,
    profile: int,
    day: int,
    block: slice,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Draw who does something at which second of a day, in order of time."""
    people = population.people
    times = rng.poisson(rate * population.traffic * people.activity[block])
    who = block.start + np.repeat(np.arange(len(times)), times)
    second = seconds_of_day(profile, people.shift_s[who], rng)
    kept = np.flatnonzero(population.is_there(who, population.at(day, second)))
    kept = kept[np.argsort(second[kept], kind="stable")]
    return who[kept], second[kept]
