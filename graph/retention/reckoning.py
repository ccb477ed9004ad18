"""What keeping somebody averts, reckoned along ties without chance.

Messages go along ties (the cavity method; Karrer and Newman, Phys. Rev. E 82, 016101, 2010). One
says how likely its sender leaves if its receiver were not there; another what is lost beyond a tie
if its sender leaves, and would not be lost otherwise. On a network without circles both are exact;
elsewhere they are a good guess that, other than a sample, has no noise by which to be misled. The
choice that they lead to is therefore judged by a sample.
"""

from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush

import numpy as np
from scipy import sparse

from graph.compiled import compiled
from graph.influence.maximisation.reverse import Flags
from graph.projection import Floats, Ints, Positions
from graph.retention.stakes import Stakes

_ROUNDS = 50
_CLOSE = 1e-6
_SURELY = 1 - 1e-12


@dataclass(frozen=True)
class Taken:
    """A contact whom somebody would take along.

    Attributes
    ----------
    contact : int
        Position of the contact.
    probability : float
        Probability in [0, 1] that the contact follows when the other leaves.
    loss : float
        What is lost with the contact, and beyond, through this tie and not otherwise.
    """

    contact: int
    probability: float
    loss: float


@dataclass(frozen=True)
class Reason:
    """Why keeping somebody averts a loss: their own, and what they would take along.

    Attributes
    ----------
    leaves : float
        Probability in [0, 1] that they leave, of their own accord or with others.
    own_loss : float
        That, by what is lost with themselves.
    taken : list of Taken
        Their contacts, the largest loss first.
    """

    leaves: float
    own_loss: float
    taken: list[Taken]


@dataclass(frozen=True, eq=False)
class Reckoning:
    """Messages along ties, each tie both ways, in order of sender and receiver.

    Attributes
    ----------
    starts : array of int64
        Where each sender's ties begin, and where the last one's end.
    other : array of int32
        The receiver of each.
    back : array of int32
        The position of the same tie the other way.
    passing : array
        The probability that each tie passes leaving on.
    stays : array
        For each tie the logarithm of the probability that its sender does not make its receiver
        leave, were the receiver not to make the sender leave.
    beyond : array
        For each tie what is lost beyond it if its sender leaves, and not otherwise.
    own : array
        For each subscriber the logarithm of the probability of staying of their own accord.
    value : array
        What is lost with each subscriber.
    """

    starts: Ints
    other: Positions
    back: Positions
    passing: Floats
    stays: Floats
    beyond: Floats
    own: Floats
    value: Floats

    @classmethod
    def of(cls, stakes: Stakes) -> "Reckoning":
        """Reckon what is at stake."""
        starts, other, back, passing = _both_ways(stakes)
        own = np.log1p(-np.minimum(stakes.risk, _SURELY))
        stays, beyond = _messages(starts, other, back, passing, own, stakes.value)
        return cls(starts, other, back, passing, stays, beyond, own, stakes.value)

    @cached_property
    def leaves(self) -> Floats:
        """How likely each leaves, of their own accord or with others."""
        heard = np.bincount(self.other, self.stays, minlength=len(self.own))
        return -np.expm1(self.own + heard)

    @cached_property
    def averted(self) -> Floats:
        """What keeping each one alone averts."""
        nobody = np.zeros(len(self.own), np.bool_)
        gains: Floats = _scores(*self._messages, nobody)
        return gains

    @property
    def _messages(self) -> tuple[Ints, Positions, Positions, Floats, Floats, Floats, Floats]:
        return (
            self.starts,
            self.other,
            self.back,
            self.stays,
            self.beyond,
            self.own,
            self.value,
        )

    def reason(self, subscriber: int) -> "Reason":
        """Return why keeping a subscriber alone averts what it does."""
        ties = slice(self.starts[subscriber], self.starts[subscriber + 1])
        leaves = float(self.leaves[subscriber])
        heard = self.stays[self.back[ties]]
        leaves_anyhow = -np.expm1(self.own[subscriber] + heard.sum() - heard)
        lost = leaves_anyhow * self.beyond[ties]
        order = np.argsort(-lost, kind="stable")
        order = order[lost[order] > 0]
        taken = [
            Taken(int(self.other[ties][at]), float(self.passing[ties][at]), float(lost[at]))
            for at in order
        ]
        return Reason(leaves, leaves * float(self.value[subscriber]), taken)

    def choose(self, costs: Floats, budget: float, may: Flags) -> Ints:
        """Choose within a budget, the most averted for its cost first."""
        return _chosen(*self._messages, costs, budget, may & (costs <= budget))


def _both_ways(stakes: Stakes) -> tuple[Ints, Positions, Positions, Floats]:
    """Return ties both ways; one that passes nothing in a direction has a 0 there."""
    ends, nodes = stakes.along.outgoing, len(stakes.along)
    sender = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(ends.starts))
    passing = np.concatenate([ends.passing, np.zeros(len(sender))])
    rows, columns = np.concatenate([sender, ends.other]), np.concatenate([ends.other, sender])
    ties = sparse.coo_array((passing, (rows, columns)), shape=(nodes, nodes)).tocsr()
    ties.sort_indices()
    places = sparse.csr_array(
        (np.arange(ties.nnz), ties.indices, ties.indptr), shape=(nodes, nodes)
    ).tocsc()
    starts, other = ties.indptr.astype(np.int64), ties.indices.astype(np.int32)
    return starts, other, places.data.astype(np.int32), ties.data.astype(np.float64)


@compiled
def _messages(
    starts: Ints, other: Positions, back: Positions, passing: Floats, own: Floats, value: Floats
) -> tuple[Floats, Floats]:
    nodes = len(starts) - 1
    stays = np.zeros(len(other))
    for _ in range(_ROUNDS):
        change = 0.0
        for node in range(nodes):
            heard = own[node]
            for tie in range(starts[node], starts[node + 1]):
                heard += stays[back[tie]]
            for tie in range(starts[node], starts[node + 1]):
                leaves = -np.expm1(heard - stays[back[tie]])
                said = np.log1p(-min(passing[tie] * leaves, _SURELY))
                change = max(change, abs(said - stays[tie]))
                stays[tie] = said
        if change < _CLOSE:
            break
    beyond = np.zeros(len(other))
    for _ in range(_ROUNDS):
        change, most = 0.0, 0.0
        for node in range(nodes):
            heard, lost = own[node], value[node]
            for tie in range(starts[node], starts[node + 1]):
                heard += stays[back[tie]]
                lost += beyond[tie] * np.exp(-stays[back[tie]])
            for tie in range(starts[node], starts[node + 1]):
                # Told to whoever sends towards this node: what is lost here and further on.
                toward = back[tie]
                further = lost - beyond[tie] * np.exp(-stays[toward])
                told = passing[toward] * np.exp(heard - stays[toward]) * further
                change = max(change, abs(told - beyond[toward]))
                most = max(most, told)
                beyond[toward] = told
        if change <= _CLOSE * most:
            break
    return stays, beyond


@compiled
def _scores(
    starts: Ints,
    other: Positions,
    back: Positions,
    stays: Floats,
    beyond: Floats,
    own: Floats,
    value: Floats,
    is_kept: Flags,
) -> Floats:
    scores = np.empty(len(own))
    for node in range(len(own)):
        ties = slice(starts[node], starts[node + 1])
        scores[node] = _score(
            other[ties], back[ties], stays, beyond[ties], own[node], value[node], is_kept
        )
    return scores


@compiled
def _score(
    other: Positions,
    back: Positions,
    stays: Floats,
    beyond: Floats,
    own: float,
    value: float,
    is_kept: Flags,
) -> float:
    """Return what keeping somebody with some ties averts, where others are kept already."""
    heard = own
    for tie in range(len(other)):
        if not is_kept[other[tie]]:
            heard += stays[back[tie]]
    averted = -float(np.expm1(heard)) * value
    for tie in range(len(other)):
        if not is_kept[other[tie]]:  # through whom nothing would be lost if they left before
            averted -= float(np.expm1(heard - stays[back[tie]])) * float(beyond[tie])
    return averted


@compiled
def _chosen(
    starts: Ints,
    other: Positions,
    back: Positions,
    stays: Floats,
    beyond: Floats,
    own: Floats,
    value: Floats,
    costs: Floats,
    budget: float,
    may: Flags,
) -> Ints:
    """Choose greedily; of whoever is kept already, what neighbours avert falls."""
    is_kept = np.zeros(len(own), np.bool_)
    scores = _scores(starts, other, back, stays, beyond, own, value, is_kept)
    line = [(-scores[node] / costs[node], node) for node in range(len(own)) if may[node]]
    heapify(line)
    chosen, spent = [np.int64(0) for _ in range(0)], 0.0
    while len(line) > 0:
        before, node = heappop(line)
        if costs[node] > budget - spent or before >= 0:
            continue
        ties = slice(starts[node], starts[node + 1])
        now = _score(other[ties], back[ties], stays, beyond[ties], own[node], value[node], is_kept)
        if -now / costs[node] > before * (1 - _CLOSE):
            heappush(line, (-now / costs[node], node))
            continue
        chosen.append(np.int64(node))
        spent += costs[node]
        is_kept[node] = True
    return np.array(chosen, np.int64)
