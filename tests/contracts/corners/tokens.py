"""aTokens moved, signed for and flash-borrowed: orders of checks and events, widths, roundings of premiums."""

from pooltwin.protocol.math.wad_ray import ray_div, ray_div_floor, ray_mul, ray_mul_floor

from ..harness.evm import ZERO_ADDRESS
from ..harness.market import MAX_UINT, RECEIVER, SUPPLY
from ..harness.signing import Signer, malleated, permit_digest
from .scene import Corner, Scene

UNIT = 10**18
"""Of WETH."""
DUST_WORTH_THREE = 3 * 10**24
TRANSFER, TRANSFER_FROM = "transfer(address,uint256)", "transferFrom(address,address,uint256)"
FLASH = "flashLoanSimple(address,address,uint256,bytes,uint16)"


def moved(scene: Scene) -> None:
    """A first receipt, an amount wider than shares are, a spender without an allowance and one with."""
    sender, spender = scene.supplier(WETH=UNIT), scene.actor()
    scene.must(sender, "aWETH", TRANSFER, scene.actor(), UNIT // 2)
    scene.call(sender, "aWETH", TRANSFER, spender, 2**120)
    for allowance in (0, UNIT // 4):
        scene.must(sender, "aWETH", "approve(address,uint256)", spender, allowance)
        scene.call(spender, "aWETH", TRANSFER_FROM, sender, spender, UNIT // 8)


def withdrawn(scene: Scene) -> None:
    """Everything is withdrawn, and then nothing is left that could be collateral or not."""
    supplier = scene.supplier(WETH=UNIT)
    withdraw = "withdraw(address,uint256,address)"
    scene.must(supplier, "pool", withdraw, scene.address("WETH"), MAX_UINT, supplier)
    for on in (False, True):
        scene.use(supplier, "WETH", on)


def credit_of_half_a_cent(scene: Scene) -> None:
    """Collateral worth three of the smallest unit of account, half of which may be borrowed."""
    scene.look_at_position(scene.supplier(DUST=DUST_WORTH_THREE))


def the_other_signature(scene: Scene) -> None:
    """A permit with the signature that anybody can make of the right one."""
    owner, spender, deadline = Signer.numbered(0), scene.actor(), scene.recorder.chain.timestamp
    domain = scene.recorder.try_out(ZERO_ADDRESS, "aWETH", "DOMAIN_SEPARATOR()").ret
    signature = malleated(owner.sign(permit_digest(domain, (owner.address, spender), UNIT, 0, deadline)))
    permit = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    scene.call(spender, "aWETH", permit, owner.address, spender, UNIT, deadline, *signature)
    scene.look("aWETH", "allowance(address,address)", owner.address, spender)


def a_failing_permit(scene: Scene) -> None:
    """A supply with a permit that nobody signed, where the allowance is there already."""
    supplier, now = scene.actor(USDC=1000), scene.recorder.chain.timestamp
    signed = "supplyWithPermit(address,uint256,address,uint16,uint256,uint8,bytes32,bytes32)"
    scene.call(supplier, "pool", signed, scene.address("USDC"), 1000, supplier, 0, now, 27, bytes(32), bytes(32))


def to_the_a_token_itself(scene: Scene) -> None:
    """A supply for the aToken, and a withdrawal to it."""
    supplier, asset, a_token = scene.supplier(WETH=UNIT), scene.address("WETH"), scene.address("aWETH")
    scene.call(supplier, "pool", "withdraw(address,uint256,address)", asset, UNIT, a_token)
    scene.call(scene.actor(WETH=UNIT), "pool", SUPPLY, asset, UNIT, a_token, 0)


def the_same_asset_twice(scene: Scene) -> None:
    """A flash loan of one asset, asked for two times."""
    arguments = ([scene.address("WETH")] * 2, [UNIT] * 2, [0] * 2, scene.actor(), b"", 0)
    flash = "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"
    scene.call(scene.actor(), "pool", flash, RECEIVER, *arguments)


def premiums(scene: Scene) -> None:
    """Flash loans whose premiums, shares and treasury are other numbers with other roundings."""
    index = scene.number("pool", "getReserveNormalizedIncome(address)", scene.address("HIGH"))
    premium = next(n for n in range(1, 1000) if _premium_shows(n, index))
    borrower, receiver = scene.actor(), scene.actor(HIGH=10**6)
    scene.recorder.place_receiver("rich_receiver", "AlwaysTrueReceiver", receiver)
    for amount in (0, 2000 * premium, 2000 * premium + 1):
        scene.call(borrower, "pool", FLASH, receiver, scene.address("HIGH"), amount, b"", 0)
        scene.look_at_reserve("HIGH")
        scene.must(borrower, "pool", "mintToTreasury(address[])", [scene.address("HIGH")])


def _premium_shows(premium: int, index: int) -> bool:
    """Do its shares depend on the rounding, and what either number of shares is worth?"""
    shares = {ray_div(premium, index), ray_div_floor(premium, index)}
    return len(shares) == 2 and all(ray_mul(n, index) != ray_mul_floor(n, index) for n in shares)


CORNERS: tuple[Corner, ...] = (
    moved,
    withdrawn,
    credit_of_half_a_cent,
    the_other_signature,
    a_failing_permit,
    to_the_a_token_itself,
    the_same_asset_twice,
    premiums,
)
