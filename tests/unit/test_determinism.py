"""The determinism law: the same history gives the same bytes, on any machine, Python version and hash seed."""

import os
import subprocess
import sys
from typing import Any

import pytest

from .calls import writers
from .source import ROOT
from .tour import whole_tour
from .worlds import ALICE, ALL_REVISIONS, BOB, MODERN, WETH, fresh, lived_in

GOLDEN = {
    "3.6": "27417027e81df1df708725df0eae87542ed5be745d01c0d7bda13b8932f0c3f9",
    "3.7": "352aa76eb534e2669c5f8bbbe62523f90c6c987ae98ccac52a6d47d524e344f8",
}
"""What `python -m tests.unit.tour` printed: state, return data and logs of a whole history. It may change when the
form of stored states does, and then on purpose; not with the machine, the Python version or the day."""

NEVER_SUCCEED = {
    "ATokenInstance.initialize(address,address,uint8,string,string,bytes)",  # only once, when the proxy is made
    "VariableDebtTokenInstance.initialize(address,address,uint8,string,string,bytes)",
    "PoolConfiguratorInstance.initialize(address)",
    "PoolInstance.initialize(address)",
    "VariableDebtTokenInstance.approve(address,uint256)",  # debt cannot be moved
    "VariableDebtTokenInstance.decreaseAllowance(address,uint256)",
    "VariableDebtTokenInstance.increaseAllowance(address,uint256)",
    "VariableDebtTokenInstance.renounceAllowance(address)",
    "VariableDebtTokenInstance.transfer(address,uint256)",
    "VariableDebtTokenInstance.transferFrom(address,address,uint256)",
}


@pytest.mark.parametrize("revision", MODERN)
def test_the_history_succeeds_in_every_function_that_can(revision: str) -> None:
    everything = {f"{target.kind}.{target.function.signature}" for target in writers(revision)}
    assert everything - whole_tour(revision).visited == NEVER_SUCCEED


@pytest.mark.parametrize("revision", MODERN)
def test_the_golden_history(revision: str) -> None:
    assert whole_tour(revision).digest() == GOLDEN[revision]


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_another_process_with_another_hash_seed(seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "tests.unit.tour", "3.6"]
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == GOLDEN["3.6"]


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_reading_does_not_change_the_digest(revision: str) -> None:
    market = lived_in(revision)
    before = market.chain.digest()
    nobody = "0x" + "de" * 20
    market.pool.get_reserve_data(nobody)
    market.pool.get_user_account_data(nobody)
    market.pool.get_e_mode_category_data(200)
    market.a_token("WETH").balance_of(nobody)
    assert market.pool.reserves[nobody].deficit == 0
    assert market.chain.digest() == before


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_values_written_back_to_their_defaults_are_not_in_the_digest(revision: str) -> None:
    """Equal states have equal digests, whatever led to them."""
    market, other = fresh(revision), fresh(revision)
    market.erc20("WETH").approve(BOB, 1, sender=ALICE)
    assert market.chain.digest() != other.chain.digest()
    market.erc20("WETH").approve(BOB, 0, sender=ALICE)
    assert market.chain.digest() == other.chain.digest()


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@pytest.mark.parametrize(
    "change",
    [
        lambda market: market.chain.advance(1, 0),
        lambda market: market.chain.advance(0, 1),
        lambda market: market.set_price("WETH", 1),
        lambda market: market.erc20("WETH").transfer(BOB, 1, sender=ALICE),
        lambda market: market.pool.supply(market.asset("WETH"), WETH, sender=ALICE),
        lambda market: market.pool.set_user_e_mode(1, sender=ALICE),
        lambda market: market.provider.set_market_id("other", sender=market.admin),
        lambda market: market.chain.next_address(ALICE),
    ],
)
def test_every_difference_shows_in_the_digest(revision: str, change: Any) -> None:
    market = fresh(revision)
    before = market.chain.digest()
    change(market)
    assert market.chain.digest() != before
