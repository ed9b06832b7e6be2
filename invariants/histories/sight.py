"""A look at the state of a market, by the names of a history: prices, balances, debts, limits, health."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.errors import Revert

from ..reference import BPS, EVERYTHING, RAY, WAD
from .action import Stage

SAFE = 12_500
"""A health (bps) from which no rounding leads to a liquidation, nor does a fork's own rule unless it is far off."""
BORROW_BITS = sum(1 << 2 * number for number in range(128))


class Sight:
    """Sight of a market: people and assets go by their names on the stage, amounts are in the asset's units."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.people: tuple[str, ...] = tuple(stage.actors)
        self.start_prices: dict[str, int] = {}
        """The price at which each asset was first seen."""
        self.learn()

    def learn(self) -> None:
        """Read the list of assets; again after a listing."""
        market = self.stage.market
        self.pool: Any = market.pool
        self.chain = market.chain
        release = self.chain.revision
        self.tracked: bool = release.virtual_balances
        """Does the pool keep a balance of its own of what a reserve holds?"""
        self.one_category_each: bool = release.e_modes_have_prices
        """Is an asset in one e-mode category at most?"""
        self.listed: int = self.pool.reserves_count
        self.assets: dict[str, Address] = self.seen(market.assets)
        self.symbols = list(self.assets)
        contracts, reserves = self.chain.contracts, self.pool.reserves
        self.reserves = {symbol: reserves[asset] for symbol, asset in self.assets.items()}
        self.a_tokens = {symbol: contracts[reserve.a_token] for symbol, reserve in self.reserves.items()}
        self.stable_tokens = self._stable_tokens()
        """Tokens of debts at stable rates, which only v3.0.2 has."""
        self.debt_tokens = {symbol: contracts[reserve.variable_debt_token] for symbol, reserve in self.reserves.items()}
        for symbol in self.symbols:
            self.start_prices.setdefault(symbol, max(1, self.price(symbol)))

    def _stable_tokens(self) -> dict[str, Any]:
        if not self.chain.revision.stable_rates:
            return {}
        contracts, reserves = self.chain.contracts, dict[str, Any](self.reserves)
        return {symbol: contracts[reserve.stable_debt_token] for symbol, reserve in reserves.items()}

    def seen(self, assets: dict[str, Address]) -> dict[str, Address]:
        """The assets to look at, of those that are listed: all."""
        return assets

    # --- assets -----------------------------------------------------------------------------------------------------

    def token(self, symbol: str) -> Any:
        """The underlying token."""
        return self.chain.contracts[self.assets[symbol]]

    def price(self, symbol: str) -> int:
        """An asset's price; 0 where there is none."""
        try:
            price: int = self.stage.market.oracle.price_of(self.assets[symbol])
        except Revert:
            return 0
        return price

    def within_news(self, symbol: str, price: int) -> int:
        """A price within a factor of fifty of the present one, where there is one: more would be an error, no news."""
        present = self.price(symbol)
        return max(1, min(max(price, -(-present // 50)), present * 50) if present > 0 else price)

    def unit(self, symbol: str) -> int:
        """One whole token."""
        return int(10 ** (self.reserves[symbol].configuration >> 48 & 0xFF))

    def amount_for(self, symbol: str, base: int) -> int:
        """Convert base currency into an amount of an asset."""
        return base * self.unit(symbol) // max(1, self.price(symbol))

    def share(self, symbol: str) -> int:
        """The worth of one share of a supply, rounded up."""
        return -(-int(self.pool.income_of(self.assets[symbol])) // RAY)

    def liquidity(self, symbol: str) -> int:
        """The liquidity that the pool can pay out; until v3.0.2 gifts are part of it."""
        if not self.tracked:
            return int(self.token(symbol).balances[self.a_tokens[symbol].address])
        return int(self.reserves[symbol].virtual_underlying_balance)

    def deficit(self, symbol: str) -> int:
        """The reserve's bad debt."""
        return int(self.reserves[symbol].deficit)

    def threshold(self, symbol: str) -> int:
        """The reserve's own liquidation threshold, in bps."""
        return int(self.reserves[symbol].configuration >> 16 & 0xFFFF)

    def bonus(self, symbol: str) -> int:
        """The reserve's own liquidation bonus, the debt included, in bps."""
        return int(self.reserves[symbol].configuration >> 32 & 0xFFFF)

    def caps(self, symbol: str) -> tuple[int, int]:
        """Supply cap and borrow cap in whole tokens; 0 for none."""
        word = self.reserves[symbol].configuration
        return int(word >> 116 & 0xFFFFFFFFF), int(word >> 80 & 0xFFFFFFFFF)

    def supply_room(self, symbol: str) -> int:
        """The room that the supply cap leaves, to the last unit; 0 without a cap."""
        shares = self.a_tokens[symbol].scaled_supply + self.reserves[symbol].accrued_to_treasury
        claims = shares * self.pool.income_of(self.assets[symbol]) // RAY
        return max(0, int(self.caps(symbol)[0] * self.unit(symbol) - claims))

    def borrow_room(self, symbol: str) -> int:
        """The room that the borrow cap leaves; 0 without a cap."""
        return max(0, int(self.caps(symbol)[1] * self.unit(symbol) - self.debt_tokens[symbol].total_supply()))

    def lending_power(self) -> list[str]:
        """The assets that lend outside of every category: those whose LTV is not zero. All if none does."""
        return [symbol for symbol in self.symbols if self.reserves[symbol].configuration & 0xFFFF] or self.symbols

    # --- people -----------------------------------------------------------------------------------------------------

    def where(self, who: str) -> Address:
        """Somebody's address."""
        return self.stage.address_of(who)

    def wallet(self, symbol: str, who: str) -> int:
        """Somebody's underlying."""
        return int(self.token(symbol).balances[self.where(who)])

    def shares(self, symbol: str, who: str) -> int:
        """Somebody's scaled supply."""
        return int(self.a_tokens[symbol].scaled_balances[self.where(who)])

    def supplied(self, symbol: str, who: str) -> int:
        """Somebody's supply with interest, rounded down."""
        shares: int = self.a_tokens[symbol].scaled_balances[self.where(who)]
        return shares * self.pool.income_of(self.assets[symbol]) // RAY if shares else 0

    def owed(self, symbol: str, who: str) -> int:
        """Somebody's debt with interest, rounded up; at a stable rate too it is another: see `stable_owed`."""
        shares: int = self.debt_tokens[symbol].scaled_balances[self.where(who)]
        return -(-shares * self.pool.debt_index_of(self.assets[symbol]) // RAY) if shares else 0

    def stable_owed(self, symbol: str, who: str) -> int:
        """Somebody's debt at a stable rate, with interest; 0 where a release has none."""
        token = self.stable_tokens.get(symbol)
        return int(token.balance_of(self.where(who))) if token is not None else 0

    def lends_stable(self, symbol: str) -> bool:
        """Can it be borrowed at a stable rate?"""
        return bool(self.stable_tokens and self.reserves[symbol].configuration >> 59 & 1)

    def supplies_of(self, who: str) -> list[str]:
        """The assets somebody supplies."""
        where = self.where(who)
        return [symbol for symbol in self.symbols if self.a_tokens[symbol].scaled_balances[where]]

    def debts_of(self, who: str) -> list[str]:
        """The assets somebody owes."""
        where = self.where(who)
        if self.stable_tokens:
            stable = self.stable_tokens
            return [
                symbol
                for symbol in self.symbols
                if self.debt_tokens[symbol].scaled_balances[where] or stable[symbol].scaled_balances[where]
            ]
        return [symbol for symbol in self.symbols if self.debt_tokens[symbol].scaled_balances[where]]

    def flags(self, who: str) -> int:
        """Somebody's borrow and collateral bits."""
        return int(self.pool.users_config[self.where(who)])

    def collaterals_of(self, who: str) -> list[str]:
        """The assets somebody has as collateral."""
        word = self.pool.users_config[self.where(who)]
        return [symbol for symbol, reserve in self.reserves.items() if word >> 2 * reserve.id & 2]

    def account(self, who: str) -> tuple[int, ...]:
        """Collateral, debt, available borrows, threshold, LTV, health factor; zeros where there is no price."""
        try:
            with self.chain.judging():
                return tuple(self.pool.get_user_account_data(self.where(who)))
        except Revert:
            return (0, 0, 0, 0, 0, EVERYTHING)

    def health(self, who: str) -> int:
        """Somebody's health factor; the highest number for who owes nothing."""
        return self.account(who)[5]

    def credit(self, symbol: str, who: str) -> int:
        """The amount that somebody may still borrow of an asset; 0 where there is no price."""
        return self.amount_for(symbol, self.account(who)[2]) if self.price(symbol) > 0 else 0

    def debtors(self) -> list[str]:
        """Everybody who owes anything."""
        return [who for who in self.people if self.debts_of(who)]

    def suppliers(self) -> list[str]:
        """Everybody who supplies anything."""
        return [who for who in self.people if self.supplies_of(who)]

    def unhealthy(self) -> list[str]:
        """Everybody who can be liquidated, says the pool; it is not asked of those who are far from it by records."""
        estimate = Estimate(self)
        return [who for who in self.debtors() if not estimate.is_safe(who) and self.health(who) < WAD]

    # --- categories -------------------------------------------------------------------------------------------------

    def within(self, bitmap: int) -> list[str]:
        """The assets of a category's bitmap."""
        return [symbol for symbol, reserve in self.reserves.items() if bitmap >> reserve.id & 1]

    def collateral_in(self, number: int) -> list[str]:
        """The assets that are collateral in a category."""
        if self.one_category_each:
            return [symbol for symbol in self.borrowable_in(number) if self.threshold(symbol)]
        return self.within(self.pool.e_modes[number].collateral_bitmap)

    def borrowable_in(self, number: int) -> list[str]:
        """The assets that users of a category may borrow; until v3.0.2 those that name it as theirs."""
        if self.one_category_each:
            words = ((symbol, reserve.configuration) for symbol, reserve in self.reserves.items())
            return [symbol for symbol, word in words if word >> 168 & 0xFF == number]
        return self.within(self.pool.e_modes[number].borrowable_bitmap)

    def categories(self) -> list[int]:
        """The e-mode categories that have a threshold."""
        return sorted(number for number, category in self.pool.e_modes.items() if category.liquidation_threshold)


class Estimate:
    """Health by records, estimated too low rather than too high; each asset is valued once."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._worth: dict[str, tuple[int, int]] = {}
        self._seen: int = sum(3 << 2 * reserve.id for reserve in sight.reserves.values())
        """The bits of the reserves that are looked at."""

    def is_safe(self, who: str) -> bool:
        """Is somebody far from a liquidation? False where that would take a closer look."""
        sight = self._sight
        where, pool = sight.where(who), sight.pool
        flags, limit = pool.users_config[where], BPS
        if number := pool.users_e_mode[where]:
            category = pool.e_modes[number]
            limit = category.liquidation_threshold
            if sight.one_category_each and category.price_source != ZERO_ADDRESS:
                return False
        if flags & BORROW_BITS & ~self._seen:
            return False
        weighted = owed = 0
        for symbol, reserve in sight.reserves.items():
            bits = flags >> 2 * reserve.id
            if bits & 2:
                shares = sight.a_tokens[symbol].scaled_balances[where]
                weighted += shares * self._worth_of(symbol)[0] * min(limit, sight.threshold(symbol))
            if shares := sight.debt_tokens[symbol].scaled_balances[where]:
                owed += shares * self._worth_of(symbol)[1]
            if sight.stable_tokens and (stable := sight.stable_owed(symbol, who)):
                owed += stable * sight.price(symbol) * RAY // sight.unit(symbol)
        return weighted > owed * SAFE

    def _worth_of(self, symbol: str) -> tuple[int, int]:
        """Value a share of a supply and one of a debt, in base currency times 1e27; zero where there is no price."""
        worth = self._worth.get(symbol)
        if worth is None:
            sight = self._sight
            pool: Any = sight.pool
            asset, price, unit = sight.assets[symbol], sight.price(symbol), sight.unit(symbol)
            worth = pool.income_of(asset) * price // unit, pool.debt_index_of(asset) * price // unit
            self._worth[symbol] = worth
        return worth
