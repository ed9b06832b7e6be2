"""Flags and allowances after repaying, sending and borrowing so little, or so exactly, that releases disagree."""

from pooltwin.protocol.math.wad_ray import ray_div, ray_mul

from ..harness.evm import ZERO_ADDRESS
from ..harness.market import ADMIN, MAX_UINT
from ..harness.releases import has, rate_data
from ..histories.user_calls import BORROW, VARIABLE
from .scene import Corner, Scene

UNIT, DOLLAR = 10**18, 10**6
"""Of WETH, and of USDC."""
MANY = 10**12
"""Allowance enough for everything here."""


def shares_gone_before_the_debt(scene: Scene) -> None:
    """A wei less than the debt is repaid, which half up is all of its shares: does the borrower still owe?"""
    index = scene.number("pool", "getReserveNormalizedVariableDebt(address)", scene.address("HIGH"))
    shares = next(n for n in range(1, 100) if ray_div(ray_mul(n, index) - 1, index) == n)
    debt = ray_mul(shares, index)
    borrower = scene.supplier(WETH=UNIT)
    scene.must(borrower, "HIGH", "approve(address,uint256)", scene.address("pool"), debt)
    scene.borrow(borrower, "HIGH", debt)
    scene.repay(borrower, "HIGH", debt - 1)
    scene.look_at_flags(borrower)


def less_than_half_a_share(scene: Scene) -> None:
    """One wei of aTokens, worth less than half a share, is sent to somebody who has none."""
    sender, recipient = scene.supplier(HIGH=100), scene.actor()
    scene.must(sender, "aHIGH", "transfer(address,uint256)", recipient, 1)
    scene.look_at_flags(sender, recipient)


def repaid_with_what_was_no_collateral(scene: Scene) -> None:
    """All aTokens of a supply that was no collateral go into a repayment: is it said that it no longer is?"""
    borrower = scene.supplier(WETH=10 * UNIT, USDC=100 * DOLLAR)
    scene.use(borrower, "USDC", False)
    scene.borrow(borrower, "USDC", 1000 * DOLLAR)
    scene.must(borrower, "pool", "repayWithATokens(address,uint256,uint256)", scene.address("USDC"), MAX_UINT, VARIABLE)


def other_rate_modes(scene: Scene) -> None:
    """Borrowing and repaying with a stable rate, or with none."""
    borrower = scene.supplier(WETH=UNIT)
    scene.borrow(borrower, "USDC", DOLLAR)
    for mode in (1, 0):
        scene.call(borrower, "pool", BORROW, scene.address("USDC"), DOLLAR, mode, 0, borrower)
        repay = "repay(address,uint256,uint256,address)"
        scene.call(borrower, "pool", repay, scene.address("USDC"), DOLLAR, mode, borrower)


def delegated_and_renounced(scene: Scene) -> None:
    """Borrowing for somebody else spends a delegation, aloud or not; what is left can be given up or not."""
    delegator, delegatee = scene.supplier(WETH=10 * UNIT), scene.actor()
    scene.must(delegator, "vUSDC", "approveDelegation(address,uint256)", delegatee, MANY)
    scene.borrow(delegatee, "USDC", 100 * DOLLAR, delegator)
    scene.look("vUSDC", "borrowAllowance(address,address)", delegator, delegatee)
    scene.call(delegatee, "vUSDC", "renounceDelegation(address)", delegator)
    scene.must(delegator, "aWETH", "approve(address,uint256)", delegatee, MANY)
    scene.call(delegatee, "aWETH", "renounceAllowance(address)", delegator)
    scene.call(delegatee, "vUSDC", "renounceAllowance(address)", delegator)
    scene.look("vUSDC", "borrowAllowance(address,address)", delegator, delegatee)
    scene.look("aWETH", "allowance(address,address)", delegator, delegatee)


def two_reserves_with_one_debt_token(scene: Scene) -> None:
    """Debt shares that another reserve's borrowing made: is a borrower who has them already one of this reserve?

    Only who stands in for the configurator can list an asset with the tokens of another.
    """
    recorder, usdc = scene.recorder, scene.address("USDC")
    token = recorder.deploy("SHARED", "TestnetERC20", ["SHARED", "SHARED", 6, ADMIN])
    feed = recorder.deploy("agg_SHARED", "MockAggregator", [10**8])
    scene.must(ADMIN, "oracle", "setAssetSources(address[],address[])", [token], [feed])
    tokens = (token, scene.address("aUSDC"), scene.address("vUSDC"))
    listing = ("pool", "initReserve(address,address,address)", *tokens)
    if not has(recorder.chain.artifacts, "PoolInstance", listing[1]):
        listing = ("pool", "initReserve(address,address,address,address)", *tokens, scene.address("irs"))
    word = recorder.try_out(ZERO_ADDRESS, "pool", "getConfiguration(address)", usdc).ret
    scene.usurp(
        listing,
        ("pool", "setConfiguration(address,(uint256))", token, (int.from_bytes(word, "big"),)),
        ("irs", "setInterestRateParams(address,bytes)", token, rate_data((9000, 0, 500, 5000))),
    )
    scene.supplier(SHARED=1000 * DOLLAR)
    borrower = scene.supplier(WETH=UNIT)
    scene.borrow(borrower, "USDC", 100 * DOLLAR)
    scene.borrow(borrower, "SHARED", 100 * DOLLAR)
    scene.look_at_flags(borrower)


CORNERS: tuple[Corner, ...] = (
    shares_gone_before_the_debt,
    less_than_half_a_share,
    repaid_with_what_was_no_collateral,
    other_rate_modes,
    delegated_and_renounced,
    two_reserves_with_one_debt_token,
)
