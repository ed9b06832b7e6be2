"""Listings through the configurator, on markets that stand."""

from __future__ import annotations

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.contracts.registry import construct
from pooltwin.protocol.market import Market

from .tour import ENCODED_RATES


def list_new(market: Market, symbol: str, decimals: int = 18) -> Address:
    """List one more asset with the code of an asset that is listed already. Returns its aToken."""
    asset, feed = named_address(symbol), named_address(f"{symbol} feed")
    construct("TestnetERC20", market.chain, asset, [symbol, symbol, decimals, market.admin])
    construct("MockAggregator", market.chain, feed, [10**8])
    market.oracle.set_asset_sources([asset], [feed], sender=market.admin)
    first = next(iter(market.assets))
    code = (market.a_token(first).implementation, market.debt_token(first).implementation)
    names = (symbol, symbol, symbol, symbol)
    if market.chain.revision.stable_rates:
        stable = market.stable_debt_token(first).implementation
        settings = (decimals, market.rate_strategy.address, asset, market.admin, named_address("nobody"))
        listing = (code[0], stable, code[1], *settings, *names, symbol, symbol, b"")
        market.configurator.init_reserves_with_strategies([listing], sender=market.admin)
    elif market.chain.revision.strategies_per_reserve:
        settings = (True, market.rate_strategy.address, asset, market.admin, named_address("nobody"))
        market.configurator.init_reserves_with_strategies(
            [(*code, *settings, *names, b"", ENCODED_RATES)], sender=market.admin
        )
    else:
        market.configurator.init_reserves([(*code, asset, *names, b"", ENCODED_RATES)], sender=market.admin)
    a_token: Address = market.pool.reserves[asset].a_token
    return a_token
