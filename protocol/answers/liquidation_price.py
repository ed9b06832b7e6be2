"""The price of one asset at which a position can be liquidated, all else unchanged, to the unit of the feed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Self

from ..address import ZERO_ADDRESS, Address
from ..contracts.oracle import MockAggregator
from ..contracts.pool import Pool
from ..errors import NotModelledError
from .health import Scale
from .holdings import Moved, Side, account_data, is_readable, moved_by, sides_of
from .search import highest, last
from .undone import Twin, name_of, undone

LIKELY_LIMIT = 2**150
"""A price to begin with when the highest is sought that the pool can reckon with."""


class LiquidationPrice(int):
    """A price in the unit of the feed, and what it says.

    `rises` is False where the position can be liquidated at this price and at lower ones (the asset is collateral),
    True where it can at this price and at higher ones (the asset is owed). With `always` it can be liquidated at every
    price of this asset, and the number is the present price. `moves` names the assets of the position that follow the
    same price, the asset itself among them if it is there.
    """

    rises: bool
    always: bool
    moves: tuple[str, ...]

    def __new__(cls, price: int, *, rises: bool = False, always: bool = False, moves: tuple[str, ...] = ()) -> Self:
        made = super().__new__(cls, price)
        made.rises, made.always, made.moves = rises, always, moves
        return made


class _Prices:
    """A position as a function of the answer of one feed. Used within `undone`."""

    def __init__(self, pool: Pool, user: Address, feed: MockAggregator) -> None:
        self.pool, self.user, self.feed = pool, user, feed
        self.threshold = pool.chain.revision.health_factor_liquidation_threshold
        self.fixed: list[Side] = []
        self.moved: list[tuple[Side, Moved]] = []
        flags, answer = pool.users_config[user], feed.answer
        for side in sides_of(pool, user):
            moved = moved_by(pool, user, side, feed)
            if moved is None:
                self.fixed.append(side)
            else:
                self.moved.append((side, moved))
        pool.users_config[user] = flags
        feed.set_answer(answer)
        thresholds = [side.threshold for side in self.fixed if not side.is_debt]
        thresholds += [moved.threshold for side, moved in self.moved if not side.is_debt]
        self.scale = Scale(thresholds, from_average=pool.chain.revision.earlier is not None)

    def _of(self, debts: bool) -> tuple[list[int], list[Moved]]:
        fixed = [side.value for side in self.fixed if side.is_debt == debts]
        return fixed, [moved for side, moved in self.moved if side.is_debt == debts]

    def values(self, price: int) -> list[int]:
        """What each collateral is worth."""
        fixed, moved = self._of(debts=False)
        return fixed + [each.balance * price // each.unit for each in moved]

    def debt(self, price: int) -> int:
        """What is owed, in base currency."""
        fixed, moved = self._of(debts=True)
        value = self.pool.chain.revision.debt_value
        return sum(fixed) + sum(value(each.balance, price, each.unit) for each in moved)

    def is_liquidatable(self, price: int) -> bool:
        """Is the health factor below 1, by the bounds' own arithmetic?"""
        return self.scale.factor(self.values(price), self.debt(price)) < self.threshold

    def is_healthy_between(self, low: int, high: int) -> bool:
        """Is it surely not below 1 at any price of a range?"""
        least, most = self.values(low), self.values(high)
        return self.scale.at_least(least, most, self.debt(high)) >= self.threshold

    def a_rise_hurts(self) -> bool:
        """Does what is owed grow faster with the price, in proportion, than what covers it?"""
        fixed, moved = self._of(debts=True)
        owed, owed_growth = Fraction(sum(fixed)), sum((_growth(each) for each in moved), Fraction())
        covers = Fraction(sum(s.value * s.threshold for s in self.fixed if not s.is_debt))
        cover_growth = sum((_growth(each) * each.threshold for each in self._of(debts=False)[1]), Fraction())
        return owed_growth * covers > cover_growth * owed

    def check(self, price: int) -> None:
        """Compare with the pool. Raises NotModelledError where its health factor is another."""
        self.feed.set_answer(price)
        factor = account_data(self.pool, self.user).health_factor
        if factor != self.scale.factor(self.values(price), self.debt(price)):
            raise NotModelledError(f"how the release {self.pool.chain.revision.name} reckons the health factor")

    def highest_readable(self) -> int:
        """The highest price at which the pool can reckon at all; beyond it numbers overflow."""

        def is_readable_at(price: int) -> bool:
            self.feed.set_answer(price)
            return is_readable(self.pool, self.user)

        return last(1, 2**255 - 1, is_readable_at, LIKELY_LIMIT)


def _growth(moved: Moved) -> Fraction:
    return Fraction(moved.balance, moved.unit)


def liquidation_price(twin: Twin, user: Address, asset: Address) -> LiquidationPrice | None:
    """The price of an asset at which the user's health factor falls below 1; None where no price does that.

    Of a collateral it is the highest such price, of a debt, which hurts when it rises, the lowest. Everything else
    stands still but the assets that have the same feed: they move together. Interest to come is not counted. Raises
    Revert where the pool cannot tell the position, LookupError for an asset without a feed.
    """
    pool = twin.pool
    source = twin.oracle.sources[asset]
    if source == ZERO_ADDRESS:
        raise LookupError(f"{name_of(twin, asset)} has no price feed")
    account_data(pool, user)  # what the pool cannot tell, it refuses here
    with undone(pool.chain):
        feed: MockAggregator = pool.chain.at(source)
        present, prices = feed.answer, _Prices(pool, user, feed)
        moves = tuple(dict.fromkeys(name_of(twin, side.asset) for side, _ in prices.moved))
        if not prices.moved:
            prices.check(present)
            return LiquidationPrice(present, always=True) if prices.is_liquidatable(present) else None
        top, rises = prices.highest_readable(), prices.a_rise_hurts()
        found = _search(prices, top, rises)
        if found is None:
            return None
        for price in _neighbours(found, top):
            prices.check(price)
        always = found == (1 if rises else top)
        return LiquidationPrice(present if always else found, rises=rises, always=always, moves=moves)


def _search(prices: _Prices, top: int, rises: bool) -> int | None:
    if not rises:
        return highest(1, top, prices.is_liquidatable, prices.is_healthy_between)
    mirrored = highest(
        -top,
        -1,
        lambda price: prices.is_liquidatable(-price),
        lambda low, high: prices.is_healthy_between(-high, -low),
    )
    return None if mirrored is None else -mirrored


def _neighbours(price: int, top: int) -> Iterator[int]:
    yield from range(max(1, price - 1), min(top, price + 1) + 1)
