"""The truth, written beside the data in a folder of its own that no load reads."""

import json
from dataclasses import asdict

import numpy as np

from loaders.generate.catalogue import APPS
from loaders.generate.churn import CAUSES, Leavers
from loaders.generate.device import TACS
from loaders.generate.draws import Array, blocks
from loaders.generate.files import TRUTH, Columns, Folder, instants, numbers, words
from loaders.generate.place import SECTORS, cell_id
from loaders.generate.population import Population
from loaders.generate.problem import Problem
from loaders.generate.rhythm import DAY_S
from loaders.generate.tie import KINDS


def write_truth(folder: Folder, population: Population) -> None:
    """Write what was decided before the first day: options, people, ties and problems."""
    (folder.path / TRUTH).mkdir()
    options = json.dumps(asdict(population.options), default=str, indent=2)
    (folder.path / TRUTH / "options.json").write_text(options + "\n", encoding="utf-8")
    _write_people(folder, population)
    ties, msisdn = population.ties, population.people.msisdn
    with folder.sheet(f"{TRUTH}/ties") as sheet:
        for block in blocks(len(ties)):
            sheet.write(
                {
                    "subscriber_id": msisdn[ties.first[block]],
                    "other_id": msisdn[ties.second[block]],
                    "kind": words(KINDS, ties.kind[block]),
                    "contacts_a_week": np.round(ties.strength[block].astype(np.float64), 4),
                }
            )
    rows = [
        row
        for number, problem in enumerate(population.problems, start=1)
        for row in _problem_rows(number, problem, population)
    ]
    if rows:
        folder.write(f"{TRUTH}/problems", {name: [row[name] for row in rows] for name in rows[0]})


def leaver_columns(population: Population, leavers: Leavers) -> Columns:
    """Return the truth about those who leave on a day."""
    msisdn, alone = population.people.msisdn, leavers.because_of < 0
    return {
        "subscriber_id": msisdn[leavers.who],
        "churned_at": instants(leavers.at),
        "cause": words(CAUSES, leavers.cause),
        "because_of_id": numbers(msisdn[leavers.because_of], alone),
    }


def _write_people(folder: Folder, population: Population) -> None:
    people, country = population.people, population.country
    with folder.sheet(f"{TRUTH}/people") as sheet:
        for block in blocks(len(people)):
            home, work = people.places[block, 0], people.places[block, 1]
            no_work = people.workplace[block] < 0
            sheet.write(
                {
                    "subscriber_id": people.msisdn[block],
                    "town": country.town[people.home_site[block]],
                    "household": people.household[block],
                    "circle": people.circle[block],
                    "workplace": numbers(people.workplace[block], no_work),
                    "team": numbers(people.team[block], no_work),
                    "home_cell_id": cell_id(home.astype(np.int64)),
                    "home_lat_deg": country.lat_deg[home // SECTORS],
                    "home_lon_deg": country.lon_deg[home // SECTORS],
                    "work_cell_id": numbers(cell_id(work.astype(np.int64)), no_work),
                    "taste": people.taste[block],
                    "proneness": np.round(people.proneness[block].astype(np.float64), 4),
                }
            )


def _problem_rows(number: int, problem: Problem, population: Population) -> list[dict[str, object]]:
    return [
        {
            "problem": number,
            "episode": episode,
            "scope": problem.scope,
            "target_id": _target_id(problem.scope, target, population.people.msisdn),
            "began_at": _at(population, first_day),
            "ended_at": _at(population, last_day + 1),
            "first_hour": problem.first_hour,
            "last_hour": problem.last_hour,
            "severity": problem.severity,
        }
        for episode, (first_day, last_day) in enumerate(problem.days(), start=1)
        for target in problem.targets
    ]


def _at(population: Population, day: int) -> str:
    began = np.datetime64(population.options.start_s + day * DAY_S, "s")
    return f"{began}Z"


def _target_id(scope: str, target: int, msisdn: Array) -> str:
    if scope == "device":
        return TACS[target]
    if scope == "subscriber":
        return str(msisdn[target])
    if scope == "messages":
        return scope
    return APPS[target].app_id if scope == "app" else str(cell_id(np.array(target)))
