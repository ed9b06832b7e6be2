"""Packs the arguments of a rollup's pool into words. Solidity: `L2Encoder`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...address import Address
from ...logic import compact_calldata as compact
from ...machine.contract import Contract
from ...machine.function import view
from ..data_provider import pool_at

if TYPE_CHECKING:
    from ...chain import Chain


class L2Encoder(Contract):
    """Views only. An asset that is not listed has the id 0, as the first one that is.

    Each raises SafeCastOverflowedUintDowncast for an amount, mode or deadline that has no room.
    """

    KIND = "L2Encoder"
    IMMUTABLES = ("pool",)
    __slots__ = ("pool",)

    chain: Chain

    pool: Address

    def __init__(self, chain: Chain, at: Address, pool: Address) -> None:
        super().__init__(chain, at)
        self.initialise(pool=pool)

    def id_of(self, asset: Address) -> int:
        """The id by which the pool knows an asset."""
        reserve_id: int = pool_at(self.chain, self.pool).reserves[asset].id
        return reserve_id

    @view("POOL()", "address")
    def pool_address(self) -> Address:
        """The pool."""
        return self.pool

    @view("encodeSupplyParams(address,uint256,uint16)", "bytes32")
    def encode_supply_params(self, asset: Address, amount: int, referral_code: int = 0) -> bytes:
        """Pack a supply."""
        return compact.encode_supply(self.id_of(asset), amount, referral_code)

    @view(
        "encodeSupplyWithPermitParams(address,uint256,uint16,uint256,uint8,bytes32,bytes32)",
        "bytes32,bytes32,bytes32",
    )
    def encode_supply_with_permit_params(
        self,
        asset: Address,
        amount: int,
        referral_code: int,
        deadline: int,
        permit_v: int,
        permit_r: bytes,
        permit_s: bytes,
    ) -> tuple[bytes, bytes, bytes]:
        """Pack a supply with a permit; `r` and `s` stay as they are."""
        packed = compact.encode_supply(self.id_of(asset), amount, referral_code, deadline, permit_v)
        return packed, permit_r, permit_s

    @view("encodeWithdrawParams(address,uint256)", "bytes32")
    def encode_withdraw_params(self, asset: Address, amount: int) -> bytes:
        """Pack a withdrawal; 2**256 - 1 means everything."""
        return compact.encode_withdrawal(self.id_of(asset), amount)

    @view("encodeBorrowParams(address,uint256,uint256,uint16)", "bytes32")
    def encode_borrow_params(
        self, asset: Address, amount: int, interest_rate_mode: int = 2, referral_code: int = 0
    ) -> bytes:
        """Pack a borrowing."""
        return compact.encode_borrowing(self.id_of(asset), amount, interest_rate_mode, referral_code)

    @view("encodeRepayParams(address,uint256,uint256)", "bytes32")
    def encode_repay_params(self, asset: Address, amount: int, interest_rate_mode: int = 2) -> bytes:
        """Pack a repayment; 2**256 - 1 means all of the debt."""
        return compact.encode_repayment(self.id_of(asset), amount, interest_rate_mode)

    @view(
        "encodeRepayWithPermitParams(address,uint256,uint256,uint256,uint8,bytes32,bytes32)",
        "bytes32,bytes32,bytes32",
    )
    def encode_repay_with_permit_params(
        self,
        asset: Address,
        amount: int,
        interest_rate_mode: int,
        deadline: int,
        permit_v: int,
        permit_r: bytes,
        permit_s: bytes,
    ) -> tuple[bytes, bytes, bytes]:
        """Pack a repayment with a permit; `r` and `s` stay as they are."""
        packed = compact.encode_repayment(self.id_of(asset), amount, interest_rate_mode, deadline, permit_v)
        return packed, permit_r, permit_s

    @view("encodeRepayWithATokensParams(address,uint256,uint256)", "bytes32")
    def encode_repay_with_a_tokens_params(self, asset: Address, amount: int, interest_rate_mode: int = 2) -> bytes:
        """Pack a repayment with aTokens; 2**256 - 1 means as much as there is of either."""
        return compact.encode_repayment(self.id_of(asset), amount, interest_rate_mode)

    @view("encodeSetUserUseReserveAsCollateral(address,bool)", "bytes32")
    def encode_set_user_use_reserve_as_collateral(self, asset: Address, use_as_collateral: bool) -> bytes:
        """Pack a collateral flag."""
        return compact.encode_use_as_collateral(self.id_of(asset), use_as_collateral)

    @view("encodeLiquidationCall(address,address,address,uint256,bool)", "bytes32,bytes32")
    def encode_liquidation_call(
        self,
        collateral_asset: Address,
        debt_asset: Address,
        borrower: Address,
        debt_to_cover: int,
        receive_a_token: bool = False,
    ) -> tuple[bytes, bytes]:
        """Pack a liquidation in two words; 2**256 - 1 means as much as may be covered."""
        ids = self.id_of(collateral_asset), self.id_of(debt_asset)
        return compact.encode_liquidation(*ids, borrower, debt_to_cover, receive_a_token)
