"""Several venues of one asset: every order is split so that it earns most, or costs least.

Proceeds are concave in the amount, so the best split is the one at which all venues end at the same marginal price. It
is found by halving an interval of prices, and made exact to the unit by moving units while that helps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from .venue import NotEnoughDepthError, SingleVenue, Venue, not_negative

_HALVINGS = 256
"""How often the interval of prices is halved at most; it ends when its two ends differ by a unit or so of each."""


Parts = list[int | None]
"""Units for each venue; None for any number of them."""


class SeveralVenues(Venue):
    """Venues side by side, with one outside price."""

    def __init__(self, venues: Sequence[SingleVenue]) -> None:
        """Take the venues in the order in which equal ones are used. Raises ValueError without any."""
        if not venues:
            raise ValueError("several venues are at least one")
        self.venues = list(venues)

    def quote(self, amount: int) -> Fraction:
        """Tell the dollars that the best split would bring."""
        return self._worth(self.split(amount))

    def sell(self, amount: int) -> Fraction:
        """Sell an amount in the best split."""
        parts = self.split(amount)
        return sum((venue.sell(part) for venue, part in zip(self.venues, parts, strict=True)), Fraction(0))

    def cost(self, amount: int) -> Fraction:
        """Tell the dollars that the best split would cost."""
        return -self._worth([-part for part in self.split_purchase(amount)])

    def buy(self, amount: int) -> Fraction:
        """Buy an amount in the best split."""
        parts = self.split_purchase(amount)
        return sum((venue.buy(part) for venue, part in zip(self.venues, parts, strict=True)), Fraction(0))

    def factor(self) -> Fraction:
        """The highest of the venues' factors: what the next unit sold meets."""
        return max(venue.factor() for venue in self.venues)

    def price(self) -> Fraction:
        """The highest of the venues' prices: what the next unit sold meets."""
        return max(venue.price() for venue in self.venues)

    def reprice(self, price: Fraction) -> None:
        """Move the outside price of all."""
        for venue in self.venues:
            venue.reprice(price)

    def advance(self, seconds: int) -> None:
        """Let time pass in all."""
        for venue in self.venues:
            venue.advance(seconds)

    @property
    def is_settled(self) -> bool:
        """Whether time changes nothing that shows in any."""
        return all(venue.is_settled for venue in self.venues)

    def split(self, amount: int) -> list[int]:
        """Split a sale: the amount for each venue."""
        not_negative(amount, "an amount of")
        few, many = self._halved(amount, Fraction(0), self.price(), self._sold)
        return self._polished(few, many, amount)

    def split_purchase(self, amount: int) -> list[int]:
        """Split a purchase: the amount for each venue. Raises NotEnoughDepthError if all never sell so much."""
        not_negative(amount, "an amount of")
        lowest = min(venue.price() for venue in self.venues)
        few, many = self._halved(amount, self._price_that_buys(amount), lowest, self._bought)
        parts = self._polished([-part for part in few], [None if part is None else -part for part in many], -amount)
        return [-part for part in parts]

    def _price_that_buys(self, amount: int) -> Fraction:
        """A price that is surely enough. Raises NotEnoughDepthError when none is."""
        price = max(venue.price() for venue in self.venues) * 2
        if not price:
            return price
        for _ in range(_HALVINGS):
            if _is_enough(self._bought(price), amount):
                return price
            price *= 2
        raise NotEnoughDepthError(f"{amount} units cannot be bought here: the venues do not hold so much")

    def _sold(self, price: Fraction) -> Parts:
        """Units that can be sold at each venue until it has come down to a price."""
        return [venue.sellable(price) for venue in self.venues]

    def _bought(self, price: Fraction) -> Parts:
        """Units that can be bought at each venue until it has come up to a price."""
        return [venue.buyable(price) for venue in self.venues]

    def _halved(
        self, amount: int, enough: Fraction, too_little: Fraction, at: Callable[[Fraction], Parts]
    ) -> tuple[list[int], Parts]:
        """Halve an interval of prices, from one that is enough to one at which nothing is traded.

        Returns the units at the two ends that are left, the fewer first.
        """
        many, few = at(enough), [0] * len(self.venues)
        for _ in range(_HALVINGS):
            middle = (enough + too_little) / 2
            here = at(middle)
            if _is_enough(here, amount):
                enough, many = middle, here
            else:
                too_little, few = middle, [part or 0 for part in here]
            if all(part is not None for part in many) and sum(part or 0 for part in many) - sum(few) <= len(few):
                break
        return few, many

    def _polished(self, few: list[int], many: Parts, amount: int) -> list[int]:
        """Place what is left over, then move units for as long as that helps. Purchases are below zero.

        The number of units that are moved at once is doubled when it helps and halved when it does not: no exchange
        of single units is left that would help, and because proceeds are concave there is no better split.
        """
        step = 1 if amount >= 0 else -1
        parts = list(few)
        left = amount - sum(parts)
        for index, most in enumerate(many):
            more = left if most is None else _nearer(left, most - parts[index], step)
            parts[index] += more
            left -= more
        parts[0] += left
        units = 1
        while True:
            exchange = self._better_exchange(parts, units * step)
            if exchange is not None:
                giver, taker = exchange
                parts[giver] -= units * step
                parts[taker] += units * step
                units *= 2
            elif units == 1:
                return parts
            else:
                units //= 2

    def _better_exchange(self, parts: list[int], step: int) -> tuple[int, int] | None:
        """The venue that should give so many units and the one that should take them; None when none should."""
        takers = {
            index: gain for index, part in enumerate(parts) if (gain := self._gain(index, part, step)) is not None
        }
        givers = {
            index: -gain
            for index, part in enumerate(parts)
            if part * step >= step * step and (gain := self._gain(index, part, -step)) is not None
        }
        pairs = [
            (takers[taker] - givers[giver], giver, taker) for taker in takers for giver in givers if giver != taker
        ]
        best = max(pairs, default=(Fraction(0), 0, 0), key=lambda pair: pair[0])
        return best[1:] if best[0] > 0 else None

    def _gain(self, index: int, part: int, step: int) -> Fraction | None:
        """Dollars more when a venue is given so many units more. None when it does not hold so much."""
        worth = self.venues[index].worth
        try:
            return worth(part + step) - worth(part)
        except NotEnoughDepthError:
            return None

    def _worth(self, parts: Sequence[int]) -> Fraction:
        return sum((venue.worth(part) for venue, part in zip(self.venues, parts, strict=True)), Fraction(0))


def _is_enough(parts: Sequence[int | None], amount: int) -> bool:
    return any(part is None for part in parts) or sum(part or 0 for part in parts) >= amount


def _nearer(left: int, room: int, step: int) -> int:
    """As much of what is left as there is room for, both counted in the direction of the step."""
    return step * max(min(left * step, room * step), 0)
