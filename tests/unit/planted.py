"""States of every kind, written straight into a market, whether or not calls could lead there."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pooltwin.protocol.address import named_address
from pooltwin.protocol.market import Market

from .calls import FALLBACK_AT
from .worlds import ALICE, DOLLAR, USERS

CROWD = [*USERS, *(named_address(f"planted {number}") for number in range(8))]

shares = st.one_of(
    st.just(0), st.integers(1, 20), st.integers(0, 10**12), st.integers(0, 10**24), st.integers(0, 2**120 - 1)
)
prices = st.one_of(
    st.integers(1, 10**14), st.sampled_from([0, -1, 1, 2, DOLLAR, 2**128, 2**200, 2**255 - 1, -(2**255)])
)


def plant(market: Market, data: st.DataObject) -> None:
    """Write prices, parameters and positions straight into the state."""
    pool = market.pool
    if data.draw(st.booleans()):
        market.oracle.set_fallback_oracle(FALLBACK_AT, sender=market.admin)
        market.chain.at(FALLBACK_AT).set_asset_price(
            market.asset("DAI"), data.draw(st.integers(0, 10**9)), sender=ALICE
        )
    for symbol, asset in market.assets.items():
        market.set_price(symbol, data.draw(prices if data.draw(st.integers(0, 9)) == 0 else st.integers(1, 10**14)))
        reserve = pool.reserves[asset]
        for zeroed in data.draw(st.sets(st.sampled_from([0, 16]), max_size=1)):  # the LTV, or the threshold
            reserve.configuration &= ~(0xFFFF << zeroed)
        if data.draw(st.integers(0, 9)) == 0:
            reserve.liquidity_index = data.draw(st.sampled_from([0, 1, 2**100, 2**128 - 1]))
        if data.draw(st.integers(0, 9)) == 0:
            reserve.variable_borrow_index = data.draw(st.sampled_from([0, 1, 2**100, 2**128 - 1]))
    category = pool.e_modes[1]
    category.isolated = market.chain.revision.isolated_e_modes and data.draw(st.booleans())
    category.ltvzero_bitmap = data.draw(st.integers(0, 15)) if market.chain.revision.ltv_zero_in_e_modes else 0
    if market.chain.revision.e_modes_have_prices and data.draw(st.booleans()):
        priced: Any = category
        priced.price_source = market.asset(data.draw(st.sampled_from(["USDC", "WETH"])))
    for user in CROWD:
        if data.draw(st.booleans()):
            pool.users_config[user] = data.draw(st.integers(0, 255))
            pool.users_e_mode[user] = data.draw(st.sampled_from([0, 0, 1, 1, 2]))
            for symbol in market.assets:
                market.a_token(symbol).scaled_balances[user] = data.draw(shares)
                market.debt_token(symbol).scaled_balances[user] = data.draw(shares)
                if market.chain.revision.stable_rates and data.draw(st.integers(0, 3)) == 0:
                    stable = market.stable_debt_token(symbol)
                    stable.scaled_balances[user] = data.draw(shares)
                    stable.previous_indexes[user] = data.draw(st.integers(0, 10**27))
                    stable.timestamps[user] = market.chain.time - data.draw(st.integers(0, 10**7))
    market.chain.advance(data.draw(st.sampled_from([0, 1, 3600, 10**8])))
