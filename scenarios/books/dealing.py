"""Dealing: who gets which size, so that every group gets what it shall have together and as many accounts as it has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .columns import Flags, Indexes

SECOND_PART = 4
"""Of an account with two assets on a side, the second has this part of it: a fourth."""
_ONE_BY_ONE = 4096
"""So many of the largest are dealt one at a time; beyond, blocks grow by a hundredth of their rank."""


def dealt(weights: Indexes, targets: Sequence[int], counts: Sequence[int]) -> Indexes:
    """Deal weights, which fall, to groups; returns the group of each.

    A weight goes to the group whose remaining accounts have the most left to get, on average, among those that lack as
    much as the weight. `counts` add up to the
    number of weights; `targets` are in any unit.
    """
    total, wanted = int(weights.sum()), sum(targets) or 1
    left = [total * target // wanted for target in targets]
    room = list(counts)
    sums = np.concatenate(([0], np.cumsum(weights)))
    groups = np.empty(len(weights), np.int64)
    place = 0
    while place < len(weights):
        size = 1 if place < _ONE_BY_ONE else place // 100
        free = [number for number, places in enumerate(room) if places]
        fitting = [number for number in free if left[number] >= weights[place]]
        neediest = max(fitting or free, key=lambda number: (left[number] * 2**64 // room[number], -number))
        end = min(place + min(size, room[neediest]), len(weights))
        groups[place:end] = neediest
        left[neediest] -= int(sums[end] - sums[place])
        room[neediest] -= end - place
        place = end
    return groups


def dealt_by_value(values: Indexes, parts: Sequence[int], draws: Indexes, two: Flags) -> tuple[Indexes, Indexes]:
    """Deal accounts, in falling order of values, to groups that shall have parts of the whole value.

    Those of `two` are in a second group too, with a part of `1 / SECOND_PART`. The largest go one by one to the group
    that lacks most; the others by `draws`, numbers from 0 to 2^32 - 1, in proportion to what is lacking then. Returns
    the first and the second group of each; -1 for no second.
    """
    total, whole = int(values.sum()), sum(parts)
    left = [total * part // whole for part in parts]
    first, second = np.zeros(len(values), np.int64), np.full(len(values), -1, np.int64)
    head = min(_ONE_BY_ONE, len(values))
    several = len(left) > 1
    for place, value in enumerate(values[:head].tolist()):
        order = sorted(range(len(left)), key=lambda number: (-left[number], number))
        first[place] = order[0]
        left[order[0]] -= value
        if several and two[place]:
            second[place] = order[1]
            left[order[0]] += value // SECOND_PART
            left[order[1]] -= value // SECOND_PART
    lacking = [max(0, amount) for amount in left]
    if not any(lacking):
        lacking = list(parts)
    edges, reached = [], 0
    for amount in lacking:
        reached += amount
        edges.append((reached << 32) // sum(lacking))
    first[head:] = np.searchsorted(np.array(edges[:-1], dtype=np.int64), draws[head:], side="right")
    if several:
        others = (first + 1 + draws % (len(left) - 1)) % len(left)
        second[head:] = np.where(two, others, -1)[head:]
    return first, second
