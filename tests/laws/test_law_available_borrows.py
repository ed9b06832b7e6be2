"""HF-9 holds back to v3.0.2, where a category may have one price for all debts of its users."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pooltwin.invariants.campaigns.probing import run_probes
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.histories.action import Action, Stage, replay
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.reference import RAY
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.releases.v3_4.validation import own_price
from pooltwin.protocol.revisions import REVISIONS, revision_named

DOLLARS = 10**6
STABLES = 2
"""A category of the standard market; on v3.0.2 the price of USDC is the price of all its assets."""


def probed(record, category, price, rounds=12):
    """Ask HF-9 of Heidi, who owes USDC and may borrow more. Returns what broke and how often it was asked."""
    history = standard_history(record.release)
    stage = Stage(history.opening.market(record), history.actors)
    replay(stage, history.setting)
    before = (
        Action("admin", "USDC", "mint", ("heidi", 10_000 * DOLLARS)),
        Action("heidi", "pool", "supply", ("USDC", 10_000 * DOLLARS, "heidi", 0)),
        Action("heidi", "pool", "setUserEMode", (category,)),
        Action("heidi", "pool", "borrow", ("USDC", 1_000 * DOLLARS, 2, 0, "heidi")),
        Action.price("USDT", price),
    )
    for action in before:
        receipt = stage.perform(action)
        assert receipt is None or receipt.ok, action
    monitor = Monitor(stage.market, [law_called("HF-9")], stop=False, names=stage.names)
    broken = [
        violation for number in range(rounds) for violation in run_probes(monitor, f"{category}/{price}/{number}")
    ]
    return broken, monitor.exercised()["HF-9"]


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("category", [0, STABLES])
@pytest.mark.parametrize("price", [93_590_285, 10**8, 117_000_001])
def test_what_is_reported_as_available_can_be_borrowed_and_no_more(revision, category, price):
    """Whatever USDT costs beside the price that its category has for it."""
    broken, asked = probed(revision_named(revision), category, price)
    assert broken == []
    assert asked >= 6


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("share", [12, 31])
def test_less_than_makes_a_share_of_debt_is_not_asked_for(revision, share):
    """Where a share of WBTC is worth cents: whether half a share, a whole one or two are available."""
    stage = standard_history(revision).stage()
    market, heidi = stage.market, stage.book["heidi"]
    market.pool.reserves[market.asset("WBTC")].variable_borrow_index = share * RAY
    unit = 1_000  # of USDC; WBTC is worth 650 for each of its own
    asked = 0
    others = [symbol for symbol in market.assets if symbol not in ("WBTC", "USDC")]
    first = (
        *(Action("admin", "configurator", "setReserveFreeze", (symbol, True)) for symbol in others),
        Action("admin", "USDC", "mint", ("heidi", 10 * DOLLARS)),
        Action("heidi", "pool", "supply", ("USDC", 2 * share * unit, "heidi", 0)),
        Action("heidi", "pool", "borrow", ("WBTC", share, 2, 0, "heidi")),
    )
    assert all(receipt.ok for receipt in replay(stage, first))
    for number in range(2 * share):
        assert stage.perform(Action("heidi", "pool", "supply", ("USDC", unit // 2, "heidi", 0))).ok
        monitor = Monitor(market, [law_called("HF-9")], stop=False, names=stage.names)
        assert run_probes(monitor, f"dear/{number}") == []
        asked += monitor.exercised()["HF-9"]
    assert asked > share
    assert market.debt_token("WBTC").scaled_balance_of(heidi) == 1


@pytest.mark.parametrize("price", [93_590_285, 117_000_001])
def test_a_pool_that_lends_at_an_assets_own_price_in_a_category_with_one_price_is_caught(price):
    """Dearer than the category's price, less can be borrowed than is reported; cheaper, more."""
    record = revision_named("3.0.2")
    fault = replace(record, earlier=replace(record.earlier, price_to_borrow=own_price))
    broken, _ = probed(fault, STABLES, price)
    assert {violation.law.id for violation in broken} == {"HF-9"}
    assert probed(fault, 0, price)[0] == []
