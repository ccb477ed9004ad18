"""What the operator has in its register of subscribers, and the friendships that an app tells."""

import numpy as np

from loaders.generate.draws import blocks, stream
from loaders.generate.files import Folder, dates, instants, words
from loaders.generate.population import Population
from loaders.generate.rhythm import DAY_S
from loaders.generate.subscriber import PLANS, SEGMENTS

STATED_SHARE = 0.12  # of ties, whatever their kind


def write_people(folder: Folder, population: Population) -> None:
    """Write everyone as they were before the first day, and some of their friendships."""
    people, start_s = population.people, population.options.start_s
    with folder.sheet("subscribers") as sheet:
        for block in blocks(len(people)):
            count = block.stop - block.start
            sheet.write(
                {
                    "subscriber_id": people.msisdn[block],
                    "as_of": instants(np.full(count, start_s)),
                    "status": words(["active"], np.zeros(count)),
                    "gender": words(("male", "female"), people.is_female[block]),
                    "birth_year": people.birth_year[block],
                    "joined_on": dates(start_s // DAY_S - people.joined_days_ago[block]),
                    "segment": words(SEGMENTS, people.segment[block]),
                    "plan": words(PLANS, people.plan[block]),
                }
            )
    rng, ties = stream(population.options.seed, "friendships"), population.ties
    stated = np.flatnonzero(rng.random(len(ties)) < STATED_SHARE)
    folder.write(
        "ties",
        {
            "subscriber_id": people.msisdn[ties.first[stated]],
            "other_id": people.msisdn[ties.second[stated]],
            "kind": words(["friendship"], np.zeros(len(stated))),
        },
    )
