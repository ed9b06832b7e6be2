"""Venues: where an asset is sold and bought for dollars, and what that does to its price.

Amounts are integers in the asset's smallest unit, prices exact dollars a whole token. Trades push the price along a
curve; the push fades with a half-life; the outside price moves by itself through `reprice`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from .curves import Curve

PRICE_DECIMALS = 18
"""Decimals of the outside price at which trades are made, so that what was pushed stays a short number."""

SETTLED = Fraction(1, 10**10)
"""Distance from the outside price, as a share of it, at which a venue counts as settled."""

_PRECISE = Context(prec=50, rounding=ROUND_HALF_EVEN)
_LN_2 = _PRECISE.ln(Decimal(2))
_PUSH_DECIMALS = 36


class NotEnoughDepthError(ValueError):
    """More is to be bought than a venue could ever sell."""


class Venue(ABC):
    """Place where one asset is traded for dollars."""

    @abstractmethod
    def quote(self, amount: int) -> Fraction:
        """Tell the dollars that selling an amount would bring. Changes nothing."""

    @abstractmethod
    def sell(self, amount: int) -> Fraction:
        """Sell an amount, push the price down, and give the dollars."""

    @abstractmethod
    def cost(self, amount: int) -> Fraction:
        """Tell the dollars that buying an amount would cost. Changes nothing. Raises NotEnoughDepthError."""

    @abstractmethod
    def buy(self, amount: int) -> Fraction:
        """Buy an amount, push the price up, and give the dollars that it cost. Raises NotEnoughDepthError."""

    @abstractmethod
    def factor(self) -> Fraction:
        """The price as a share of the outside price."""

    @abstractmethod
    def price(self) -> Fraction:
        """Dollars for a whole token, if very little is sold now."""

    @abstractmethod
    def reprice(self, price: Fraction) -> None:
        """Move the outside price, in dollars for a whole token; what was pushed stays pushed."""

    @abstractmethod
    def advance(self, seconds: int) -> None:
        """Let time pass: part of what was pushed refills."""

    @property
    @abstractmethod
    def is_settled(self) -> bool:
        """Whether time changes nothing that shows: nothing refills, or the price is within 10**-10 of the outside."""


def not_negative(amount: int, what: str) -> int:
    """The amount. Raises ValueError, naming what it is an amount of, when it is below zero or no integer."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise ValueError(f"{what} {amount!r} is no integer")
    if amount < 0:
        raise ValueError(f"{what} {amount} is below zero")
    return amount


class SingleVenue(Venue):
    """One curve, with an outside price and a half-life."""

    def __init__(self, curve: Curve, decimals: int, price: Fraction, half_life_s: int | None = None) -> None:
        """Open at rest. Without a half-life (seconds) nothing ever refills."""
        self.curve = curve
        self.decimals = decimals
        self.half_life_s = half_life_s
        self._after_trade = Fraction(0)
        self._since_trade = 0
        self.reprice(price)

    def reprice(self, price: Fraction) -> None:
        """Move the outside price. Raises ValueError when it is below zero."""
        if price < 0:
            raise ValueError(f"a price of {price} dollars is below zero")
        self.outside = Fraction(price)
        grid = 10**PRICE_DECIMALS
        self._unit_price = Fraction(self.outside.numerator * grid // self.outside.denominator, grid * 10**self.decimals)

    @property
    def pushed(self) -> Fraction:
        """Dollars at the outside price that were sold here and have not refilled; bought, if below zero."""
        if self.half_life_s is None or not self._since_trade or not self._after_trade:
            return self._after_trade
        lives = _PRECISE.divide(Decimal(self._since_trade), Decimal(self.half_life_s))
        left = Fraction(_PRECISE.exp(_PRECISE.multiply(-lives, _LN_2)))
        size = abs(self._after_trade) * left * 10**_PUSH_DECIMALS
        kept = Fraction(size.numerator // size.denominator, 10**_PUSH_DECIMALS)
        return kept if self._after_trade > 0 else -kept

    def advance(self, seconds: int) -> None:
        """Let time pass. Many short times are one long time, exactly."""
        self._since_trade += not_negative(seconds, "a time of")

    @property
    def is_settled(self) -> bool:
        """Whether time changes nothing that shows."""
        return self.half_life_s is None or abs(1 - self.factor()) < SETTLED

    def factor(self) -> Fraction:
        """The price as a share of the outside price."""
        return self.curve.factor(self.pushed)

    def price(self) -> Fraction:
        """Dollars for a whole token, pushed and refilled as it is now."""
        return self.outside * self.factor()

    def worth(self, amount: int) -> Fraction:
        """Tell the dollars of selling an amount; below zero, less what buying it costs. Raises NotEnoughDepthError."""
        pushed = self.pushed
        return self.curve.proceeds(self._after(pushed, amount)) - self.curve.proceeds(pushed)

    def quote(self, amount: int) -> Fraction:
        """Tell the dollars that selling an amount would bring."""
        return self.worth(not_negative(amount, "an amount of"))

    def sell(self, amount: int) -> Fraction:
        """Sell an amount."""
        proceeds = self.quote(amount)
        self._push(amount)
        return proceeds

    def cost(self, amount: int) -> Fraction:
        """Tell the dollars that buying an amount would cost."""
        return -self.worth(-not_negative(amount, "an amount of"))

    def buy(self, amount: int) -> Fraction:
        """Buy an amount."""
        cost = self.cost(amount)
        self._push(-amount)
        return cost

    def sellable(self, price: Fraction) -> int | None:
        """Units that can be sold until the price has come down to this one. None if nothing ends it."""
        if price > self.price():
            return 0
        units = self._units_to(price)
        return None if units is None else max(units, 0)

    def buyable(self, price: Fraction) -> int | None:
        """Units that can be bought until the price has come up to this one. None if nothing ends it."""
        if price < self.price():
            return 0
        units = self._units_to(price)
        return None if units is None else max(-units, 0)

    def _units_to(self, price: Fraction) -> int | None:
        """Units to sell until the price is this one; below zero, to buy. None if nothing ends it."""
        reach = self.curve.reach(price / self.outside) if price > 0 and self._unit_price else None
        return None if reach is None else int((reach - self.pushed) / self._unit_price)

    def _after(self, pushed: Fraction, amount: int) -> Fraction:
        """Tell what is pushed when an amount is sold on top; below zero, bought."""
        after = pushed + amount * self._unit_price
        if self.curve.limit is not None and after <= -self.curve.limit:
            raise NotEnoughDepthError(f"{-amount} units cannot be bought here: the venue does not hold so much")
        return after

    def _push(self, amount: int) -> None:
        self._after_trade = self._after(self.pushed, amount)
        self._since_trade = 0
