"""The project's own tests."""

import pytest
from loop_vault import LoopVault
from pooltwin.protocol import Market, errors

ETHER = 10**18


def test_opening_levers_the_deposit(pooltwin_market: Market, alice: str) -> None:
    vault = LoopVault.for_owner(pooltwin_market, "WETH", alice)
    vault.open(100 * ETHER, sender=alice)
    assert pooltwin_market.a_token("WETH").balance_of(vault.address) > 150 * ETHER


@pytest.mark.pooltwin_laws("SOL-1", "HF-1", "RND-2")
def test_closing_returns_the_deposit(pooltwin_market: Market, alice: str) -> None:
    vault = LoopVault.for_owner(pooltwin_market, "WETH", alice)
    before = pooltwin_market.erc20("WETH").balance_of(alice)
    vault.open(100 * ETHER, sender=alice)
    vault.close(sender=alice)
    assert before - pooltwin_market.erc20("WETH").balance_of(alice) <= 10  # roundings


@pytest.mark.pooltwin_laws
def test_a_year_costs_no_more_than_the_spread(pooltwin_market: Market, alice: str) -> None:
    vault = LoopVault.for_owner(pooltwin_market, "WETH", alice)
    vault.open(100 * ETHER, sender=alice)
    pooltwin_market.chain.advance(365 * 86_400)
    vault.close(sender=alice)
    assert pooltwin_market.erc20("WETH").balance_of(alice) > 999_990 * ETHER


def test_the_pool_refuses_what_would_be_unhealthy(pooltwin_market: Market, alice: str) -> None:
    vault = LoopVault.for_owner(pooltwin_market, "WETH", alice)
    vault.open(100 * ETHER, sender=alice)
    with pytest.raises(errors.HealthFactorLowerThanLiquidationThreshold):
        vault.take(120 * ETHER, sender=alice)
