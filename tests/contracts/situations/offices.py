"""Arranged situations of roles, test tokens, oracles, the configurator and the rate strategy."""

from pooltwin.protocol.state import bitmaps

from ..harness.market import MAX_UINT
from ..harness.releases import INIT_RESERVES, rate_data
from ..harness.world import Call
from ..histories.usurped import CONFIGURATOR_ID, SET_ADDRESS
from .arrangement import Arrangement, At, Permit, Plant, call, plant

COLLATERAL = "configureReserveAsCollateral(address,uint256,uint256,uint256)"
COLLATERAL_IN_EMODE = "setAssetCollateralInEMode(address,uint8,bool)"
LTV_ZERO_IN_EMODE = "setAssetLtvzeroInEMode(address,uint8,bool)"
RESCUE = "rescueTokens(address,address,uint256)"
CEILING = "setDebtCeiling(address,uint256)"
INIT_RESERVE = "initReserve(address,address,address)"
FACTOR = "setReserveFactor(address,uint256)"
RATE_DATA = "setReserveInterestRateData(address,bytes)"
TRANSFER, TRANSFER_FROM = "transfer(address,uint256)", "transferFrom(address,address,uint256)"
ALLOW = "approve(address,uint256)"
ROLES = ("PoolAdmin", "EmergencyAdmin", "RiskAdmin", "FlashBorrower", "Bridge", "AssetListingAdmin")
END_OF_TIME = 2**40 - 1
USUAL_RATES = (9000, 0, 100, 1000)
DETHRONED = call("admin", "provider", SET_ADDRESS, CONFIGURATOR_ID, "erin")
"""The pool obeys erin instead of its configurator."""


def listing_of(token: str, rates: tuple[int, int, int, int] = USUAL_RATES) -> Call:
    """The admin lists a token."""
    entry = ("atoken_impl", "vtoken_impl", token, "a", "a", "v", "v", b"", rate_data(rates))
    return call("admin", "configurator", INIT_RESERVES, [entry])


def ghost_of(asset: str) -> tuple[Plant, ...]:
    """A reserve like USDC's that is not in the list."""
    return (
        plant("pool", "reserves", asset, "a_token", value="aUSDC"),
        plant("pool", "reserves", asset, "variable_debt_token", value="vUSDC"),
        plant("pool", "reserves", asset, "liquidity_index", value=10**27),
        plant("pool", "reserves", asset, "variable_borrow_index", value=10**27),
        plant("pool", "reserves", asset, "configuration", value=bitmaps.with_active(8000, True)),
    )


def _set_up(name: str, *arguments: object) -> Call:
    return call("admin", "configurator", name, *arguments)


OFFICES = (
    Arrangement(
        "bob has every role",
        [call("admin", "acl", f"add{role}(address)", "bob") for role in ROLES],
        [
            ("event RoleRevoked", [call("admin", "acl", f"remove{role}(address)", "bob") for role in ROLES]),
            ("event RoleRevoked", [call("admin", "acl", "revokeRole(bytes32,address)", bytes(32), "admin")]),
        ],
    ),
    Arrangement(
        "the sequencer came back in the future",
        [call("admin", "sequencer", "setAnswer(bool,uint256)", False, 2**60)],
        [("Panic(0x11)", [call("bob", "sentinel", f"is{what}Allowed()") for what in ("Borrow", "Liquidation")])],
    ),
    Arrangement(
        "the sentinel asks somebody without code",
        [call("admin", "sentinel", "setSequencerOracle(address)", "bob")],
        [("empty revert", [call("bob", "sentinel", f"is{what}Allowed()") for what in ("Borrow", "Liquidation")])],
    ),
    Arrangement(
        "a token that answers false to everything",
        [],
        [
            (
                "Error('GPv2: failed transfer')",
                [call("admin", to, RESCUE, "refusing", "bob", 1) for to in ("pool", "aUSDC")],
            )
        ],
    ),
    Arrangement(
        "an allowance without limit",
        [call("alice", "aUSDC", ALLOW, "bob", MAX_UINT)],
        [("Panic(0x11)", [call("alice", "aUSDC", "increaseAllowance(address,uint256)", "bob", 1)])],
    ),
    Arrangement(
        "the test token, used by the zero address",
        [call("admin", "USDC", "renounceOwnership()"), call("alice", "USDC", ALLOW, "bob", MAX_UINT)],
        [
            ("Error('ERC20: mint to the zero address')", [call("nobody", "USDC", "mint(uint256)", 5)]),
            ("Error('ERC20: approve to the zero address')", [call("nobody", "USDC", TRANSFER_FROM, "alice", "bob", 0)]),
            ("Error('ERC20: transfer from the zero address')", [call("nobody", "USDC", TRANSFER, "bob", 0)]),
            (
                "Error('ERC20: approve from the zero address')",
                [
                    call("nobody", "USDC", ALLOW, "bob", 1),
                    call("nobody", "USDC", "increaseAllowance(address,uint256)", "bob", 1),
                    call("nobody", "USDC", "decreaseAllowance(address,uint256)", "bob", 0),
                ],
            ),
        ],
    ),
    Arrangement(
        "a signed permit for the zero address",
        [],
        [("Error('ERC20: approve to the zero address')", [Permit("USDC", "nobody", 1)])],
    ),
    Arrangement(
        "the pool obeys erin",
        [DETHRONED],
        [
            (
                "CallerNotPoolConfigurator",
                [
                    _set_up(COLLATERAL, "USDC", 7000, 7800, 10450),
                    listing_of("weth9"),
                    _set_up(LTV_ZERO_IN_EMODE, "WETH", 1, True),
                    _set_up(CEILING, "GUSD", 5),
                ],
            ),
            (
                "InvalidMaxRate",
                [
                    call(
                        "erin",
                        "irs",
                        "setInterestRateParams(address,(uint16,uint32,uint32,uint32))",
                        "USDC",
                        (9000, 1000, 49000, 51000),
                    )
                ],
            ),
            (
                "Slope2MustBeGteSlope1",
                [call("erin", "irs", "setInterestRateParams(address,bytes)", "USDC", rate_data((9000, 0, 300, 200)))],
            ),
            ("DebtCeilingNotZero", [call("erin", "pool", "resetIsolationModeTotalDebt(address)", "ISO")]),
        ],
    ),
    Arrangement(
        "settings that do not fit",
        [],
        [
            ("InvalidLiquidationBonus", [_set_up(COLLATERAL, "USDC", 1, 1, 70_000)]),
            ("ZeroAddressNotValid", [_set_up(COLLATERAL, "nobody", 1, 1, 10_500)]),
            ("InvalidMaxRate", [listing_of("weth9", (9000, 0, 50_000, 51_000))]),
            ("InvalidOptimalUsageRatio", [listing_of("weth9", (99, 0, 1, 1))]),
            ("Slope2MustBeGteSlope1", [listing_of("weth9", (9000, 0, 300, 200))]),
        ],
    ),
    Arrangement(
        "a frozen collateral of a category",
        [_set_up("setReserveFreeze(address,bool)", "WETH", True)],
        [("ReserveFrozen", [_set_up(LTV_ZERO_IN_EMODE, "WETH", 1, False)])],
    ),
    Arrangement(
        "category 0 has a collateral",
        [plant("pool", "e_modes", 0, "collateral_bitmap", value=1)],
        [("EModeCategoryReserved", [_set_up(LTV_ZERO_IN_EMODE, "WETH", 0, True)])],
    ),
    Arrangement(
        "no category has the first reserve",
        [_set_up(COLLATERAL_IN_EMODE, "WETH", 1, False)],
        [("AssetNotListed", [_set_up(CEILING, "weth9", 5)]), ("ZeroAddressNotValid", [_set_up(CEILING, "nobody", 5)])],
    ),
    Arrangement(
        "the last second",
        [At(END_OF_TIME)],
        [
            (
                "Panic(0x11)",
                [
                    _set_up("setPoolPause(bool,uint40)", False, 1),
                    _set_up("setReservePause(address,bool,uint40)", "USDC", False, 1),
                ],
            ),
        ],
    ),
    Arrangement(
        "a reserve in the list that does not know its place in it",
        [plant("pool", "reserves", "USDT", "id", value=0)],
        [("AssetNotListed", [_set_up("setPoolPause(bool)", True), _set_up("setPoolPause(bool,uint40)", True, 0)])],
    ),
    Arrangement(
        "a reserve without its place in the list",
        ghost_of("weth9"),
        [("AssetNotListed", [_set_up(FACTOR, "weth9", 5), _set_up("setReserveLtvzero(address,bool)", "weth9", True)])],
    ),
    Arrangement(
        "a reserve of the zero address",
        ghost_of("nobody"),
        [
            (
                "ZeroAddressNotValid",
                [
                    _set_up(FACTOR, "nobody", 5),
                    _set_up("setReserveLtvzero(address,bool)", "nobody", True),
                    _set_up(RATE_DATA, "nobody", rate_data(USUAL_RATES)),
                ],
            )
        ],
    ),
    Arrangement(
        "a listed reserve that has lost its aToken",
        [DETHRONED, plant("pool", "reserves", "USDC", "a_token", value="nobody")],
        [("ReserveAlreadyAdded", [call("erin", "pool", INIT_RESERVE, "USDC", "bob", "bob")])],
    ),
    Arrangement(
        "the same, and the configurator in office",
        [plant("pool", "reserves", "USDC", "a_token", value="nobody")],
        [
            ("ReserveAlreadyAdded", [listing_of("USDC")]),
            ("empty revert", [call("bob", "data_provider", "getAllATokens()")]),
        ],
    ),
    Arrangement(
        "somebody without code in the list",
        [plant("pool", "reserves_list", 1, value="bob")],
        [("empty revert", [call("bob", "data_provider", "getAllReservesTokens()")])],
    ),
    Arrangement(
        "the list is full",
        [
            DETHRONED,
            *(plant("pool", "reserves_list", place, value="bob") for place in range(9, 128)),
            plant("pool", "reserves_count", value=128),
        ],
        [("NoMoreReservesAllowed", [call("erin", "pool", INIT_RESERVE, "weth9", "bob", "bob")])],
    ),
    Arrangement(
        "a token with more of it than there can be",
        [plant("aUSDC", "scaled_supply", value=2**255), plant("vUSDC", "scaled_supply", value=2**255)],
        [("empty revert", [call("bob", token, "totalSupply()") for token in ("aUSDC", "vUSDC")])],
    ),
    Arrangement(
        "wrapped ether without ether",
        [plant("weth9", "balances", "bob", value=5)],
        [("empty revert", [call("bob", "weth9", "withdraw(uint256)", 5)])],
    ),
    Arrangement(
        "a reserve that names another aToken",
        [call("alice", "aUSDC", ALLOW, "bob", 5), plant("pool", "reserves", "USDC", "a_token", value="aUSDT")],
        [
            (
                "CallerNotAToken",
                [call("alice", "aUSDC", TRANSFER, "bob", 1), call("bob", "aUSDC", TRANSFER_FROM, "alice", "bob", 1)],
            )
        ],
    ),
)
