"""Words for what limits an amount: the rule behind a revert, as a person would name it."""

from __future__ import annotations

from .. import errors
from ..address import Address
from ..errors import CustomError, Panic, Revert
from ..logic.terms import Pool
from .undone import Twin, describe_revert

WORDS: dict[type[CustomError], str] = {
    errors.AssetNotBorrowableInIsolation: "isolation mode",
    errors.BorrowCapExceeded: "borrow cap",
    errors.BorrowingNotEnabled: "borrowing is not enabled",
    errors.CollateralBalanceIsZero: "no collateral",
    errors.CollateralCannotCoverNewBorrow: "loan to value",
    errors.DebtCeilingExceeded: "debt ceiling",
    errors.HealthFactorLowerThanLiquidationThreshold: "health factor",
    errors.InconsistentEModeCategory: "e-mode category",
    errors.LtvValidationFailed: "loan to value of zero",
    errors.NotBorrowableInEMode: "e-mode category",
    errors.NotEnoughAvailableUserBalance: "balance",
    errors.PriceOracleSentinelCheckFailed: "price sentinel",
    errors.ReserveFrozen: "reserve is frozen",
    errors.ReserveInactive: "reserve is inactive",
    errors.ReservePaused: "reserve is paused",
    errors.SiloedBorrowingViolation: "siloed borrowing",
    errors.SupplyCapExceeded: "supply cap",
}

MORE_THAN_HELD = "more is taken than the reserve holds"
"""The pool's words for a virtual balance that would fall below zero."""


def reason_of(twin: Twin, asset: Address, amount: int, refusal: Revert, payer: Address | None = None) -> str:
    """Say in words why an amount was refused: a supply that `payer` pays, else a withdrawal or a borrow."""
    words = WORDS.get(type(refusal)) if isinstance(refusal, CustomError) else None
    if words:
        return words
    pool, token = twin.pool, twin.chain.at(asset)
    a_token = pool.reserves[asset].a_token
    if payer is not None:
        if token.balance_of(payer) < amount:
            return "wallet"
        return "allowance" if token.allowance(payer, pool.address) < amount else describe_revert(refusal)
    is_short = isinstance(refusal, Panic) and refusal.reason == MORE_THAN_HELD
    is_too_much = isinstance(refusal, errors.InvalidAmount) and amount > _supplied(pool, asset)
    return "liquidity" if is_short or is_too_much or token.balance_of(a_token) < amount else describe_revert(refusal)


def _supplied(pool: Pool, asset: Address) -> int:
    return pool.revision.a_token_supply(pool, pool.reserves[asset])
