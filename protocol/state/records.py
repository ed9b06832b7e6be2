"""The structs the pool stores. Solidity: `DataTypes`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..address import ZERO_ADDRESS, Address
from .storage import Journal, Record


class Reserve(Record):
    """One listed asset. Indexes and rates are rays, `accrued_to_treasury` is scaled, the rest is in token units."""

    FIELDS: ClassVar[tuple[str, ...]] = (
        "configuration",
        "liquidity_index",
        "current_liquidity_rate",
        "variable_borrow_index",
        "current_variable_borrow_rate",
        "deficit",
        "last_update_timestamp",
        "id",
        "liquidation_grace_period_until",
        "a_token",
        "variable_debt_token",
        "accrued_to_treasury",
        "virtual_underlying_balance",
        "isolation_mode_total_debt",
        "unbacked",
        "interest_rate_strategy",
    )
    ADDRESSES: ClassVar[tuple[str, ...]] = ("a_token", "variable_debt_token", "interest_rate_strategy")
    __slots__ = FIELDS
    read_stable_debt: ClassVar[Callable[[Any, Any], Any] | None] = None
    """Reads stable debt for a cache of the reserve. Until v3.0.2."""

    configuration: int
    liquidity_index: int
    current_liquidity_rate: int
    variable_borrow_index: int
    current_variable_borrow_rate: int
    deficit: int
    last_update_timestamp: int
    id: int
    liquidation_grace_period_until: int
    a_token: Address
    variable_debt_token: Address
    accrued_to_treasury: int
    virtual_underlying_balance: int
    isolation_mode_total_debt: int
    unbacked: int
    """What the bridge has minted without backing. Until v3.3."""
    interest_rate_strategy: Address
    """Until v3.3."""

    def __init__(self, journal: Journal) -> None:
        self.attach(journal)
        self.initialise(**dict.fromkeys(self.FIELDS, 0))
        self.initialise(**dict.fromkeys(self.ADDRESSES, ZERO_ADDRESS))

    def delete(self) -> None:
        """Solidity's `delete`: every field back to zero."""
        for name in self.FIELDS:
            setattr(self, name, ZERO_ADDRESS if name in self.ADDRESSES else 0)


class EModeCategory(Record):
    """One efficiency-mode category; ratios in basis points, bitmaps over reserve ids."""

    FIELDS: ClassVar[tuple[str, ...]] = (
        "ltv",
        "liquidation_threshold",
        "liquidation_bonus",
        "collateral_bitmap",
        "borrowable_bitmap",
        "ltvzero_bitmap",
        "label",
        "isolated",
    )
    __slots__ = FIELDS

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    collateral_bitmap: int
    borrowable_bitmap: int
    ltvzero_bitmap: int
    label: str
    isolated: bool

    def __init__(self, journal: Journal) -> None:
        self.attach(journal)
        self.initialise(**dict.fromkeys(self.FIELDS, 0))
        self.initialise(label="", isolated=False)
