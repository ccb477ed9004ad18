"""Whether all that is here is public: then, and only then, nobody has to say who they are."""

import asyncio
from dataclasses import dataclass

from cypher import statement
from graph.database.session import Database
from graph.errors import LedgerError
from graph.ledger import Ledger
from graph.load import Origins

_IDENTITY = statement("database/identity")
_HOLDINGS = statement("database/holdings")


@dataclass(frozen=True)
class Published:
    """Public files of one source, and what they make of an empty graph.

    Attributes
    ----------
    source : str
        Name of the source, and namespace of the subscribers in the files.
    sha256 : frozenset of str
        Checksums of the files, 64 hexadecimal digits each.
    subscribers, events, friendships : int
        What a graph holds that was made of all these files and of nothing else.
    """

    source: str
    sha256: frozenset[str]
    subscribers: int
    events: int
    friendships: int


class Openness:
    """Watches that a graph and its ledger hold published files and nothing else.

    The ledger names a load's files before anything of them is stored, so that it is enough to read
    it again for each question; the graph is looked at whenever the ledger has changed.
    """

    def __init__(self, database: Database, ledger: Ledger, published: Published) -> None:
        self._database = database
        self._ledger = ledger
        self._published = published
        self._seen: Origins | None = None

    async def is_all_public(self) -> bool:
        """Tell whether nothing but the published files is here.

        Raises
        ------
        DatabaseError
            The graph cannot be looked at.
        """
        try:
            # SQLite blocks its thread, and may wait for a load that is writing.
            origins = await asyncio.to_thread(self._ledger.origins)
        except LedgerError:
            return False  # whoever cannot read the ledger knows nothing of what is here
        if origins.sources != {self._published.source}:
            return False
        if not origins.sha256 <= self._published.sha256:
            return False
        if origins != self._seen:
            if not await self._is_graph_public(origins.load_ids):
                return False
            self._seen = origins
        return True

    async def _is_graph_public(self, load_ids: frozenset[str]) -> bool:
        graph = str((await self._database.read(_IDENTITY))[0]["graph"])
        if not self._ledger.applied_to(graph) <= load_ids:
            return False
        held = await self._database.read(_HOLDINGS, namespace=self._published.source)
        return held[0] == {
            "subscribers": self._published.subscribers,
            "strangers": 0,
            "events": self._published.events,
            "friendships": self._published.friendships,
        }
