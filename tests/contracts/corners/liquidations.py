"""Liquidations at the point where a rounding, a rule or a flag decides otherwise than in the next release."""

from pooltwin.protocol.math.percentage import percent_mul, percent_mul_floor

from .scene import HIGH, LTV, THRESHOLD, Corner, Scene

UNIT, DOLLAR = 10**18, 10**6
"""Of WETH and LINK, and of USDC."""
USDC_PRICE, WETH_PRICE = 10**8, 2000 * 10**8
BONUS_BPS = 10_500


def debt_of_nearly_two_thousand(scene: Scene) -> None:
    """A debt a wei short of 2000 dollars: rounded up, it is large enough that only half of it may be liquidated."""
    borrower = scene.supplier(USDC=3000 * DOLLAR)
    scene.borrow(borrower, "WETH", UNIT - 1)
    scene.recorder.set_price("USDC", USDC_PRICE * 84 // 100)
    scene.liquidate(borrower, "USDC", "WETH")
    scene.recorder.set_price("USDC", USDC_PRICE)


def collateral_without_threshold(scene: Scene) -> None:
    """May a flagged collateral be seized whose threshold of its own is zero?"""
    borrower = scene.actor(LINK=1000 * UNIT, WETH=10 * UNIT)
    scene.supply(borrower, "LINK", 1000 * UNIT)
    scene.supply(borrower, "WETH", 10 * UNIT)
    scene.borrow(borrower, "USDC", 20_000 * DOLLAR)
    scene.rewrite("LINK", 0, LTV, THRESHOLD)
    scene.recorder.set_price("WETH", WETH_PRICE // 2)
    scene.liquidate(borrower, "LINK", "USDC", 5000 * DOLLAR)
    scene.recorder.set_price("WETH", WETH_PRICE)
    scene.rewrite("LINK", 6600, LTV)
    scene.rewrite("LINK", 7100, THRESHOLD)


def all_but_a_wei(scene: Scene) -> None:
    """A liquidation of all collateral but one wei, where a share is worth two: are the shares gone, and is the flag?

    A wei is made worth a dollar, so that the last one has a value.
    """
    dollar_a_wei = 10**8 * 10**HIGH.decimals
    scene.recorder.set_price("HIGH", dollar_a_wei)
    borrower = scene.actor(HIGH=20_000)
    scene.supply(borrower, "HIGH", 10_000)
    while (bought := _base_for(scene.balance("aHIGH", borrower) - 1)) is None:
        scene.supply(borrower, "HIGH", 3)
    debt = 4000 * DOLLAR
    scene.borrow(borrower, "USDC", debt)
    scene.recorder.set_price("HIGH", debt * USDC_PRICE // bought)
    scene.liquidate(borrower, "HIGH", "USDC")
    scene.recorder.set_price("HIGH", HIGH.price)
    scene.look_at_flags(borrower)
    scene.look("aHIGH", "scaledBalanceOf(address)", borrower)


def _base_for(seized: int) -> int | None:
    """The collateral that, however its bonus is rounded, becomes what is to be seized."""
    base = -(-seized * 10_000 // BONUS_BPS)
    return base if percent_mul(base, BONUS_BPS) == percent_mul_floor(base, BONUS_BPS) == seized else None


CORNERS: tuple[Corner, ...] = (debt_of_nearly_two_thousand, collateral_without_threshold, all_but_a_wei)
