"""Several venues of one asset: every order is split so that it earns most, or costs least.

Proceeds are concave in the amount, so the best split is the one at which all venues end at the same marginal price. It
is found by halving an interval of prices, and made exact to the unit by moving single units while that helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .venue import NotEnoughDepthError, SingleVenue, Venue, not_negative

_HALVINGS = 120
"""How often the interval of prices is halved: its width ends 2**-120 times as wide as it began."""


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
        low, high = Fraction(0), self.price()
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            sold = [_at_least_zero(venue.units_until(middle)) for venue in self.venues]
            if _is_enough(sold, amount):
                low = middle
            else:
                high = middle
        return self._polished([_at_least_zero(venue.units_until(high)) or 0 for venue in self.venues], amount, low)

    def split_purchase(self, amount: int) -> list[int]:
        """Split a purchase: the amount for each venue. Raises NotEnoughDepthError if all never sell so much."""
        not_negative(amount, "an amount of")
        low, high = min(venue.price() for venue in self.venues), self._price_that_buys(amount)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if _is_enough(self._bought(middle), amount):
                high = middle
            else:
                low = middle
        parts = self._polished([-(part or 0) for part in self._bought(low)], -amount, high)
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

    def _bought(self, price: Fraction) -> list[int | None]:
        """Units that can be bought at each venue until it has come up to a price."""
        return [None if (units := venue.units_until(price)) is None else max(-units, 0) for venue in self.venues]

    def _polished(self, parts: list[int], amount: int, price: Fraction) -> list[int]:
        """Place what is left over, then move single units for as long as that helps. Purchases are below zero."""
        step = 1 if amount >= 0 else -1
        room = [venue.units_until(price) for venue in self.venues]
        left = amount - sum(parts)
        for index, most in enumerate(room):
            more = left if most is None else _nearer(left, most - parts[index], step)
            parts[index] += more
            left -= more
        parts[self._best(parts, step)] += left
        while (exchange := self._better_exchange(parts, step)) is not None:
            giver, taker = exchange
            parts[giver] -= step
            parts[taker] += step
        return parts

    def _best(self, parts: list[int], step: int) -> int:
        return max(range(len(parts)), key=lambda index: self._gain(index, parts[index], step))

    def _better_exchange(self, parts: list[int], step: int) -> tuple[int, int] | None:
        """The venue that should give a unit and the one that should take it; None when the split is the best."""
        if len(parts) < 2 or not any(parts):
            return None
        gains = [self._gain(index, part, step) for index, part in enumerate(parts)]
        losses = [-self._gain(index, part, -step) if part else None for index, part in enumerate(parts)]
        taker = max(range(len(parts)), key=gains.__getitem__)
        givers = [index for index, loss in enumerate(losses) if loss is not None and loss < gains[taker]]
        givers = [index for index in givers if index != taker]
        return (min(givers, key=lambda index: losses[index] or 0), taker) if givers else None

    def _gain(self, index: int, part: int, step: int) -> Fraction:
        """Dollars more when a venue is given one unit more (or, with a step below zero, fewer)."""
        worth = self.venues[index].worth
        return worth(part + step) - worth(part)

    def _worth(self, parts: Sequence[int]) -> Fraction:
        return sum((venue.worth(part) for venue, part in zip(self.venues, parts, strict=True)), Fraction(0))


def _at_least_zero(units: int | None) -> int | None:
    return None if units is None else max(units, 0)


def _is_enough(parts: Sequence[int | None], amount: int) -> bool:
    return any(part is None for part in parts) or sum(part or 0 for part in parts) >= amount


def _nearer(left: int, room: int, step: int) -> int:
    """As much of what is left as there is room for, both counted in the direction of the step."""
    return step * max(min(left * step, room * step), 0)
