"""Liquidations at the point where a rounding, a rule or a flag decides otherwise than in the next release."""

from collections.abc import Callable

from pooltwin.protocol.math.percentage import (
    percent_div,
    percent_div_floor,
    percent_mul,
    percent_mul_ceil,
    percent_mul_floor,
)

from ..harness.evm import ZERO_ADDRESS
from ..harness.market import ADMIN, MAX_UINT, UMBRELLA
from .scene import HIGH, LIQUIDATE, LTV, MONTHS, THRESHOLD, Corner, Scene

UNIT, DOLLAR = 10**18, 10**6
"""Of WETH and LINK, and of USDC."""
USDC_PRICE, WETH_PRICE = 10**8, 2000 * 10**8
LINK_PRICE = 1512345678
BONUS_BPS, FEE_BPS = 10_500, 1_000
"""Of HIGH and WETH; the treasury's part of WETH's bonus."""


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
    scene.look_at_position(borrower)
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


def fee_between_roundings(scene: Scene) -> None:
    """All of a collateral is seized, of which each rounding makes another fee; what it does not pay is covered."""
    weth = next(amount for amount in range(7 * UNIT // 10, UNIT) if _fee_shows(amount))
    borrower, lender = scene.supplier(WETH=weth), scene.supplier(HIGH=1000 * DOLLAR)
    scene.borrow(borrower, "HIGH", 500 * DOLLAR)
    scene.recorder.set_price("HIGH", 10 * HIGH.price)
    scene.liquidate(borrower, "WETH", "HIGH")
    scene.recorder.set_price("HIGH", HIGH.price)
    scene.must(lender, "aHIGH", "transfer(address,uint256)", UMBRELLA, 100)
    for amount in (7, 8):
        scene.call(UMBRELLA, "pool", "eliminateReserveDeficit(address,uint256)", scene.address("HIGH"), amount)
    scene.look_at_reserve("HIGH")


def _fee_shows(seized: int) -> bool:
    """Tell whether the treasury's part differs with either of the roundings that v3.7 changed."""

    def fee(div: Callable[[int, int], int], mul: Callable[[int, int], int]) -> int:
        return mul(seized - div(seized, BONUS_BPS), FEE_BPS)

    return fee(percent_div, percent_mul) not in (
        fee(percent_div_floor, percent_mul),
        fee(percent_div, percent_mul_ceil),
    )


def own_liquidator(scene: Scene) -> None:
    """A borrower takes all of its own collateral as aTokens, which it then has for the first time, or never lost."""
    borrower = scene.supplier(LINK=100 * UNIT)
    scene.borrow(borrower, "USDC", 800 * DOLLAR)
    scene.must(borrower, "USDC", "approve(address,uint256)", scene.address("pool"), MAX_UINT)
    scene.recorder.set_price("LINK", LINK_PRICE // 3)
    arguments = (scene.address("LINK"), scene.address("USDC"), borrower, MAX_UINT, True)
    scene.call(borrower, "pool", LIQUIDATE, *arguments)
    scene.recorder.set_price("LINK", LINK_PRICE)
    scene.look_at_flags(borrower)


def sequencer_down(scene: Scene) -> None:
    """A sentinel that forbids borrowing and liquidation; where the release has none, somebody without code."""
    recorder, signature = scene.recorder, "setPriceOracleSentinel(address)"
    guard = scene.actor()
    if "PriceOracleSentinel" in recorder.chain.artifacts:
        sequencer = recorder.deploy("sequencer", "SequencerOracle", [ADMIN])
        guard = recorder.deploy("sentinel", "PriceOracleSentinel", [scene.address("provider"), sequencer, 3600])
        scene.must(ADMIN, "sequencer", "setAnswer(bool,uint256)", True, recorder.chain.timestamp)
    borrower = scene.supplier(WETH=10 * UNIT)
    scene.borrow(borrower, "USDC", 15_000 * DOLLAR)
    scene.must(ADMIN, "provider", signature, guard)
    scene.borrow(borrower, "USDC", DOLLAR)
    recorder.set_price("WETH", WETH_PRICE * 88 // 100)
    scene.liquidate(borrower, "WETH", "USDC", 1000 * DOLLAR)
    recorder.set_price("WETH", WETH_PRICE)
    scene.must(ADMIN, "provider", signature, ZERO_ADDRESS)


def debt_of_the_collateral(scene: Scene) -> None:
    """Debt of the same asset as the collateral, after some time: is its interest accrued to the treasury once?"""
    borrower = scene.supplier(HIGH=1000 * DOLLAR)
    scene.borrow(borrower, "HIGH", 400 * DOLLAR)
    scene.wait(MONTHS)
    scene.liquidate(borrower, "HIGH", "HIGH")
    scene.look_at_reserve("HIGH")


CORNERS: tuple[Corner, ...] = (
    debt_of_nearly_two_thousand,
    collateral_without_threshold,
    all_but_a_wei,
    fee_between_roundings,
    own_liquidator,
    sequencer_down,
)
LAST: tuple[Corner, ...] = (debt_of_the_collateral,)
