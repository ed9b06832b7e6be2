"""Scans beside the real contracts: `python -m tests.bench.scan` prints accounts per second of every way, side by side.

A few hundred accounts borrow on the standard market, the same in revm and in the twin; what the view of the real
contracts returns for each of them is compared with the scan, byte for byte. A book of a million accounts is made of
these, each with other amounts, so that all ways are measured on the same mix of positions. They take turns, round by
round; the figures are medians of processor time.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from random import Random
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from pooltwin.protocol import Market, Revert
from pooltwin.protocol.machine.abi import encode_values
from pooltwin.scenarios.scan.columns import Columns, Side, of_pool
from pooltwin.scenarios.scan.scan import Scan

from tests.contracts.harness.artifacts import load_v3_6
from tests.contracts.harness.market import ASSETS, SUPPLY, USERS, build_market, must
from tests.contracts.harness.recorder import Recorder

from .real import twin_market

PEOPLE = 250
ACCOUNTS = 1_000_000
ROUNDS = 7
BORROW = "borrow(address,uint256,uint256,uint16,address)"
SHOCK = {"WETH": "-20%", "WSTETH": "-20%"}
AN_HOUR = 3600


def people(number: int) -> tuple[str, ...]:
    """Addresses of so many people."""
    return tuple(f"0x{0xABC0000 + each:040x}" for each in range(number))


def both(number: int) -> tuple[Recorder, Market, list[str]]:
    """Let people take positions on both sides. Returns both, and who has one."""
    names = people(number)
    real = build_market(load_v3_6(), (*USERS, *names))
    twin, chance = twin_market(), Random(5)
    for asset in ASSETS:
        for name in names:
            twin.fund(asset.symbol, name, 10**9 * 10**asset.decimals)
    for name in names:
        dollars = 10 ** chance.uniform(2, 6)
        covers = chance.sample([asset for asset in ASSETS[:-1] if asset.collateral], chance.randint(1, 4))
        for asset in covers:
            amount = int(dollars / asset.price * 10 ** (asset.decimals + 8)) + chance.randrange(1_000)
            must(real, name, "pool", SUPPLY, real.address(asset.symbol), amount, name, 0)
            twin.pool.supply(twin.asset(asset.symbol), amount, name, 0, sender=name)
        debts = chance.sample(ASSETS[:-1], chance.randint(0, 3))
        for asset in debts:
            worth = dollars * len(covers) / len(debts) * chance.uniform(0.3, 0.78)
            amount = int(worth / asset.price * 10 ** (asset.decimals + 8)) + 1
            arguments = (amount, 2, 0, name)
            outcome = real.transact(name, "pool", BORROW, real.address(asset.symbol), *arguments)
            try:
                twin.pool.borrow(twin.asset(asset.symbol), *arguments, sender=name)
            except Revert:
                assert not outcome.ok
            else:
                assert outcome.ok
    twin.chain.advance(AN_HOUR, 300)
    real.chain.set_time(twin.chain.time, twin.chain.number)
    return real, twin, list(names)


def book_of(twin: Market, names: list[str], accounts: int) -> Columns:
    """Make a book of so many accounts: those named, over and over, with other amounts."""
    few = of_pool(twin.pool, names)
    times = -(-accounts // len(names))
    sides = []
    for number, side in enumerate(few.sides):
        parts = [512 + (7_919 * repeat + 331 * repeat * number) % 1_024 for repeat in range(times)]
        shares = [high << 64 | low for low, high in zip(side.low.tolist(), side.high.tolist(), strict=True)]
        all_shares = [amount * part >> 9 for part in parts for amount in shares]
        rows = np.concatenate([side.rows + repeat * len(names) for repeat in range(times)]).astype(np.int32)
        low = np.fromiter((amount & 2**64 - 1 for amount in all_shares), np.uint64, len(all_shares))
        high = np.fromiter((amount >> 64 for amount in all_shares), np.uint64, len(all_shares))
        here = rows < accounts
        sides.append(Side(side.reserve_id, side.is_debt, rows[here], low[here], high[here]))
    return Columns(np.tile(few.e_modes, times)[:accounts], tuple(sides), range(accounts))  # type: ignore[arg-type]  # nobody asks for an address


def seconds(work: Callable[[], Any]) -> float:
    """The processor time that something takes once: others may be busy on the machine."""
    gc.collect()
    begun = process_time()
    work()
    return process_time() - begun


def assert_equal(real: Recorder, twin: Market, names: list[str], calls: dict[str, bytes]) -> None:
    """Compare what the real contracts return with the scan, byte for byte."""
    function = type(twin.pool).get_user_account_data.contract_functions[0]
    table = Scan(twin, of_pool(twin.pool, names)).account_data()
    for name, row in zip(names, table, strict=True):
        returned = real.chain.transact(name, twin.pool.address, calls[name]).ret
        assert returned == function.encode_result(row), name


def ways(
    real: Recorder, twin: Market, names: list[str], calls: dict[str, bytes], scan: Scan
) -> dict[str, tuple[int, Callable[[], Any]]]:
    """Every way with how many accounts it judges."""
    pool, view, chain = twin.pool.address, twin.pool.get_user_account_data, real.chain
    grid = [{"WETH": f"-{percent}%", "WSTETH": f"-{percent}%"} for percent in range(5, 55, 5)]
    return {
        "revm, getUserAccountData": (len(names), lambda: [chain.transact(name, pool, calls[name]) for name in names]),
        "twin, get_user_account_data": (len(names), lambda: [view(name) for name in names]),
        "twin, Market.account_data": (len(names), lambda: twin.account_data(names)),
        "scan, all six figures": (len(scan), scan.account_data),
        "scan, health factors": (len(scan), scan.health_factors),
        "scan, liquidatable, one shock": (len(scan), lambda: scan.liquidatable([SHOCK])),
        "scan, liquidatable, ten shocks": (10 * len(scan), lambda: scan.liquidatable(grid)),
    }


def main(accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> None:
    """Print the table."""
    real, twin, names = both(PEOPLE)
    function = type(twin.pool).get_user_account_data.contract_functions[0]
    calls = {name: function.selector + encode_values(function.kinds, (name,)) for name in names}
    assert_equal(real, twin, names, calls)
    columns = book_of(twin, names, accounts)
    begun = process_time()
    scan = Scan(twin, columns)
    laid_out = process_time() - begun
    positions = sum(len(side.rows) for side in columns.sides)
    print(f"{len(names)} accounts in revm and in the twin: the scan returns what the contracts do")
    print(f"book of {accounts:,} accounts with {positions / accounts:.2f} positions each, laid out in {laid_out:.1f} s")
    taken: dict[str, list[float]] = {}
    all_ways = ways(real, twin, names, calls, scan)
    for _ in range(rounds):
        for name, (number, work) in all_ways.items():
            taken.setdefault(name, []).append(seconds(work) / number)
    base = median(taken["revm, getUserAccountData"])
    for name, times in taken.items():
        print(f"{name:32} {1 / median(times):>14,.0f} accounts/s {base / median(times):>9,.1f} times revm")
    table, (found,) = scan.account_data(SHOCK), scan.liquidatable([SHOCK])
    wrong = int(np.count_nonzero(found.mask != table.health.below()))
    print(f"memory: {scan.nbytes / accounts:.0f} bytes an account as laid out, 56 more for all figures")
    print(f"after {SHOCK}: {found.count:,} liquidatable, {wrong} judged otherwise by exact health factors")
    print(f"of these judgements by exact integers: {found.close} too close for floats, {found.odd} beyond arrays")
    print(f"of the figures: {table.by_rule} accounts by the rule, {table.in_python} of all positions by Python")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
