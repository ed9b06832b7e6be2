"""Faults in indexes, rates, the treasury's share and flash loans."""

from .edits import after, before, first, last, left_out, renamed, replaced
from .fault import Fault
from .syntax import Place

RESERVE, POOL_LOGIC, FLASH = "ReserveLogic", "PoolLogic", "FlashLoanLogic"
STRATEGY, RATES = "DefaultReserveInterestRateStrategyV2", "calculateInterestRates"

INDEXES = (
    Fault("M30", "indexes", (first(RESERVE, "_updateIndexes", "if (reserveCache.currLiquidityRate == 0) return;"),)),
    Fault("M64", "indexes", (replaced(RESERVE, "_updateIndexes", "BinaryOperation", "!=", "true", 1),)),
    Fault(
        "M67",
        "indexes",
        (
            renamed(RESERVE, "_updateIndexes", "calculateLinearInterest", "calculateCompoundedInterest"),
            renamed(RESERVE, "getNormalizedIncome", "calculateLinearInterest", "calculateCompoundedInterest"),
        ),
    ),
    Fault(
        "M68",
        "indexes",
        (
            renamed(RESERVE, "_updateIndexes", "calculateCompoundedInterest", "calculateLinearInterest"),
            renamed(RESERVE, "getNormalizedDebt", "calculateCompoundedInterest", "calculateLinearInterest"),
        ),
    ),
)

INTEREST = (
    Fault("M27", "rates", (replaced(STRATEGY, RATES, "MemberAccess", "unbacked", "0"),)),
    Fault("M70", "rates", (replaced(STRATEGY, RATES, "MemberAccess", "reserveFactor", "0"),)),
    Fault(
        "M71",
        "rates",
        (
            after(
                Place(STRATEGY, RATES, "MemberAccess", "virtualUnderlyingBalance"),
                " + params.unbacked",
            ),
            replaced(STRATEGY, RATES, "MemberAccess", "unbacked", "0"),
        ),
    ),
    Fault(
        "M72",
        "rates",
        (
            replaced(STRATEGY, RATES, "MemberAccess", "liquidityAdded", "0"),
            replaced(STRATEGY, RATES, "MemberAccess", "liquidityTaken", "0"),
        ),
    ),
    Fault(
        "M73",
        "rates",
        (
            replaced(STRATEGY, RATES, "MemberAccess", "currentVariableBorrowRate", "0", 1),
            before(
                Place(STRATEGY, RATES, "Return", nth=1),
                "vars.currentVariableBorrowRate -= rateData.baseVariableBorrowRate;",
            ),
        ),
    ),
    Fault(
        "M74",
        "rates",
        (
            before(
                Place(STRATEGY, RATES, "Return", nth=1),
                "if (vars.currentVariableBorrowRate > rateData.baseVariableBorrowRate + rateData.variableRateSlope1)"
                " vars.currentVariableBorrowRate -= rateData.variableRateSlope1;",
            ),
        ),
    ),
    Fault(
        "M75",
        "rates",
        (replaced(STRATEGY, RATES, "Literal", "0", "vars.currentVariableBorrowRate", 2),),
    ),
)

TREASURY = (
    Fault(
        "M35",
        "treasury",
        (
            renamed(RESERVE, "_accrueToTreasury", "rayMulFloor", "rayMulCeil"),
            renamed(RESERVE, "_accrueToTreasury", "getATokenMintScaledAmount", "getATokenBurnScaledAmount"),
        ),
    ),
    Fault(
        "M36",
        "treasury",
        (
            first(
                "AToken",
                "mintToTreasury",
                "scaledAmount = scaledAmount.getATokenBalance(index).getATokenMintScaledAmount(index);",
            ),
        ),
    ),
    Fault("M77", "treasury", (after(Place(RESERVE, "_accrueToTreasury", "FunctionCall", "percentMul"), " * 2"),)),
    Fault("M79", "treasury", (first(RESERVE, "_accrueToTreasury", "if (true) return;"),)),
    Fault("M33", "treasury", (left_out(POOL_LOGIC, "executeSyncIndexesState", "updateState"),)),
)

FLASH_LOANS = (
    Fault(
        "M31",
        "flash loans",
        (
            left_out(FLASH, "_handleFlashLoanRepayment", "updateState"),
            replaced(
                FLASH,
                "_handleFlashLoanRepayment",
                "FunctionCall",
                "updateInterestRatesAndVirtualBalance",
                "reserve.virtualUnderlyingBalance += amountPlusPremium.toUint128()",
            ),
        ),
    ),
    Fault(
        "M38", "flash loans", (left_out("ValidationLogic", "validateFlashloan", "InconsistentFlashloanParams", nth=1),)
    ),
    Fault(
        "M80",
        "flash loans",
        (
            renamed(FLASH, "executeFlashLoan", "percentMulCeil", "percentMulFloor"),
            renamed(FLASH, "executeFlashLoanSimple", "percentMulCeil", "percentMulFloor"),
        ),
    ),
    Fault(
        "M81",
        "flash loans",
        (
            last(
                FLASH,
                "_handleFlashLoanRepayment",
                "IAToken(reserveCache.aTokenAddress)"
                ".transferUnderlyingTo(params.receiverAddress, params.totalPremium);",
            ),
        ),
    ),
    Fault("M82", "flash loans", (left_out(FLASH, "_handleFlashLoanRepayment", "accruedToTreasury"),)),
    Fault(
        "M83",
        "flash loans",
        (
            before(
                Place("BorrowLogic", "executeBorrow", "ExpressionStatement", mentions="validateHFAndLtv"),
                "if (params.releaseUnderlying) ",
            ),
        ),
    ),
    Fault(
        "M32",
        "flash loans",
        (
            before(
                Place("BorrowLogic", "executeRepay", "EmitStatement"),
                "if (params.useATokens) reserve.virtualUnderlyingBalance += uint128(paybackAmount);",
            ),
        ),
    ),
)

ACCRUAL = (*INDEXES, *INTEREST, *TREASURY, *FLASH_LOANS)
