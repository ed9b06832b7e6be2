"""Draws of chance by name: the same on every machine, and moved by nobody else's draws.

The n-th word of a name under a seed is SHA-256 of seed, name and n. No two names share a stream, so that a further
agent or path leaves all others as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from hashlib import sha256
from typing import TypeVar

WORD_BITS = 256
"""One word of a stream: a whole SHA-256."""

UNIT_BITS = 64
"""Steps of `unit`: 2**-64."""

_PRECISE = Context(prec=34, rounding=ROUND_HALF_EVEN)
_TAG = b"pooltwin draws 1\0"

Item = TypeVar("Item")


class Draws:
    """Stream of chance of one name under one seed.

    Copies (as in a fork) go on from the same place with the same draws.
    """

    def __init__(self, seed: int, name: str) -> None:
        """Begin the stream of a name at its first word."""
        self.seed = seed
        self.name = name
        self.drawn = 0
        """Words used so far."""
        self._prefix = _TAG + str(seed).encode() + b"\0" + name.encode() + b"\0"

    def _word(self) -> int:
        """The next 256 bits."""
        word = sha256(self._prefix + self.drawn.to_bytes(16, "big")).digest()
        self.drawn += 1
        return int.from_bytes(word, "big")

    def below(self, bound: int) -> int:
        """Draw an integer from zero to below a bound, each as likely as any other.

        Raises ValueError for a bound below 1 or above 2**256.
        """
        if not 1 <= bound <= 1 << WORD_BITS:
            raise ValueError(f"no integer can be drawn below {bound}: a bound lies from 1 to 2**256")
        fair = (1 << WORD_BITS) - (1 << WORD_BITS) % bound
        while (word := self._word()) >= fair:
            pass
        return word % bound

    def unit(self) -> Fraction:
        """Draw a fraction from zero to below one, in steps of 2**-64."""
        return Fraction(self.below(1 << UNIT_BITS), 1 << UNIT_BITS)

    def normal(self) -> Decimal:
        """Draw from the standard normal distribution, to 34 digits: the polar method of Marsaglia.

        Its logarithm and square root are those of `decimal`, rounded correctly and so the same on every machine.
        """
        one = 1 << UNIT_BITS
        while True:
            across, along = (2 * self.below(one) + 1 - one for _ in range(2))
            if (square := across * across + along * along) < one * one:
                break
        length = _PRECISE.divide(Decimal(square), Decimal(one * one))
        stretch = _PRECISE.sqrt(_PRECISE.divide(_PRECISE.multiply(Decimal(-2), _PRECISE.ln(length)), length))
        return _PRECISE.multiply(_PRECISE.divide(Decimal(across), Decimal(one)), stretch)

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """List the items in an order drawn from all orders; the sequence itself stays as it is."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
