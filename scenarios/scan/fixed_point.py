"""Columns of shares times one rational number, as exact integers, with NumPy.

Shares are kept in three limbs of 31 bits, so below 2**93. A product of two limbs has 62 bits, and three such products
and their carries fit into 64, so columns are added without splitting them first. The number that shares are multiplied
by, an index and a price together, is cut after 93 binary places.

What is cut away makes the product too small by less than `top + 4` units of 2**-31, where `top` is the highest limb of
the shares: less than `top + 1` for the number's own places, one for the lowest product, and two for the two products of
which only the upper half is added. So whoever wants the integer below knows it, unless the fraction lies within so much
of the next integer. Those few are left to Python's integers.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from .numeric import Array, Floats, Limb, Words, np

BITS = 31
ONE = 1 << BITS
SHARES_LIMIT = 1 << 3 * BITS
"""Shares from here on have no place in three limbs."""

_PLACES = 3 * BITS
_MASK, _SHIFT, _TWO = np.uint64(ONE - 1), np.uint64(BITS), np.uint64(2 * BITS)
_ERRORS = 4
"""Units of 2**-31 by which a product may be too small, beside the highest limb of the shares."""


class Shares(NamedTuple):
    """Some shares in limbs, lowest first; the highest is left out where it is zero for all."""

    low: Limb
    middle: Limb
    high: Limb | None

    def part(self, start: int, end: int) -> Shares:
        """Give some of them in a row."""
        high = None if self.high is None else self.high[start:end]
        return Shares(self.low[start:end], self.middle[start:end], high if high is not None and high.any() else None)

    def words(self) -> Words:
        """Give those that have no highest limb as whole numbers."""
        return self.middle.astype(np.uint64) << _SHIFT | self.low

    def floats(self) -> Floats:
        """Give all as floats: two roundings at most, each by a part of 2**53."""
        near = self.words().astype(np.float64)
        return near if self.high is None else near + self.high.astype(np.float64) * float(1 << 2 * BITS)

    def integers(self, at: Array) -> list[int]:
        """Give the shares at some positions as Python's integers."""
        low, middle = self.low[at].tolist(), self.middle[at].tolist()
        high = [0] * len(low) if self.high is None else self.high[at].tolist()
        return [a | b << BITS | c << 2 * BITS for a, b, c in zip(low, middle, high, strict=True)]


def shares_of(low: Words, high: Words) -> Shares:
    """Split shares given as two words of 64 bits; those from 2**93 on lose what lies above."""
    upper = (low >> _TWO | high << np.uint64(2)) & _MASK
    return Shares((low & _MASK).astype(np.uint32), (low >> _SHIFT & _MASK).astype(np.uint32), upper.astype(np.uint32))


class Factor(NamedTuple):
    """A number from 0 to 2**31 in limbs: three after the point, lowest first, and one before it."""

    k0: int
    k1: int
    k2: int
    whole: int

    @property
    def is_integer(self) -> bool:
        """Tell whether nothing stands after the point."""
        return not (self.k0 or self.k1 or self.k2)


def factor_of(number: Fraction) -> Factor | None:
    """Cut a number after 93 binary places; None for one of 2**31 or more."""
    cut = (number.numerator << _PLACES) // number.denominator
    if cut >> _PLACES >= ONE:
        return None
    return Factor(cut % ONE, (cut >> BITS) % ONE, (cut >> 2 * BITS) % ONE, cut >> _PLACES)


def multiply(shares: Shares, factor: Factor, plus_half: bool = False) -> tuple[Words, Words]:
    """Multiply. Returns the whole part, right where it is below 2**64, and the fraction in units of 2**-31.

    `plus_half` adds one half, so that the whole part is the product rounded half up.
    """
    s0, s1 = shares.low.astype(np.uint64), shares.middle.astype(np.uint64)
    s2 = None if shares.high is None else shares.high.astype(np.uint64)
    k0, k1, k2, whole = (np.uint64(limb) for limb in factor)
    below = s0 * k2
    if k1:
        below += s1 * k1
        below += s0 * k1 >> _SHIFT
    if k0:
        below += s1 * k0 >> _SHIFT
        if s2 is not None:
            below += s2 * k0
    if plus_half:
        below += np.uint64(ONE // 2)
    product = below >> _SHIFT
    product += s1 * k2
    if s2 is not None and k1:
        product += s2 * k1
    if whole:
        product += s0 * whole
    if whole or s2 is not None:
        upper = s1 * whole if s2 is None else s2 * k2 + s1 * whole if whole else s2 * k2
        product += upper << _SHIFT
        if whole and s2 is not None:
            product += s2 * whole << _TWO
    below &= _MASK
    return product, below


def unsure(fraction: Words, high: Limb | None, down: int, up: int) -> Array:
    """Find the positions whose whole part may be another: those within `down` above an integer, or `up` below one.

    Both in units of 2**-31; what `multiply` cuts away of shares with these highest limbs is counted too.
    """
    top = 0 if high is None else int(high.max())
    sure = ONE - top - _ERRORS - up - down
    near = np.flatnonzero(fraction - np.uint64(down) >= np.uint64(max(sure, 0)))
    if high is None or not len(near):
        return near
    reach = fraction[near] + high[near] + np.uint64(_ERRORS + up)
    return near[(fraction[near] < np.uint64(down)) | (reach >= np.uint64(ONE))]


def by_price(amounts: Words, price: int, decimals: int, up: bool) -> Words:
    """Multiply amounts by a price and divide by 10**decimals, exactly, rounding down or up.

    For up to 9 decimals, where the remainders fit; the result is right where it is below 2**64.
    """
    unit = 10**decimals
    dollars, cents = np.uint64(price // unit), np.uint64(price % unit)
    tokens = amounts // np.uint64(unit)
    rest = amounts - tokens * np.uint64(unit)
    worth = tokens * np.uint64(price % 2**64)
    worth += rest * dollars
    if cents:
        part = rest * cents
        less = part // np.uint64(unit)
        worth += less
        if up:
            worth += part != less * np.uint64(unit)
    return worth
