"""Canonical records: what every source is turned into before anything is stored.

One module a domain; ``docs/data-formats.md`` lists every column.
"""

from collections.abc import Mapping

from loaders.kinds import care, package, place, subscriber, tie, usage
from loaders.records import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for domain in (subscriber, tie, place, package, usage, care)
    for kind in domain.KINDS
}
_IDENTITIES: Mapping[str, tuple[str, ...]] = {
    kind.name: tuple(column.name for column in kind.columns if column.type == "identity")
    for kind in KINDS.values()
}


def identities(kind: str) -> tuple[str, ...]:
    """Return the columns of a kind that name subscribers.

    Examples
    --------
    >>> identities("calls")
    ('caller_id', 'callee_id')
    """
    return _IDENTITIES[kind]
