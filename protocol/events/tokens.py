"""Events of a reserve's tokens. Solidity: `IScaledBalanceToken`, `IAToken`, `IVariableDebtToken`."""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from .declaration import event

# --- scaled-balance tokens --------------------------------------------------------------------------------------------


@event("Mint(address indexed, address indexed, uint256, uint256, uint256)")
class Mint(NamedTuple):
    caller: Address
    on_behalf_of: Address
    value: int
    balance_increase: int
    index_ray: int


@event("Burn(address indexed, address indexed, uint256, uint256, uint256)")
class Burn(NamedTuple):
    from_: Address
    target: Address
    value: int
    balance_increase: int
    index_ray: int


# --- the aToken -------------------------------------------------------------------------------------------------------


@event("BalanceTransfer(address indexed, address indexed, uint256, uint256)")
class BalanceTransfer(NamedTuple):
    from_: Address
    to: Address
    value: int
    index_ray: int


@event("Initialized(address indexed, address indexed, address, address, uint8, string, string, bytes)")
class ATokenInitialized(NamedTuple):
    underlying_asset: Address
    pool: Address
    treasury: Address
    incentives_controller: Address
    a_token_decimals: int
    a_token_name: str
    a_token_symbol: str
    params: bytes


# --- the debt token ---------------------------------------------------------------------------------------------------


@event("Initialized(address indexed, address indexed, address, uint8, string, string, bytes)")
class DebtTokenInitialized(NamedTuple):
    underlying_asset: Address
    pool: Address
    incentives_controller: Address
    debt_token_decimals: int
    debt_token_name: str
    debt_token_symbol: str
    params: bytes


@event("BorrowAllowanceDelegated(address indexed, address indexed, address indexed, uint256)")
class BorrowAllowanceDelegated(NamedTuple):
    from_user: Address
    to_user: Address
    asset: Address
    amount: int
