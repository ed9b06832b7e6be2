"""Read-outs of markets whose views revert: null, and nothing else changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pooltwin.protocol.recordings.readout import read_out
from pooltwin.protocol.recordings.recording import State
from pooltwin.protocol.revisions import REVISIONS

from ..unit.worlds import ALICE, BOB, MAX, lived_in


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_view_that_reverts_says_null(revision: str) -> None:
    market = lived_in(revision)
    assets = {symbol: market.asset(symbol) for symbol in ("WETH", "USDC")}

    def read() -> dict[str, Any]:
        return read_out(market.chain, market.provider.address, assets, (ALICE, BOB))

    before = read()
    assert "None" not in repr(before)
    reserve = market.pool.reserves[market.asset("USDC")]
    reserve.initialise(variable_borrow_index=2**128 - 1, current_variable_borrow_rate=2**128 - 1)
    market.chain.advance(365 * 86_400)
    market.debt_token("USDC").initialise(scaled_supply=2**120 - 1)
    usdc = read()["reserves"]["USDC"]
    assert {name for name, value in usdc.items() if value is None} == {"vTokenTotalSupply", "normalizedDebt"}
    market.debt_token("USDC").scaled_balances[ALICE] = 2**120 - 1
    market.a_token("WETH").scaled_balances[BOB] = MAX
    after = read()
    assert after["users"][ALICE]["account"] is None
    assert after["users"][ALICE]["balances"]["USDC"][4] is None
    assert after["users"][BOB]["balances"]["WETH"][3] is None
    assert State.model_validate_json(json.dumps(after)).model_dump() == after
    assert after["reserves"]["WETH"] == read()["reserves"]["WETH"]
