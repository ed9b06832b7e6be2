"""Decide who can be liquidated: floats with a proven bound for nearly all, the release's own rule for those too close.

Let W be the sum of an account's collaterals, each times its threshold in basis points, D its debt, both in base
currency, as the release computes them. From v3.5 on the health factor is `(W * 10**18 + D // 2) // D // 10**4`, and
that is below 10**18 exactly where `W < 10**4 * D`, as long as D is below 2 * 10**18. Until v3.4 it is
`(Y * 10**18 + D // 2) // D` with `Y = (C * (W // C) + 5000) // 10**4`, where C is the collateral's worth: below 10**18
where `C * (W // C) + 5000 < 10**4 * D`. As `W - C < C * (W // C) <= W`, it is so where `W + 5000 < 10**4 * D`, and not
so where `W - C >= 10**4 * D`; and C is at most W over the lowest threshold t.

Floats sum `shares * plane`, where the plane of a kind of position is its index, price and threshold in one number, for
debts 10**4 in place of the threshold. With u = 2**-53:

- shares as a float: two roundings, 2u; the plane is rounded once, u; their product, u: 4u for each term;
- the sum of n positive terms: (n - 1)u more. Together (n + 3)u, for each side of an account with n positions on it;
- roundings of the release: a balance by less than a unit of its token, worth `p = price / 10**decimals`, and a value by
  less than 1: each term by less than `p + 1` of base currency, times its threshold, or 10**4.

So with `e = (n + 12)u`, n over both sides, and `s` the sum of `(p + 1) * threshold` and `(p + 1) * 10**4` over its
positions, an account is surely below where `W' < D' * (1 - 2e) - s`, and surely not where `W' > D' * (1 + 2e) + s`:
`(1 - e) / (1 + e) > 1 - 2e`, and the 9u that e has in excess are more than these three operations round. Until v3.4 the
first s is larger by 5000, and the second factor by `t / (t - 1)`. In health factors, for one collateral and one debt of
D dollars in tokens of 18 decimals: 3e-15 + 2e-8 / D.

Whoever is between is computed by the rule; so is who owes more than 10**18, and whom the layout calls odd.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from pooltwin.protocol.errors import Revert

from .figures import odd_places
from .layout import Bench, Layout
from .numeric import Array, Floats, Mask, np
from .terms import Terms
from .values import Moment, Worth

CHUNK = 1 << 13
UNIT_ROUNDOFF = 2.0**-53
DEBT_LIMIT = 10.0**22
"""D' from where on the rule is asked: 10**4 times half of what the equivalence holds for."""
HALF_UP = 5_000
_BPS = 10_000


class Plane(NamedTuple):
    """A market at a moment, as floats: what one share of each kind of position adds to W or to 10**4 D."""

    weights: Floats
    collateral_slack: float
    """The most that rounding one collateral comes to."""
    debt_slack: float
    lowest: float
    """The lowest threshold; where it is 1 or less, all are close until v3.4."""


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Verdicts of one moment: who is below a health factor of 1."""

    below: Mask
    """By place."""
    close: int
    """How many were too close for floats, and were computed by the rule."""
    odd: int
    """How many only the rule can tell."""
    fails: tuple[int, ...]
    """Places of accounts whose view reverts; they are not called below."""


def plane_of(layout: Layout, terms: Terms, moment: Moment) -> Plane:
    """Make the plane of a moment. Segments that only the rule can tell weigh nothing."""
    weights, slacks, lowest = [], {False: 0.0, True: 0.0}, float(_BPS)
    for kind in layout.kinds:
        segment, worth = layout.segments[kind.segment], moment.worths[kind.segment]
        weight = terms.weights[kind.category, segment.reserve_id]
        if worth is None or not (segment.is_debt or weight.counts):
            weights.append(0.0)
            continue
        times = _BPS if segment.is_debt else weight.threshold
        weights.append(_rounded(worth.share * times))
        slacks[segment.is_debt] = max(slacks[segment.is_debt], _slack(worth, times))
        if not segment.is_debt:
            lowest = min(lowest, float(times))
    return Plane(np.array(weights, np.float64), slacks[False], slacks[True], lowest)


def _rounded(number: Fraction) -> float:
    """Round to the nearest float."""
    return number.numerator / number.denominator


def _slack(worth: Worth, times: int) -> float:
    return _rounded((worth.unit + 1) * times) * 1.0001


def below_one(layout: Layout, terms: Terms, moments: Sequence[Moment]) -> list[Verdicts]:
    """Decide for every account at every moment whether its health factor is below 1, exactly."""
    planes = [plane_of(layout, terms, moment) for moment in moments if terms.is_released]
    below = np.zeros((len(moments), len(layout.row_at)), np.bool_)
    close: list[list[Array]] = [[] for _ in moments]
    for bench in layout.benches if terms.is_released else ():
        if bench.debts:
            bounds = [_Bounds(bench, plane, terms.from_average) for plane in planes]
            for start in range(bench.start, bench.end, CHUNK):
                end = min(bench.end, start + CHUNK)
                for number, (plane, bound) in enumerate(zip(planes, bounds, strict=True)):
                    near = bound.judge(*_sums(layout, bench, plane, start, end), below[number, start:end])
                    if len(near):
                        close[number].append(near + start)
    return [
        _settled(layout, terms, moment, mask, near) for moment, mask, near in zip(moments, below, close, strict=True)
    ]


def _sums(layout: Layout, bench: Bench, plane: Plane, start: int, end: int) -> tuple[Floats, Floats]:
    """Sum what covers and what is owed, the latter times 10**4, for the accounts from one place to another."""
    sums = []
    for debts in (False, True):
        total: Floats | None = None
        for number in bench.slots(debts):
            seats = bench.slot(number, start, end)
            part = plane.weights.take(layout.kind_at[seats])
            part *= layout.floats[seats]
            total = part if total is None else np.add(total, part, out=total)
        sums.append(np.zeros(end - start) if total is None else total)
    return sums[0], sums[1]


class _Bounds:
    """The bounds for the accounts of one bench on one plane."""

    def __init__(self, bench: Bench, plane: Plane, from_average: bool) -> None:
        doubled = 2 * (bench.collaterals + bench.debts + 12) * UNIT_ROUNDOFF
        self.slack = bench.collaterals * plane.collateral_slack + bench.debts * plane.debt_slack
        self.less, self.more = 1.0 - doubled, 1.0 + doubled
        self.least = self.slack
        self.is_bounded = True
        if from_average:
            self.least += HALF_UP
            self.is_bounded = plane.lowest > 1
            self.more *= plane.lowest / max(plane.lowest - 1.0, 1.0)

    def judge(self, covered: Floats, owed: Floats, below: Mask) -> Array:
        """Write who is surely below. Returns those of whom it is not sure."""
        floor = owed * self.less
        floor -= self.least
        np.less(covered, floor, out=below)
        ceiling = np.multiply(owed, self.more, out=floor)
        ceiling += self.slack
        perhaps = covered <= ceiling
        if not self.is_bounded:
            perhaps[:] = True
        if owed.max(initial=0.0) >= DEBT_LIMIT:
            return np.flatnonzero((perhaps & ~below) | (owed >= DEBT_LIMIT))
        if np.count_nonzero(perhaps) == np.count_nonzero(below):
            return np.zeros(0, np.int64)
        return np.flatnonzero(perhaps & ~below)


def _settled(layout: Layout, terms: Terms, moment: Moment, below: Mask, near: list[Array]) -> Verdicts:
    """Ask the rule about the accounts that floats cannot tell."""
    odd = np.arange(len(below))
    if terms.is_released:
        odd = odd_places(layout, moment, None, np.zeros(len(below), np.bool_))
    close = np.setdiff1d(np.concatenate([np.zeros(0, np.int64), *near]), odd)
    fails = []
    for place, held in layout.walk(np.union1d(odd, close)):
        moment.stand.put([layout.holding(*each) for each in held])
        try:
            factor = moment.stand.account_data(layout.category(place)).health_factor
        except Revert:
            fails.append(place)
            below[place] = False
        else:
            below[place] = factor < terms.threshold
    return Verdicts(below, len(close), len(odd), tuple(fails))
