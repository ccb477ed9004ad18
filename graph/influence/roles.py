"""Structural roles: what part somebody plays among those around them.

Of four measures, in this order:

========  ======================================================================================
outlier   fewer than ``outlier_contacts`` contacts: nothing holds them but one
hub       ``within_z`` is at least ``hub_z``: many more contacts in their community than usual
broker    ``betweenness`` is among the greatest ``broker_share`` and above 0, and ``constraint``
          at most ``broker_constraint``: others reach each other over them
bridge    ``participation`` is at least ``bridge_participation``: contacts all over communities
member    all others
========  ======================================================================================

``within_z`` is how many standard deviations the number of contacts within one's own community lies
above its members' mean; ``participation`` is 1 less the sum of squared shares of contacts by
community; ``constraint`` is how far one's contacts are in contact with each other.

References
----------
Guimerà, Amaral: Functional cartography of complex metabolic networks. Nature 433, 895-900, 2005.
Burt: Structural holes and good ideas. American Journal of Sociology 110, 349-399, 2004.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from graph.compiled import compiled
from graph.projection import Floats, Ints, Matrix, Positions

Role = Literal["outlier", "hub", "broker", "bridge", "member"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class RoleRules:
    """Where roles begin."""

    outlier_contacts: int = 2
    hub_z: float = 2.5
    broker_share: float = 0.05
    broker_constraint: float = 0.5
    bridge_participation: float = 0.5


@dataclass(frozen=True)
class Evidence:
    """What the roles are told by, an array each.

    Attributes
    ----------
    contacts : array of int
        In either direction; at least 0.
    within_z : array of float
        0 where all of a community have equally many.
    participation : array of float
        From 0 to below 1.
    constraint : array of float
        From 0 to about 1.1; NaN without contacts.
    betweenness : array of float
        From 0 to 1.
    """

    contacts: Ints
    within_z: Floats
    participation: Floats
    constraint: Floats
    betweenness: Floats


def evidence(contacts: Matrix, strengths: Matrix, community: Ints, betweenness: Floats) -> Evidence:
    """Return what roles are told by.

    Parameters
    ----------
    contacts : csr_array
        Symmetric, each contact 1.
    strengths : csr_array
        The same contacts by strength, of which constraint is counted.
    """
    number = np.diff(contacts.indptr).astype(np.int64)
    rows = np.repeat(np.arange(len(number)), number)
    inside = community[rows] == community[contacts.indices]
    within = np.bincount(rows[inside], minlength=len(number)).astype(np.float64)
    return Evidence(
        number,
        _z_scores(within, community),
        _participation(rows, community[contacts.indices], number),
        constraint(strengths),
        betweenness,
    )


def _z_scores(values: Floats, community: Ints) -> Floats:
    sizes = np.maximum(np.bincount(community), 1)
    mean = np.bincount(community, weights=values) / sizes
    off = values - mean[community]
    spread = np.sqrt(np.bincount(community, weights=off**2) / sizes)[community]
    return np.divide(off, spread, out=np.zeros_like(off), where=spread > 1e-12)


def _participation(rows: Ints, theirs: npt.NDArray[np.int64], number: Ints) -> Floats:
    span = int(theirs.max(initial=0)) + 1
    code, times = np.unique(rows * span + theirs, return_counts=True)
    squares = np.bincount(code // span, weights=times.astype(float) ** 2, minlength=len(number))
    share: Floats = 1 - squares / np.maximum(number, 1) ** 2
    return np.where(number > 0, share, 0.0)


def constraint(contacts: Matrix) -> Floats:
    """Return Burt's constraint of everybody; NaN without contacts.

    The sum over contacts ``j`` of ``(p_ij + sum over q of p_iq * p_qj) ** 2``, with ``p`` the
    shares of everybody's strength by contact.

    Parameters
    ----------
    contacts : csr_array
        Symmetric, weights above 0; nobody is in contact with themselves.
    """
    total = np.asarray(contacts.sum(axis=1), np.float64)
    rows = np.repeat(np.arange(contacts.shape[0]), np.diff(contacts.indptr))
    shares = contacts.data / total[rows]
    return np.asarray(_constraint(contacts.indptr, contacts.indices, shares), np.float64)


@compiled
def _constraint(starts: Positions, contacts: Positions, shares: Floats) -> Floats:
    people = len(starts) - 1
    told, toward = np.empty(people), np.zeros(people)
    is_contact = np.zeros(people, np.bool_)
    for one in range(people):
        for at in range(starts[one], starts[one + 1]):
            is_contact[contacts[at]] = True
            toward[contacts[at]] += shares[at]
        for at in range(starts[one], starts[one + 1]):
            other = contacts[at]
            for there in range(starts[other], starts[other + 1]):
                if is_contact[contacts[there]]:
                    toward[contacts[there]] += shares[at] * shares[there]
        told[one] = 0.0 if starts[one] < starts[one + 1] else np.nan
        for at in range(starts[one], starts[one + 1]):
            told[one] += toward[contacts[at]] ** 2
            toward[contacts[at]] = 0.0
            is_contact[contacts[at]] = False
    return told


def roles(found: Evidence, rules: RoleRules | None = None) -> npt.NDArray[np.str_]:
    """Return everybody's role."""
    by = rules or RoleRules()
    between = found.betweenness
    least = np.quantile(between, 1 - by.broker_share) if len(between) else 0.0
    is_between = (between >= least) & (between > 0)
    cases: list[tuple[npt.NDArray[np.bool_], Role]] = [
        (found.contacts < by.outlier_contacts, "outlier"),
        (found.within_z >= by.hub_z, "hub"),
        (is_between & (found.constraint <= by.broker_constraint), "broker"),
        (found.participation >= by.bridge_participation, "bridge"),
    ]
    conditions, names = zip(*cases, strict=True)
    return np.select(list(conditions), [np.str_(name) for name in names], np.str_("member"))
