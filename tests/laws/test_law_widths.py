"""SOL-14 knows every width that storage declares, and notices whatever does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pooltwin.invariants.law import LawBroken
from pooltwin.invariants.laws.bookkeeping import stored_figures_fit
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reading.widths import span_of
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.market import Market

Plant = Callable[[Market, str, int], None]


def in_reserve(name: str) -> Plant:
    return lambda market, _who, figure: setattr(market.pool.reserves[market.asset("WETH")], name, figure)


def in_category(name: str) -> Plant:
    return lambda market, _who, figure: setattr(market.pool.e_modes[1], name, figure)


def in_ledger(ledger_of: Callable[[Market], Any]) -> Plant:
    def plant(market: Market, who: str, figure: int) -> None:
        ledger_of(market)[who] = figure

    return plant


PLACES: dict[str, tuple[int, Plant]] = {
    "a user's shares": (120, in_ledger(lambda market: market.a_token("WETH").scaled_balances)),
    "a user's debt": (120, in_ledger(lambda market: market.debt_token("WETH").scaled_balances)),
    "the index of a user": (128, in_ledger(lambda market: market.a_token("WETH").previous_indexes)),
    "the bits of a user": (256, in_ledger(lambda market: market.pool.users_config)),
    "the category of a user": (8, in_ledger(lambda market: market.pool.users_e_mode)),
    "a pending LTV": (256, in_ledger(lambda market: market.configurator.pending_ltv)),
    "a deficit": (128, in_reserve("deficit")),
    "a rate": (128, in_reserve("current_liquidity_rate")),
    "a time": (40, in_reserve("last_update_timestamp")),
    "an id": (16, in_reserve("id")),
    "a category's LTV": (16, in_category("ltv")),
    "a bitmap": (128, in_category("ltvzero_bitmap")),
    "a premium": (128, lambda market, _who, figure: setattr(market.pool, "flash_loan_premium", figure)),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_figure_fits_to_its_last_bit_and_no_further(place: str) -> None:
    bits, plant = PLACES[place]
    stage = standard_history("3.7").stage()
    market, alice = stage.market, stage.address_of("alice")
    with Monitor(market, [stored_figures_fit]) as monitor:
        plant(market, alice, 2**bits - 1)
        monitor.settle()
        assert monitor.exercised()["SOL-14"] == 1
        for figure in (2**bits, -1):
            plant(market, alice, figure)
            with pytest.raises(LawBroken, match="the last figure that fits, must not be beyond"):
                monitor.settle()
        plant(market, alice, 0)


def test_balances_had_more_room_before_v3_4() -> None:
    stage = standard_history("3.3").stage()
    with Monitor(stage.market, [stored_figures_fit]) as monitor:
        stage.market.a_token("WETH").scaled_balances[stage.address_of("alice")] = 2**128 - 1
    assert monitor.exercised()["SOL-14"] == 1


def test_what_a_type_can_hold() -> None:
    assert span_of("uint40") == (0, 2**40 - 1)
    assert span_of("int256") == (-(2**255), 2**255 - 1)
    assert span_of("bool") == (0, 1)
    assert span_of("address") is span_of("string") is span_of("bytes32") is None
