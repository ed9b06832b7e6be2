"""Events of the pool. Solidity: `IPool` and the libraries."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event


@event("Supply(address indexed, address, address indexed, uint256, uint16 indexed)")
class Supply(NamedTuple):
    reserve: Address
    user: Address
    on_behalf_of: Address
    amount: int
    referral_code: int


@event("Withdraw(address indexed, address indexed, address indexed, uint256)")
class Withdraw(NamedTuple):
    reserve: Address
    user: Address
    to: Address
    amount: int


@event("Borrow(address indexed, address, address indexed, uint256, uint8, uint256, uint16 indexed)")
class Borrow(NamedTuple):
    reserve: Address
    user: Address
    on_behalf_of: Address
    amount: int
    interest_rate_mode: int
    borrow_rate: int
    referral_code: int


@event("Repay(address indexed, address indexed, address indexed, uint256, bool)")
class Repay(NamedTuple):
    reserve: Address
    user: Address
    repayer: Address
    amount: int
    use_a_tokens: bool


@event("UserEModeSet(address indexed, uint8)")
class UserEModeSet(NamedTuple):
    user: Address
    category_id: int


@event("ReserveUsedAsCollateralEnabled(address indexed, address indexed)")
class ReserveUsedAsCollateralEnabled(NamedTuple):
    reserve: Address
    user: Address


@event("ReserveUsedAsCollateralDisabled(address indexed, address indexed)")
class ReserveUsedAsCollateralDisabled(NamedTuple):
    reserve: Address
    user: Address


@event("FlashLoan(address indexed, address, address indexed, uint256, uint8, uint256, uint16 indexed)")
class FlashLoan(NamedTuple):
    target: Address
    initiator: Address
    asset: Address
    amount: int
    interest_rate_mode: int
    premium: int
    referral_code: int


@event("LiquidationCall(address indexed, address indexed, address indexed, uint256, uint256, address, bool)")
class LiquidationCall(NamedTuple):
    collateral_asset: Address
    debt_asset: Address
    user: Address
    debt_to_cover: int
    liquidated_collateral_amount: int
    liquidator: Address
    receive_a_token: bool


@event("ReserveDataUpdated(address indexed, uint256, uint256, uint256, uint256, uint256)")
class ReserveDataUpdated(NamedTuple):
    reserve: Address
    liquidity_rate: int
    stable_borrow_rate: int
    variable_borrow_rate: int
    liquidity_index: int
    variable_borrow_index: int


@event("DeficitCovered(address indexed, address, uint256)")
class DeficitCovered(NamedTuple):
    reserve: Address
    caller: Address
    amount_covered: int


@event("MintedToTreasury(address indexed, uint256)")
class MintedToTreasury(NamedTuple):
    reserve: Address
    amount_minted: int


@event("DeficitCreated(address indexed, address indexed, uint256)")
class DeficitCreated(NamedTuple):
    user: Address
    debt_asset: Address
    amount_created: int


@event("PositionManagerApproved(address indexed, address indexed)")
class PositionManagerApproved(NamedTuple):
    user: Address
    position_manager: Address


@event("PositionManagerRevoked(address indexed, address indexed)")
class PositionManagerRevoked(NamedTuple):
    user: Address
    position_manager: Address


@event("IsolationModeTotalDebtUpdated(address indexed, uint256)")
class IsolationModeTotalDebtUpdated(NamedTuple):
    """Until v3.6."""

    asset: Address
    total_debt: int


@event("MintUnbacked(address indexed, address, address indexed, uint256, uint16 indexed)")
class MintUnbacked(NamedTuple):
    """Until v3.3."""

    reserve: Address
    user: Address
    on_behalf_of: Address
    amount: int
    referral_code: int


@event("BackUnbacked(address indexed, address indexed, uint256, uint256)")
class BackUnbacked(NamedTuple):
    """Until v3.3."""

    reserve: Address
    backer: Address
    amount: int
    fee: int
