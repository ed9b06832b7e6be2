"""Situations with impostors: calls sent by the pool and by aTokens, which hold no key, and impossible reserves.

Behind the first line of a function that only another contract may call there is code like any other.
"""

from pooltwin.protocol.state import bitmaps

from ..harness.market import RECEIVER
from ..harness.releases import TREASURY
from ..harness.world import Call
from ..histories.scripts import EMODE_ASSET, SOURCES
from ..histories.user_calls import BORROW
from .arrangement import Arrangement, Plant, Price, Step, call, plant
from .offices import COLLATERAL, LTV_ZERO_IN_EMODE, RESCUE, ghost_of
from .pool import CHEAP, FLASH_SIMPLE, LIQUIDATE, WITHDRAW, flash, pool, repayments, supplies

RAY = 10**27
BURN, BURN_DEBT = "burn(address,address,uint256,uint256,uint256)", "burn(address,uint256,uint256)"
MINT, MINT_DEBT = "mint(address,address,uint256,uint256)", "mint(address,address,uint256,uint256,uint256)"
MINT_TO_TREASURY = "mintToTreasury(uint256,uint256)"
SEIZE = "transferOnLiquidation(address,address,uint256,uint256,uint256)"
RELEASE = "transferUnderlyingTo(address,uint256)"
FINALIZE = "finalizeTransfer(address,address,address,uint256,uint256)"
INITIALIZE_TOKEN = "initialize(address,address,uint8,string,string,bytes)"
UNINITIALISED = [plant(who, "last_initialized_revision", value=0) for who in ("pool", "configurator", "aUSDC", "vUSDC")]
IDENTITY = f"0x{4:040x}"
"""A precompiled contract that answers with the question."""
POOL_ID = b"POOL".ljust(32, b"\0")
LENDING = bitmaps.with_borrowing_enabled(bitmaps.with_active(bitmaps.with_decimals(8000, 6), True), True)
LENDING = bitmaps.with_borrowable_in_isolation(bitmaps.with_flash_loan_enabled(LENDING, True), True)
LENDING = bitmaps.with_liquidation_bonus(LENDING, 10_500)


def a_token(signature: str, *arguments: object) -> Call:
    """The pool calls its aToken."""
    return call("pool", "aUSDC", signature, *arguments)


def debt_token(signature: str, *arguments: object) -> Call:
    """The pool calls its debt token."""
    return call("pool", "vUSDC", signature, *arguments)


def ghost_on_loan(asset: str) -> tuple[Step, ...]:
    """A reserve of something that is no proper token, with everything that lending and liquidating it takes."""
    return (
        *ghost_of(asset),
        plant("pool", "reserves", asset, "configuration", value=LENDING),
        plant("pool", "reserves", asset, "virtual_underlying_balance", value=10**9),
        call("admin", "oracle", SOURCES, [asset], ["agg_USDC"]),
        CHEAP,
    )


def collateral_ghost_of(asset: str) -> tuple[Plant, ...]:
    """The same reserve with ISO's tokens and id, so that erin has borrowed against it."""
    return (
        plant("pool", "reserves", asset, "id", value=8),
        plant("pool", "reserves", asset, "a_token", value="aISO"),
        plant("aISO", "underlying", value=asset),
    )


def releases(asset: str) -> list[Call]:
    """Everything that sends an asset out."""
    return [
        pool("erin", WITHDRAW, asset, 10**6, "erin"),
        pool("erin", BORROW, asset, 10**6, 2, 0, "erin"),
        flash("alice", asset, 10**6, 0),
        pool("alice", FLASH_SIMPLE, RECEIVER, asset, 10**6, b"", 0),
        pool("bob", LIQUIDATE, asset, "USDC", "erin", 10**6, False),
    ]


IMPOSTORS = (
    Arrangement(
        "the pool mints and burns aTokens without reason",
        [],
        [
            ("InvalidMintAmount", [a_token(MINT, "bob", "bob", 0, RAY)]),
            ("InvalidBurnAmount", [a_token(BURN, "alice", "bob", 0, 0, RAY)]),
            (
                "Panic(0x11)",
                [
                    a_token(MINT, "bob", "bob", 2**120 - 1, RAY),
                    a_token(BURN, "alice", "bob", 1, 2**119, RAY),
                    a_token(SEIZE, "alice", "bob", 1, 2**119, RAY),
                ],
            ),
            (
                "SafeCastOverflowedUintDowncast",
                [
                    a_token(MINT, "bob", "bob", 2**120, RAY),
                    a_token(MINT_TO_TREASURY, 2**120, RAY),
                    a_token(SEIZE, "alice", "bob", 1, 2**120, RAY),
                    a_token(BURN, "alice", "bob", 1, 1, 2**128),
                ],
            ),
            ("error of the token", [a_token(BURN, "alice", "bob", 2**200, 1, RAY), a_token(RELEASE, "bob", 2**200)]),
            ("event Burn", [a_token(BURN, "alice", "bob", 5, 5, RAY)]),
            (
                "event Mint",
                [
                    a_token(MINT, "bob", "bob", 5, RAY),
                    a_token(MINT_TO_TREASURY, 5, RAY),
                    a_token(BURN, "alice", "bob", 1, 1, 2 * RAY),
                    a_token(SEIZE, "alice", "bob", 1, 1, 2 * RAY),
                ],
            ),
            (
                "event Transfer",
                [
                    a_token(MINT, "bob", "bob", 5, RAY),
                    a_token(MINT_TO_TREASURY, 5, RAY),
                    a_token(BURN, "alice", "bob", 5, 5, RAY),
                    a_token(SEIZE, "alice", "bob", 5, 5, RAY),
                    a_token(RELEASE, "bob", 5),
                ],
            ),
            ("event BalanceTransfer", [a_token(SEIZE, "alice", "bob", 5, 5, RAY)]),
        ],
        silenced=("pool",),
    ),
    Arrangement(
        "the pool mints to a treasury that has all there can be",
        [plant("aUSDC", "scaled_balances", TREASURY, value=2**120 - 1)],
        [("Panic(0x11)", [a_token(MINT_TO_TREASURY, 1, RAY)])],
        silenced=("pool",),
    ),
    Arrangement(
        "the pool mints and burns debt without reason",
        [],
        [
            ("InsufficientBorrowAllowance", [debt_token(MINT_DEBT, "bob", "carol", 5, 5, RAY)]),
            ("InvalidMintAmount", [debt_token(MINT_DEBT, "bob", "bob", 0, 0, RAY)]),
            ("InvalidBurnAmount", [debt_token(BURN_DEBT, "alice", 0, RAY)]),
            (
                "Panic(0x11)",
                [
                    debt_token(MINT_DEBT, "alice", "alice", 5, 2**120 - 1, RAY),
                    debt_token(BURN_DEBT, "alice", 2**119, RAY),
                ],
            ),
            (
                "SafeCastOverflowedUintDowncast",
                [debt_token(MINT_DEBT, "bob", "bob", 5, 2**120, RAY), debt_token(BURN_DEBT, "alice", 1, 2**128)],
            ),
            ("event Burn", [debt_token(BURN_DEBT, "alice", 5, RAY)]),
            (
                "event Mint",
                [debt_token(MINT_DEBT, "bob", "bob", 5, 5, RAY), debt_token(BURN_DEBT, "alice", 5, 2 * RAY)],
            ),
            (
                "event Transfer",
                [debt_token(MINT_DEBT, "bob", "bob", 5, 5, RAY), debt_token(BURN_DEBT, "alice", 5, RAY)],
            ),
        ],
        silenced=("pool",),
    ),
    Arrangement(
        "bob is an aToken, and finalises transfers that were none",
        [
            plant("pool", "reserves", "WETH", "a_token", value="bob"),
            plant("pool", "reserves", "WBTC", "a_token", value="bob"),
            call("admin", "configurator", "setReservePause(address,bool)", "WBTC", True),
        ],
        [
            ("ReservePaused", [pool("bob", FINALIZE, "WBTC", "carol", "dave", 1, 2)]),
            ("event ReserveUsedAsCollateralDisabled", [pool("bob", FINALIZE, "WETH", "carol", "dave", 5, 5)]),
        ],
    ),
    Arrangement(
        "aTokens that are people, of reserves whose places in the list are taken by others",
        [
            call("admin", "configurator", COLLATERAL, "USDT", 0, 7800, 10450),
            plant("pool", "reserves", "ISO", "a_token", value="dave"),
            plant("pool", "reserves_list", 8, value="LINK"),
            plant("pool", "reserves", "WETH", "a_token", value="dave"),
            plant("pool", "reserves_list", 0, value="WSTETH"),
        ],
        [
            ("HealthFactorLowerThanLiquidationThreshold", [pool("dave", FINALIZE, "ISO", "erin", "carol", 1, 2)]),
            ("LtvValidationFailed", [pool("dave", FINALIZE, "WETH", "bob", "carol", 1, 2)]),
        ],
    ),
    Arrangement(
        "the same, at a price that nothing can be multiplied with",
        [
            plant("pool", "reserves", "WETH", "a_token", value="dave"),
            plant("pool", "reserves_list", 0, value="WSTETH"),
            Price("USDC", 2**255 - 1),
        ],
        [("Panic(0x11)", [pool("dave", FINALIZE, "WETH", "alice", "carol", 1, 2)])],
    ),
    Arrangement(
        "proxies that have forgotten that they are initialised",
        UNINITIALISED,
        [
            ("InvalidAddressesProvider", [pool("bob", "initialize(address)", "bob")]),
            (
                "PoolAddressesDoNotMatch",
                [call("bob", t, INITIALIZE_TOKEN, "bob", "USDC", 6, "a", "a", b"") for t in ("aUSDC", "vUSDC")],
            ),
            (
                "event Initialized",
                [call("bob", t, INITIALIZE_TOKEN, "pool", "USDC", 6, "a", "a", b"") for t in ("aUSDC", "vUSDC")],
            ),
            (
                "event Upgraded",
                [
                    call("admin", "provider", "setPoolImpl(address)", "pool_impl"),
                    call("admin", "provider", "setPoolConfiguratorImpl(address)", "conf_impl"),
                    call("admin", "provider", "setAddressAsProxy(bytes32,address)", POOL_ID, "pool_impl"),
                ],
            ),
        ],
    ),
    *(
        Arrangement(
            f"a reserve and an aToken of something that {what}",
            [*ghost_on_loan(asset), *collateral_ghost_of(asset)],
            [(error, releases(asset))],
        )
        for what, asset, error in (
            ("answers false to everything", "refusing", "Error('GPv2: failed transfer')"),
            ("has no code", "bob", "Error('GPv2: not a contract')"),
            ("repeats what it is told", IDENTITY, "Error('GPv2: malformed transfer result')"),
        )
    ),
    *(
        Arrangement(
            f"an aToken of something that {what}",
            [plant("aUSDC", "underlying", value=asset)],
            [(error, [a_token(BURN, "alice", "bob", 5, 5, RAY), a_token(RELEASE, "bob", 5)])],
            silenced=("pool",),
        )
        for what, asset, error in (
            ("answers false to everything", "refusing", "Error('GPv2: failed transfer')"),
            ("has no code", "bob", "Error('GPv2: not a contract')"),
            ("repeats what it is told", IDENTITY, "Error('GPv2: malformed transfer result')"),
        )
    ),
    Arrangement(
        "what repeats what it is told is rescued from the pool",
        [],
        [("Error('GPv2: malformed transfer result')", [pool("admin", RESCUE, IDENTITY, "bob", 1)])],
    ),
    Arrangement(
        "a reserve of something that answers false to everything",
        ghost_on_loan("refusing"),
        [
            (
                "Error('GPv2: failed transferFrom')",
                [
                    *supplies("refusing", 5),
                    *repayments("alice", "refusing", 5),
                    flash("alice", "refusing", 5, 0),
                    pool("alice", FLASH_SIMPLE, RECEIVER, "refusing", 5, b"", 0),
                    pool("bob", LIQUIDATE, "ISO", "refusing", "erin", 10**6, False),
                ],
            )
        ],
    ),
    *(
        Arrangement(
            f"a reserve of something that {what}",
            ghost_on_loan(asset),
            [(error, [*supplies(asset, 5)[:2], repayments("alice", asset, 5)[0], *taken_back])],
        )
        for what, asset, error, taken_back in (
            ("has no code", "bob", "Error('GPv2: not a contract')", ()),
            (
                "repeats what it is told",
                IDENTITY,
                "Error('GPv2: malformed transfer result')",
                (pool("bob", LIQUIDATE, "ISO", IDENTITY, "erin", 10**6, False),),
            ),
        )
    ),
    Arrangement(
        "a pool without reserves",
        [plant("pool", "reserves_count", value=0)],
        [
            (
                "Panic(0x32)",
                [
                    call("admin", "configurator", EMODE_ASSET.format("Borrowable"), "weth9", 1, True),
                    call("admin", "configurator", EMODE_ASSET.format("Collateral"), "weth9", 1, True),
                    call("admin", "configurator", LTV_ZERO_IN_EMODE, "weth9", 1, True),
                ],
            )
        ],
    ),
    Arrangement(
        "a loan to value that is pending and does not fit",
        [plant("configurator", "pending_ltv", "GUSD", value=70_000)],
        [("InvalidLtv", [call("admin", "configurator", "setReserveLtvzero(address,bool)", "GUSD", False)])],
    ),
)
