"""What subscribers like, as the last analysis wrote it to the graph."""

from graph.lists import Asked
from graph.page import Start


def preferences(subscriber_id: str) -> Asked:
    """Ask what a subscriber likes, the strongest first."""
    return Asked("found", "preferences", Start(subscriber_id))
