"""Isolation mode in liquidations until v3.2. Solidity: `LiquidationLogic`."""

from __future__ import annotations

from ...address import Address
from ...logic.terms import Pool
from ..v3_6.isolation import reduce_isolated_debt


def reduce_isolated_debt_in_liquidation(
    pool: Pool,
    borrower: Address,
    _collateral_asset: Address,
    _collateral_configuration: int,
    debt_configuration: int,
    amount: int,
) -> None:
    """Count what a liquidation repays like a repayment: not when it has just taken all of the collateral. v3.2."""
    reduce_isolated_debt(pool, debt_configuration, borrower, amount)
