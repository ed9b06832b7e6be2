"""A large state: 100,000 users with four positions each, saved, loaded and digested; how much memory that takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pooltwin.fixtures import load_market
from pooltwin.protocol.address import named_address
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.wad_ray import RAY
from pooltwin.protocol.saved_state import load, save

USERS = 100_000

pytestmark = pytest.mark.bench


def big_market(users: int) -> Market:
    """Everybody supplies WETH and wstETH and owes USDC and USDT. Written straight into the ledgers: it is only big."""
    market = Market.deploy(load_market("ethereum-core-2026-02"))
    names = [named_address(f"user {number}") for number in range(users)]
    config = 0
    for symbol, bit in (("WETH", 2), ("wstETH", 2), ("USDC", 1), ("USDT", 1)):
        token = market.a_token(symbol) if bit == 2 else market.debt_token(symbol)
        config |= bit << 2 * market.pool.reserves[market.asset(symbol)].id
        balances = {name: 10**18 + number * 10**9 + 7 for number, name in enumerate(names)}
        token.scaled_balances.load(balances)
        token.previous_indexes.load(dict.fromkeys(names, RAY + 12345))
        token.initialise(scaled_supply=sum(balances.values()))
    market.pool.users_config.load(dict.fromkeys(names, config))
    return market


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The large state in a file."""
    path = tmp_path_factory.mktemp("state") / "big.json"
    save(big_market(USERS).chain, path)
    return path


def test_load(benchmark: Any, big_file: Path) -> None:
    """Reading, validating and checking the digest."""
    benchmark.group = "100,000 users"
    benchmark.pedantic(load, args=(big_file,), rounds=1)
    benchmark.extra_info["file MB"] = big_file.stat().st_size // 10**6


def test_digest(benchmark: Any) -> None:
    """The digest alone."""
    benchmark.group = "100,000 users"
    benchmark.pedantic(big_market(USERS).chain.digest, rounds=1)


def test_memory(big_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The peak memory of a process that loads and digests the state, printed in megabytes."""
    program = (
        "import json, resource, sys; from pathlib import Path; from pooltwin.protocol.saved_state import load\n"
        "chain = load(Path(sys.argv[1])); digest = chain.digest()\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "resident = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS'))\n"
        "print(json.dumps({'peak_mb': peak // 1024, 'resident_mb': int(resident) // 1024, 'digest': digest}))\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, str(big_file)], check=True, capture_output=True, text=True
    )
    figures = json.loads(finished.stdout)
    with capsys.disabled():
        print(
            f"\n100,000 users, loaded and digested: {figures['resident_mb']} MB resident, {figures['peak_mb']} MB peak"
        )
    assert len(figures["digest"]) == 64
