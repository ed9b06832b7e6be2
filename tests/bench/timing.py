"""How long operations take in one checkout: `python tests/bench/timing.py CHECKOUT SECONDS WALK` prints it as JSON.

Run by `ratio.py`, for checkouts of any layout: it imports nothing of the tests but its neighbour, and of the twin only
what users do. WALK is a history as a file.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import process_time
from typing import Any

PACKAGES = ("protocol", "invariants", "scenarios", "fixtures", "interop")
MARKET = "ethereum-core-2026-02"
LENDER, BORROWER, LIQUIDATOR = ("0x" + byte * 20 for byte in ("11", "12", "15"))
WETH, USDC = 10**18, 10**6
BATCH_SECONDS = 0.01
"""How long calls are timed together, so that the clock's steps do not show."""

Operation = Callable[[], object]


def import_from(checkout: Path, folder: Path) -> None:
    """Make `pooltwin` mean a checkout, by way of links in an empty folder. Raises ImportError where it does not."""
    (folder / "pooltwin").mkdir()
    for package in PACKAGES:
        (folder / "pooltwin" / package).symlink_to(checkout / package)
    sys.path.insert(0, str(folder))
    # An editable installation would lend an older checkout the packages that it does not have.
    sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
    import pooltwin.protocol

    found = Path(pooltwin.protocol.__path__[0]).resolve()
    if found != (checkout / "protocol").resolve():
        raise ImportError(f"pooltwin is imported from {found}, not from {checkout}")


def market_with_a_borrower() -> Any:
    """A real market, with a borrower of USDC against WETH, an hour after."""
    from pooltwin.fixtures import load_market
    from pooltwin.protocol.market import Market

    market = Market.deploy(load_market(MARKET))
    weth, usdc = market.asset("WETH"), market.asset("USDC")
    for user in (LENDER, BORROWER, LIQUIDATOR):
        market.fund("WETH", user, 10_000 * WETH)
        market.fund("USDC", user, 10_000_000 * USDC)
    market.pool.supply(weth, 1_000 * WETH, sender=LENDER)
    market.pool.supply(usdc, 5_000_000 * USDC, sender=LENDER)
    market.pool.supply(weth, 1_000 * WETH, sender=BORROWER)
    market.pool.borrow(usdc, 1_000_000 * USDC, sender=BORROWER)
    market.chain.advance(3600)
    return market


def make_liquidatable(market: Any) -> None:
    """Lower the price of WETH until the borrower is unhealthy, but not by much."""
    while market.pool.get_user_account_data(BORROWER).health_factor >= 10**18:
        price = market.price_feed("WETH").answer
        market.set_price("WETH", price - price // 50)


def operations(market: Any) -> dict[str, Operation]:
    """Calls that can be repeated for ever; the liquidation needs `make_liquidatable` first."""
    pool, chain, weth, usdc = market.pool, market.chain, market.asset("WETH"), market.asset("USDC")
    a_weth = market.a_token("WETH")

    def supply() -> object:
        return pool.supply(weth, 10**15, sender=LENDER)

    def snapshot_and_revert() -> None:
        snapshot = chain.snapshot()
        supply()
        chain.revert_to(snapshot)

    return {
        "supply": supply,
        "withdraw": lambda: pool.withdraw(weth, 10**12, BORROWER, sender=BORROWER),
        "borrow": lambda: pool.borrow(usdc, 10**3, sender=BORROWER),
        "repay": lambda: pool.repay(usdc, 10**3, 2, BORROWER, sender=BORROWER),
        "aToken transfer": lambda: a_weth.transfer(LIQUIDATOR, 10**12, sender=LENDER),
        "liquidationCall": lambda: pool.liquidation_call(weth, usdc, BORROWER, 10**5, False, sender=LIQUIDATOR),
        "getUserAccountData": lambda: pool.get_user_account_data(BORROWER),
        "snapshot and revert": snapshot_and_revert,
        "digest": chain.digest,
        "deploy a market": market_with_a_borrower,
    }


def best(operation: Operation, seconds: float) -> float:
    """The shortest time a call took on average over a batch, in seconds of processor time."""
    operation()
    started = process_time()
    operation()
    calls = max(1, int(BATCH_SECONDS / max(process_time() - started, 1e-7)))
    shortest, end = inf, process_time() + seconds
    while shortest == inf or process_time() < end:
        gc.collect()
        gc.disable()
        started = process_time()
        for _ in range(calls):
            operation()
        shortest = min(shortest, (process_time() - started) / calls)
        gc.enable()
    return shortest


def measure(seconds: float) -> dict[str, float]:
    """The time of each operation, every one on a market of its own."""
    times = {}
    for name in operations(market_with_a_borrower()):
        market = market_with_a_borrower()
        if name == "liquidationCall":
            make_liquidatable(market)
        times[name] = best(operations(market)[name], seconds)
    return times


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as links:
        import_from(Path(sys.argv[1]), Path(links))
        from walk import measure_walk  # beside this file

        time_for_each = float(sys.argv[2])
        print(json.dumps(measure(time_for_each) | measure_walk(Path(sys.argv[3]), time_for_each)))
