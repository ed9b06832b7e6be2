"""Arguments packed into single words, as pools on rollups take them. Solidity: `CalldataLogic`, `L2Encoder`.

Assets go by their id. What a word has no room for, the pool fills in: whoever calls acts for itself. An amount of
2**128 - 1 means 2**256 - 1, where that means everything.
"""

from __future__ import annotations

from typing import NamedTuple

from ..address import Address
from ..math.uint import MAX_UINT128, MAX_UINT256, to_uint, to_uint128
from .terms import Pool

_AMOUNT_AT = 16
_BEHIND_AMOUNT = 144
"""Where a referral code or a rate mode stands, in bits."""
_BEHIND_MODE = 152
_BEHIND_CODE = 160
_SIGNATURE_V_BEHIND_DEADLINE = 32
_USER_AT = 32
_FLAG_BEHIND_DEBT = 128


class CompactSupply(NamedTuple):
    """Solidity: `decodeSupplyParams`, `decodeSupplyWithPermitParams`; a plain supply has no permit."""

    asset: Address
    amount: int
    referral_code: int
    deadline: int
    permit_v: int


class CompactRepayment(NamedTuple):
    """Solidity: `decodeRepayParams`, `decodeRepayWithPermitParams`; a plain repayment has no permit."""

    asset: Address
    amount: int
    interest_rate_mode: int
    deadline: int
    permit_v: int


class CompactBorrowing(NamedTuple):
    """Solidity: `decodeBorrowParams`."""

    asset: Address
    amount: int
    interest_rate_mode: int
    referral_code: int


class CompactLiquidation(NamedTuple):
    """Solidity: `decodeLiquidationCallParams`."""

    collateral_asset: Address
    debt_asset: Address
    borrower: Address
    debt_to_cover: int
    receive_a_token: bool


def _bits(word: int, at: int, size: int) -> int:
    return word >> at & (1 << size) - 1


def _asset(pool: Pool, word: int, at: int = 0) -> Address:
    """The asset with an id; the zero address for an id that no reserve has."""
    return pool.reserves_list[_bits(word, at, 16)]


def _everything(amount: int) -> int:
    return MAX_UINT256 if amount == MAX_UINT128 else amount


def decode_supply(pool: Pool, args: bytes) -> CompactSupply:
    """Read a supply; an amount of 2**128 - 1 is that amount."""
    word = int.from_bytes(args, "big")
    deadline, v = _bits(word, _BEHIND_CODE, 32), _bits(word, _BEHIND_CODE + _SIGNATURE_V_BEHIND_DEADLINE, 8)
    amount, code = _bits(word, _AMOUNT_AT, 128), _bits(word, _BEHIND_AMOUNT, 16)
    return CompactSupply(_asset(pool, word), amount, code, deadline, v)


def decode_withdrawal(pool: Pool, args: bytes) -> tuple[Address, int]:
    """Read a withdrawal: asset and amount."""
    word = int.from_bytes(args, "big")
    return _asset(pool, word), _everything(_bits(word, _AMOUNT_AT, 128))


def decode_borrowing(pool: Pool, args: bytes) -> CompactBorrowing:
    """Read a borrowing; an amount of 2**128 - 1 is that amount."""
    word = int.from_bytes(args, "big")
    mode, code = _bits(word, _BEHIND_AMOUNT, 8), _bits(word, _BEHIND_MODE, 16)
    return CompactBorrowing(_asset(pool, word), _bits(word, _AMOUNT_AT, 128), mode, code)


def decode_repayment(pool: Pool, args: bytes) -> CompactRepayment:
    """Read a repayment, with underlying or with aTokens."""
    word = int.from_bytes(args, "big")
    amount, mode = _everything(_bits(word, _AMOUNT_AT, 128)), _bits(word, _BEHIND_AMOUNT, 8)
    deadline, v = _bits(word, _BEHIND_MODE, 32), _bits(word, _BEHIND_MODE + _SIGNATURE_V_BEHIND_DEADLINE, 8)
    return CompactRepayment(_asset(pool, word), amount, mode, deadline, v)


def decode_use_as_collateral(pool: Pool, args: bytes) -> tuple[Address, bool]:
    """Read a collateral flag: asset and whether to use it."""
    word = int.from_bytes(args, "big")
    return _asset(pool, word), _bits(word, _AMOUNT_AT, 1) == 1


def decode_mode_of_asset(pool: Pool, args: bytes) -> tuple[Address, int]:
    """Read a swap of rate modes: asset and mode. Until v3.0.2."""
    word = int.from_bytes(args, "big")
    return _asset(pool, word), _bits(word, _AMOUNT_AT, 8)


def decode_user_of_asset(pool: Pool, args: bytes) -> tuple[Address, Address]:
    """Read a rebalancing: asset and user. Until v3.0.2."""
    word = int.from_bytes(args, "big")
    return _asset(pool, word), f"0x{_bits(word, _AMOUNT_AT, 160):040x}"


def decode_liquidation(pool: Pool, args1: bytes, args2: bytes) -> CompactLiquidation:
    """Read a liquidation from its two words: assets and borrower, amount and flag."""
    who, what = int.from_bytes(args1, "big"), int.from_bytes(args2, "big")
    return CompactLiquidation(
        _asset(pool, who),
        _asset(pool, who, 16),
        f"0x{_bits(who, _USER_AT, 160):040x}",
        _everything(_bits(what, 0, 128)),
        _bits(what, _FLAG_BEHIND_DEBT, 1) == 1,
    )


# --- packing ----------------------------------------------------------------------------------------------------------


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _short(amount: int) -> int:
    """An amount in 128 bits, everything included. Raises SafeCastOverflowedUintDowncast."""
    return MAX_UINT128 if amount == MAX_UINT256 else to_uint128(amount)


def encode_supply(asset_id: int, amount: int, referral_code: int, deadline: int = 0, permit_v: int = 0) -> bytes:
    """Pack a supply. Raises SafeCastOverflowedUintDowncast for an amount or deadline that has no room."""
    amount = to_uint128(amount)
    permit = to_uint(32, deadline) | permit_v << _SIGNATURE_V_BEHIND_DEADLINE
    return _word(asset_id | amount << _AMOUNT_AT | referral_code << _BEHIND_AMOUNT | permit << _BEHIND_CODE)


def encode_withdrawal(asset_id: int, amount: int) -> bytes:
    """Pack a withdrawal. Raises SafeCastOverflowedUintDowncast for an amount that has no room."""
    return _word(asset_id | _short(amount) << _AMOUNT_AT)


def encode_borrowing(asset_id: int, amount: int, interest_rate_mode: int, referral_code: int) -> bytes:
    """Pack a borrowing. Raises SafeCastOverflowedUintDowncast for an amount or mode that has no room."""
    amount = to_uint128(amount)
    mode = to_uint(8, interest_rate_mode)
    return _word(asset_id | amount << _AMOUNT_AT | mode << _BEHIND_AMOUNT | referral_code << _BEHIND_MODE)


def encode_repayment(
    asset_id: int, amount: int, interest_rate_mode: int, deadline: int = 0, permit_v: int = 0
) -> bytes:
    """Pack a repayment. Raises SafeCastOverflowedUintDowncast for an amount, mode or deadline that has no room."""
    amount = _short(amount)
    mode = to_uint(8, interest_rate_mode)
    permit = to_uint(32, deadline) | permit_v << _SIGNATURE_V_BEHIND_DEADLINE
    return _word(asset_id | amount << _AMOUNT_AT | mode << _BEHIND_AMOUNT | permit << _BEHIND_MODE)


def encode_use_as_collateral(asset_id: int, use_as_collateral: bool) -> bytes:
    """Pack a collateral flag."""
    return _word(asset_id | use_as_collateral << _AMOUNT_AT)


def encode_mode_of_asset(asset_id: int, interest_rate_mode: int) -> bytes:
    """Pack a swap of rate modes. Raises SafeCastOverflowedUintDowncast for a mode that has no room. Until v3.0.2."""
    return _word(asset_id | to_uint(8, interest_rate_mode) << _AMOUNT_AT)


def encode_user_of_asset(asset_id: int, user: Address) -> bytes:
    """Pack a rebalancing. Until v3.0.2."""
    return _word(asset_id | int(user, 16) << _AMOUNT_AT)


def encode_liquidation(
    collateral_id: int, debt_id: int, borrower: Address, debt_to_cover: int, receive_a_token: bool
) -> tuple[bytes, bytes]:
    """Pack a liquidation in two words. Raises SafeCastOverflowedUintDowncast for an amount that has no room."""
    amount = _short(debt_to_cover)
    who = collateral_id | debt_id << 16 | int(borrower, 16) << _USER_AT
    return _word(who), _word(amount | receive_a_token << _FLAG_BEHIND_DEBT)
