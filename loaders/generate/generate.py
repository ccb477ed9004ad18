"""From options to files: a population first, then day by day, a block at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from loaders.generate import care, contact, network, package, usage
from loaders.generate.churn import Churn, Leavers
from loaders.generate.device import write_devices
from loaders.generate.draws import blocks
from loaders.generate.files import TRUTH, Folder, instants, words
from loaders.generate.options import Options
from loaders.generate.population import Population, settle
from loaders.generate.problem import Severity, severity_of_day
from loaders.generate.register import write_people
from loaders.generate.traffic import traffic_for
from loaders.generate.truth import leaver_columns, write_truth


@dataclass(frozen=True)
class Generated:
    """What was written.

    Attributes
    ----------
    rows : Mapping[str, int]
        Rows of each kind, the truth not among them.
    churned : int
        How many left.
    """

    rows: Mapping[str, int]
    churned: int


def generate(
    folder: Path, options: Options, watch: Callable[[int], None] = lambda _day: None
) -> Generated:
    """Write a population's records into a new folder, and the truth into its folder ``truth``.

    Memory grows with people and their ties alone, some 600 bytes a person, not with days or
    records.

    Parameters
    ----------
    watch
        Is told the number of each day, from 1, when it is written.

    Raises
    ------
    BadInput
        The folder is not empty, or so few records cannot be.
    """
    out = Folder(folder, options.file_format, options.start)
    population = settle(options)
    if options.records is not None:
        population = replace(population, traffic=traffic_for(population, options.records))
    network.write_network(out, population)
    write_people(out, population)
    write_devices(out, options, population.people, population.model)
    package.write_packages(out, population)
    usage.write_apps(out)
    write_truth(out, population)
    churn, churned = Churn(population), 0
    with out.sheet(f"{TRUTH}/churn") as truth:
        for day in range(options.days):
            leavers = churn.leave(day)
            truth.write(leaver_columns(population, leavers))
            churned += len(leavers.who)
            _write_day(out, population, churn, leavers, day)
            watch(day + 1)
    return Generated(dict(sorted(out.rows.items())), churned)


def _write_day(
    out: Folder, population: Population, churn: Churn, leavers: Leavers, day: int
) -> None:
    cells, people = population.country.cells, len(population.people)
    severity = severity_of_day(population.problems, day, cells, people)
    with out.sheet("calls", day) as calls, out.sheet("messages", day) as messages:
        for block in blocks(len(population.ties)):
            calls.write(contact.calls_of_day(population, severity, day, block))
            messages.write(contact.messages_of_day(population, severity, day, block))
    with out.sheet("locations", day) as locations, out.sheet("payments", day) as payments:
        for block in blocks(len(population.people)):
            locations.write(usage.locations_of_day(population, day, block))
            payments.write(package.payments_of_day(population, day, block))
    _write_usage(out, population, churn, severity, day)
    out.write(
        "subscribers",
        {
            "subscriber_id": population.people.msisdn[leavers.who],
            "as_of": instants(leavers.at),
            "status": words(["churned"], np.zeros(len(leavers.who))),
        },
        day,
    )


def _write_usage(
    out: Folder, population: Population, churn: Churn, severity: Severity, day: int
) -> None:
    """Write the sessions of a day and what came of them."""
    people = len(population.people)
    counts = usage.no_counts(population)
    suffered, had = np.zeros(people), np.zeros(people)
    with (
        out.sheet("sessions", day) as sheet,
        out.sheet("surveys", day) as surveys,
        out.sheet("touchpoints", day) as touchpoints,
    ):
        for block in blocks(people):
            sessions = usage.sessions_of_day(population, severity, day, block)
            rated = care.rated(population, sessions, day, block)
            sheet.write(usage.session_columns(population, sessions, rated, day, block))
            surveys.write(care.surveys_of_day(population, sessions, rated, churn.upset, day, block))
            touchpoints.write(care.touchpoints_of_day(population, churn.upset, day, block))
            usage.count_sessions(sessions, counts)
            suffered += np.bincount(sessions.who, sessions.severity, minlength=people)
            had += np.bincount(sessions.who, minlength=people)
    out.write("counters", usage.counter_columns(population, counts, day), day)
    churn.feel(suffered, had)
