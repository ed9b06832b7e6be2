"""Arranged situations of the pool: numbers at the edge of their integers, isolation, collateral that lends nothing."""

from ..harness.market import MAX_UINT, RECEIVER, SUPPLY
from ..harness.releases import TREASURY, rate_data
from ..harness.world import Call
from ..histories.user_calls import BORROW
from .arrangement import USE, YEAR, Arrangement, At, Price, call, plant
from .offices import ALLOW, COLLATERAL, DETHRONED, FACTOR, RATE_DATA, TRANSFER_FROM, USUAL_RATES

CONFIGURE = "setConfiguration(address,(uint256))"
FLASH = "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)"
FLASH_SIMPLE = "flashLoanSimple(address,address,uint256,bytes,uint16)"
LIQUIDATE = "liquidationCall(address,address,address,uint256,bool)"
REPAY, REPAY_WITH_A_TOKENS = "repay(address,uint256,uint256,address)", "repayWithATokens(address,uint256,uint256)"
REPAY_WITH_PERMIT = "repayWithPermit(address,uint256,uint256,address,uint256,uint8,bytes32,bytes32)"
SUPPLY_WITH_PERMIT = "supplyWithPermit(address,uint256,address,uint16,uint256,uint8,bytes32,bytes32)"
DEPOSIT, WITHDRAW = SUPPLY.replace("supply", "deposit"), "withdraw(address,uint256,address)"
COVER = "eliminateReserveDeficit(address,uint256)"
MINT_TO_TREASURY = "mintToTreasury(address[])"
ACCOUNT_DATA = "getUserAccountData(address)"
EMODE, EMODE_FOR = "setUserEMode(uint8)", "setUserEModeOnBehalfOf(uint8,address)"
USE_FOR = "setUserUseReserveAsCollateralOnBehalfOf(address,bool,address)"
MANAGER = "approvePositionManager(address,bool)"
NO_PERMIT = (0, 27, bytes(32), bytes(32))
MILLION = 10**12
"""A million USDC."""


def pool(sender: str, signature: str, *arguments: object) -> Call:
    """A call on the pool."""
    return call(sender, "pool", signature, *arguments)


def flash(sender: str, asset: str, amount: int, mode: int) -> Call:
    """A flash loan of one asset for oneself."""
    return pool(sender, FLASH, RECEIVER, [asset], [amount], [mode], sender, b"", 0)


def supplies(asset: str, amount: int) -> list[Call]:
    """Every way for bob to supply."""
    return [
        pool("bob", SUPPLY, asset, amount, "bob", 0),
        pool("bob", DEPOSIT, asset, amount, "bob", 0),
        pool("bob", SUPPLY_WITH_PERMIT, asset, amount, "bob", 0, *NO_PERMIT),
    ]


def repayments(debtor: str, asset: str, amount: int) -> list[Call]:
    """Every way for a debtor to repay with underlying."""
    return [
        pool(debtor, REPAY, asset, amount, 2, debtor),
        pool(debtor, REPAY_WITH_PERMIT, asset, amount, 2, debtor, *NO_PERMIT),
    ]


DEFICIT = plant("pool", "reserves", "USDC", "deficit", value=MILLION)
CHEAP = Price("ISO", 10**9)
"""What erin borrowed against has lost nine tenths of its value."""
TOUCHES_USDC = [
    *supplies("USDC", 10**6),
    *repayments("alice", "USDC", 10**6),
    pool("alice", REPAY_WITH_A_TOKENS, "USDC", 10**6, 2),
    pool("alice", WITHDRAW, "USDC", 10**6, "alice"),
    pool("alice", BORROW, "USDC", 10**6, 2, 0, "alice"),
    pool("bob", LIQUIDATE, "ISO", "USDC", "erin", 10**6, False),
    pool("umbrella", COVER, "USDC", 10**6),
    flash("alice", "USDC", 10**6, 0),
    pool("alice", FLASH_SIMPLE, RECEIVER, "USDC", 10**6, b"", 0),
    call("admin", "configurator", FACTOR, "USDC", 5),
    call("admin", "configurator", RATE_DATA, "USDC", rate_data(USUAL_RATES)),
]
"""Every call that brings the USDC reserve to the present."""
SYNC = pool("erin", "syncIndexesState(address)", "USDC")

POOL = (
    Arrangement(
        "the liquidity index is about to leave 128 bits",
        [
            call("alice", "aUSDC", ALLOW, "bob", MAX_UINT),
            DEFICIT,
            CHEAP,
            plant("pool", "reserves", "USDC", "liquidity_index", value=2**128 - 1),
            plant("pool", "reserves", "USDC", "current_liquidity_rate", value=10**27),
            At(YEAR),
        ],
        [("SafeCastOverflowedUintDowncast", [*TOUCHES_USDC, call("bob", "aUSDC", TRANSFER_FROM, "alice", "bob", 1)])],
    ),
    Arrangement(
        "the treasury is owed all that 128 bits hold",
        [
            DEFICIT,
            CHEAP,
            plant("pool", "reserves", "USDC", "accrued_to_treasury", value=2**128 - 1),
            plant("pool", "reserves", "USDC", "current_variable_borrow_rate", value=10**27),
            At(YEAR),
        ],
        [
            ("Panic(0x11)", TOUCHES_USDC),
            ("SafeCastOverflowedUintDowncast", [pool("bob", MINT_TO_TREASURY, ["USDC"])]),
        ],
    ),
    Arrangement(
        "the same two, for a pool that obeys erin",
        [
            plant("pool", "reserves", "USDC", "accrued_to_treasury", value=2**128 - 1),
            plant("pool", "reserves", "USDC", "current_variable_borrow_rate", value=10**27),
            DETHRONED,
            At(YEAR),
        ],
        [("Panic(0x11)", [SYNC])],
    ),
    Arrangement(
        "an index of 128 bits, for a pool that obeys erin",
        [
            plant("pool", "reserves", "USDC", "liquidity_index", value=2**128 - 1),
            plant("pool", "reserves", "USDC", "current_liquidity_rate", value=10**27),
            DETHRONED,
            At(YEAR),
        ],
        [("SafeCastOverflowedUintDowncast", [SYNC])],
    ),
    Arrangement(
        "a reserve factor above one",
        [DETHRONED, plant("pool", "reserves", "USDC", "configuration", value=lambda word: word | 0xFFFF << 64)],
        [("Panic(0x11)", [pool("erin", "syncRatesState(address)", "USDC")])],
    ),
    Arrangement(
        "the treasury has all the aTokens that 120 bits hold",
        [
            plant("pool", "reserves", "USDC", "accrued_to_treasury", value=1),
            plant("aUSDC", "scaled_balances", TREASURY, value=2**120 - 1),
        ],
        [("Panic(0x11)", [pool("bob", MINT_TO_TREASURY, ["USDC"])])],
    ),
    Arrangement(
        "a price that nothing can be multiplied with",
        [pool("alice", MANAGER, "bob", True), Price("WETH", 2**255 - 1)],
        [
            (
                "Panic(0x11)",
                [
                    pool("bob", ACCOUNT_DATA, "alice"),
                    pool("alice", EMODE, 3),
                    pool("bob", EMODE_FOR, 3, "alice"),
                    pool("alice", USE, "USDC", False),
                    pool("bob", USE_FOR, "USDC", False, "alice"),
                ],
            )
        ],
    ),
    Arrangement(
        "collateral without a price",
        [call("admin", "oracle", "setFallbackOracle(address)", "fallback_oracle"), Price("ISO", 0)],
        [("Panic(0x12)", [pool("bob", LIQUIDATE, "ISO", "USDC", "erin", 10**6, False)])],
    ),
    Arrangement(
        "alice manages for bob, bob for erin, and some collateral lends nothing",
        [
            pool("bob", MANAGER, "alice", True),
            pool("erin", MANAGER, "bob", True),
            call("erin", "aISO", ALLOW, "bob", MAX_UINT),
            call("bob", "aWETH", ALLOW, "alice", MAX_UINT),
            call("carol", "aWETH", ALLOW, "alice", MAX_UINT),
            pool("alice", SUPPLY, "WETH", 10**18, "erin", 0),
            call("admin", "configurator", COLLATERAL, "USDT", 0, 7800, 10450),
        ],
        [
            ("InconsistentEModeCategory", [pool("alice", EMODE_FOR, 9, "bob")]),
            (
                "HealthFactorLowerThanLiquidationThreshold",
                [
                    pool("bob", USE_FOR, "ISO", False, "erin"),
                    call("bob", "aISO", TRANSFER_FROM, "erin", "bob", 10**21 - 1),
                ],
            ),
            (
                "LtvValidationFailed",
                [
                    pool("alice", USE_FOR, "WETH", False, "bob"),
                    call("alice", "aWETH", TRANSFER_FROM, "bob", "alice", 1),
                ],
            ),
            ("UserInIsolationModeOrLtvZero", [pool("bob", USE_FOR, "WETH", True, "erin")]),
            (
                "event ReserveUsedAsCollateralDisabled",
                [call("alice", "aWETH", TRANSFER_FROM, "carol", "alice", 5000 * 10**18)],
            ),
        ],
    ),
    Arrangement(
        "WETH is paused",
        [
            pool("bob", MANAGER, "alice", True),
            call("admin", "configurator", "setReservePause(address,bool)", "WETH", True),
        ],
        [("ReservePaused", [pool("alice", USE_FOR, "WETH", False, "bob")])],
    ),
    Arrangement(
        "WETH and USDC are not active",
        [
            pool("bob", MANAGER, "alice", True),
            DEFICIT,
            DETHRONED,
            pool("erin", CONFIGURE, "WETH", (0,)),
            pool("erin", CONFIGURE, "USDC", (0,)),
        ],
        [
            (
                "ReserveInactive",
                [
                    pool("alice", USE_FOR, "WETH", False, "bob"),
                    pool("bob", WITHDRAW, "WETH", 1, "bob"),
                    pool("umbrella", COVER, "USDC", 1),
                ],
            )
        ],
    ),
    Arrangement(
        "a supply for an aToken",
        [],
        [("SupplyToAToken", [pool("bob", DEPOSIT, "USDC", 10**6, "aUSDC", 0)])],
    ),
    Arrangement(
        "a deficit as large as what the umbrella supplied",
        [DEFICIT],
        [("event ReserveUsedAsCollateralDisabled", [pool("umbrella", COVER, "USDC", MILLION)])],
    ),
    Arrangement(
        "the aToken's underlying is gone",
        [plant("USDC", "balances", "aUSDC", value=0)],
        [
            (
                "error of the token",
                [
                    pool("alice", BORROW, "USDC", 10**6, 2, 0, "alice"),
                    pool("alice", WITHDRAW, "USDC", 10**6, "alice"),
                    flash("alice", "USDC", 10**6, 0),
                ],
            )
        ],
    ),
    Arrangement(
        "erin is in isolation mode",
        [pool("alice", SUPPLY, "USDC", 10**9, "erin", 0)],
        [
            ("AssetNotBorrowableInIsolation", [flash("erin", "WETH", 10**12, 2)]),
            ("DebtCeilingExceeded", [flash("erin", "USDC", MILLION // 5, 2)]),
            (
                "event IsolationModeTotalDebtUpdated",
                [
                    flash("erin", "USDC", 10**6, 2),
                    *repayments("erin", "USDC", 10**6),
                    pool("erin", REPAY_WITH_A_TOKENS, "USDC", 10**6, 2),
                ],
            ),
        ],
    ),
    Arrangement(
        "erin is in isolation mode and under water",
        [CHEAP],
        [("event IsolationModeTotalDebtUpdated", [pool("bob", LIQUIDATE, "ISO", "USDC", "erin", MAX_UINT, False)])],
    ),
    Arrangement(
        "erin's collateral lends nothing",
        [call("admin", "configurator", COLLATERAL, "ISO", 0, 7500, 10500)],
        [("LtvValidationFailed", [flash("erin", "USDC", 10**6, 2)])],
    ),
)
