"""A part of the ties: around somebody, or those that are strong enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from graph.errors import BadInput
from graph.influence.maximisation.reverse import Flags
from graph.projection import Projection


@dataclass(frozen=True)
class Part:
    """Which ties are meant: those that meet every condition.

    Attributes
    ----------
    around : sequence of str
        Keys of subscribers; only ties among those at most ``hops`` ties from any of them, in
        either direction. Empty: of all.
    hops : int
        At least 0.
    least : Mapping
        By the name of a measure of ties, such as ``calls`` or ``strength``, the least it must be.
    """

    around: Sequence[str] = ()
    hops: int = 1
    least: Mapping[str, float] = field(default_factory=dict)


def part_of(ties: Projection, wanted: Part) -> Projection:
    """Return the ties that are meant, and the subscribers: with ``around`` those near, else all.

    Raises
    ------
    BadInput
        ``hops`` is below 0, or there is no such measure.
    NotFound
        Somebody in ``around`` is not in the graph.
    """
    if wanted.hops < 0:
        raise BadInput("hops must be 0 or more")
    kept = np.ones(len(ties.caller), np.bool_)
    for measure, least in wanted.least.items():
        kept &= ties.weights(measure) >= least
    if not wanted.around:
        return _only(ties, kept, np.ones(len(ties), np.bool_))
    near = np.zeros(len(ties), np.bool_)
    near[ties.positions(wanted.around)] = True
    callers, callees = ties.caller[kept], ties.callee[kept]
    for _ in range(wanted.hops):
        before = int(near.sum())
        reached = np.concatenate([callees[near[callers]], callers[near[callees]]])
        near[reached] = True
        if int(near.sum()) == before:
            break
    return _only(ties, kept & near[ties.caller] & near[ties.callee], near)


def _only(ties: Projection, kept: Flags, near: Flags) -> Projection:
    place = np.cumsum(near) - 1
    return replace(
        ties,
        keys=ties.keys[near],
        caller=place[ties.caller[kept]].astype(np.int32),
        callee=place[ties.callee[kept]].astype(np.int32),
        columns={name: column[kept] for name, column in ties.columns.items()},
    )
