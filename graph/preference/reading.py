"""What subscribers like, as the last analysis wrote it to the graph."""

from collections import defaultdict
from collections.abc import Sequence

from cypher import statement
from graph.database.session import Row
from graph.reader import Reader

_OF = statement("preference/of")


async def preferences(reader: Reader, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Return what subscribers like, the strongest first; of those who like anything."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in await reader.read(_OF, keys=list(keys)):
        found[row["key"]].append({**row["node"], **row["found"], "part_of": row["part_of"]})
    return found
