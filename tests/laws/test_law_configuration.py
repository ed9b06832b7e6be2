"""FLG-12: setters change what they are called after, and a setter that changes any other field is heard."""

from __future__ import annotations

import pytest
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.law import Violation
from pooltwin.invariants.laws.configuration import FIELDS, SETTERS, setters_keep_to_their_fields
from pooltwin.invariants.monitor import Monitor
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.contracts.reserve_settings import ConfiguratorBase
from pooltwin.protocol.revisions import REVISIONS

ASSET, OTHER = "LINK", "WETH"
VALUES = {
    "configureReserveAsCollateral": (ASSET, 4_000, 5_000, 10_700),
    "setReserveActive": (ASSET, True),
    "setReserveFreeze": (ASSET, True),
    "setReserveLtvzero": (ASSET, False),
    "setReserveStableRateBorrowing": (ASSET, False),
    "setReserveBorrowing": (ASSET, False),
    "setReservePause": (ASSET, True),
    "setPoolPause": (True,),
    "setBorrowableInIsolation": (ASSET, True),
    "setSiloedBorrowing": (ASSET, True),
    "setReserveFlashLoaning": (ASSET, False),
    "setReserveFactor": (ASSET, 1_234),
    "setBorrowCap": (ASSET, 12_345),
    "setSupplyCap": (ASSET, 123_456_789),
    "setLiquidationProtocolFee": (ASSET, 321),
    "setAssetEModeCategory": (ASSET, 0),
    "setUnbackedMintCap": (ASSET, 77),
    "setDebtCeiling": (ASSET, 0),
}
SET_EVERYWHERE = {
    *("configureReserveAsCollateral", "setReserveFreeze", "setReserveBorrowing", "setReservePause", "setPoolPause"),
    *("setReserveFlashLoaning", "setReserveFactor", "setBorrowCap", "setSupplyCap", "setLiquidationProtocolFee"),
}


def set_one_after_the_other(revision: str) -> tuple[dict[str, int], list[Violation]]:
    """Call all setters that a release has. Returns how often the law held or broke in each, and the violations."""
    market = (stage := standard_history(revision).stage()).market
    asked = {}
    with Monitor(market, [setters_keep_to_their_fields], stop=False, names=stage.names) as monitor:
        for name, values in VALUES.items():
            if name in {function.name for function in type(market.configurator).functions.values()}:
                before = monitor.exercised()["FLG-12"]
                stage.perform(Action("admin", "configurator", name, values))
                asked[name] = monitor.exercised()["FLG-12"] - before
    return asked, monitor.violations


def test_every_setter_of_the_configurator_is_known() -> None:
    assert {f"configurator.{name}" for name in VALUES} == SETTERS.keys() == set(setters_keep_to_their_fields.on)
    assert {field for fields in SETTERS.values() for field in fields} <= FIELDS.keys()
    bits = [bit for start, width in FIELDS.values() for bit in range(start, start + width)]
    assert sorted(bits) == [*range(252), 252, *range(253, 256)]


@pytest.mark.parametrize("revision", sorted(REVISIONS))
def test_setters_of_every_release_keep_to_their_fields(revision: str) -> None:
    asked, violations = set_one_after_the_other(revision)
    assert violations == []
    assert {name for name, times in asked.items() if times} >= SET_EVERYWHERE & asked.keys()
    assert len(asked) >= len(SET_EVERYWHERE)


@pytest.mark.parametrize("revision", ["3.0.2", "3.6", "3.7"])
@pytest.mark.parametrize(("bit", "field"), [(0, "LTV"), (100, "borrow cap"), (167, "liquidation protocol fee")])
def test_a_setter_that_changes_another_field_is_heard(
    monkeypatch: pytest.MonkeyPatch, revision: str, bit: int, field: str
) -> None:
    write = ConfiguratorBase.write

    def and_another(self: ConfiguratorBase, asset: str, config: int) -> None:
        write(self, asset, config ^ 1 << bit)

    monkeypatch.setattr(ConfiguratorBase, "write", and_another)
    asked, violations = set_one_after_the_other(revision)
    heard = {violation.call.split("(")[0] for violation in violations}
    innocent = {name for name in asked if field in SETTERS[f"configurator.{name}"]}
    assert len(heard) >= len((SET_EVERYWHERE & asked.keys()) - innocent)
    assert all(f"['{field}'] against []" in str(violation) for violation in violations)
