"""Faults in liquidations, bad debt and its repayment."""

from .edits import after, before, first, last, left_out, renamed, replaced
from .fault import Fault
from .syntax import Place

LIQUIDATION, VALIDATION = "LiquidationLogic", "ValidationLogic"
CALL, CHECK, SEIZE = "executeLiquidationCall", "validateLiquidationCall", "_calculateAvailableCollateralToLiquidate"
BURN, COVER = "_burnDebtTokens", "executeEliminateDeficit"
IN_DEFICIT = "if (hasNoCollateralLeft && borrowerReserveDebt > actualDebtToLiquidate) debtReserve.deficit"

ELIGIBILITY = (
    Fault("M86", "liquidation", (left_out(VALIDATION, CHECK, "HealthFactorNotBelowThreshold"),)),
    Fault(
        "M87",
        "liquidation",
        (last(VALIDATION, CHECK, "require(params.healthFactor <= 0.99e18, Errors.HealthFactorNotBelowThreshold());"),),
    ),
    Fault("M88", "liquidation", (left_out(VALIDATION, CHECK, "SelfLiquidation"),)),
    Fault("M89", "liquidation", (left_out(VALIDATION, CHECK, "LiquidationGraceSentinelCheckFailed"),)),
    Fault(
        "M90",
        "liquidation",
        (after(Place(VALIDATION, CHECK, "FunctionCall", "isUsingAsCollateral"), " || params.totalDebt != 0"),),
    ),
    Fault(
        "M20",
        "liquidation",
        (
            after(
                Place(VALIDATION, CHECK, "FunctionCall", "isUsingAsCollateral"),
                " && collateralReserve.configuration.getLiquidationThreshold() != 0",
            ),
        ),
    ),
)

CLOSE_FACTOR = (
    Fault(
        "M25",
        "close factor",
        (replaced(LIQUIDATION, CALL, "BinaryOperation", ">=", "true", 0),),
    ),
    Fault(
        "M84",
        "close factor",
        (replaced(LIQUIDATION, CALL, "BinaryOperation", ">", "false", 0),),
    ),
    Fault(
        "M85",
        "close factor",
        (before(Place(LIQUIDATION, CALL, "BinaryOperation", "&&", nth=1), "true || "),),
    ),
    Fault("M24", "dust", (left_out(LIQUIDATION, CALL, "MustNotLeaveDust"),)),
    Fault(
        "M160",
        "dust",
        (replaced(LIQUIDATION, "MIN_LEFTOVER_BASE", "Literal", "2", "1"),),
    ),
)

AMOUNTS = (
    Fault(
        "M21",
        "e-mode",
        (replaced(LIQUIDATION, CALL, "FunctionCall", "isReserveEnabledOnBitmap", "false"),),
    ),
    Fault("M91", "bonus", (after(Place(LIQUIDATION, SEIZE, "Identifier", "liquidationBonus", nth=0), " + 10_00"),)),
    Fault(
        "M137",
        "bonus",
        (
            renamed(LIQUIDATION, SEIZE, "percentMul", "percentMulFloor", 0),
            after(Place(LIQUIDATION, SEIZE, "FunctionCall", "percentMul", nth=0), " + 1"),
        ),
    ),
    Fault(
        "M22",
        "protocol fee",
        (
            replaced(
                LIQUIDATION,
                SEIZE,
                "FunctionCall",
                "percentDiv",
                "(vars.collateralAmount.percentMul(liquidationBonus - 1e4) > vars.collateralAmount ? 0"
                " : vars.collateralAmount - vars.collateralAmount.percentMul(liquidationBonus - 1e4))",
            ),
        ),
    ),
    Fault(
        "M92",
        "protocol fee",
        (
            replaced(LIQUIDATION, CALL, "FunctionCall", "RESERVE_TREASURY_ADDRESS", "params.liquidator"),
            replaced(
                LIQUIDATION,
                CALL,
                "FunctionCall",
                "getATokenBalance",
                "vars.liquidationProtocolFeeAmount",
                1,
            ),
            before(
                Place(LIQUIDATION, CALL, "ExpressionStatement", mentions="RESERVE_TREASURY_ADDRESS"),
                "if (scaledDownLiquidationProtocolFee != 0) ",
            ),
        ),
    ),
    Fault("M93", "payment", (left_out(LIQUIDATION, CALL, "safeTransferFrom"),)),
    Fault(
        "M94",
        "flags",
        (
            after(
                Place(LIQUIDATION, CALL, "ExpressionStatement", mentions="transferOnLiquidation", nth=0),
                "usersConfig[params.liquidator].setUsingAsCollateral"
                "(collateralReserve.id, params.collateralAsset, params.liquidator, true);",
            ),
        ),
    ),
    Fault(
        "M135",
        "virtual balance",
        (
            after(
                Place(LIQUIDATION, CALL, "ExpressionStatement", mentions="transferOnLiquidation", nth=0),
                "collateralReserve.virtualUnderlyingBalance -="
                " vars.actualCollateralToLiquidate < collateralReserve.virtualUnderlyingBalance"
                " ? uint128(vars.actualCollateralToLiquidate) : collateralReserve.virtualUnderlyingBalance;",
            ),
        ),
    ),
)

LEFTOVERS = (
    Fault("M12", "flags", (left_out(LIQUIDATION, BURN, "setBorrowing"),)),
    Fault("M26", "bad debt", (after(Place(LIQUIDATION, CALL, "BinaryOperation", "==", nth=1), " && false"),)),
    Fault("M96", "bad debt", (after(Place(LIQUIDATION, CALL, "BinaryOperation", "==", nth=1), " || true"),)),
    Fault(
        "M97",
        "bad debt",
        (last(LIQUIDATION, BURN, f"{IN_DEFICIT} -= uint128(borrowerReserveDebt - actualDebtToLiquidate);"),),
    ),
    Fault("M98", "bad debt", (last(LIQUIDATION, BURN, f"{IN_DEFICIT} += uint128(actualDebtToLiquidate);"),)),
    Fault(
        "M95",
        "bad debt",
        (
            before(
                Place(LIQUIDATION, "_burnBadDebt", "FunctionCall", "getActive"),
                "!reserveCache.reserveConfiguration.getFrozen() && ",
            ),
        ),
    ),
    Fault("M28", "deficit", (left_out(LIQUIDATION, COVER, "updateInterestRatesAndVirtualBalance"),)),
    Fault("M29", "deficit", (left_out(LIQUIDATION, COVER, "setUsingAsCollateral"),)),
    Fault(
        "M99",
        "deficit",
        (
            first(
                LIQUIDATION,
                COVER,
                "if (params.amount > reservesData[params.asset].deficit)"
                " params.amount = reservesData[params.asset].deficit;"
                "reservesData[params.asset].deficit -= uint128(params.amount); return params.amount;",
            ),
        ),
    ),
    Fault("M100", "deficit", (left_out(LIQUIDATION, COVER, "UserCannotHaveDebt"),)),
    Fault(
        "M101",
        "deficit",
        (
            before(
                Place(LIQUIDATION, COVER, "Return"),
                "reserve.virtualUnderlyingBalance -= balanceWriteOff < reserve.virtualUnderlyingBalance"
                " ? uint128(balanceWriteOff) : reserve.virtualUnderlyingBalance;",
            ),
        ),
    ),
)

LIQUIDATIONS = (*ELIGIBILITY, *CLOSE_FACTOR, *AMOUNTS, *LEFTOVERS)
