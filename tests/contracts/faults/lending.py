"""Faults in supplies, withdrawals, borrows, repayments, health and flags."""

from .edits import after, before, compared, first, left_out, renamed, replaced
from .fault import Fault
from .syntax import Place

SUPPLY, BORROW, VALIDATION, GENERIC = "SupplyLogic", "BorrowLogic", "ValidationLogic", "GenericLogic"

ROUNDING = (
    Fault(
        "M02",
        "rounding",
        (renamed(SUPPLY, "executeWithdraw", "getATokenBurnScaledAmount", "getATokenMintScaledAmount"),),
    ),
    Fault(
        "M04", "rounding", (renamed(BORROW, "executeBorrow", "getVTokenMintScaledAmount", "getVTokenBurnScaledAmount"),)
    ),
    Fault(
        "M05",
        "rounding",
        (
            renamed(BORROW, "executeRepay", "getVTokenBurnScaledAmount", "getVTokenMintScaledAmount"),
            first(
                "VariableDebtToken",
                "burn",
                "if (scaledAmount > super.balanceOf(from)) scaledAmount = super.balanceOf(from);",
            ),
        ),
    ),
    Fault(
        "M46",
        "rounding",
        (
            after(
                Place(SUPPLY, "executeSupply", "VariableDeclarationStatement", mentions="getATokenMintScaledAmount"),
                "if (scaledAmount == 0) scaledAmount = 1;",
            ),
        ),
    ),
)

HEALTH = (
    Fault("M06", "health", (left_out(SUPPLY, "executeFinalizeTransfer", "validateHFAndLtvzero"),)),
    Fault("M07", "health", (left_out(BORROW, "executeRepay", "validateHealthFactor"),)),
    Fault("M47", "health", (left_out(SUPPLY, "executeWithdraw", "validateHFAndLtvzero"),)),
    Fault("M48", "health", (renamed(BORROW, "executeBorrow", "validateHFAndLtv", "validateHealthFactor"),)),
    Fault(
        "M44",
        "health",
        (
            before(
                Place(GENERIC, "calculateUserAccountData", "Return", nth=1),
                "if (vars.totalDebtInBaseCurrency != 0) vars.healthFactor = vars.totalCollateralInBaseCurrency"
                ".percentMul(vars.avgLiquidationThreshold).wadDiv(vars.totalDebtInBaseCurrency);",
            ),
        ),
    ),
    Fault(
        "M49",
        "health",
        (replaced(GENERIC, "calculateUserAccountData", "Literal", "true", "false"),),
    ),
    Fault(
        "M130",
        "health",
        (
            before(
                Place(GENERIC, "calculateUserAccountData", "Return", nth=1),
                "if (vars.totalDebtInBaseCurrency < 1e8) vars.healthFactor = type(uint256).max;",
            ),
        ),
    ),
    Fault(
        "M129",
        "health",
        (
            replaced(
                GENERIC,
                "_getUserDebtInBaseCurrency",
                "FunctionCall",
                "mulDivCeil",
                "userTotalDebt * assetPrice / assetUnit",
            ),
        ),
    ),
)

FLAGS = (
    Fault("M50", "flags", (left_out(SUPPLY, "executeWithdraw", "setUsingAsCollateral"),)),
    Fault(
        "M51",
        "flags",
        (replaced(SUPPLY, "executeSupply", "FunctionCall", "validateAutomaticUseAsCollateral", "true"),),
    ),
    Fault(
        "M163",
        "flags",
        (replaced(SUPPLY, "executeSupply", "FunctionCall", "validateAutomaticUseAsCollateral", "false"),),
    ),
    Fault("M154", "flags", (replaced("UserConfiguration", "isBorrowingAny", "BinaryOperation", "&", "self.data"),)),
)

E_MODES = (
    Fault("M09", "e-mode", (left_out(SUPPLY, "executeSetUserEMode", "validateHealthFactor"),)),
    Fault("M53", "e-mode", (left_out(SUPPLY, "executeSetUserEMode", "validateSetUserEMode"),)),
    Fault(
        "M40a",
        "e-mode",
        (replaced(VALIDATION, "getUserReserveLtv", "FunctionCall", "isReserveEnabledOnBitmap", "false", 1),),
    ),
    Fault(
        "M54",
        "e-mode",
        (first(VALIDATION, "getUserReserveLtv", "if (categoryId != 0) return eModeCategoryData.ltv;"),),
    ),
    Fault("M155", "e-mode", (replaced("EModeConfiguration", "setReserveBitmapBit", "Literal", "1", "3"),)),
)

ACTIVITY = (
    Fault("M37", "caps", (compared(VALIDATION, "validateSupply", "<=", "<"),)),
    Fault("M55", "caps", (replaced(VALIDATION, "validateSupply", "BinaryOperation", "==", "true"),)),
    Fault(
        "M56",
        "caps",
        (left_out(VALIDATION, "validateBorrow", "BorrowCapExceeded", kind="IfStatement"),),
    ),
    Fault("M57", "activity", (left_out(VALIDATION, "validateSupply", "ReserveFrozen"),)),
    Fault("M58", "activity", (left_out(VALIDATION, "validateWithdraw", "ReservePaused"),)),
    Fault(
        "M60",
        "activity",
        (
            first(
                SUPPLY, "executeFinalizeTransfer", "if (reservesData[params.asset].configuration.getPaused()) return;"
            ),
        ),
    ),
    Fault(
        "M113",
        "virtual balance",
        (
            before(
                Place(SUPPLY, "executeWithdraw", "Return"),
                "reserve.virtualUnderlyingBalance ="
                " uint128(IERC20(params.asset).balanceOf(reserveCache.aTokenAddress));",
            ),
        ),
    ),
    Fault(
        "M164",
        "indexes",
        (
            before(
                Place(SUPPLY, "executeWithdraw", "Return"),
                "reserve.liquidityIndex -= reserve.liquidityIndex / 1e9;"
                "if (reserve.liquidityIndex < 1e27) reserve.liquidityIndex = 1e27;",
            ),
        ),
    ),
    Fault(
        "M151",
        "deficit",
        (
            before(
                Place(BORROW, "executeRepay", "Return"),
                "reserve.deficit -= paybackAmount < reserve.deficit ? uint128(paybackAmount) : reserve.deficit;",
            ),
        ),
    ),
)

LENDING = (*ROUNDING, *HEALTH, *FLAGS, *E_MODES, *ACTIVITY)
