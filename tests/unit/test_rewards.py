"""Rewards, as lenders and borrowers meet them: what a second brings, who is told, who is paid, and who may say so."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from pooltwin.invariants import all_laws
from pooltwin.invariants.monitor import Monitor
from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.logic import rewards as rules
from pooltwin.protocol.logic.rewards import Emission
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.saved_state import load, save

from .worlds import ALICE, BOB, CAROL, FROM_V3_2, MAX, USDC, WETH, config, lifted

PER_SECOND = 10**15
YEAR = 31_536_000


def rewarded(revision: str = "3.7") -> Market:
    """The usual market with rewards: DAI for lenders of WETH, out of a vault."""
    market = Market.deploy(config(revision).model_copy(update={"rewards": True}))
    manager, admin = market.periphery.emission_manager, market.admin
    controller = market.periphery.rewards_controller
    for user in (ALICE, BOB):
        for symbol in ("WETH", "USDC"):
            market.fund(symbol, user, 10**6 * WETH)
    dai = market.erc20("DAI")
    dai.mint(CAROL, 10**9 * WETH, sender=dai.owner_address)
    strategy = market.periphery.deploy("PullRewardsTransferStrategy", controller.address, admin, CAROL)
    dai.approve(strategy.address, MAX, sender=CAROL)
    manager.set_emission_admin(dai.address, admin, sender=admin)
    manager.configure_assets([grant(market, market.a_token("WETH").address)], sender=admin)
    return market


def grant(market: Market, asset: Address, per_second: int = PER_SECOND) -> tuple[Any, ...]:
    """A year of DAI for the holders of a token."""
    strategy = market.periphery._standing("PullRewardsTransferStrategy").address
    dai, end = market.asset("DAI"), market.chain.time + YEAR
    return (per_second, 0, end, asset, dai, strategy, market.price_feed("DAI").address)


@pytest.mark.parametrize("revision", FROM_V3_2)
def test_a_lender_alone_gets_everything(revision: str) -> None:
    market = rewarded(revision)
    controller, token, dai = market.periphery.rewards_controller, market.a_token("WETH"), market.erc20("DAI")
    market.pool.supply(market.asset("WETH"), 10 * WETH, sender=ALICE)
    market.chain.advance(1_000)
    assert controller.get_user_rewards([token.address], ALICE, dai.address) == 1_000 * PER_SECOND
    paid = controller.claim_rewards_to_self([token.address], 400 * PER_SECOND, dai.address, sender=ALICE)
    assert paid == 400 * PER_SECOND
    rewards, amounts = controller.claim_all_rewards([token.address], BOB, sender=ALICE)
    assert (rewards, amounts) == ([dai.address], [600 * PER_SECOND])
    assert dai.balances[BOB] == 600 * PER_SECOND
    assert controller.claim_rewards_to_self([token.address], MAX, dai.address, sender=ALICE) == 0


def test_shares_of_two_lenders_and_what_stays_behind() -> None:
    market = rewarded()
    controller, token, weth = market.periphery.rewards_controller, market.a_token("WETH"), market.asset("WETH")
    market.pool.supply(weth, 30 * WETH, sender=ALICE)
    market.chain.advance(100)
    market.pool.supply(weth, 10 * WETH, sender=BOB)
    market.chain.advance(100)
    market.pool.withdraw(weth, MAX, sender=ALICE)
    market.chain.advance(YEAR)
    owed = {user: controller.get_user_rewards([token.address], user, market.asset("DAI")) for user in (ALICE, BOB)}
    alice, bob = Fraction(100) + Fraction(100 * 3, 4), Fraction(100, 4) + YEAR - 200
    for user, share in ((ALICE, alice), (BOB, bob)):  # an index loses less than a unit, times whole shares
        assert 0 <= share * PER_SECOND - owed[user] < 100
    assert owed[ALICE] + owed[BOB] <= PER_SECOND * YEAR


def test_every_change_of_a_balance_is_told() -> None:
    market = rewarded()
    weth, usdc, admin = market.asset("WETH"), market.asset("USDC"), market.admin
    manager = market.periphery.emission_manager
    for token in (market.debt_token("USDC"), market.a_token("USDC")):
        manager.configure_assets([grant(market, token.address)], sender=admin)
    pool = market.pool
    for asset in (weth, usdc):  # where nobody holds anything, nothing accrues
        pool.supply(asset, 10**6, sender=BOB)
    pool.borrow(usdc, 1, sender=BOB)
    calls = (
        lambda: pool.supply(usdc, 10**5 * USDC, sender=BOB),
        lambda: pool.supply(weth, 10 * WETH, sender=ALICE),
        lambda: pool.borrow(usdc, 1_000 * USDC, sender=ALICE),
        lambda: pool.repay(usdc, 10 * USDC, sender=ALICE),
        lambda: market.a_token("WETH").transfer(CAROL, WETH, sender=ALICE),
        lambda: pool.withdraw(weth, WETH, sender=ALICE),
        lambda: pool.mint_to_treasury([usdc], sender=ALICE),
    )
    with Monitor(market, all_laws()) as monitor:  # no law minds
        for call in calls:
            market.chain.advance(1_000)
            call()
            receipt = market.chain.receipt
            assert receipt is not None
            assert any(type(event).__name__ == "Accrued" for event in receipt.events), receipt
        market.periphery.rewards_controller.claim_all_rewards_to_self([market.a_token("WETH").address], sender=ALICE)
    assert len(monitor.exercised()) > 30


def test_only_the_appointed_may_configure_and_claim_for_others() -> None:
    market = rewarded()
    controller, manager = market.periphery.rewards_controller, market.periphery.emission_manager
    asset, dai = market.a_token("WETH").address, market.asset("DAI")
    with pytest.raises(Revert, match="ONLY_EMISSION_ADMIN"):
        manager.configure_assets([grant(market, asset)], sender=ALICE)
    with pytest.raises(Revert, match="ONLY_EMISSION_MANAGER"):
        controller.set_distribution_end(asset, dai, 1, sender=market.admin)
    with pytest.raises(Revert, match="CLAIMER_UNAUTHORIZED"):
        controller.claim_rewards_on_behalf([asset], 1, ALICE, BOB, dai, sender=BOB)
    manager.set_claimer(ALICE, BOB, sender=market.admin)
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    market.chain.advance(10)
    assert controller.claim_rewards_on_behalf([asset], 7, ALICE, BOB, dai, sender=BOB) == 7
    with pytest.raises(Revert, match="INVALID_TO_ADDRESS"):
        controller.claim_all_rewards([asset], ZERO_ADDRESS, sender=ALICE)


def test_an_asset_named_thrice_is_paid_once() -> None:
    market = rewarded()
    controller = market.periphery.rewards_controller
    asset, dai = market.a_token("WETH").address, market.asset("DAI")
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    market.chain.advance(10)
    before = controller.get_user_rewards([asset], ALICE, dai)
    controller.update(asset, ALICE, market.a_token("WETH").scaled_balances[ALICE], market.a_token("WETH").scaled_supply)
    assert controller.accrued[asset, dai, ALICE] == before
    controller.claim_rewards_to_self([asset, asset, asset], MAX, dai, sender=ALICE)
    assert market.erc20("DAI").balances[ALICE] == before


def test_rewards_survive_files_forks_and_raw_storage(tmp_path: Any) -> None:
    market = rewarded()
    market.pool.supply(market.asset("WETH"), WETH, sender=ALICE)
    market.chain.advance(100)
    market.pool.supply(market.asset("WETH"), WETH, sender=BOB)
    save(market.chain, tmp_path / "rewards.json")
    assert load(tmp_path / "rewards.json").digest() == market.chain.digest()
    assert lifted(market.chain).digest() == market.chain.digest() == market.fork().chain.digest()


def test_nothing_is_given_before_there_are_holders_or_after_the_end() -> None:
    given = Emission(5, 7, 100, 200)
    assert rules.next_index(given, 0, 10, 150) == 5
    assert rules.next_index(given, 2, 10, 100) == 5
    assert rules.next_index(given, 2, 10, 150) == 5 + 7 * 50 * 10 // 2
    assert rules.next_index(given, 2, 10, 10**9) == 5 + 7 * 100 * 10 // 2
    assert rules.next_index(given._replace(last_update=200), 2, 10, 300) == 5
    with pytest.raises(Revert, match="INDEX_OVERFLOW"):
        rules.check_index(2**104)


def test_a_market_without_rewards_has_no_controller() -> None:
    market = Market.deploy(config("3.7"))
    with pytest.raises(LookupError, match="no RewardsController stands beside this market"):
        _ = market.periphery.rewards_controller
    assert MarketConfig.model_fields["rewards"].default is False


def test_there_are_no_rewards_on_the_oldest_release() -> None:
    with pytest.raises(ValueError, match=r"rewards: revision 3\.0\.2 has no RewardsController"):
        Market.deploy(config("3.0.2").model_copy(update={"rewards": True}))
