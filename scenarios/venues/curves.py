"""Curves of impact: how far a price gives way to what is sold, in exact fractions.

A curve knows dollars only. `pushed` is what has been sold and not yet refilled, valued at the outside price; below zero
it is what has been bought. `factor` is the price as a share of the outside price, and `proceeds` the dollars that came
of selling from zero up to `pushed`. Every curve has a factor that never rises with `pushed` and is never negative, so
proceeds are increasing and concave.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from math import isqrt

_ROOT_DIGITS = 60
"""Decimals of a square root: far below what one unit of a token with 18 decimals moves."""


def root_below(value: Fraction) -> Fraction:
    """The square root, rounded down to 60 decimals."""
    scale = 10**_ROOT_DIGITS
    return Fraction(isqrt(value.numerator * scale * scale // value.denominator), scale)


def cube_root_below(value: Fraction) -> Fraction:
    """The cube root, rounded down to 60 decimals."""
    scale = 10**_ROOT_DIGITS
    cube = value.numerator * scale**3 // value.denominator
    root = 1 << -(-cube.bit_length() // 3)
    while (better := (2 * root + cube // (root * root)) // 3) < root:
        root = better
    return Fraction(root, scale)


class Curve(ABC):
    """Law of impact."""

    limit: Fraction | None = None
    """Dollars at the outside price that can never quite be bought, where there is such a limit."""

    @abstractmethod
    def factor(self, pushed: Fraction) -> Fraction:
        """The price as a share of the outside price."""

    @abstractmethod
    def proceeds(self, pushed: Fraction) -> Fraction:
        """Dollars of selling from zero up to here; below zero, less what buying down to here costs."""

    @abstractmethod
    def reach(self, factor: Fraction) -> Fraction | None:
        """How far one can push before the factor falls below this one, rounded down by less than 10**-40 dollars.

        Below zero when the factor is above one. None when nothing ends it.
        """


class Flat(Curve):
    """Infinite depth: nothing moves the price."""

    def factor(self, pushed: Fraction) -> Fraction:
        """Always one."""
        del pushed
        return Fraction(1)

    def proceeds(self, pushed: Fraction) -> Fraction:
        """The amount at the outside price."""
        return pushed

    def reach(self, factor: Fraction) -> Fraction | None:
        """Never comes to an end."""
        del factor
        return None


class ConstantProduct(Curve):
    """Pool of two assets whose product stays: `depth` dollars can be sold until its price has fallen by 2%.

    Its dollar side is depth / (1 - sqrt(0.98)), about 99.5 times the depth.
    """

    def __init__(self, depth: Fraction) -> None:
        """Take the depth in dollars, above zero."""
        root = Context(prec=50).sqrt(Decimal("0.98"))
        self.reserve = depth / (1 - Fraction(root))
        self.limit = self.reserve

    def factor(self, pushed: Fraction) -> Fraction:
        """(R / (R + pushed))**2 with the reserve R in dollars."""
        return (self.reserve / (self.reserve + pushed)) ** 2

    def proceeds(self, pushed: Fraction) -> Fraction:
        """R pushed / (R + pushed)."""
        return self.reserve * pushed / (self.reserve + pushed)

    def reach(self, factor: Fraction) -> Fraction:
        """R (sqrt(1 / factor) - 1)."""
        return self.reserve * (root_below(1 / factor) - 1)


class Mirrored(Curve):
    """Curve that is given for sales; purchases raise the price by as much as sales of the same size make it fall."""

    @abstractmethod
    def sold_factor(self, pushed: Fraction) -> Fraction:
        """The factor after sales."""

    @abstractmethod
    def sold_proceeds(self, pushed: Fraction) -> Fraction:
        """The proceeds of sales."""

    @abstractmethod
    def sold_reach(self, factor: Fraction) -> Fraction:
        """What can be sold until the factor is this one, from above zero to one."""

    def factor(self, pushed: Fraction) -> Fraction:
        """That of the sales, or two less that of as large a sale."""
        return self.sold_factor(pushed) if pushed >= 0 else 2 - self.sold_factor(-pushed)

    def proceeds(self, pushed: Fraction) -> Fraction:
        """Those of the sales; purchases cost as much above the outside price as such sales bring below it."""
        return self.sold_proceeds(pushed) if pushed >= 0 else 2 * pushed + self.sold_proceeds(-pushed)

    def reach(self, factor: Fraction) -> Fraction | None:
        """What can be sold down to this factor, or less what can be bought up to it: anything up to two."""
        if factor <= 1:
            return self.sold_reach(factor)
        return -self.sold_reach(2 - factor) if factor < 2 else None


class DepthCurve(Mirrored):
    """Order book by points: (share by which the price falls, dollars that can be sold until then).

    Between two points as many tokens rest at each price. Beyond the last the book thins out as a constant product that
    begins with the slope of the last stretch.
    """

    def __init__(self, points: Sequence[tuple[Fraction, Fraction]]) -> None:
        """Take points whose falls and dollars both rise from above zero, falls below one."""
        self.factors = [Fraction(1), *(1 - fall for fall, _ in points)]
        self.dollars = [Fraction(0), *(dollars for _, dollars in points)]
        self.pushed = [Fraction(0)]
        self.slopes: list[Fraction] = []
        for (high, less), (low, more) in pairwise(zip(self.factors, self.dollars, strict=True)):
            stretch = 2 * (more - less) / (high + low)
            self.pushed.append(self.pushed[-1] + stretch)
            self.slopes.append((high - low) / stretch)
        self.tail = 2 * self.factors[-1] / self.slopes[-1]

    def _stretch(self, pushed: Fraction) -> int:
        return max(bisect_left(self.pushed, pushed) - 1, 0)

    def sold_factor(self, pushed: Fraction) -> Fraction:
        """On the straight line between two points, or on the tail."""
        here = self._stretch(pushed)
        beyond = pushed - self.pushed[here]
        if here == len(self.slopes):
            return self.factors[here] * (self.tail / (self.tail + beyond)) ** 2
        return self.factors[here] - self.slopes[here] * beyond

    def sold_proceeds(self, pushed: Fraction) -> Fraction:
        """The dollars of the points passed, and of the part of a stretch."""
        here = self._stretch(pushed)
        beyond = pushed - self.pushed[here]
        if here == len(self.slopes):
            return self.dollars[here] + self.factors[here] * self.tail * beyond / (self.tail + beyond)
        return self.dollars[here] + beyond * (self.factors[here] + self.sold_factor(pushed)) / 2

    def sold_reach(self, factor: Fraction) -> Fraction:
        """Where the line, or the tail, comes to this factor."""
        last = len(self.slopes)
        here = next((index - 1 for index in range(1, last + 1) if self.factors[index] <= factor), last)
        if here == last:
            return self.pushed[last] + self.tail * (root_below(self.factors[last] / factor) - 1)
        return self.pushed[here] + (self.factors[here] - factor) / self.slopes[here]


class SquareRoot(Mirrored):
    """Square-root impact: at first the price falls by `strength` times sqrt(pushed).

    The factor is 1 / (1 + strength sqrt(pushed) / 3)**3, which is never negative, and the proceeds are
    pushed / (1 + strength sqrt(pushed) / 3)**2: on average two thirds of the fall, as the law wants it.
    """

    def __init__(self, prefactor: Fraction, daily_volatility: Fraction, daily_volume: Fraction) -> None:
        """Take the prefactor Y, the volatility of a day as a share, and a day's volume in dollars, all above zero."""
        self.third = prefactor * daily_volatility / (3 * root_below(daily_volume))

    def sold_factor(self, pushed: Fraction) -> Fraction:
        """The inverse of a cube."""
        return 1 / (1 + self.third * root_below(pushed)) ** 3

    def sold_proceeds(self, pushed: Fraction) -> Fraction:
        """The square of root / (1 + a third of the impact)."""
        root = root_below(pushed)
        return (root / (1 + self.third * root)) ** 2

    def sold_reach(self, factor: Fraction) -> Fraction:
        """The square of where the inverse cube comes to this factor."""
        return max((cube_root_below(1 / factor) - 1) / self.third, Fraction(0)) ** 2
