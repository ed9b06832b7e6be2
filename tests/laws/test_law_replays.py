"""Named replays of what laws once took for a fault, and which was none."""

from __future__ import annotations

import pytest
from pooltwin.invariants.campaigns.probing import run_probes
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.mutants.catalogue import mutant_named
from pooltwin.invariants.reading.probe import Probe
from pooltwin.invariants.reference import EVERYTHING, RAY
from pooltwin.invariants.standard import standard_history

COLLATERAL_OF_TWO_WEI = [
    Action("erin", "pool", "setUserEMode", (4,)),
    Action("erin", "pool", "supply", ("GUSD", 2, "erin", 0)),
    Action("erin", "pool", "setUserUseReserveAsCollateral", ("GUSD", True)),
    Action("erin", "pool", "supply", ("LINK", 1000 * 10**18, "erin", 0)),
    Action("erin", "pool", "borrow", ("USDC", 8000 * 10**6, 2, 0, "erin")),
    Action.price("GUSD", 4 * 10**6),
    Action.price("LINK", 3 * 10**7),
]
"""What two units of GUSD at four cents repay is less than a share of the debt."""


COLLATERAL_OF_EIGHT_DOLLARS_AND_A_UNIT_OF_DEBT_WORTH_MORE = [
    Action("erin", "pool", "supply", ("WETH", 5 * 10**18, "erin", 0)),
    Action("erin", "pool", "supply", ("LINK", 6 * 10**17, "erin", 0)),
    Action("erin", "pool", "borrow", ("WBTC", 10**7, 2, 0, "erin")),
    Action.price("WBTC", 10**20),
]
"""The smallest unit of WBTC costs ten thousand dollars then: nine dollars of LINK repay none of it."""


@pytest.mark.parametrize("law", ["EMD-9", "LIQ-2"])
@pytest.mark.parametrize(
    "history",
    [COLLATERAL_OF_TWO_WEI, COLLATERAL_OF_EIGHT_DOLLARS_AND_A_UNIT_OF_DEBT_WORTH_MORE],
    ids=["wei", "dollars"],
)
def test_dust_that_no_amount_can_liquidate_is_no_refusal(law, history):
    stage = standard_history("3.7").stage()
    with Monitor(stage.market, [law_called(law)], names=stage.names) as monitor:
        for action in history:
            assert stage.perform(action) is None or stage.market.chain.receipt.ok
        assert [run_probes(monitor, str(seed)) for seed in range(20)] == [[]] * 20


def test_e_mode_collateral_that_is_worth_something_is_put_to_the_test():
    stage = standard_history("3.7").stage()
    with Monitor(stage.market, [law_called("EMD-9")], names=stage.names) as monitor:
        for action in COLLATERAL_OF_TWO_WEI:
            stage.perform(action)
        stage.perform(Action("erin", "pool", "supply", ("GUSD", 1000 * 10**6, "erin", 0)))
        assert run_probes(monitor, "0") == []
        assert monitor.exercised()["EMD-9"] == 1


HEALTHY_BY_THE_CATEGORY_ALONE = [
    Action("erin", "pool", "setUserEMode", (4,)),
    Action("erin", "pool", "supply", ("GUSD", 1000 * 10**6, "erin", 0)),
    Action("erin", "pool", "setUserUseReserveAsCollateral", ("GUSD", True)),
    Action("erin", "pool", "borrow", ("WETH", 10**15, 2, 0, "erin")),
]


@pytest.mark.parametrize("faulty", [False, True], ids=["", "that require a threshold outside"])
def test_e_mode_collateral_is_tried_once_its_price_has_fallen(faulty):
    """Nobody need be unhealthy for it: the law lowers the price itself, and puts it back."""
    record = mutant_named("M20").revision_record() if faulty else None
    stage = standard_history("3.7").stage(record)
    market = stage.market
    with Monitor(market, [law_called("EMD-9")], names=stage.names) as monitor:
        for action in HEALTHY_BY_THE_CATEGORY_ALONE:
            assert stage.perform(action).ok
        before = market.chain.digest()
        assert market.pool.get_user_account_data(stage.address_of("erin")).health_factor > 2 * 10**18
        broken = run_probes(monitor, "0")
        assert [violation.law.id for violation in broken] == ["EMD-9"] * faulty
        assert market.chain.digest() == before
        assert monitor.exercised()["EMD-9"] == 1


BESIDE_OTHER_COLLATERAL = [
    Action("erin", "pool", "setUserEMode", (4,)),
    Action("erin", "pool", "supply", ("GUSD", 1000 * 10**6, "erin", 0)),
    Action("erin", "pool", "setUserUseReserveAsCollateral", ("GUSD", True)),
    Action("erin", "pool", "supply", ("WETH", 10 * 10**18, "erin", 0)),
    Action("erin", "pool", "borrow", ("USDC", 9000 * 10**6, 2, 0, "erin")),
]


@pytest.mark.parametrize("margin", [0, 10**8, 10**12, 10**16])
def test_other_collateral_that_holds_the_health_barely_makes_no_endless_search(margin, monkeypatch):
    """The law lowers one price until health falls below 1: whatever else there is, that takes some hundred rounds."""
    stage = standard_history("3.7").stage()
    market = stage.market
    for action in BESIDE_OTHER_COLLATERAL:
        assert stage.perform(action).ok
    stage.perform(Action.price("GUSD", 1))
    price, wanted = market.oracle.price_of(market.asset("WETH")), 10**18 + margin
    health = market.pool.get_user_account_data(stage.address_of("erin")).health_factor
    stage.perform(Action.price("WETH", -(-price * wanted // health)))
    stage.perform(Action.price("GUSD", 10**8))
    rounds = []
    monkeypatch.setattr(Probe, "set_price", count_calls(Probe.set_price, rounds))
    with Monitor(market, [law_called("EMD-9")], names=stage.names) as monitor:
        assert run_probes(monitor, "0") == []
    assert 0 < len(rounds) < 400


def count_calls(function, calls):
    """Wrap a function so that its calls are noted."""

    def noting(*arguments):
        calls.append(arguments)
        return function(*arguments)

    return noting


A_SHARE_OF_DEBT_WORTH_97_WEI = [
    Action("heidi", "pool", "supply", ("LINK", 14548095395819949571, "heidi", 0)),
    Action("carol", "pool", "borrow", ("LINK", 2644910548095000000000000, 2, 0, "carol")),
    Action.price("USDC", 90400000),
    Action("dave", "pool", "withdraw", ("WETH", 5000000000000000000000, "dave")),
    Action("carol", "pool", "borrow", ("USDC", 1659711000000, 2, 0, "carol")),
    Action.wait(69400),
    Action("bob", "pool", "withdraw", ("WBTC", 1222247235, "bob")),
    Action.price("WBTC", 1029680000000),
    Action("frank", "pool", "liquidationCall", ("WBTC", "USDC", "carol", EVERYTHING, False)),
    Action("dave", "pool", "borrow", ("WBTC", 16194765636, 2, 0, "dave")),
    Action.wait(21842),
    Action.wait(34423),
    Action("dave", "pool", "repayWithATokens", ("WBTC", 15300100000, 2)),
    Action("alice", "pool", "withdraw", ("WBTC", 5000000000, "bob")),
    Action("carol", "pool", "repay", ("LINK", 2000000000000000000000000, 2, "carol")),
    Action("alice", "pool", "borrow", ("WBTC", 23455800000, 2, 0, "alice")),
    Action.wait(1357000),
    Action("erin", "pool", "supply", ("WBTC", 800000, "erin", 0)),
    Action.wait(4964000),
    Action.wait(700000),
    Action.wait(23916000),
    Action("erin", "pool", "withdraw", ("WBTC", 100000, "erin")),
    Action.wait(22329000),
    Action.wait(357700),
    Action.price("USDC", 1000000000),
    Action.price("WBTC", 5219500000000),
    Action("dave", "pool", "borrow", ("LINK", 1000000000000000000000000, 2, 0, "dave")),
    Action.price("LINK", 200000000),
    Action.price("USDC", 224190000),
    Action("carol", "pool", "liquidationCall", ("WSTETH", "WBTC", "dave", 40000000000, False)),
    Action("frank", "pool", "liquidationCall", ("DUST", "WBTC", "dave", EVERYTHING, False)),
]
"""Years at the highest rate: of 1741 wei repaid, shares for 1647 are burned."""


def test_a_share_of_debt_may_be_worth_more_than_a_wei():
    stage = standard_history("3.7").stage()
    with Monitor(stage.market, [law_called("LIQ-9")], names=stage.names) as monitor:
        for action in A_SHARE_OF_DEBT_WORTH_97_WEI:
            stage.perform(action)
    assert stage.market.pool.reserves[stage.market.asset("WBTC")].variable_borrow_index > 96 * RAY
    assert monitor.violations == []
    assert monitor.exercised()["LIQ-9"] > 0


NO_PRICE_OF_DUST = [
    Action(
        "grace",
        "pool",
        "deposit",
        (
            "USDT",
            100000000000,
            "grace",
            0,
        ),
    ),
    Action(
        "bob",
        "pool",
        "borrow",
        (
            "USDT",
            100000000000,
            2,
            0,
            "bob",
        ),
    ),
    Action(
        "alice",
        "pool",
        "borrow",
        (
            "USDT",
            1,
            2,
            0,
            "alice",
        ),
    ),
    Action(
        "carol",
        "pool",
        "borrow",
        (
            "USDC",
            1000000000,
            2,
            0,
            "carol",
        ),
    ),
    Action(
        "dave",
        "pool",
        "borrow",
        (
            "WSTETH",
            100000000000000000000,
            2,
            0,
            "dave",
        ),
    ),
    Action(
        "erin",
        "pool",
        "supply",
        (
            "WETH",
            1000000000000000000000,
            "erin",
            0,
        ),
    ),
    Action(
        "erin",
        "pool",
        "borrow",
        (
            "WSTETH",
            10000000000000000000,
            2,
            0,
            "erin",
        ),
    ),
    Action(
        "grace",
        "pool",
        "borrow",
        (
            "WBTC",
            10000,
            2,
            0,
            "grace",
        ),
    ),
    Action.price("DUST", -1),
]
"""A feed that answers nothing usable, and no fallback: who is given the asset as collateral has no HF to report."""


def test_a_gift_without_a_price_is_no_harm_of_the_pools():
    stage = standard_history("3.7").stage()
    with Monitor(stage.market, [law_called("HF-4")], names=stage.names) as monitor:
        for action in NO_PRICE_OF_DUST:
            stage.perform(action)
        assert run_probes(monitor, "2026/2573/1249") == []
        assert [run_probes(monitor, str(seed)) for seed in range(30)] == [[]] * 30
        assert monitor.exercised()["HF-4"] > 0
