"""The obvious simulation, timed: `python -m tests.bench.year` runs a year of hourly steps with ten thousand agents.

Each hour prices move, the health factors below one are read, and everybody in reach is liquidated. In the same run the
naive loop, which asks the pool about each agent, does the first hours of the same year, up to the same state.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from math import exp
from random import Random
from time import process_time

from pooltwin.fixtures import load_market
from pooltwin.protocol import MAX_UINT256, Market, Revert, named_address

AGENTS = 10_000
HOURS = 365 * 24
NAIVE_HOURS = 24
HOURLY_VOLATILITY = 0.0075
"""About 70 % a year."""

COLLATERALS = ("WETH", "wstETH", "WBTC")
DEBTS = ("USDC", "USDT")
LENDER, LIQUIDATOR = named_address("lender"), named_address("liquidator")

Scan = Callable[[Market], Iterable[str]]
"""Tells the agents whose health factor is below one."""


def agents_market(agents: int, seed: int = 1) -> Market:
    """Deploy a market in which everybody has one or two collaterals and one or two debts, and is healthy."""
    market, chance = Market.deploy(load_market("ethereum-core-2026-02")), Random(seed)
    pool = market.pool
    for symbol in DEBTS:
        market.fund(symbol, LENDER, 10**15)
        pool.supply(market.asset(symbol), 10**15, sender=LENDER)
        market.fund(symbol, LIQUIDATOR, 10**18)
    prices = {symbol: market.price_feed(symbol).answer for symbol in COLLATERALS}
    for number in range(agents):
        agent, dollars = named_address(f"agent {number}"), chance.lognormvariate(9.5, 1.5)
        for symbol in chance.sample(COLLATERALS, chance.choice((1, 1, 2))):
            amount = int(dollars * 10**8 / prices[symbol] * 10 ** market.erc20(symbol).decimals()) + 1
            market.fund(symbol, agent, amount)
            pool.supply(market.asset(symbol), amount, sender=agent)
        capacity = pool.get_user_account_data(agent).available_borrows_base
        debts = chance.sample(DEBTS, chance.choice((1, 1, 2)))
        for symbol in debts:
            pool.borrow(
                market.asset(symbol), int(capacity / 100 * chance.uniform(0.3, 0.97)) // len(debts) + 1, sender=agent
            )
    return market


def in_bulk(market: Market) -> Iterable[str]:
    """Find them with one call."""
    return market.health_factors(below=10**18)


def one_by_one(agents: int) -> Scan:
    """Ask the pool about each agent."""
    names = sorted(named_address(f"agent {number}") for number in range(agents))

    def scan(market: Market) -> Iterable[str]:
        read = market.pool.get_user_account_data
        return [name for name in names if read(name).health_factor < 10**18]

    return scan


def liquidate(market: Market, agent: str) -> bool:
    """Repay a debt of an agent for a collateral, trying large ones first; False where the pool refuses everything."""
    rows = market.positions([agent])
    worth = {
        row.asset: market.oracle.get_asset_price(row.asset) / 10 ** market.erc20(row.reserve).decimals() for row in rows
    }
    debts = sorted((row for row in rows if row.debt), key=lambda row: -row.debt * worth[row.asset])
    collaterals = sorted((row for row in rows if row.is_collateral), key=lambda row: -row.supply * worth[row.asset])
    for debt in debts:
        for collateral in collaterals:
            for amount in (MAX_UINT256, debt.debt // 2):
                try:
                    market.pool.liquidation_call(collateral.asset, debt.asset, agent, amount, False, sender=LIQUIDATOR)
                except Revert:  # it would leave dust
                    continue
                return True
    return False


def run(market: Market, hours: int, scan: Scan, seed: int = 2) -> tuple[float, int]:
    """Live so many hours. Returns the seconds of processor time that took, and how many liquidations there were."""
    chance, liquidations, begun = Random(seed), 0, process_time()
    prices = {symbol: float(market.price_feed(symbol).answer) for symbol in COLLATERALS}
    for _ in range(hours):
        market.chain.advance(3600, 300)
        common = chance.gauss(0, HOURLY_VOLATILITY)
        for symbol in COLLATERALS:
            own = common if symbol != "WBTC" else 0.8 * common + chance.gauss(0, HOURLY_VOLATILITY / 2)
            prices[symbol] *= exp(own)
            market.set_price(symbol, int(prices[symbol]))
        liquidations += sum(liquidate(market, agent) for agent in scan(market))
    return process_time() - begun, liquidations


def main(agents: int = AGENTS, hours: int = HOURS, naive_hours: int = NAIVE_HOURS) -> None:
    """Print the seconds of the year in bulk, and what the naive loop would take, by its first hours."""
    begun = process_time()
    market = agents_market(agents)
    print(f"{agents:,} agents set up in {process_time() - begun:.1f} s")
    naive, bulk = market.fork(), market.fork()
    naive_seconds, _ = run(naive, naive_hours, one_by_one(agents))
    run(bulk, naive_hours, in_bulk)
    same = naive.chain.digest() == bulk.chain.digest()
    print(
        f"{naive_hours} hours one by one: {naive_seconds:.1f} s; the same state as in bulk: {'yes' if same else 'NO'}"
    )
    seconds, liquidations = run(market, hours, in_bulk)
    print(f"{hours:,} hours in bulk: {seconds:.1f} s, {liquidations:,} liquidations")
    print(f"one by one they would take about {naive_seconds / naive_hours * hours:,.0f} s,", end=" ")
    print(f"{naive_seconds / naive_hours * hours / seconds:.0f} times as long")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
