"""Laws that try alternatives: named replays of what they once took for a fault."""

from __future__ import annotations

import pytest
from pooltwin.invariants.action import Action
from pooltwin.invariants.campaign import run_probes
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.monitor import Monitor
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


@pytest.mark.parametrize("law", ["EMD-9", "LIQ-2"])
def test_dust_that_no_amount_can_liquidate_is_no_refusal(law):
    stage = standard_history("3.7").stage()
    with Monitor(stage.market, [law_called(law)], names=stage.names) as monitor:
        for action in COLLATERAL_OF_TWO_WEI:
            stage.perform(action)
        assert [run_probes(monitor, str(seed)) for seed in range(20)] == [[]] * 20


def test_e_mode_collateral_that_is_worth_something_is_put_to_the_test():
    stage = standard_history("3.7").stage()
    with Monitor(stage.market, [law_called("EMD-9")], names=stage.names) as monitor:
        for action in COLLATERAL_OF_TWO_WEI:
            stage.perform(action)
        stage.perform(Action("erin", "pool", "supply", ("GUSD", 1000 * 10**6, "erin", 0)))
        assert run_probes(monitor, "0") == []
        assert monitor.exercised()["EMD-9"] == 1
