"""Liquidations of oneself, which releases until v3.3 allow: the liquidator's part goes nowhere, so no law misses it."""

from __future__ import annotations

import pytest
from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reference import EVERYTHING
from pooltwin.invariants.standard import standard_history

SYMBOLS = ("WSTETH", "USDT", "WBTC", "LINK", "WETH", "GUSD", "DUST")


def story(days: int, as_a_tokens: bool) -> list[Action]:
    """Alice keeps USDC alone, owes LINK, and liquidates herself for all of it after a fall of USDC."""
    return [
        Action("bob", "pool", "borrow", ("USDC", 2_000_000 * 10**6, 2, 0, "bob")),
        *(Action("alice", "pool", "setUserUseReserveAsCollateral", (symbol, False)) for symbol in SYMBOLS),
        Action("alice", "pool", "borrow", ("LINK", 400_000 * 10**18, 2, 0, "alice")),
        Action.price("USDC", 60_000_000),
        Action.wait(days * 86_400 + days),
        Action("alice", "pool", "liquidationCall", ("USDC", "LINK", "alice", EVERYTHING, as_a_tokens)),
    ]


@pytest.mark.parametrize("as_a_tokens", [True, False])
@pytest.mark.parametrize("revision", ["3.0.2", "3.2", "3.3"])
def test_liquidating_oneself_breaks_no_law(revision: str, as_a_tokens: bool) -> None:
    laws = [law for law in all_laws() if law.id.startswith("LIQ")]
    stage = standard_history(revision).stage()
    liquidated = 0
    for days in range(1, 25):
        moment = stage.chain.snapshot()
        with Monitor(stage.market, laws, names=stage.names):
            for action in story(days, as_a_tokens):
                receipt = stage.perform(action)
        liquidated += bool(receipt is not None and receipt.ok)
        stage.chain.revert_to(moment)
    assert liquidated > 10
