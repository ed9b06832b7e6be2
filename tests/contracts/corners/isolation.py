"""Isolated collateral and siloed debt, until v3.6; what is left of them in the configuration decides nothing later."""

from eth_utils.crypto import keccak

from ..harness.market import ADMIN, Asset, list_asset
from .scene import BORROWABLE_IN_ISOLATION, DEBT_CEILING, SILOED, Corner, Scene

ISO = Asset("ISO", 18, 10**8, (8000, 0, 400, 6000), (5000, 6000, 10500), 1000, 1000, True, 0)
CEILING_CENTS = 100_000
ISOLATED_SUPPLIER = keccak(text="ISOLATED_COLLATERAL_SUPPLIER")
UNIT, DOLLAR = 10**18, 10**6
"""Of ISO and of USDC."""


def isolate(scene: Scene) -> None:
    """An asset is listed that is collateral for a thousand dollars of debt in all."""
    list_asset(scene.recorder, ISO)
    scene.setting("ISO", "setDebtCeiling(address,uint256)", CEILING_CENTS, DEBT_CEILING)
    scene.setting("USDC", "setBorrowableInIsolation(address,bool)", True, BORROWABLE_IN_ISOLATION)
    scene.look("data_provider", "getDebtCeiling(address)", scene.address("ISO"))


def isolated_borrower(scene: Scene) -> None:
    """Does an isolated supply become collateral, may another join it, what is borrowed against it and counted?

    Of two reasons to refuse a borrow, no cover and not in isolation, which is first?
    """
    borrower = scene.supplier(ISO=4000 * UNIT)
    scene.use(borrower, "ISO", True)
    scene.supply(scene.actor(WETH=UNIT), "WETH", UNIT, borrower)
    for on in (False, True, False):
        scene.use(borrower, "WETH", on)
    scene.borrow(borrower, "USDC", 900 * DOLLAR)
    scene.borrow(borrower, "USDC", 200 * DOLLAR)
    scene.borrow(borrower, "WETH", UNIT // 100)
    scene.borrow(borrower, "WETH", 10 * UNIT)
    scene.must(borrower, "USDC", "approve(address,uint256)", scene.address("pool"), 100 * DOLLAR)
    scene.repay(borrower, "USDC", 100 * DOLLAR)
    scene.recorder.set_price("ISO", ISO.price // 5)
    scene.liquidate(borrower, "ISO", "USDC")
    scene.recorder.set_price("ISO", ISO.price)
    scene.look_at_flags(borrower)
    scene.look_at_reserve("ISO")


def isolated_supplier(scene: Scene) -> None:
    """Use the role that lets isolated supplies become collateral by themselves, also by transfer."""
    supplier = scene.actor(ISO=100 * UNIT)
    scene.must(ADMIN, "acl", "grantRole(bytes32,address)", ISOLATED_SUPPLIER, supplier)
    beneficiary, recipient = scene.actor(), scene.actor()
    scene.supply(supplier, "ISO", 10 * UNIT, beneficiary)
    scene.supply(supplier, "ISO", 10 * UNIT)
    scene.must(supplier, "aISO", "transfer(address,uint256)", recipient, UNIT)
    scene.look_at_flags(supplier, beneficiary, recipient)


def siloed_debt(scene: Scene) -> None:
    """May debt of a siloed asset join other debt, and other debt join it?"""
    scene.setting("GUSD", "setSiloedBorrowing(address,bool)", True, SILOED)
    scene.look("data_provider", "getSiloedBorrowing(address)", scene.address("GUSD"))
    for first, second in (("USDC", "GUSD"), ("GUSD", "USDC")):
        borrower = scene.supplier(WETH=UNIT)
        scene.borrow(borrower, first, 100 * DOLLAR)
        scene.borrow(borrower, second, 100 * DOLLAR)
        scene.look_at_flags(borrower)
    scene.setting("GUSD", "setSiloedBorrowing(address,bool)", False, SILOED)


CORNERS: tuple[Corner, ...] = (isolate, isolated_borrower, isolated_supplier, siloed_debt)
