"""Assets that an e-mode category lends against, or lends out, although they themselves do not."""

from ..harness.market import ADMIN
from .scene import Corner, Scene

DOLLAR = 10**6
UNIT = 10**18
"""Of WETH and WSTETH."""
WSTETH_PRICE = 2400 * 10**8
ETHER, STABLES = 1, 2
"""WETH and WSTETH; USDC and USDT, and GUSD for borrowing only."""
IN_CATEGORY = "setAssetCollateralInEMode(address,uint8,bool)"


def borrowable_in_a_category_only(scene: Scene) -> None:
    """May an asset be borrowed in a category whose own switch is off? And what is it to enter where one is?"""
    switch = "setReserveBorrowing(address,bool)"
    scene.must(ADMIN, "configurator", switch, scene.address("USDT"), False)
    borrower = scene.supplier(USDC=1000 * DOLLAR)
    for _ in range(2):
        scene.enter(borrower, STABLES)
    for symbol in ("USDT", "WETH", "GUSD"):
        scene.borrow(borrower, symbol, 100 * DOLLAR)
    scene.must(ADMIN, "configurator", switch, scene.address("USDT"), True)


def collateral_in_a_category_only(scene: Scene) -> None:
    """May an asset be collateral that only a category lends against, and is it one when something would change?"""
    asset = scene.address("GUSD")
    scene.must(ADMIN, "configurator", IN_CATEGORY, asset, STABLES, True)
    supplier = scene.supplier(GUSD=1000 * DOLLAR)
    scene.use(supplier, "GUSD", True)
    scene.enter(supplier, STABLES)
    scene.use(supplier, "GUSD", True)
    scene.look_at_position(supplier)
    for ceiling in (5, 0):
        scene.call(ADMIN, "configurator", "setDebtCeiling(address,uint256)", asset, ceiling)
    scene.call(ADMIN, "configurator", IN_CATEGORY, asset, STABLES, False)


def liquidated_in_a_category(scene: Scene) -> None:
    """With which bonus?"""
    borrower = scene.supplier(WSTETH=UNIT)
    scene.enter(borrower, ETHER)
    scene.borrow(borrower, "WETH", UNIT)
    scene.recorder.set_price("WSTETH", WSTETH_PRICE * 87 // 100)
    scene.liquidate(borrower, "WSTETH", "WETH")
    scene.recorder.set_price("WSTETH", WSTETH_PRICE)


CORNERS: tuple[Corner, ...] = (
    borrowable_in_a_category_only,
    collateral_in_a_category_only,
    liquidated_in_a_category,
)
