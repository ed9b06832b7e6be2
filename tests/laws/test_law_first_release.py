"""The laws on v3.0.2: innocent steps break none, and what its contracts are known to do is counted apart."""

from __future__ import annotations

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.protocol.address import named_address
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig, RateParameters, ReserveConfig, StableRateParameters

ALICE, BOB, CAROL = (named_address(name) for name in ("alice", "bob", "carol"))
YEAR = 365 * 86_400
CONFIG = MarketConfig(
    name="first release",
    revision="3.0.2",
    flash_loan_premium_bps=9,
    reserves=tuple(
        ReserveConfig(
            symbol=symbol,
            decimals=decimals,
            price=price,
            rates=RateParameters(optimal_usage_bps=4500, base_rate_bps=0, slope1_bps=400, slope2_bps=30000),
            stable_rates=StableRateParameters(optimal_share_bps=2000),
            ltv_bps=7000,
            liquidation_threshold_bps=7500,
            liquidation_bonus_bps=10800,
            reserve_factor_bps=1000,
        )
        for symbol, decimals, price in (("WETH", 18, 2000 * 10**8), ("USDC", 6, 10**8))
    ),
)


@pytest.fixture
def market():
    """A market with a lender and a borrower, after a year."""
    market = Market.deploy(CONFIG, time=1_700_000_000)
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    market.fund("WETH", ALICE, 10**22)
    for who in (BOB, CAROL):
        market.fund("USDC", who, 10**14)
    market.pool.supply(weth, 10**21, ALICE, 0, sender=ALICE)
    market.pool.supply(usdc, 10**12, BOB, 0, sender=BOB)
    market.pool.borrow(usdc, 6 * 10**11, 2, 0, ALICE, sender=ALICE)
    market.chain.advance(YEAR)
    return market


def deviated(monitor):
    """Which laws deviated as known, and how often."""
    return {law.id: count for law, count in zip(monitor.laws, monitor.deviated, strict=True) if count}


def test_innocent_steps_break_no_law(market):
    pool, weth, usdc = market.pool, market.asset("WETH"), market.asset("USDC")
    with Monitor(market, all_laws()) as monitor:
        pool.supply(usdc, 10**10, CAROL, 0, sender=CAROL)
        market.erc20("USDC").transfer(market.a_token("USDC").address, 10**9, sender=CAROL)
        market.chain.advance(3_600)
        pool.repay(usdc, 10**9, 2, ALICE, sender=CAROL)
        market.a_token("USDC").transfer(ALICE, 10**8, sender=CAROL)
        pool.withdraw(usdc, EVERYTHING, CAROL, sender=CAROL)
        pool.set_user_use_reserve_as_collateral(usdc, False, sender=BOB)
        market.set_price("WETH", 600 * 10**8)
        pool.liquidation_call(weth, usdc, ALICE, 10**10, False, sender=BOB)
        pool.mint_to_treasury([weth, usdc], sender=BOB)
    assert monitor.steps == 10
    assert deviated(monitor) == {}
    assert not {"SOL-5", "SOL-6", "RAT-3", "RAT-5", "RAT-7"} & {law.id for law in monitor.laws}


def test_premiums_raise_the_index_as_known(market):
    """Within a second of the last update, where the bound on growth is zero."""
    receiver = market.flash_loan_receiver("borrower", lambda *_: True)
    market.fund("USDC", receiver, 10**12)
    market.pool.supply(market.asset("USDC"), 10**6, BOB, 0, sender=BOB)
    for strict in (False, True):
        with Monitor(market, all_laws(), strict=strict, stop=False) as monitor:
            market.pool.flash_loan_simple(receiver, market.asset("USDC"), 10**11, b"", 0, sender=BOB)
        broken = {violation.law.id: violation.verdict for violation in monitor.violations}
        assert (broken.keys() if strict else deviated(monitor).keys()) == {"IDX-2", "IDX-5", "IDX-10"}
    assert broken["IDX-10"].right == 0


def test_the_bit_of_a_last_share_is_left_as_known(market):
    """Everything but a unit is withdrawn, which is less than half a share: the bit stays."""
    pool, usdc = market.pool, market.asset("USDC")
    for _ in range(2):
        pool.supply(usdc, 10**6, BOB, 0, sender=BOB)
        market.chain.advance(YEAR)
    pool.supply(usdc, 20, CAROL, 0, sender=CAROL)
    left = market.a_token("USDC").balance_of(CAROL) - 1
    with Monitor(market, all_laws()) as monitor:
        pool.withdraw(usdc, left, CAROL, sender=CAROL)
    assert market.a_token("USDC").scaled_balances[CAROL] == 0
    assert deviated(monitor) == {"FLG-2": 1}
