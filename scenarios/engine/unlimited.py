"""A venue without limits: any amount at one price. It stands in for an asset that has no venue."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class UnlimitedVenue:
    """A market so deep that no sale moves it."""

    price_now: Fraction
    decimals: int

    def quote(self, amount: int) -> Fraction:
        """Tell the amount at the price."""
        return Fraction(amount, 10**self.decimals) * self.price_now

    def sell(self, amount: int) -> Fraction:
        """Sell at the price."""
        return self.quote(amount)

    def price(self) -> Fraction:
        """Tell the price."""
        return self.price_now

    def advance(self, seconds: int) -> None:
        """Let time pass, which changes nothing."""
