"""How long a hundred thousand accounts take: `python -m tests.bench.load_accounts [ACCOUNTS]` prints it, with memory.

Each account supplies WETH and owes USDC, on the shipped market. Seconds are of the processor. Memory is the most that
the process had by then.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import TypeVar

from pooltwin.fixtures import load_market
from pooltwin.interop import load_accounts
from pooltwin.protocol import Market, MarketConfig, check_state

LENDER = "0x" + "1e" * 20
T = TypeVar("T")


def write_table(path: Path, accounts: int) -> None:
    """Write a table of two rows an account."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("account", "asset", "supplied", "borrowed", "collateral", "e_mode"))
        for number in range(accounts):
            where = f"0x{number + 1:040x}"
            writer.writerow((where, "WETH", f"{number % 50 + 1}.123456789", "", "true", "0"))
            writer.writerow((where, "USDC", "", f"{number % 50 * 100 + 7}.25", "", "0"))


def timed(what: str, work: Callable[[], T]) -> T:
    """Do something and print what it took."""
    begun = process_time()
    result = work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<42} {process_time() - begun:6.1f} s  {memory:6.0f} MB")
    return result


def main() -> None:
    """Measure each way in and out."""
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{accounts} accounts in two reserves each")
    with tempfile.TemporaryDirectory() as folder:
        table, file = Path(folder) / "positions.csv", Path(folder) / "market.json"
        write_table(table, accounts)
        market = timed("deploy the shipped market", lambda: Market.deploy(load_market("ethereum-core-2026-02")))
        timed("load the table", lambda: load_accounts(market, table, lender=LENDER))
        taken = timed("take the market, with the proof", market.config)
        timed("write it as JSON", lambda: file.write_text(taken.model_dump_json(exclude_defaults=True)))
        read = timed("read it", lambda: MarketConfig.model_validate_json(file.read_bytes()))
        timed("check its state", lambda: check_state(read))
        again = timed("deploy it, with its state", lambda: Market.deploy(read))
        equal = again.chain.digest() == market.chain.digest()
        print(f"equal digests: {equal}; the file has {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
