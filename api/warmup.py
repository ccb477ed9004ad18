"""Asking before anyone does: after a start, Neo4j plans each statement when it first meets it.

Planning takes some tenths of a second for each, so that the first user view would take seconds.
"""

from contextlib import suppress

from api.context import Services
from api.execution import answer
from api.tokens import Viewer
from graph.errors import TiegraphError

# Every list and every nested field, so every statement that a user view or a page can need.
_DOCUMENT = """
{
  subscribers(first: 1, filter: {hasContacts: true}) {
    totalCount
    nodes {
      contacts(first: 1) { totalCount edges { node { key } } }
      friends(first: 1) { totalCount nodes { key } }
      places(first: 1) { totalCount nodes { parent { h3 } subscribers } }
      packages(first: 1) { totalCount nodes { name subscribers } }
      payments(first: 1) { totalCount nodes { amountMinor } }
      devices(first: 1) { totalCount nodes { subscribers } }
      apps(first: 1) { totalCount nodes { subscribers } }
      services(first: 1) { totalCount nodes { subscribers } }
      touchpoints(first: 1) { totalCount nodes { key } }
      surveys(first: 1) { totalCount nodes { service { key } app { key } } }
    }
  }
  byContacts: subscribers(first: 1, orderBy: {field: CONTACTS, direction: DESC}) { nodes { key } }
  byEvents: subscribers(first: 1, orderBy: {field: EVENTS, direction: DESC}) { nodes { key } }
  subscriber(key: "00000000000000000000000000000000") { key }
  contactsAggregate { directedPairs }
  friendshipsAggregate { pairs }
}
"""


async def warm_up(services: Services) -> None:
    """Have the statements of common questions planned; what fails, fails again for who asks."""
    with suppress(TiegraphError):
        await answer(services, _DOCUMENT, {}, Viewer("analyst", "warm-up"))
