"""What an adversary needs to draw actions: chance, a look at the state, and a plot of what is to come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import Revert

from ..histories.action import Action, Stage
from ..reference import EVERYTHING, RAY, WAD

T = TypeVar("T")
Maker = Callable[["Schemer"], "Action | None"]

DAY = 86_400
VARIABLE = 2


def always(action: Action) -> Maker:
    """An action that is already known, as part of a plot."""
    return lambda _: action


class Schemer:
    """Draws the next action of a history."""

    def __init__(self, stage: Stage, rng: Random) -> None:
        self.stage = stage
        self.rng = rng
        self.people: tuple[str, ...] = tuple(stage.actors)
        self.start_prices: dict[str, int] = {}
        self.plot: deque[Maker] = deque()
        """What is to happen next, one after the other, reckoned when its turn comes."""
        self.learn()

    def learn(self) -> None:
        """Read the list of assets; again after a listing."""
        market = self.stage.market
        self.pool: Any = market.pool
        self.chain = market.chain
        self.listed: int = self.pool.reserves_count
        self.symbols = list(market.assets)
        contracts, reserves = self.chain.contracts, self.pool.reserves
        self.assets: dict[str, Address] = market.assets
        self.reserves = {symbol: reserves[asset] for symbol, asset in self.assets.items()}
        self.a_tokens = {symbol: contracts[reserve.a_token] for symbol, reserve in self.reserves.items()}
        self.debt_tokens = {symbol: contracts[reserve.variable_debt_token] for symbol, reserve in self.reserves.items()}
        for symbol in self.symbols:
            self.start_prices.setdefault(symbol, max(1, self.price(symbol)))

    def next(self) -> Action:
        """The next action: one that was planned, or a new one."""
        if self.pool.reserves_count != self.listed:
            self.learn()
        for _ in range(20):
            make = self.plot.popleft() if self.plot else self.pick_weighted()
            action = make(self)
            if action is not None:
                return action
        return Action.wait(12)

    def pick_weighted(self) -> Maker:
        """One of the makers, by weight."""
        raise NotImplementedError  # abstract: the adversary knows the makers

    # --- chance ------------------------------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.rng.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of them."""
        return items[int(self.rng.random() * len(items))]

    def person(self) -> str:
        """Somebody."""
        return self.pick(self.people)

    def symbol(self) -> str:
        """Some asset."""
        return self.pick(self.symbols)

    def near(self, amount: int) -> int:
        """An amount around a limit: at it, a wei aside, a part of it, an edge of the integers."""
        roll = self.rng.random()
        if roll < 0.35:
            return int(amount * self.rng.random())
        if roll < 0.75:
            return min(EVERYTHING, max(0, amount + self.pick((0, 0, 0, -1, 1, -2, 2))))
        if roll < 0.9:
            return self.pick((1, 2, 3, amount // 2, amount // 3, 10**6))
        return self.pick((EVERYTHING, EVERYTHING, 0, 1, min(2 * amount, EVERYTHING), 2**128, EVERYTHING - 1))

    # --- looking at the state ----------------------------------------------------------------------------------------

    def where(self, who: str) -> Address:
        """Somebody's address."""
        return self.stage.book[who]

    def price(self, symbol: str) -> int:
        """An asset's price; 0 where there is none."""
        try:
            price: int = self.stage.market.oracle.price_of(self.assets[symbol])
        except Revert:
            return 0
        return price

    def within_news(self, symbol: str, price: int) -> int:
        """A price within a factor of fifty of the present one, where there is one."""
        present = self.price(symbol)
        return max(1, min(max(price, -(-present // 50)), present * 50) if present > 0 else price)

    def unit(self, symbol: str) -> int:
        """One whole token."""
        return int(10 ** (self.reserves[symbol].configuration >> 48 & 0xFF))

    def supplied(self, symbol: str, who: str) -> int:
        """Somebody's aTokens, about."""
        shares: int = self.a_tokens[symbol].scaled_balances[self.where(who)]
        return shares * self.pool.income_of(self.assets[symbol]) // RAY if shares else 0

    def owed(self, symbol: str, who: str) -> int:
        """Somebody's debt."""
        shares: int = self.debt_tokens[symbol].scaled_balances[self.where(who)]
        return -(-shares * self.pool.debt_index_of(self.assets[symbol]) // RAY) if shares else 0

    def held_by(self, who: str, *, debt: bool = False) -> list[str]:
        """The assets somebody supplies or owes."""
        tokens = self.debt_tokens if debt else self.a_tokens
        where = self.where(who)
        return [symbol for symbol in self.symbols if tokens[symbol].scaled_balances[where]]

    def account(self, who: str) -> tuple[int, ...]:
        """Collateral, debt, available borrows, threshold, LTV, health factor; zeros where there is no price."""
        try:
            return tuple(self.pool.get_user_account_data(self.where(who)))
        except Revert:
            return (0, 0, 0, 0, 0, EVERYTHING)

    def amount_for(self, symbol: str, base: int) -> int:
        """How much of an asset some base currency is."""
        return base * self.unit(symbol) // max(1, self.price(symbol))

    def borrowable(self, who: str) -> str:
        """Mostly an asset that somebody's category lets them borrow."""
        number = self.pool.users_e_mode[self.where(who)]
        if number == 0 or self.chance(0.1):
            return self.symbol()
        bitmap = self.pool.e_modes[number].borrowable_bitmap
        some = [symbol for symbol, reserve in self.reserves.items() if bitmap >> reserve.id & 1]
        return self.pick(some or self.symbols)

    def flagged(self, who: str) -> list[str]:
        """The assets somebody has as collateral."""
        word = self.pool.users_config[self.where(who)]
        return [symbol for symbol, reserve in self.reserves.items() if word >> 2 * reserve.id & 2]

    def with_tokens(self, who: str, symbol: str, amount: int, call: Action) -> Action:
        """A call, after a gift where the caller cannot pay for it."""
        if self.chain.contracts[self.assets[symbol]].balances[self.where(who)] >= amount:
            return call
        self.plot.appendleft(lambda _: call)
        return Action("admin", symbol, "mint", (who, 2 * amount))

    def debtors(self) -> list[str]:
        """Who owes anything."""
        return [who for who in self.people if self.held_by(who, debt=True)]

    def unhealthy(self) -> list[str]:
        """Who can be liquidated."""
        return [who for who in self.debtors() if self.account(who)[5] < WAD]
