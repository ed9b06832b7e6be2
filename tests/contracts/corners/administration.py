"""Settings, listings and implementations, and functions that only some releases have."""

from typing import Any

from ..harness.evm import ZERO_ADDRESS, calldata
from ..harness.market import ADMIN, UMBRELLA
from ..harness.releases import has, init_reserves, listing
from .scene import FROZEN, UNBACKED_MINT_CAP, VIRTUAL_ACCOUNTING, WHALE, Corner, Scene

MOCK_STABLE_DEBT = b"MOCK_STABLE_DEBT".ljust(32, b"\0")
RATES = (9000, 0, 300, 5000)
WORD = 32
LISTING_STARTS_AT = 4 + 3 * WORD
"""Selector, offset of the list, its length, offset of its only entry."""


def pending_ltv(scene: Scene) -> None:
    """An LTV is pending though the reserve is no longer frozen: does a new one end that?"""
    asset = scene.address("WBTC")
    scene.must(ADMIN, "configurator", "setReserveFreeze(address,bool)", asset, True)
    scene.rewrite("WBTC", 0, FROZEN)
    configure = "configureReserveAsCollateral(address,uint256,uint256,uint256)"
    scene.must(ADMIN, "configurator", configure, asset, 7300, 7800, 10500)
    scene.look("configurator", "getPendingLtv(address)", asset)


def malformed_listing(scene: Scene) -> None:
    """A listing wrong twice: too few decimals, and rate data that begin behind the end. Which is noticed first?"""
    recorder = scene.recorder
    recorder.deploy("FIVE", "TestnetERC20", ["FIVE", "FIVE", 5, ADMIN])
    signature, entry = init_reserves(recorder), listing(recorder, "FIVE", RATES)
    data = calldata(signature, [entry])
    last = LISTING_STARTS_AT + (len(entry) - 1) * WORD
    for wrong in (data, data[:last] + (2**64).to_bytes(WORD, "big") + data[last + WORD :]):
        recorder.transact_raw(ADMIN, "configurator", signature, wrong)


def frozen_and_thawed(scene: Scene) -> None:
    """Borrow against an asset while it is frozen, and again when it no longer is."""
    for frozen in (True, False):
        scene.must(ADMIN, "configurator", "setReserveFreeze(address,bool)", scene.address("USDT"), frozen)
        scene.look("pool", "getConfiguration(address)", scene.address("USDT"))
    configure = "configureReserveAsCollateral(address,uint256,uint256,uint256)"
    scene.must(ADMIN, "configurator", configure, scene.address("USDT"), 7500, 7800, 10450)


def without_virtual_accounting(scene: Scene) -> None:
    """Show whether the liquidity of a reserve is counted whose configuration says it is not."""
    scene.rewrite("GUSD", 0, VIRTUAL_ACCOUNTING)
    scene.supplier(GUSD=1000)
    scene.look("pool", "getVirtualUnderlyingBalance(address)", scene.address("GUSD"))
    scene.rewrite("GUSD", 1, VIRTUAL_ACCOUNTING)


def revision_numbers(scene: Scene) -> None:
    """Read the revision numbers of the contracts."""
    scene.look("pool", "POOL_REVISION()")
    scene.look("configurator", "CONFIGURATOR_REVISION()")
    scene.look("aWETH", "ATOKEN_REVISION()")
    scene.look("vWETH", "DEBT_TOKEN_REVISION()")


def category_cut_short(scene: Scene) -> None:
    """A stranger sends the pool a category whose label is missing: which is noticed first, who calls or what?"""
    plain, isolated = (
        f"configureEModeCategory(uint8,(uint16,uint16,uint16,{end}))" for end in ("string", "bool,string")
    )
    if has(scene.recorder.chain.artifacts, "PoolInstance", plain):
        signature, data = plain, calldata(plain, 4, (9000, 9300, 10200, "label"))
    else:
        signature, data = isolated, calldata(isolated, 4, (9000, 9300, 10200, False, "label"))
    scene.recorder.transact_raw(WHALE, "pool", signature, data[: -2 * WORD])


def bare_implementations(scene: Scene) -> None:
    """Can an implementation that nobody proxies be initialised?"""
    for label in ("pool_impl", "conf_impl"):
        scene.call(WHALE, label, "initialize(address)", scene.address("provider"))
    pool, asset, names = scene.address("pool"), scene.address("WETH"), ("bare", "BARE", b"")
    for label in ("atoken_impl", "vtoken_impl"):
        for head in ((pool, asset), (pool, asset, ZERO_ADDRESS), (pool, WHALE, asset, ZERO_ADDRESS)):
            signature = f"initialize({'address,' * len(head)}uint8,string,string,bytes)"
            scene.call(WHALE, label, signature, *head, 18, *names)


def mock_stable_debt(scene: Scene) -> None:
    """Ask for a stable debt token where only a mock can be shown."""
    scene.must(ADMIN, "provider", "setAddress(bytes32,address)", MOCK_STABLE_DEBT, scene.actor())
    scene.look("pool", "getReserveData(address)", scene.address("WETH"))
    scene.look("data_provider", "getReserveTokensAddresses(address)", scene.address("WETH"))


def unlisted_asset(scene: Scene) -> None:
    """Ask the views about an address that is no reserve."""
    stranger = scene.actor()
    for signature in (
        "getReserveData(address)",
        "getReserveConfigurationData(address)",
        "getReserveCaps(address)",
        "getReserveTokensAddresses(address)",
        "getATokenTotalSupply(address)",
        "getTotalDebt(address)",
        "getInterestRateStrategyAddress(address)",
        "getUnbackedMintCap(address)",
        "getDebtCeiling(address)",
    ):
        scene.look("data_provider", signature, stranger)
    scene.look("data_provider", "getUserReserveData(address,address)", stranger, WHALE)
    for signature in ("getReserveData(address)", "getReserveNormalizedIncome(address)", "getReserveAToken(address)"):
        scene.look("pool", signature, stranger)


def functions_of_some_releases(scene: Scene) -> None:
    """A call of each function that came or went, one for every switch."""
    asset, other = scene.address("USDC"), scene.actor()
    scene.setting("USDC", "setUnbackedMintCap(address,uint256)", 5, UNBACKED_MINT_CAP)
    scene.look("data_provider", "getUnbackedMintCap(address)", asset)
    calls: tuple[tuple[Any, ...], ...] = (
        (WHALE, "data_provider", "POOL()"),
        (WHALE, "aUSDC", "burn(address,address,uint256,uint256)", other, other, 1, 1),
        (WHALE, "aUSDC", "burn(address,address,uint256,uint256,uint256)", other, other, 1, 1, 1),
        (WHALE, "data_provider", "getReserveDeficit(address)", asset),
        (WHALE, "pool", "UMBRELLA()"),
        (WHALE, "pool", "getReserveDeficit(address)", asset),
        (UMBRELLA, "pool", "eliminateReserveDeficit(address,uint256)", asset, 1),
        (WHALE, "pool", "getBridgeLogic()"),
        (WHALE, "pool", "mintUnbacked(address,uint256,address,uint16)", asset, 1, other, 0),
        (WHALE, "pool", "backUnbacked(address,uint256,uint256)", asset, 1, 0),
        (WHALE, "pool", "approvePositionManager(address,bool)", other, True),
        (other, "pool", "setUserEModeOnBehalfOf(uint8,address)", 1, WHALE),
        (other, "pool", "renouncePositionManagerRole(address)", WHALE),
        (WHALE, "pool", "multicall(bytes[])", []),
        (ADMIN, "configurator", "setReserveLtvzero(address,bool)", asset, True),
        (ADMIN, "configurator", "setReserveLtvzero(address,bool)", asset, False),
        (ADMIN, "configurator", "setEModeCategoryIsolated(uint8,bool)", 2, True),
        (ADMIN, "configurator", "setEModeCategoryIsolated(uint8,bool)", 2, False),
        (WHALE, "configurator", "getConfiguratorLogic()"),
        (ADMIN, "configurator", "dropReserve(address)", asset),
    )
    for call in calls:
        scene.call(*call)


CORNERS: tuple[Corner, ...] = (
    pending_ltv,
    frozen_and_thawed,
    without_virtual_accounting,
    revision_numbers,
    malformed_listing,
    category_cut_short,
    bare_implementations,
    mock_stable_debt,
    unlisted_asset,
    functions_of_some_releases,
)
