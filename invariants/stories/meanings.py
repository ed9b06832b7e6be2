"""The meaning of the numbers in a call: which argument of which function is an amount of which asset, a share, a ratio.

One line a function. Each word stands for an argument:

    _           shown as it is: names, flags, codes, ids, data
    amount      smallest units of the asset that the called token is about
    amount:0    smallest units of the asset that argument 0 names; of each asset in turn where both are lists
    shares      shares of the called aToken or debt token
    tokens:0    whole tokens of the asset that argument 0 names
    bps         a ratio in basis points
    cents       dollars with two decimals
    price       base currency, 8 decimals
    seconds     a duration
    time        a moment, in seconds since 1970
    index       a ray

Overloads of different lengths stand behind each other, with a bar between.

A contract of one's own says so of its functions, as `MEANINGS = {"save": "amount"}`; its `asset` is the address of
what its amounts are of.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Meaning:
    """Meaning of one number: a word of the table, and which argument names its asset."""

    word: str
    asset_at: int | None = None
    """The place of the argument that names the asset; None for that of the called token."""


_ERC20 = {
    "approve": "_ amount",
    "increaseAllowance": "_ amount",
    "decreaseAllowance": "_ amount",
    "transfer": "_ amount",
    "transferFrom": "_ _ amount",
    "permit": "_ _ amount time _ _ _",
    "renounceAllowance": "_",
}
_POOL = {
    "approvePositionManager": "_ _",
    "backUnbacked": "_ amount:0 amount:0",
    "borrow": "_ amount:0 _ _ _",
    "configureEModeCategory": "_ _",
    "configureEModeCategoryBorrowableBitmap": "_ _",
    "configureEModeCategoryCollateralBitmap": "_ _",
    "configureEModeCategoryIsolated": "_ _",
    "configureEModeCategoryLtvzeroBitmap": "_ _",
    "deposit": "_ amount:0 _ _",
    "dropReserve": "_",
    "eliminateReserveDeficit": "_ amount:0",
    "finalizeTransfer": "_ _ _ amount:0 amount:0 | _ _ _ _ _ _",
    "flashLoan": "_ _ amount:1 _ _ _ _",
    "flashLoanSimple": "_ _ amount:1 _ _",
    "initReserve": "_ _ _ | _ _ _ _ | _ _ _ _ _",
    "initialize": "_",
    "liquidationCall": "_ _ _ amount:1 _",
    "mintToTreasury": "_",
    "mintUnbacked": "_ amount:0 _ _",
    "multicall": "_",
    "rebalanceStableBorrowRate": "_ _",
    "renouncePositionManagerRole": "_",
    "repay": "_ amount:0 _ _",
    "repayWithATokens": "_ amount:0 _",
    "repayWithPermit": "_ amount:0 _ _ time _ _ _",
    "rescueTokens": "_ _ amount:0",
    "resetIsolationModeTotalDebt": "_",
    "setConfiguration": "_ _",
    "setLiquidationGracePeriod": "_ time",
    "setReserveInterestRateStrategyAddress": "_ _",
    "setUserEMode": "_",
    "setUserEModeOnBehalfOf": "_ _",
    "setUserUseReserveAsCollateral": "_ _",
    "setUserUseReserveAsCollateralOnBehalfOf": "_ _ _",
    "supply": "_ amount:0 _ _",
    "supplyWithPermit": "_ amount:0 _ _ time _ _ _",
    "swapBorrowRateMode": "_ _",
    "syncIndexesState": "_",
    "syncRatesState": "_",
    "updateBridgeProtocolFee": "bps",
    "updateFlashloanPremium": "bps",
    "updateFlashloanPremiums": "bps bps",
    "withdraw": "_ amount:0 _",
}
_CONFIGURATOR = {
    "configureReserveAsCollateral": "_ bps bps bps",
    "disableLiquidationGracePeriod": "_",
    "dropReserve": "_",
    "initReserves": "_",
    "initialize": "_",
    "setAssetBorrowableInEMode": "_ _ _",
    "setAssetCollateralInEMode": "_ _ _",
    "setAssetEModeCategory": "_ _",
    "setAssetLtvzeroInEMode": "_ _ _",
    "setBorrowCap": "_ tokens:0",
    "setBorrowableInIsolation": "_ _",
    "setDebtCeiling": "_ cents",
    "setEModeCategory": "_ bps bps bps _ | _ bps bps bps _ _",
    "setEModeCategoryIsolated": "_ _",
    "setLiquidationProtocolFee": "_ bps",
    "setPoolPause": "_ | _ seconds",
    "setReserveActive": "_ _",
    "setReserveBorrowing": "_ _",
    "setReserveFactor": "_ bps",
    "setReserveFlashLoaning": "_ _",
    "setReserveFreeze": "_ _",
    "setReserveInterestRateData": "_ _",
    "setReserveInterestRateStrategyAddress": "_ _ | _ _ _",
    "setReserveLtvzero": "_ _",
    "setReservePause": "_ _ | _ _ seconds",
    "setReserveStableRateBorrowing": "_ _",
    "setSiloedBorrowing": "_ _",
    "setSupplyCap": "_ tokens:0",
    "setUnbackedMintCap": "_ tokens:0",
    "updateAToken": "_",
    "updateBridgeProtocolFee": "bps",
    "updateFlashloanPremium": "bps",
    "updateFlashloanPremiumToProtocol": "bps",
    "updateFlashloanPremiumTotal": "bps",
    "updateStableDebtToken": "_",
    "updateVariableDebtToken": "_",
}
_A_TOKEN = _ERC20 | {
    "burn": "_ _ amount index | _ _ amount shares index",
    "delegateByType": "_ _",
    "handleRepayment": "_ _ amount",
    "initialize": "_ _ _ _ _ _ | _ _ _ _ _ _ _ _",
    "metaDelegate": "_ _ time _ _ _",
    "metaDelegateByType": "_ _ _ time _ _ _",
    "mint": "_ _ amount index",
    "mintToTreasury": "shares index",
    "rescueTokens": "_ _ amount:0",
    "setIncentivesController": "_",
    "setStorage": "_ _ index shares shares",
    "transferOnLiquidation": "_ _ amount | _ _ amount index | _ _ amount shares index",
    "transferUnderlyingTo": "_ amount",
    "transferWithIndex": "_ _ amount index",
}
_DEBT_TOKEN = _ERC20 | {
    "approveDelegation": "_ amount",
    "burn": "_ shares index",
    "delegationWithSig": "_ _ amount time _ _ _",
    "initialize": "_ _ _ _ _ _ | _ _ _ _ _ _ _",
    "mint": "_ _ amount index | _ _ amount shares index",
    "renounceDelegation": "_",
    "setIncentivesController": "_",
}
del _DEBT_TOKEN["permit"]
_STABLE_DEBT_TOKEN = _DEBT_TOKEN | {"burn": "_ amount", "mint": "_ _ amount index"}
_TOKEN = _ERC20 | {
    "deposit": "",
    "mint": "_ amount | amount",
    "rebase": "amount",
    "renounceOwnership": "",
    "setFee": "_",
    "setParams": "_ _",
    "transferOwnership": "_",
    "withdraw": "amount",
}
_OTHERS = {
    "fallbackOracle.setAssetPrice": "_ price",
    "fallbackOracle.setEthUsdPrice": "price",
    "sentinel.setGracePeriod": "seconds",
    "sequencer.setAnswer": "_ time",
    "strategy.setInterestRateParams": "_ _",
}


def _named(prefix: str, functions: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}.{name}": words for name, words in functions.items()}


MEANINGS = {
    **_named("pool", _POOL),
    **_named("configurator", _CONFIGURATOR),
    **_named("aToken", _A_TOKEN),
    **_named("debtToken", _DEBT_TOKEN),
    **_named("stableDebtToken", _STABLE_DEBT_TOKEN),
    **_named("token", _TOKEN),
    **_OTHERS,
}
"""By function, as laws call it, the words for its arguments."""
AS_IT_IS = Meaning("_")


@cache
def meanings_of(function: str, count: int, own: str = "") -> tuple[Meaning, ...]:
    """Look up what the arguments of a function mean, as "pool.supply"; of one that is not in the table, nothing.

    `own` are the words that a contract of one's own has for its function, which then count.
    """
    for overload in (own or MEANINGS.get(function, "")).split("|"):
        words = overload.split()
        if len(words) == count:
            return tuple(_meaning(word) for word in words)
    return (AS_IT_IS,) * count


def _meaning(text: str) -> Meaning:
    word, _, place = text.partition(":")
    return Meaning(word, int(place) if place else None)


CONCERNED = {
    "pool.liquidationCall": 2,
    "pool.supply": 2,
    "pool.deposit": 2,
    "pool.supplyWithPermit": 2,
    "pool.borrow": 4,
    "pool.repay": 3,
    "pool.repayWithPermit": 3,
    "pool.flashLoan": 4,
    "pool.setUserUseReserveAsCollateralOnBehalfOf": 2,
    "pool.setUserEModeOnBehalfOf": 1,
    "aToken.transferFrom": 0,
}
"""Which argument names the account whose position a call changes, where that need not be the caller's own."""
SELF = frozenset(
    (
        "pool.withdraw",
        "pool.repayWithATokens",
        "pool.setUserUseReserveAsCollateral",
        "pool.setUserEMode",
        "pool.eliminateReserveDeficit",
        "pool.swapBorrowRateMode",
        "aToken.transfer",
    )
)
"""The calls that change the position of whoever makes them."""
