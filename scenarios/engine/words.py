"""Words for refusals: what an error means to whoever was refused, with the figures of the moment."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

from pooltwin.protocol.answers.reasons import MORE_THAN_HELD
from pooltwin.protocol.errors import EmptyRevert, ErrorString, Panic, Revert

from ..formatting import amount as tokens
from .outcome import Refusal
from .reads import Reads

NOT_THERE = "not enough {asset} in the pool: {cash} are there"
NOT_HELD = "not enough {pays} in the wallet: {held} are there"
WORDS = {
    "AssetNotListed": "{asset} is not listed",
    "BorrowCapExceeded": "the borrow cap of {asset} is reached",
    "BorrowingNotEnabled": "{asset} cannot be borrowed",
    "NotBorrowableInEMode": "{asset} cannot be borrowed in this e-mode category",
    "InconsistentEModeCategory": "the e-mode category does not allow it",
    "InvalidDebtInEmode": "a debt is not allowed in this e-mode category",
    "InvalidCollateralInEmode": "a collateral is not allowed in this e-mode category",
    "MustBeEmodeCollateral": "it is no collateral in this e-mode category",
    "CollateralBalanceIsZero": "there is no collateral",
    "CollateralCannotBeLiquidated": "the borrower does not use this asset as collateral",
    "CollateralCannotCoverNewBorrow": "the collateral does not cover so large a debt",
    "DebtCeilingExceeded": "the debt ceiling of the isolated collateral is reached",
    "UserInIsolationModeOrLtvZero": "the position is isolated, or the asset's LTV is zero",
    "AssetNotBorrowableInIsolation": "{asset} cannot be borrowed against an isolated collateral",
    "SiloedBorrowingViolation": "{asset}, or a debt there is, must be the only one",
    "ERC20InsufficientBalance": NOT_HELD,
    "ERC20InsufficientAllowance": "the pool may not move so much {pays}",
    "FlashloanDisabled": "{asset} is not lent in flash loans",
    "HealthFactorLowerThanLiquidationThreshold": "the health factor would fall below 1",
    "HealthFactorNotBelowThreshold": "the health factor is not below 1",
    "InvalidAmount": "the amount is none that can be moved",
    "InvalidBurnAmount": "the amount is less than one share",
    "InvalidMintAmount": "the amount is less than one share",
    "LiquidationGraceSentinelCheckFailed": "positions with this asset are in a grace period",
    "LtvValidationFailed": "there is no collateral that lends",
    "UserHasAssetWithZeroLtv": "a collateral whose LTV is zero has to go first",
    "MustNotLeaveDust": "it would leave too little on both sides: take all, or less",
    "NoDebtOfSelectedType": "there is no debt in {asset}",
    "NotEnoughAvailableUserBalance": "not enough {asset} supplied",
    "PriceOracleSentinelCheckFailed": "the sequencer is down, or has just come back",
    "ReserveFrozen": "the reserve of {asset} is frozen",
    "ReserveInactive": "the reserve of {asset} is not active",
    "ReservePaused": "the reserve of {asset} is paused",
    "SelfLiquidation": "nobody liquidates themselves",
    "SpecifiedCurrencyNotBorrowedByUser": "the borrower owes no {debt}",
    "SupplyCapExceeded": "the supply cap of {asset} is reached",
    "UnderlyingBalanceZero": "nothing of {asset} is supplied",
    "CallerNotPoolAdmin": "only the pool's admin may do that",
    "CallerNotPoolOrEmergencyAdmin": "only the pool's or the emergency admin may do that",
    "CallerNotRiskOrPoolAdmin": "only the pool's or the risk admin may do that",
    "CallerNotRiskOrPoolOrEmergencyAdmin": "only the pool's, the risk or the emergency admin may do that",
    "CallerNotUmbrella": "only the umbrella may do that",
}
"""Words by the name of the error. `asset` is what it is about, `pays` what leaves the wallet, `debt` what a liquidation
repays."""
MESSAGES = {
    "ERC20: transfer amount exceeds balance": NOT_HELD,
    "ERC20: transfer amount exceeds allowance": WORDS["ERC20InsufficientAllowance"],
    "Blacklistable: account is blacklisted": "the token does not let this account move it",
}
"""Words by the message of an error that is only a text."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as words need it: who tried to move how much of what."""

    who: str
    asset: str = ""
    amount: int = 0
    takes: bool = False
    """Does it take the asset out of the pool?"""
    pays: str = ""
    debt: str = ""


def refusal_of(world: Reads, attempt: Attempt, revert: Revert) -> Refusal:
    """Tell a revert in words, with the raw reason; words that are not known are the raw reason."""
    reason, name = revert.describe(), revert.name
    words = _words(world, attempt, revert)
    known = {key: value for key, value in _figures(world, attempt).items() if value}
    return Refusal(words.format(**known) if words and _names_in(words) <= known.keys() else reason, reason, name)


def _words(world: Reads, attempt: Attempt, revert: Revert) -> str:
    if _is_short(world, attempt, revert):
        return NOT_THERE
    words = WORDS.get(revert.name) or (MESSAGES.get(revert.message) if isinstance(revert, ErrorString) else "")
    if words:
        return words
    if isinstance(revert, EmptyRevert | Panic):
        is_poor = attempt.pays and world.balance(attempt.pays, attempt.who) < attempt.amount
        return NOT_HELD if is_poor else _escaped(revert.reason)
    return ""


def _is_short(world: Reads, attempt: Attempt, revert: Revert) -> bool:
    """Tell whether the pool refuses because it has lent out what is asked for."""
    if isinstance(revert, Panic) and revert.reason == MORE_THAN_HELD:
        return True
    is_of_amounts = isinstance(revert, Panic | EmptyRevert | ErrorString) or revert.name == "InvalidAmount"
    return attempt.takes and is_of_amounts and world.cash(attempt.asset) < attempt.amount


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _names_in(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def _figures(world: Reads, attempt: Attempt) -> dict[str, str]:
    asset, pays = attempt.asset, attempt.pays
    return {
        "asset": asset,
        "pays": pays,
        "debt": attempt.debt,
        "cash": asset and shown(world.cash(asset), world.decimals(asset)),
        "held": pays and shown(world.balance(pays, attempt.who), world.decimals(pays)),
    }


def shown(units: int, decimals: int) -> str:
    """Show an amount as words do: whole tokens from a hundred on, six digits below."""
    if units >= 100 * 10**decimals:
        return tokens(units, decimals, 0)
    text = tokens(units, decimals, min(decimals, 6))
    return text.rstrip("0").rstrip(".") if "." in text else text
