"""Liquidations of a replay added up, and put beside what is reported of reality."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ..formatting import millions
from ..units import PRICE_UNIT
from .result import ReplayResult


class Liquidated(NamedTuple):
    """Liquidations added up, in dollars at the prices of the calls."""

    seized: Fraction
    repaid: Fraction
    bonus: Fraction
    """Received by liquidators beyond what they repaid."""
    fee: Fraction
    """Kept by the protocol."""
    accounts: int


def liquidated(result: ReplayResult, *, wallets: bool) -> Liquidated:
    """Add up the liquidations of the position's wallets, or those of everybody else."""
    decimals = {balance.symbol: balance.decimals for balance in result.after}
    names = {wallet.name for wallet in result.parameters.wallets}
    calls = [call for call in result.liquidations if (call.account in names) == wallets]

    def usd(amount: int, symbol: str, price: int) -> Fraction:
        return Fraction(amount * price, 10 ** decimals[symbol] * PRICE_UNIT)

    seized = sum((usd(call.seized, call.collateral_asset, call.collateral_price) for call in calls), Fraction(0))
    received = sum((usd(call.received, call.collateral_asset, call.collateral_price) for call in calls), Fraction(0))
    repaid = sum((usd(call.repaid, call.debt_asset, call.debt_price) for call in calls), Fraction(0))
    return Liquidated(seized, repaid, received - repaid, seized - received, len({call.account for call in calls}))


def beside_reality(result: ReplayResult) -> str:
    """Put what others lost to liquidators in the replay beside what is reported, and say what cannot be compared."""
    ours = liquidated(result, wallets=False)
    said = (
        f"Of everybody else {millions(float(ours.seized))} were seized and {millions(float(ours.repaid))} repaid, with"
        f" {millions(float(ours.bonus))} of bonus, on {ours.accounts:,} accounts."
    )
    told = [row for row in result.reported.liquidations if row.seized_base is not None]
    if not told:
        return said
    listed = "; ".join(
        f"{row.period}: {'at least ' if row.seized_is_at_least else ''}{_m(row.seized_base)} seized"
        + (f", {_m(row.repaid_base)} repaid, {_m(row.bonus_base)} bonus" if row.repaid_base and row.bonus_base else "")
        for row in told
        if not (row.seized_is_at_least and row.repaid_base)
    )
    return f"{said} Reported of all Aave: {listed}. None of these periods is that of the replay, and it has no figure."


def _m(base: int | None) -> str:
    return millions((base or 0) / PRICE_UNIT)
