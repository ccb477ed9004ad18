"""Whatever answers reading statements: the database, or one request's view of it."""

from typing import Any, Protocol

from cypher import Statement
from graph.database.session import Row


class Reader(Protocol):
    """Answers reading statements."""

    async def read(self, wanted: Statement, **params: Any) -> list[Row]:
        """Run a reading statement and return all its rows."""
        ...
