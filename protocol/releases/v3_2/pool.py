"""The pool as it was in v3.2: bad debt stays with the borrower, and one view shows a reserve as stored.

Solidity: `Pool`, `PoolInstance`, v3.2.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...contracts.l2_pool import L2Pool
from ...machine.function import IN_MEMORY, external, view
from ..v3_3.pool import PoolV33


class WholeReserve(NamedTuple):
    """Solidity: `DataTypes.ReserveData`, v3.2."""

    configuration: tuple[int]
    liquidity_index: int
    current_liquidity_rate: int
    variable_borrow_index: int
    current_variable_borrow_rate: int
    current_stable_borrow_rate: int
    last_update_timestamp: int
    id: int
    liquidation_grace_period_until: int
    a_token_address: Address
    stable_debt_token_address: Address
    variable_debt_token_address: Address
    interest_rate_strategy_address: Address
    accrued_to_treasury: int
    unbacked: int
    isolation_mode_total_debt: int
    virtual_underlying_balance: int


class PoolV32(PoolV33):
    """Knows no deficit."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "eliminateReserveDeficit(address,uint256)",
        "getReserveDeficit(address)",
        "UMBRELLA()",
        "getReserveAToken(address)",
        "getReserveVariableDebtToken(address)",
    )
    __slots__ = ()

    @external("configureEModeCategory(uint8,(uint16,uint16,uint16,string))", lazy={1: IN_MEMORY})
    def configure_e_mode_category_without_isolation(
        self, category_id: int, category: tuple[int, int, int, str], *, sender: Address
    ) -> None:
        """For the configurator. The category is copied to memory: it must be well-formed before anyone is refused."""
        record = self.writable_category(sender, category_id)
        record.ltv, record.liquidation_threshold, record.liquidation_bonus, record.label = category

    def stable_debt_token(self) -> Address:
        """None: the mock from the registry is shown from v3.2.1 on."""
        return ZERO_ADDRESS

    @view(
        "getReserveDataExtended(address)",
        "((uint256),uint128,uint128,uint128,uint128,uint128,uint40,uint16,uint40,address,address,address,address,"
        "uint128,uint128,uint128,uint128)",
    )
    def get_reserve_data_extended(self, asset: Address) -> WholeReserve:
        """A reserve as stored."""
        reserve = self.reserves[asset]
        return WholeReserve(
            (reserve.configuration,),
            reserve.liquidity_index,
            reserve.current_liquidity_rate,
            reserve.variable_borrow_index,
            reserve.current_variable_borrow_rate,
            0,
            reserve.last_update_timestamp,
            reserve.id,
            reserve.liquidation_grace_period_until,
            reserve.a_token,
            ZERO_ADDRESS,
            reserve.variable_debt_token,
            reserve.interest_rate_strategy,
            reserve.accrued_to_treasury,
            reserve.unbacked,
            reserve.isolation_mode_total_debt,
            reserve.virtual_underlying_balance,
        )


class L2PoolV32(L2Pool, PoolV32):
    """The same on a rollup. Solidity: `L2PoolInstance`."""

    __slots__ = ()
