"""Accounts planted at the exact boundary of health factor 1, where floats cannot decide, and a unit on either side."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.percentage import percent_mul
from pooltwin.protocol.math.wad_ray import RAY
from pooltwin.scenarios.scan.scan import Scan

from ..unit.worlds import ALL_REVISIONS, lived_in

WAD = 10**18
COVERS = ("WETH", "USDC", "WBTC")


class Planted(NamedTuple):
    """An account, and by how many units of base currency its debt is above the largest healthy one."""

    account: Address
    above: int


def plant(market: Market, number: int, seed: int = 1) -> list[Planted]:
    """Plant triples of accounts that have the same collateral, and owe DAI worth one unit less, exactly, one more."""
    chance, pool = Random(seed), market.pool
    owed = 1 << 2 * pool.reserves[market.asset("DAI")].id
    found: list[Planted] = []
    for triple in range(number):
        flags, size = owed, 10 ** chance.uniform(0, 8)
        accounts = [named_address(f"planted at the boundary {seed} {triple} {which}") for which in range(3)]
        for key in chance.sample(COVERS, chance.randint(1, 3)):
            flags |= 2 << 2 * pool.reserves[market.asset(key)].id
            tokens = size * chance.uniform(0.5, 1) / market.price_feed(key).answer
            shares = int(tokens * 10 ** (market.erc20(key).decimals() + 8)) + chance.randrange(10**6)
            for account in accounts:
                market.a_token(key).scaled_balances[account] = shares
        for account, above in zip(accounts, (-1, 0, 1), strict=True):
            pool.users_config[account] = flags
            pool.users_e_mode[account] = 1 if triple % 5 == 0 else 0
            owe(market, account, largest_debt(market, account) + above)
            found.append(Planted(account, above))
    return found


def largest_debt(market: Market, account: Address) -> int:
    """The largest debt (base currency) with which an account is healthy."""
    pool = market.pool
    data = pool.chain.revision.account_data(pool, account, pool.users_e_mode[account])
    if pool.chain.revision.earlier is not None:
        return percent_mul(data.total_collateral, data.average_liquidation_threshold)
    flags = pool.users_config[account]
    weighted = 0
    for key in COVERS:
        bit = flags & 2 << 2 * pool.reserves[market.asset(key)].id
        if bit:
            pool.users_config[account] = bit
            alone = pool.chain.revision.account_data(pool, account, pool.users_e_mode[account])
            weighted += alone.total_collateral * alone.average_liquidation_threshold
    pool.users_config[account] = flags
    return weighted // 10_000


def owe(market: Market, account: Address, worth: int) -> None:
    """Let an account owe DAI worth so much, which has 18 decimals, so every worth can be met."""
    token, index = market.debt_token("DAI"), market.pool.debt_index_of(market.asset("DAI"))
    token.scaled_balances[account] = (worth * 10**18 // market.price_feed("DAI").answer - 10**4) * RAY // index
    assert market.pool.get_user_account_data(account).total_debt_base in (worth, worth - 1, worth + 1)
    while market.pool.get_user_account_data(account).total_debt_base < worth:
        token.scaled_balances[account] += 10**4
    assert market.pool.get_user_account_data(account).total_debt_base == worth


def is_old(market: Market) -> bool:
    return market.chain.revision.earlier is not None


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_at_the_boundary_nobody_is_called_wrong(revision: str) -> None:
    """A debt of one unit more liquidates, the exact one does not: thousands of accounts, all told by exact integers."""
    market = lived_in(revision)
    planted = plant(market, 1_000 if revision in ("3.4", "3.7") else 100)
    scan = Scan.of(market)
    (found,) = scan.liquidatable()
    row_of = {account: row for row, account in enumerate(scan.accounts)}
    assert {each.account: bool(found.mask[row_of[each.account]]) for each in planted} == {
        each.account: each.above > 0 for each in planted
    }
    exact = scan.account_data().column("health_factor")
    assert found.mask.tolist() == [factor < WAD for factor in exact]
    assert found.mask.tolist() == [factor < WAD for factor in market.health_factors(scan.accounts).values()]
    assert len(planted) <= found.close <= len(planted) + 3


@pytest.mark.parametrize("revision", ["3.4", "3.7"])
def test_away_from_the_boundary_floats_decide(revision: str) -> None:
    """The same accounts at prices a little away from the boundary: nobody is close, and nobody is called wrong."""
    market = lived_in(revision)
    planted = plant(market, 300, seed=2)
    scan = Scan.of(market)
    shocks = [dict.fromkeys(COVERS, f"{sign}{percent}%") for sign in "+-" for percent in ("0.1", "1", "20")]
    for shock, found in zip(shocks, scan.liquidatable(shocks), strict=True):
        assert found.mask.tolist() == scan.health_factors(shock).below().tolist()
        assert found.close <= 3
        assert found.odd == 0
        falls = shock["WETH"].startswith("-")
        alone = [row for row, account in enumerate(scan.accounts) if account in {each.account for each in planted}]
        assert np.mean(found.mask[alone]) == (1 if falls else 0)


@pytest.mark.parametrize("fault", ["no slack", "no roundoff"])
def test_without_its_bound_the_filter_is_wrong(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is needed: with floats alone some accounts at the boundary are called wrong."""
    market = lived_in("3.7")
    plant(market, 300, seed=3)
    if fault == "no slack":
        monkeypatch.setattr("pooltwin.scenarios.scan.below._slack", lambda worth, times: 0.0)
    else:
        monkeypatch.setattr("pooltwin.scenarios.scan.below.UNIT_ROUNDOFF", 0.0)
        monkeypatch.setattr("pooltwin.scenarios.scan.below._slack", lambda worth, times: 1e-30)
    scan = Scan.of(market)
    (found,) = scan.liquidatable()
    assert found.mask.tolist() != scan.health_factors().below().tolist()


def test_debts_beyond_the_equivalence_are_told_by_the_rule() -> None:
    """Above 2 * 10**18 of base currency half the debt rounds the health factor up: floats are not asked."""
    market = lived_in("3.7")
    for triple, (account, above) in enumerate(_giants(market)):
        scan = Scan.of(market)
        (found,) = scan.liquidatable()
        row = list(scan.accounts).index(account)
        factor = market.pool.get_user_account_data(account).health_factor
        assert bool(found.mask[row]) == (factor < WAD), (triple, above)
        assert scan.account_data()[row] == market.pool.get_user_account_data(account)
        assert found.close + found.odd >= 1


def _giants(market: Market) -> Iterator[Planted]:
    pool = market.pool
    for which, above in enumerate((-1, 0, 1)):
        account = named_address(f"a giant {which}")
        pool.users_config[account] = (
            2 << 2 * pool.reserves[market.asset("WETH")].id | 1 << 2 * pool.reserves[market.asset("DAI")].id
        )
        market.a_token("WETH").scaled_balances[account] = 2**86 + which
        market.set_price("WETH", 2_000 * 10**8 * 10**4)
        debt, index = largest_debt(market, account) + above, pool.debt_index_of(market.asset("DAI"))
        assert debt > 2 * 10**18
        market.debt_token("DAI").scaled_balances[account] = debt * 10**10 * RAY // index
        yield Planted(account, above)
