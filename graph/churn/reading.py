"""Exposure to churn, as the graph has it."""

from graph.lists import Asked
from graph.page import Start

MOST_NAMED = 10


def exposure(subscriber_id: str) -> Asked:
    """Ask how many of a subscriber's contacts left, and which of these mattered most: one entry."""
    return Asked("found", "exposure", Start(subscriber_id), told=(("most", MOST_NAMED),))
