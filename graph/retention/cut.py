"""Who, if kept, keeps a root from leaving: alone, possibly, and a given choice of people.

Whoever is kept stays, and so takes nobody along. A root stays if every way by which leaving comes
to it goes through somebody who is kept. How many roots stay is not submodular, as two may do
together what neither does alone. But it lies between two counts that are: of roots for whom
somebody kept would suffice alone, and of roots to whom leaving comes by somebody kept at all.
"""

import numpy as np

from graph.compiled import compiled
from graph.influence.maximisation.reverse import Flags, Sets
from graph.projection import Ints, Positions
from graph.retention.world import Worlds, adjacent


def sufficient(worlds: Worlds) -> Sets:
    """Return for each world those whose keeping alone keeps the root."""
    sizes, members = _sufficient(
        worlds.starts,
        worlds.people,
        worlds.leaves,
        worlds.stays,
        worlds.tie_starts,
        worlds.origin,
        worlds.target,
    )
    return Sets(worlds.subscribers, np.concatenate([[0], np.cumsum(sizes)]), members)


def involved(worlds: Worlds) -> Sets:
    """Return for each world all by whom leaving comes to the root, and who would stay if asked."""
    upto = np.concatenate([[0], np.cumsum(worlds.stays)])
    return Sets(worlds.subscribers, upto[worlds.starts], worlds.people[worlds.stays])


def kept_roots(worlds: Worlds, chosen: Ints) -> Flags:
    """Tell in which worlds the root stays if the chosen ones are asked to."""
    is_chosen = np.zeros(worlds.subscribers, np.bool_)
    is_chosen[chosen] = True
    return _kept(
        worlds.starts,
        worlds.leaves,
        worlds.stays & is_chosen[worlds.people],
        worlds.tie_starts,
        worlds.origin,
        worlds.target,
    )


@compiled
def _kept(
    starts: Ints,
    leaves: Flags,
    is_kept: Flags,
    tie_starts: Ints,
    origin: Positions,
    target: Positions,
) -> Flags:
    saved = np.zeros(len(starts) - 1, np.bool_)
    for number in range(len(starts) - 1):
        begin, end = starts[number], starts[number + 1]
        if is_kept[begin]:
            saved[number] = True
            continue
        if not is_kept[begin:end].any():
            continue
        ties = slice(tie_starts[number], tie_starts[number + 1])
        at, others = adjacent(origin[ties], target[ties], end - begin)
        gone = leaves[begin:end] & ~is_kept[begin:end]
        line = [np.int32(person) for person in range(end - begin) if gone[person]]
        while len(line) > 0 and not gone[0]:
            person = line.pop()
            for to in others[at[person] : at[person + 1]]:
                if not gone[to] and not is_kept[begin + to]:
                    gone[to] = True
                    line.append(to)
        saved[number] = not gone[0]
    return saved


@compiled
def _sufficient(
    starts: Ints,
    people: Positions,
    leaves: Flags,
    stays: Flags,
    tie_starts: Ints,
    origin: Positions,
    target: Positions,
) -> tuple[Ints, Positions]:
    sizes = np.zeros(len(starts) - 1, np.int64)
    members, used = np.empty(len(people), np.int32), 0
    for number in range(len(starts) - 1):
        begin, end = starts[number], starts[number + 1]
        ties = slice(tie_starts[number], tie_starts[number + 1])
        at, others = adjacent(origin[ties], target[ties], end - begin)
        for person in _unavoidable(leaves[begin:end], at, others):
            if stays[begin + person]:
                members[used] = people[begin + person]
                used += 1
                sizes[number] += 1
    return sizes, members[:used]


@compiled
def _unavoidable(leaves: Flags, starts: Positions, others: Positions) -> Positions:
    """Return through whom every way from those who leave to the root, who is 0, goes.

    Such people stand on any one way. Going along a shortest one, somebody on it is such a person
    if nothing before them, by any detour, comes to anybody further along.
    """
    size = len(leaves)
    before = np.full(size, -2, np.int32)  # -2: not come to yet, -1: where it begins
    line, length = np.empty(size, np.int32), 0
    for person in range(size):
        if leaves[person]:
            before[person] = -1
            line[length] = person
            length += 1
    done = 0
    while before[0] == -2:
        person = line[done]
        done += 1
        for to in others[starts[person] : starts[person + 1]]:
            if before[to] == -2:
                before[to] = person
                line[length] = to
                length += 1
    steps, person = 0, 0
    while person != -1:
        steps += 1
        person = before[person]
    place = np.full(size, -1, np.int32)  # on the way, from 1; -1: elsewhere
    way, person = np.empty(steps + 1, np.int32), 0
    for step in range(steps, 0, -1):
        way[step] = person
        place[person] = step
        person = before[person]
    is_seen, furthest, found = np.zeros(size, np.bool_), 0, 0
    unavoidable = np.empty(steps, np.int32)
    for step in range(steps):
        length = 0
        if step == 0:  # leaving begins nowhere in particular: at all who leave
            for person in range(size):
                if leaves[person]:
                    if place[person] > 0:
                        furthest = max(furthest, place[person])
                    else:
                        is_seen[person] = True
                        line[length] = person
                        length += 1
        else:
            line[0] = way[step]
            length = 1
        while length > 0:
            length -= 1
            person = line[length]
            for to in others[starts[person] : starts[person + 1]]:
                if place[to] > 0:
                    furthest = max(furthest, place[to])
                elif not is_seen[to]:
                    is_seen[to] = True
                    line[length] = to
                    length += 1
        if furthest == step + 1:
            unavoidable[found] = way[step + 1]
            found += 1
    return unavoidable[:found]
