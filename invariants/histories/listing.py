"""Listings as histories tell them: the settings of a new asset, in the struct that a release's configurator takes."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.market import Market

from .outfit import rates_of, strategy_with

RATE_STRATEGY = "rate strategy"
"""The strategy that a new reserve names. In v3.2 and v3.3."""
_NEWEST, _WITH_STRATEGY, _WITH_STABLE_DEBT = 9, 13, 15
"""How many members the struct has: from v3.4 on, in v3.2 and v3.3, until v3.0.2."""


class Scene(Protocol):
    """As much of a stage as a listing knows."""

    market: Market

    def address_of(self, name: str) -> Address:
        """Look an address up."""


class Listing(NamedTuple):
    """The settings that every release knows, by the names of a history."""

    a_token: str
    debt_token: str
    asset: str
    names: tuple[str, str, str, str]
    """Name and symbol of the aToken, then of the variable debt token."""
    params: bytes
    rates: bytes
    """Rate parameters in bps, encoded: optimal usage, base rate and both slopes."""

    @classmethod
    def of(cls, symbol: str, rates: bytes) -> Listing:
        """List a token with the code of the reserves that are there."""
        name = symbol.capitalize()
        names = (name, f"a{symbol}", f"{name} debt", f"debt{symbol}")
        return cls("aToken code", "debtToken code", symbol, names, b"", rates)

    @classmethod
    def read(cls, struct: tuple[Any, ...]) -> Listing:
        """Read any release's struct. Raises ValueError for another form, and for rates that nobody can tell."""
        names: list[str] | tuple[str, ...]
        if len(struct) == _NEWEST:
            a_token, debt_token, asset, *names, params, rates = struct
        elif len(struct) == _WITH_STRATEGY:
            a_token, debt_token, _tracked, _strategy, asset, _treasury, _rewards, *names, params, rates = struct
        elif len(struct) == _WITH_STABLE_DEBT:
            a_token, _stable, debt_token, _decimals, strategy, asset, _treasury, _rewards = struct[:8]
            names, params, rates = struct[8:12], struct[14], rates_of(strategy)
        else:
            raise ValueError(f"no release lists an asset by {len(struct)} settings")
        one, other, third, last = names
        return cls(a_token, debt_token, asset, (one, other, third, last), params, rates)

    def on(self, stage: Scene) -> tuple[Any, ...]:
        """Write the struct of the stage's release. Raises ValueError for rates that no strategy can have."""
        release = stage.market.chain.revision
        if not release.strategies_per_reserve:
            return self.a_token, self.debt_token, self.asset, *self.names, self.params, self.rates
        owners = ("treasury", "nobody")
        if not release.stable_rates:
            settings = (True, RATE_STRATEGY, self.asset, *owners)
            return self.a_token, self.debt_token, *settings, *self.names, self.params, self.rates
        code = (self.a_token, "stableDebtToken code", self.debt_token)
        decimals = stage.market.chain.at(stage.address_of(self.asset)).token_decimals
        stable = (f"{self.asset} stable debt", f"stable{self.asset}")
        settings = (decimals, strategy_with(self.rates), self.asset, *owners)
        return *code, *settings, *self.names, *stable, self.params


def listing(stage: Scene, symbol: str, rates: bytes) -> tuple[Any, ...]:
    """Describe the listing of a token to the configurator of a stage's release."""
    return Listing.of(symbol, rates).on(stage)


def parts_of_listings(market: Market, asset: Address) -> dict[str, Address]:
    """Name what a listing is made of, after a reserve that is there: code of tokens, treasury, rate strategy."""
    reserve: Any = market.pool.reserves[asset]
    a_token = market.chain.at(reserve.a_token)
    parts = {
        "treasury": a_token.treasury,
        "aToken code": a_token.implementation,
        "debtToken code": market.chain.at(reserve.variable_debt_token).implementation,
    }
    release = market.chain.revision
    if release.stable_rates:
        if reserve.stable_debt_token != ZERO_ADDRESS:
            parts["stableDebtToken code"] = market.chain.at(reserve.stable_debt_token).implementation
    elif release.strategies_per_reserve:
        parts[RATE_STRATEGY] = reserve.interest_rate_strategy
    return parts
