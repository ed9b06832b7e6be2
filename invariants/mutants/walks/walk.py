"""Random histories that reach into every corner of the protocol, seeded and fast: what the mutants are hunted with.

Nothing here knows a mutant. A walk makes the calls that anybody can make, at amounts on the edges, and brings positions
to the brink of liquidation and reserves to the brink of their caps, because that is where any fault shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from pooltwin.protocol.errors import Revert
from pooltwin.protocol.models import MarketConfig

from ...histories.action import Action, Stage
from ...histories.hostile_token import is_hostile
from ...reference import EVERYTHING, RAY

VARIABLE = 2
PEOPLE = ("alice", "bob", "carol", "dave", "erin")
_EXTREMES = (0, 1, 2, 3, 10**6, 2**64, 2**120 - 1, 2**120, 2**127, 2**128, EVERYTHING - 1, EVERYTHING)
_PARTS = ((1, 1), (1, 1), (1, 1), (1, 2), (9, 10), (1, 3), (1, 10), (1, 1_000), (1, 10**6), (1, 10**9), (2, 1))
_NUDGES = (0, 0, 0, 0, 1, -1, 2, -2)


Plot = Callable[["Walk"], Iterator[Action]]
"""A few actions that belong together, each drawn when the one before has been performed."""


def pool_call(who: str, function: str, *arguments: Any) -> Action:
    """A call to the pool."""
    return Action(who, "pool", function, arguments)


class Walk:
    """An endless source of actions that fit the market as it stands."""

    def __init__(
        self, stage: Stage, config: MarketConfig, rng: Random, plots: Mapping[Plot, int], *, dust: bool = False
    ) -> None:
        """With `dust`, people deal in amounts of a few hundred units, where every rounding shows."""
        self.stage = stage
        self.config = config
        self.dust = dust
        self.focus: str | None = None
        """An asset that most of what happens next is about."""
        self.rng = rng
        self.market = stage.market
        self.pool: Any = stage.market.pool
        self.symbols = [reserve.symbol for reserve in config.reserves]
        self.hostile = [symbol for symbol in self.symbols if is_hostile(stage, symbol)]
        """Tokens that call back."""
        self.categories = [category.id for category in config.e_modes]
        self.assets = {symbol: stage.address_of(symbol) for symbol in self.symbols}
        self.listed_price = {reserve.symbol: reserve.price for reserve in config.reserves}
        self._plots, self._weights = list(plots), list(plots.values())

    def actions(self) -> Iterator[Action]:
        """Actions without end; each is to be performed before the next is asked for."""
        while True:
            self.focus = None
            yield from self.rng.choices(self._plots, self._weights)[0](self)

    # --- looking ----------------------------------------------------------------------------------------------------

    def token(self, symbol: str) -> Any:
        """The underlying."""
        return self.stage.chain.at(self.assets[symbol])

    def reserve(self, symbol: str) -> Any:
        """The stored reserve."""
        return self.pool.reserves[self.assets[symbol]]

    def shares(self, symbol: str, who: str) -> int:
        """Scaled supply of a person."""
        token = self.stage.chain.at(self.reserve(symbol).a_token)
        return int(token.scaled_balances[self.stage.address_of(who)])

    def supplied(self, symbol: str, who: str) -> int:
        """Supply of a person."""
        return self.shares(symbol, who) * int(self.pool.income_of(self.assets[symbol])) // RAY

    def owed(self, symbol: str, who: str) -> int:
        """Debt of a person."""
        token = self.stage.chain.at(self.reserve(symbol).variable_debt_token)
        shares = int(token.scaled_balances[self.stage.address_of(who)])
        return -(-shares * int(self.pool.debt_index_of(self.assets[symbol])) // RAY)

    def wallet(self, symbol: str, who: str) -> int:
        """Underlying of a person."""
        return int(self.token(symbol).balances[self.stage.address_of(who)])

    def price(self, symbol: str) -> int:
        """The feed's answer."""
        return int(self.market.price_feed(symbol).answer)

    def price_move(self, symbol: str, target: int) -> Action:
        """A feed goes towards a target, by a factor of fifty at most: more would be an error and no news."""
        now = self.price(symbol)
        if now > 0:
            target = min(max(target, -(-now // 50)), 50 * now)
        return Action.price(symbol, min(10**20, max(1, target)))

    def unit(self, symbol: str) -> int:
        """One whole token."""
        return int(10 ** self.token(symbol).token_decimals)

    def account(self, who: str) -> Any:
        """The pool's view of a person; None without prices."""
        try:
            return self.pool.get_user_account_data(self.stage.address_of(who))
        except Revert:
            return None

    def credit(self, symbol: str, who: str) -> int:
        """What a person may borrow of an asset."""
        account, price = self.account(who), self.price(symbol)
        return account.available_borrows_base * self.unit(symbol) // price if account and price > 0 else 0

    def flags(self, who: str) -> int:
        """Borrow and collateral bits of a person."""
        return int(self.pool.users_config[self.stage.address_of(who)])

    # --- choosing ---------------------------------------------------------------------------------------------------

    def somebody(self) -> str:
        """Anybody."""
        return self.rng.choice(PEOPLE)

    def somebody_but(self, who: str) -> str:
        """Anybody else."""
        return self.rng.choice([name for name in PEOPLE if name != who])

    def asset(self) -> str:
        """Any asset, mostly the one in focus."""
        if self.focus is not None and self.rng.random() < 0.6:
            return self.focus
        return self.rng.choice(self.symbols)

    def about(self, amount: int) -> int:
        """An amount at, near, or a part of another; sometimes an extreme."""
        if self.rng.random() < 0.06:
            return self.rng.choice(_EXTREMES)
        numerator, denominator = self.rng.choice(_PARTS)
        return min(EVERYTHING, max(0, amount * numerator // denominator + self.rng.choice(_NUDGES)))

    def _pairs(self, measure: Callable[[str, str], int]) -> list[tuple[str, str]]:
        return [(who, symbol) for who in PEOPLE for symbol in self.symbols if measure(symbol, who)]

    def lender(self) -> tuple[str, str]:
        """Somebody with a supply, and of what."""
        return self._of_focus(self._pairs(self.shares) or [(self.somebody(), self.asset())])

    def debtor(self) -> tuple[str, str]:
        """Somebody with a debt, and of what."""
        return self._of_focus(self._pairs(self.owed) or [(self.somebody(), self.asset())])

    def _of_focus(self, pairs: list[tuple[str, str]]) -> tuple[str, str]:
        focused = [pair for pair in pairs if pair[1] == self.focus]
        return self.rng.choice(focused if focused and self.rng.random() < 0.6 else pairs)

    def collateral_of(self, who: str) -> str:
        """Something a person has put up; mostly what matters most."""
        flags = self.flags(who)
        found = [symbol for symbol in self.symbols if flags >> (2 * self.reserve(symbol).id) & 2]
        return self.rng.choice(found) if found else self.asset()

    def unhealthy(self) -> list[str]:
        """Everybody who could be liquidated."""
        found = []
        for who in PEOPLE:
            account = self.account(who) if self.flags(who) else None
            if account and account.health_factor < 10**18:
                found.append(who)
        return found
