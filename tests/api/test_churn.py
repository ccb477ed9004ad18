"""How leaving would spread in the village, and every seed, window and graph that is out of the way.

Its ties fall into two parts: hana, asha, bram, chidi, dewi and emil, and fatou with goran.
"""

from typing import Any

import pytest

from cypher import Statement
from tests.api.conftest import Service

pytestmark = pytest.mark.database

_SPREAD = """query (
  $seeds: [ID!]!, $since: Date, $until: Date, $hops: Int, $factor: Float, $decay: Float
) {
  churnPropagation(
    seeds: $seeds, since: $since, until: $until, hops: $hops, spreadingFactor: $factor,
    decay: $decay
  ) {
    seeds subscribers steps { step energy } reached { energy subscriber { key } path { energy } }
  }
}"""
_SELF = Statement(
    "tests/self",
    "Ines calls herself.",
    """MATCH (ines:Subscriber {subscriber_id: 'ines'})
    MERGE (ines)-[tie:CONTACTED]->(ines)
    SET tie = {events: 1, calls: 1, missed: 0, messages: 0, duration_s: 9, active_days: 1,
      first_at: datetime('2024-01-01T08:00Z'), last_at: datetime('2024-01-01T08:00Z')}""",
    "write",
    {},
    {},
)


@pytest.fixture(scope="module")
def spoken(village: Service) -> Service:
    """Let Ines, who has nobody, call herself."""
    village.run(village.database.write(_SELF))
    return village


def _spread(service: Service, *seeds: str, **more: Any) -> Any:
    return service.data(_SPREAD, {"seeds": list(seeds), **more})["churnPropagation"]


def _reached(found: Any) -> set[str]:
    return {each["subscriber"]["key"] for each in found["reached"]}


def test_it_stays_in_the_part_of_the_graph_where_it_begins(spoken: Service) -> None:
    assert _reached(_spread(spoken, "hana")) == {"asha", "bram", "chidi", "dewi", "emil"}
    assert _reached(_spread(spoken, "fatou")) == {"goran"}
    both = _spread(spoken, "hana", "fatou")
    assert (both["seeds"], both["subscribers"]) == (2, 6)


def test_somebody_alone_and_a_tie_to_oneself_lead_nowhere(spoken: Service) -> None:
    found = _spread(spoken, "ines")
    assert (found["seeds"], found["subscribers"], found["reached"]) == (1, 0, [])


def test_no_hop_is_a_step_that_nobody_took(spoken: Service) -> None:
    found = _spread(spoken, "hana", hops=0)
    assert (found["subscribers"], found["steps"], found["reached"]) == (0, [], [])


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        ({"seeds": ["nobody"]}, "NOT_FOUND", "subscriber 1 of 1 named is not in the graph"),
        ({"seeds": ["hana", ""]}, "NOT_FOUND", "subscriber 2 of 2 named"),
        ({"seeds": []}, "BAD_USER_INPUT", "name 1 to 1,000 seeds, not 0"),
        ({"since": "2024-01-02", "until": "2024-01-02"}, "BAD_USER_INPUT", "end after it begins"),
        ({"since": "2024-01-01"}, "FAILED_PRECONDITION", "run `tiegraph analyse ties`"),
        ({"factor": 1.5}, "BAD_USER_INPUT", "factor"),
        ({"decay": 0}, "BAD_USER_INPUT", "decay"),
        ({"hops": 1001}, "BAD_USER_INPUT", "hops"),
    ],
)
def test_what_cannot_be_asked_is_told(
    spoken: Service, asked: dict[str, Any], code: str, told: str
) -> None:
    ((found, message),) = spoken.errors(_SPREAD, {"seeds": ["hana"], **asked})
    assert found == code
    assert told in message
