"""What all ties add up to, and what new loads add to that.

A load only computes the ties of the subscribers that it touches. What it adds to the totals is what
those ties add up to now, less what they did without the new records: all others stayed the same.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

from collections.abc import Mapping, Sequence

import ibis
from ibis.expr.types import Table, Value

from graph.totals import (
    ContactsByChannel,
    ContactsTotal,
    FriendshipsByKind,
    FriendshipsTotal,
    Totals,
)
from loaders.scope import Scope
from loaders.transforms import tie
from loaders.transforms.columns import total

_SUMS = ("events", "calls", "missed", "messages", "duration_s")
_CHANNELS = tuple(ContactsByChannel.model_fields)
_KINDS = tuple(FriendshipsByKind.model_fields)


def totals(pairs: Table, ties: Table) -> Totals:
    """Return what ties add up to.

    Parameters
    ----------
    pairs : Table
        What ``tie.contacts`` returns.
    ties : Table
        Stated ties.
    """
    return Totals(contacts=_contacts(pairs), friendships=_friendships(ties))


def totals_of_all(records: Mapping[str, Table]) -> Totals:
    """Return what all ties of a record store add up to."""
    events = tie.interactions(records["calls"], records["messages"])
    return totals(tie.contacts(tie.days(events)), records["ties"])


def gained(scope: Scope, pairs: Table) -> Totals:
    """Return what the new loads add to the totals of a graph.

    Parameters
    ----------
    pairs : Table
        The contacts of all touched subscribers, as they are now.
    """
    ties = scope.kept("own_ties", scope.records["ties"])
    now = totals(pairs, ties)
    if scope.is_whole:
        return now
    calls, messages, known_ties = (
        rows.filter(~rows.load_id.isin(sorted(scope.new_loads)))
        for rows in (scope.records["calls"], scope.records["messages"], ties)
    )
    known = tie.contacts(tie.days(tie.interactions(calls, messages)))
    return now - totals(scope.kept("known_pairs", known), known_ties)


def _contacts(pairs: Table) -> ContactsByChannel:
    directed = {"call": pairs.calls > 0, "message": pairs.messages > 0, "any": pairs.events > 0}
    sums: dict[str, Value] = {}
    for channel, there in directed.items():
        sums[f"{channel}_directed_pairs"] = total(there)
        sums |= {f"{channel}_{name}": total(pairs[name], there) for name in _SUMS}
    flagged = pairs.select(one=pairs.caller_id, other=pairs.callee_id, **directed)
    found = _only(pairs.aggregate(**sums)) | _mutual(flagged) | _subscribers(flagged, _CHANNELS)
    return ContactsByChannel(**{name: ContactsTotal(**_of(found, name)) for name in _CHANNELS})


def _friendships(ties: Table) -> FriendshipsByKind:
    each = ties.group_by(
        one=ibis.least(ties.subscriber_id, ties.other_id),
        other=ibis.greatest(ties.subscriber_id, ties.other_id),
    ).agg(**{kind: (ties.kind == kind).any() for kind in _KINDS if kind != "any"})
    flagged = each.mutate(any=ibis.literal(True))
    sums: dict[str, Value] = {}
    for kind in _KINDS:
        sums[f"{kind}_pairs"] = total(flagged[kind])
        sums[f"{kind}_to_oneself"] = total(flagged[kind] & (flagged.one == flagged.other))
    found = _only(flagged.aggregate(**sums)) | _subscribers(flagged, _KINDS)
    return FriendshipsByKind(**{name: FriendshipsTotal(**_of(found, name)) for name in _KINDS})


def _mutual(flagged: Table) -> dict[str, int]:
    """Return how many directed pairs have their reverse; a tie to oneself is its own."""
    is_forth, is_back = flagged.one <= flagged.other, flagged.one >= flagged.other
    both = flagged.group_by(
        low=ibis.least(flagged.one, flagged.other), high=ibis.greatest(flagged.one, flagged.other)
    ).agg(
        **{
            name: (flagged[name] & is_forth).any() & (flagged[name] & is_back).any()
            for name in _CHANNELS
        }
    )
    directions = ibis.ifelse(both.low == both.high, 1, 2)
    sums = {f"{name}_mutual_pairs": total(directions, both[name]) for name in _CHANNELS}
    return _only(both.aggregate(**sums))


def _subscribers(flagged: Table, names: Sequence[str]) -> dict[str, int]:
    """Return how many subscribers are at either end of the ties with each flag."""
    ends = flagged.select(*names, end=flagged.one).union(flagged.select(*names, end=flagged.other))
    people = ends.group_by("end").agg(**{name: ends[name].any() for name in names})
    return _only(people.aggregate(**{f"{name}_subscribers": total(people[name]) for name in names}))


def _only(row: Table) -> dict[str, int]:
    """Return the only row of a table of sums."""
    (found,) = row.to_pyarrow().to_pylist()
    return {name: int(value) for name, value in found.items()}


def _of(found: Mapping[str, int], name: str) -> dict[str, int]:
    return {
        column.removeprefix(f"{name}_"): value
        for column, value in found.items()
        if column.startswith(f"{name}_")
    }
