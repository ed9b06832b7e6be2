"""The boundary of liquidation spirals, HF = LT(1+b), on every collateral and e-mode category of real markets.

Below it a liquidation lowers the health factor, above it raises it, whatever part of the debt the pool lets repay
(Toxic Liquidation Spirals, arXiv 2212.07306, names such a threshold).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import pytest
from pooltwin.fixtures import load_market
from pooltwin.protocol import MAX_UINT256, Market, Revert, named_address
from pooltwin.protocol.market_state.adding import Adding
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.models.state import AccountReserveState, AccountState
from pooltwin.scenarios.spirals import SpiralRow, spiral_rows

from .forms import NEW, OLD
from .test_snapshots import new, old

MARKETS = {
    "ethereum-core-2026-02": lambda: load_market("ethereum-core-2026-02"),
    **{name: lambda name=name: old(name) for name in OLD},
    **{name: lambda name=name: new(name, name) for name in NEW},
}
COLLATERAL_BASE = 10**6 * 10**8
"""A million dollars: far from the dust that the pool does not let a liquidation leave."""
DISTANCE = Fraction(1, 1_000)
"""How far from the boundary, as a share of it."""
PARTS = (Fraction(1, 100), Fraction(1, 10), Fraction(1, 3), None)
"""Of the debt, and whatever the pool takes at most."""
LIQUIDATOR = named_address("liquidator")


class Position(NamedTuple):
    """One collateral against one debt."""

    who: str
    collateral: str
    debt: str
    owed: int


def place(market: Market, row: SpiralRow, collateral: str, health: Fraction) -> Position:
    """Write a position with a health factor into a market: a million dollars of one reserve against another."""
    asset = market.asset(collateral)
    debt = next(name for name in names(market) if name != collateral and usable(market, name))
    who = named_address(f"{row.where} {row.category} {collateral} {health}")
    worth = COLLATERAL_BASE * row.liquidation_threshold_bps // 10**4 * health.denominator // health.numerator
    supplied, owed = tokens(market, collateral, COLLATERAL_BASE), tokens(market, debt, worth)
    adding = Adding(market.chain, market.provider.address, market.assets)
    held = AccountReserveState(scaled_supply=adding.supply_shares(collateral, supplied), collateral=True)
    owes = AccountReserveState(scaled_variable_debt=adding.debt_shares(debt, owed))
    lent = AccountReserveState(scaled_supply=adding.supply_shares(debt, 3 * owed))
    accounts = {
        who: AccountState(e_mode=row.category, reserves={collateral: held, debt: owes}),
        named_address(f"lender of {who}"): AccountState(reserves={debt: lent}),
    }
    adding.add(accounts, lender=None, out_of=None)
    market.fund(debt, LIQUIDATOR, 2 * owed)
    data = market.pool.get_user_account_data(who)
    assert abs(Fraction(data.health_factor, 10**18) - health) < DISTANCE / 100, (asset, debt)
    return Position(who, collateral, debt, owed)


def names(market: Market) -> list[str]:
    """The keys of a market's reserves, dollars first, whose amounts are fine enough."""
    return sorted(market.assets, key=lambda name: (name not in ("USDC", "USDT", "DAI", "USDT0", "USDe"), name))


def usable(market: Market, name: str) -> bool:
    """Does anything move in a reserve?"""
    data = market.data_provider.get_reserve_configuration_data(market.asset(name))
    return bool(data[8]) and not market.data_provider.get_paused(market.asset(name))


def tokens(market: Market, name: str, base: int) -> int:
    """How much of an asset so many dollars are, in its smallest unit."""
    decimals = market.erc20(name).decimals()
    return int(base * 10**decimals // market.oracle.get_asset_price(market.asset(name)))


def changes(market: Market, position: Position) -> Iterator[tuple[int, int]]:
    """Health factors before and after calls of several amounts, each undone; refused amounts are left out."""
    pool, chain = market.pool, market.chain
    before = pool.get_user_account_data(position.who).health_factor
    for part in PARTS:
        amount = MAX_UINT256 if part is None else int(position.owed * part)
        moment = chain.snapshot()
        try:
            pool.liquidation_call(
                *(market.asset(name) for name in (position.collateral, position.debt)),
                *(position.who, amount, True),
                sender=LIQUIDATOR,
            )
        except Revert:
            assert part is None or part > Fraction(1, 10), "a tenth of a million is no amount to refuse"
            continue
        finally:
            after = pool.get_user_account_data(position.who)
            chain.revert_to(moment)
        if after.total_collateral_base and after.total_debt_base:
            yield before, after.health_factor


@pytest.mark.parametrize("name", MARKETS)
def test_below_the_boundary_calls_make_it_worse_and_above_better(name: str) -> None:
    config: MarketConfig = MARKETS[name]()
    market, asked = Market.deploy(config), 0
    rows = list(spiral_rows(config))
    assert len(rows) >= 3
    for row in rows:
        for collateral in row.collateral:
            if not usable(market, collateral):
                continue
            moment = market.chain.snapshot()
            below = list(changes(market, place(market, row, collateral, row.threshold * (1 - DISTANCE))))
            above = list(changes(market, place(market, row, collateral, row.threshold * (1 + DISTANCE))))
            market.chain.revert_to(moment)
            assert len(below) >= 2
            assert len(above) >= 2
            assert all(after < before < 10**18 for before, after in below), (row, below)
            assert all(after > before for before, after in above), (row, above)
            asked += len(below) + len(above)
    assert asked >= 20


def test_the_bonus_belongs_to_the_boundary() -> None:
    """Between LT, where debt and collateral are worth the same, and LT(1+b) calls make it worse as well."""
    config = load_market("ethereum-core-2026-02")
    market = Market.deploy(config)
    row = next(row for row in spiral_rows(config) if row.where == "WETH")
    assert row.threshold == Fraction(8_715, 10_000)
    between = list(changes(market, place(market, row, "WETH", Fraction(83, 100) * (1 + 5 * DISTANCE))))
    assert len(between) >= 2
    assert all(after < before for before, after in between)
