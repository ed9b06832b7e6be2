"""The fault of a price cap in March 2026, played on the market: who it made liquidatable, and who not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pooltwin.fixtures import load_market
from pooltwin.protocol import Market, named_address
from pooltwin.scenarios import Path, World, open_oracle

from .test_oracles import MARCH

WAD = 10**18
ETH = Fraction(2000)
RATIO = Fraction("1.2285")


def looped(market: Market, name: str, health_factor: Fraction) -> None:
    """Open a position of wstETH against WETH, in the category of both, at a health factor."""
    who, wsteth, weth = named_address(name), market.asset("wstETH"), market.asset("WETH")
    market.fund("wstETH", who, 100 * WAD)
    market.pool.supply(wsteth, 100 * WAD, sender=who)
    market.pool.set_user_e_mode(1, sender=who)
    account = market.pool.get_user_account_data(who)
    limit = Fraction(account.total_collateral_base * account.current_liquidation_threshold, 10_000)
    market.pool.borrow(weth, int(limit / health_factor * WAD / (ETH * 10**8)), sender=who)


def world_of(stages: list[dict[str, Any]], price: Fraction, *health_factors: str) -> World:
    """A world with these positions; the first price that the oracle is told is given."""
    market = Market.deploy(load_market("ethereum-core-2026-02"))
    lender = named_address("lender")
    market.fund("WETH", lender, 10_000 * WAD)
    market.pool.supply(market.asset("WETH"), 10_000 * WAD, sender=lender)
    market.set_price("WETH", int(ETH * 10**8))
    market.set_price("wstETH", int(ETH * RATIO * 10**8))
    for each in health_factors:
        looped(market, f"at {each}", Fraction(each))
    return World(
        market,
        prices={"WETH": Path([(0, ETH)]), "wstETH": Path([(0, ETH * RATIO)])},
        oracles={"wstETH": open_oracle(stages, price)},
    )


def test_the_cap_of_march_2026_liquidates_whoever_stands_below_the_share_that_it_hides() -> None:
    world = world_of([{"kind": "reads", "asset": "WETH"}, MARCH], ETH, "1.0270", "1.0280", "1.0288", "1.0300")
    world.run_to(world.first_block + 99)
    assert not world.liquidatable()
    world.run_to(world.first_block + 100)
    hidden = Fraction(world.price("wstETH"), int(ETH * RATIO * 10**8))
    assert abs(hidden - Fraction("0.972")) < Fraction("0.0005")
    assert Fraction("1.0280") < 1 / hidden < Fraction("1.0288")
    assert set(world.liquidatable()) == {named_address("at 1.0270"), named_address("at 1.0280")}
    assert world.raw_price("wstETH") == ETH * RATIO


def test_a_price_that_is_2_85_percent_too_low_liquidates_below_1_0293() -> None:
    """As published of March 2026: a health factor below 1 / (1 - 0.0285)."""
    fault = {"kind": "fault", "fault": "jump", "jump_bps": 9715, "from_s": 1200, "until_s": 2400}
    world = world_of([fault], ETH * RATIO, "1.0292", "1.0295")
    for block, struck in ((99, set[Any]()), (100, {named_address("at 1.0292")}), (200, set[Any]())):
        world.run_to(world.first_block + block)
        assert set(world.liquidatable()) == struck
