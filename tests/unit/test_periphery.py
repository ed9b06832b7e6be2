"""What stands around a market, as its users meet it: deployed in one line, asked by name."""

from __future__ import annotations

import pytest
from pooltwin.protocol.errors import NotModelledError, Revert

from .worlds import ALICE, FROM_V3_2, USDC, WETH, fresh, lived_in


@pytest.mark.parametrize("revision", FROM_V3_2)
def test_the_view_of_a_market_agrees_with_the_pool(revision: str) -> None:
    market = lived_in(revision)
    view = market.periphery.deploy("UiPoolDataProviderV3")
    assert market.periphery.ui_pool_data_provider is view
    reserves, base = view.get_reserves_data(market.provider.address)
    assert base.market_reference_currency_unit == 10**8
    assert {reserve.symbol: reserve.underlying_asset for reserve in reserves} == market.assets
    for reserve in reserves:
        record = market.pool.reserves[reserve.underlying_asset]
        assert reserve.liquidity_index == record.liquidity_index
        assert reserve.virtual_underlying_balance == record.virtual_underlying_balance
        assert reserve.price_in_market_reference_currency == market.price_feed(reserve.symbol).answer
        assert reserve.variable_rate_slope2 == 6_000 * 10**23
    ((category, limits),) = view.get_e_modes(market.provider.address)
    assert (category, limits.label) == (1, market.pool.get_e_mode_category_label(1))
    shares, mode = view.get_user_reserves_data(market.provider.address, ALICE)
    assert mode == market.pool.users_e_mode[ALICE]
    assert shares[0].scaled_a_token_balance == market.a_token("WETH").scaled_balances[ALICE] > 0


def test_balances_of_many() -> None:
    market = fresh("3.7")
    view = market.periphery.deploy("WalletBalanceProvider")
    market.chain.balances[ALICE] = 5
    assets, balances = view.get_user_wallet_balances(market.provider.address, ALICE)
    assert assets[:-1] == list(market.assets.values())
    assert balances[0] == market.erc20("WETH").balances[ALICE]
    assert balances[-1] == 5
    with pytest.raises(Revert, match="INVALID_TOKEN"):
        view.balance_of(ALICE, ALICE)


def test_the_liquidation_that_the_view_announces_is_the_one_that_happens() -> None:
    market = fresh("3.7")
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    bob = market.admin
    market.fund("USDC", bob, 10**6 * USDC)
    market.pool.supply(usdc, 10**5 * USDC, sender=bob)
    market.pool.supply(weth, 10 * WETH, sender=ALICE)
    market.pool.borrow(usdc, 15_000 * USDC, sender=ALICE)
    market.set_price("WETH", 1_700 * 10**8)
    view = market.periphery.deploy("LiquidationDataProvider")
    told = market.periphery.liquidation_data_provider.get_liquidation_info(ALICE, weth, usdc)
    assert view.address == market.periphery.liquidation_data_provider.address
    before = market.erc20("WETH").balances[bob], market.debt_token("USDC").balance_of(ALICE)
    market.pool.liquidation_call(weth, usdc, ALICE, told.amount_to_pass_to_liquidation_call, False, sender=bob)
    assert market.erc20("WETH").balances[bob] - before[0] == told.max_collateral_to_liquidate > 0
    assert before[1] - market.debt_token("USDC").balance_of(ALICE) == told.max_debt_to_liquidate


def test_handles_follow_forks_and_reverts() -> None:
    market = fresh("3.7")
    moment = market.chain.snapshot()
    market.periphery.deploy("UiPoolDataProviderV3")
    assert market.fork().periphery.ui_pool_data_provider.chain is not market.chain
    market.chain.revert_to(moment)
    with pytest.raises(LookupError, match="no UiPoolDataProviderV3 stands beside this market"):
        _ = market.periphery.ui_pool_data_provider


def test_many_calls_in_one() -> None:
    market = fresh("3.7")
    many = market.periphery.deploy("Multicall3", at="0xcA11bde05977b3631167028862bE2a173976CA11")
    assert market.periphery.multicall3 is many
    pool = market.pool
    (by_name,) = [function for function in pool.functions.values() if function.name == "getReservesCount"]
    calls = [(pool.address, True, by_name.selector), (pool.address, True, b"none")]
    results = many.aggregate3(calls, sender=ALICE)
    assert [result.success for result in results] == [True, False]
    assert int.from_bytes(results[0].return_data, "big") == len(market.assets)
    with pytest.raises(Revert, match="Multicall3: call failed"):
        many.aggregate3([(pool.address, False, b"none")], sender=ALICE)
    with pytest.raises(NotModelledError, match="fees"):
        many.get_basefee()


def test_ether_in_and_out() -> None:
    market = fresh("3.7")
    chain, weth = market.chain, market.asset("WETH")
    gateway = market.periphery.deploy("WETH9")
    assert gateway.symbol() == "WETH"
    chain.balances[ALICE] = 10 * WETH
    assert chain.transact(ALICE, gateway.address, b"", 3 * WETH).ok
    gateway.withdraw(WETH, sender=ALICE)
    assert chain.balances[ALICE] == 8 * WETH
    with pytest.raises(Revert):  # a test token is no wrapped ether
        market.periphery.deploy("WrappedTokenGatewayV3", ALICE, market.admin, market.pool.address)
    made = market.periphery.deploy("WrappedTokenGatewayV3", weth, market.admin, market.pool.address)
    assert market.periphery.wrapped_token_gateway is made
    assert market.erc20("WETH").allowances[made.address, market.pool.address] == 2**256 - 1


def test_what_a_release_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="no contract of kind 'LiquidationDataProvider'"):
        fresh("3.2").periphery.deploy("LiquidationDataProvider")
