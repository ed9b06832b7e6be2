"""Accounts laid out for arithmetic: positions by reserve, and accounts by how many collaterals and debts they have.

Positions of one reserve lie together, because they are multiplied by the same index and price. Accounts with equally
many collaterals and debts lie together too, in a *bench*: its first slot has everybody's first collateral, its second
slot everybody's second, and so on, so that sums over an account are sums of columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from .columns import Columns, Side
from .fixed_point import SHARES_LIMIT, Shares, shares_of
from .numeric import Array, Floats, Rows, np
from .rule import Holding, Stable
from .terms import Terms


class Segment(NamedTuple):
    """The positions on one side of one reserve for whom the same price counts."""

    reserve_id: int
    is_debt: bool
    category: int
    """The category whose price counts; 0 where the asset's own does."""
    start: int
    end: int


class Bench(NamedTuple):
    """Accounts with equally many collaterals and debts, from place `start` to `end`; slots begin at `base`."""

    collaterals: int
    debts: int
    start: int
    end: int
    base: int

    @property
    def size(self) -> int:
        """How many accounts there are."""
        return self.end - self.start

    def slots(self, debts: bool) -> range:
        """Number the slots of one side."""
        return range(self.collaterals, self.collaterals + self.debts) if debts else range(self.collaterals)

    def slot(self, number: int, start: int, end: int) -> slice:
        """Find a slot's positions for the accounts from one place to another."""
        first = self.base + number * self.size - self.start
        return slice(first + start, first + end)


class Kind(NamedTuple):
    """A kind of position: all that the positions in a slot may differ in, beside their shares."""

    segment: int
    category: int
    """The account's category, where the position is collateral; 0 of a debt."""


_WALKED = 1 << 12


@dataclass(frozen=True, eq=False)
class Layout:
    """Accounts laid out. A *place* is an account's number here, a *row* its number in the columns."""

    columns: Columns
    segments: tuple[Segment, ...]
    benches: tuple[Bench, ...]
    kinds: tuple[Kind, ...]
    row_at: Rows
    """Row of each place."""
    place_of: Rows
    """Place of each row."""
    shares: Shares
    """Shares of each position, segment by segment."""
    seats: Rows
    """Where in the slots each position is."""
    position_at: Rows
    """Which position is in each seat."""
    kind_at: Array
    """Which kind each seat has."""
    floats: Floats
    """Shares in each seat, as floats."""
    stable: Mapping[int, Stable]
    """Debts at stable rates, by position."""
    odd: Array
    """Places of accounts that only the rule itself can tell: with shares beyond bounds, or debts at stable rates."""
    too_large: Mapping[int, int]
    """Shares of 2**93 and more, by position."""

    def holdings(self, place: int) -> list[Holding]:
        """List what an account has."""
        ((_, held),) = self.walk(np.array([place]))
        return [self.holding(*each) for each in held]

    def holding(self, kind: Kind, position: int, shares: int) -> Holding:
        """Tell of a position as the rule is told it."""
        segment = self.segments[kind.segment]
        return Holding(segment.reserve_id, segment.is_debt, shares, self.stable.get(position))

    def walk(self, places: Array) -> Iterator[tuple[int, list[tuple[Kind, int, int]]]]:
        """Go through accounts by place, which ascend: kind, position and shares of all that each has."""
        for bench in self.benches:
            first, last = np.searchsorted(places, [bench.start, bench.end])
            here = places[first:last]
            for start in range(0, len(here), _WALKED):
                some = here[start : start + _WALKED]
                slots = [self._slot(bench, number, some) for number in range(bench.collaterals + bench.debts)]
                held = map(list, zip(*slots, strict=True)) if slots else ([] for _ in range(len(some)))
                yield from zip(some.tolist(), held, strict=True)

    def _slot(self, bench: Bench, number: int, places: Array) -> list[tuple[Kind, int, int]]:
        seats = places + bench.slot(number, 0, 0).start
        at = self.position_at[seats]
        positions, shares = at.tolist(), self.shares.integers(at)
        if self.too_large:
            shares = [self.too_large.get(each, amount) for each, amount in zip(positions, shares, strict=True)]
        kinds = [self.kinds[kind] for kind in self.kind_at[seats].tolist()]
        return list(zip(kinds, positions, shares, strict=True))

    def category(self, place: int) -> int:
        """Tell an account's e-mode category."""
        return int(self.columns.e_modes[self.row_at[place]])

    @property
    def nbytes(self) -> int:
        """The memory that the layout takes, addresses not counted."""
        limbs = (limb for limb in self.shares if limb is not None)
        arrays = (self.row_at, self.place_of, *limbs, self.seats, self.position_at, self.kind_at, self.floats)
        return sum(array.nbytes for array in arrays)


class _Parts(NamedTuple):
    """A side's positions for whom the same price counts, before they have seats."""

    side: Side
    category: int
    which: Array


def lay_out(columns: Columns, terms: Terms) -> Layout:
    """Lay accounts out. Raises ValueError for more accounts than 2**31."""
    if len(columns) >= 2**31:
        raise ValueError(f"{len(columns)} accounts are more than a scan can number")
    parts = [part for side in columns.sides for part in _by_price(side, columns, terms)]
    collaterals, debts = (_counts(parts, len(columns), side) for side in (False, True))
    row_at = np.argsort(collaterals.astype(np.int32) * 256 + debts, kind="stable").astype(np.int32)
    place_of = np.empty_like(row_at)
    place_of[row_at] = np.arange(len(row_at), dtype=np.int32)
    benches = tuple(_benches(collaterals[row_at], debts[row_at]))
    return _seated(columns, parts, benches, row_at, place_of)


def _by_price(side: Side, columns: Columns, terms: Terms) -> Iterator[_Parts]:
    modes = columns.e_modes[side.rows]
    left = np.ones(len(modes), np.bool_)
    for category in terms.sources:
        weight = terms.weights[category, side.reserve_id]
        if weight.source is not None:
            mine = modes == category
            left &= ~mine
            if mine.any():
                yield _Parts(side, category, np.flatnonzero(mine))
    if left.any():
        yield _Parts(side, 0, np.flatnonzero(left))


def _counts(parts: list[_Parts], accounts: int, debts: bool) -> Array:
    counts = np.zeros(accounts, np.uint8)
    for part in parts:
        if part.side.is_debt == debts:
            counts[part.side.rows[part.which]] += np.uint8(1)
    return counts


def _benches(collaterals: Array, debts: Array) -> Iterator[Bench]:
    keys = collaterals.astype(np.int32) * 256 + debts
    starts = np.flatnonzero(np.r_[len(keys) > 0, keys[1:] != keys[:-1]]).tolist()
    base = 0
    for start, end in pairwise([*starts, len(keys)]):
        bench = Bench(int(collaterals[start]), int(debts[start]), start, end, base)
        base += bench.size * (bench.collaterals + bench.debts)
        yield bench


class _Seating:
    """Gives positions their seats, segment by segment."""

    def __init__(self, columns: Columns, benches: tuple[Bench, ...], row_at: Rows, place_of: Rows, total: int) -> None:
        self.columns, self.row_at, self.place_of = columns, row_at, place_of
        self.bench_at = np.zeros(len(row_at), np.int32)
        for number, bench in enumerate(benches):
            self.bench_at[bench.start : bench.end] = number
        self.of_bench = np.array([[b.base - b.start, b.size, b.collaterals] for b in benches], np.int64).reshape(-1, 3)
        self.taken = (np.zeros(len(row_at), np.uint8), np.zeros(len(row_at), np.uint8))
        """How many slots of an account have been taken, by side."""
        self.seats, self.kind_at = np.empty(total, np.int32), np.zeros(total, np.uint16)
        self.low, self.high = np.empty(total, np.uint64), np.empty(total, np.uint64)
        self.segments: list[Segment] = []
        self.kinds: dict[Kind, int] = {}
        self.stable: dict[int, Stable] = {}

    def seat(self, part: _Parts) -> None:
        """Seat the positions of one segment, in the order of places."""
        side, start = part.side, self.segments[-1].end if self.segments else 0
        unsorted = self.place_of[side.rows[part.which]]
        order = np.argsort(unsorted, kind="stable")
        which, places = part.which[order], unsorted[order]
        end = start + len(which)
        base, size, collaterals = self.of_bench[self.bench_at[places]].T
        taken = self.taken[side.is_debt]
        seats = base + places + (taken[places] + collaterals * side.is_debt) * size
        taken[places] += np.uint8(1)
        modes = self.columns.e_modes[self.row_at[places]] * np.uint8(not side.is_debt)
        self.seats[start:end] = seats
        self.kind_at[seats] = _kinds(self.kinds, len(self.segments), modes)
        self.low[start:end], self.high[start:end] = side.low[which], side.high[which]
        if side.stable:
            rows = self.row_at[places].tolist()
            self.stable |= {start + n: side.stable[row] for n, row in enumerate(rows) if row in side.stable}
        self.segments.append(Segment(side.reserve_id, side.is_debt, part.category, start, end))


def _seated(columns: Columns, parts: list[_Parts], benches: tuple[Bench, ...], row_at: Rows, place_of: Rows) -> Layout:
    """Give each position a seat, and each seat its position."""
    total = sum(len(part.which) for part in parts)
    seating = _Seating(columns, benches, row_at, place_of, total)
    for part in parts:
        seating.seat(part)
    position_at = np.empty(total, np.int32)
    position_at[seating.seats] = np.arange(total, dtype=np.int32)
    beyond = np.flatnonzero(seating.high >= np.uint64(SHARES_LIMIT >> 64))
    too_large = {each: int(seating.high[each]) << 64 | int(seating.low[each]) for each in beyond.tolist()}
    shares = shares_of(seating.low, seating.high)
    odd = places_of(benches, seating.seats[[*too_large, *seating.stable]])
    return Layout(
        columns, tuple(seating.segments), benches, tuple(seating.kinds), row_at, place_of, shares, seating.seats,
        position_at, seating.kind_at, shares.floats()[position_at], seating.stable, odd, too_large,
    )  # fmt: skip


def places_of(benches: tuple[Bench, ...], seats: Array) -> Array:
    """Tell who sits in some seats, each place once."""
    found = [np.zeros(0, np.int64)]
    for bench in benches:
        last = bench.base + bench.size * (bench.collaterals + bench.debts)
        mine = seats[(seats >= bench.base) & (seats < last)]
        found.append(bench.start + (mine - bench.base) % bench.size)
    return np.unique(np.concatenate(found))


def _kinds(kinds: dict[Kind, int], segment: int, modes: Array) -> Array:
    """Number the kinds of positions in a segment, new ones too."""
    present, inverse = np.unique(modes, return_inverse=True)
    numbers = [kinds.setdefault(Kind(segment, int(category)), len(kinds)) for category in present.tolist()]
    return np.array(numbers, np.uint16)[inverse]
