"""Packed words: the reserve configuration, the user configuration and the e-mode bitmaps.

Getters read one field of a word; setters return a new word and raise the contract's error when the value does not fit.
Solidity: `ReserveConfiguration`, `UserConfiguration`, `EModeConfiguration`.
"""

from __future__ import annotations

from .. import errors

MAX_RESERVES = 128
DEBT_CEILING_DECIMALS = 2

_ACTIVE = 1 << 56
_FROZEN = 1 << 57
_BORROWING = 1 << 58
_PAUSED = 1 << 60
_BORROWABLE_IN_ISOLATION = 1 << 61
_SILOED = 1 << 62
_FLASH_LOAN = 1 << 63
_VIRTUAL_ACCOUNTING = 1 << 252

BORROWING_MASK = int("01" * 128, 2)
COLLATERAL_MASK = int("10" * 128, 2)


def ltv(config: int) -> int:
    """Loan to value in basis points, bits 0-15."""
    return config & 0xFFFF


def liquidation_threshold(config: int) -> int:
    """Liquidation threshold in basis points, bits 16-31."""
    return config >> 16 & 0xFFFF


def liquidation_bonus(config: int) -> int:
    """Liquidation bonus in basis points including the 10000 of the debt itself, bits 32-47."""
    return config >> 32 & 0xFFFF


def decimals(config: int) -> int:
    """Decimals of the underlying, bits 48-55."""
    return config >> 48 & 0xFF


def is_active(config: int) -> bool:
    """Is the reserve active? Bit 56."""
    return config & _ACTIVE != 0


def is_frozen(config: int) -> bool:
    """Is it frozen? Bit 57."""
    return config & _FROZEN != 0


def is_borrowing_enabled(config: int) -> bool:
    """May it be borrowed outside e-mode? Bit 58."""
    return config & _BORROWING != 0


def is_paused(config: int) -> bool:
    """Is it paused? Bit 60."""
    return config & _PAUSED != 0


def is_borrowable_in_isolation(config: int) -> bool:
    """May it be borrowed against an isolated collateral? Bit 61, until v3.6."""
    return config & _BORROWABLE_IN_ISOLATION != 0


def is_siloed(config: int) -> bool:
    """Must it be its borrower's only debt? Bit 62, until v3.6."""
    return config & _SILOED != 0


def is_flash_loan_enabled(config: int) -> bool:
    """May it be lent in flash loans? Bit 63."""
    return config & _FLASH_LOAN != 0


def reserve_factor(config: int) -> int:
    """Share of the borrowers' interest that goes to the treasury, in basis points, bits 64-79."""
    return config >> 64 & 0xFFFF


def borrow_cap(config: int) -> int:
    """Borrow cap in whole tokens, 0 for none, bits 80-115."""
    return config >> 80 & 0xFFFFFFFFF


def supply_cap(config: int) -> int:
    """Supply cap in whole tokens, 0 for none, bits 116-151."""
    return config >> 116 & 0xFFFFFFFFF


def liquidation_protocol_fee(config: int) -> int:
    """Share of the liquidation bonus that goes to the treasury, in basis points, bits 152-167."""
    return config >> 152 & 0xFFFF


def unbacked_mint_cap(config: int) -> int:
    """Cap of unbacked bridge mints in whole tokens, bits 176-211, until v3.3."""
    return config >> 176 & 0xFFFFFFFFF


def debt_ceiling(config: int) -> int:
    """Debt ceiling of an isolated collateral with two decimals, bits 212-251, until v3.6."""
    return config >> 212 & 0xFFFFFFFFFF


def is_virtual_accounting_active(config: int) -> bool:
    """Does the pool track its liquidity? Bit 252, always set since v3.4."""
    return config & _VIRTUAL_ACCOUNTING != 0


def _with_field(config: int, start: int, width: int, value: int, maximum: int, error: type[errors.CustomError]) -> int:
    if value > maximum:
        raise error()
    return config & ~(((1 << width) - 1) << start) | value << start


def _with_bit(config: int, bit: int, on: bool) -> int:
    return config | bit if on else config & ~bit


def with_ltv(config: int, value: int) -> int:
    """Set the loan to value (bps). Raises InvalidLtv above 65535."""
    return _with_field(config, 0, 16, value, 65_535, errors.InvalidLtv)


def with_liquidation_threshold(config: int, value: int) -> int:
    """Set the liquidation threshold (bps). Raises InvalidLiquidationThreshold above 65535."""
    return _with_field(config, 16, 16, value, 65_535, errors.InvalidLiquidationThreshold)


def with_liquidation_bonus(config: int, value: int) -> int:
    """Set the liquidation bonus (bps). Raises InvalidLiquidationBonus above 65535."""
    return _with_field(config, 32, 16, value, 65_535, errors.InvalidLiquidationBonus)


def with_decimals(config: int, value: int) -> int:
    """Set the decimals. Raises InvalidDecimals above 255."""
    return _with_field(config, 48, 8, value, 255, errors.InvalidDecimals)


def with_active(config: int, on: bool) -> int:
    """Set or clear bit 56."""
    return _with_bit(config, _ACTIVE, on)


def with_frozen(config: int, on: bool) -> int:
    """Set or clear bit 57."""
    return _with_bit(config, _FROZEN, on)


def with_borrowing_enabled(config: int, on: bool) -> int:
    """Set or clear bit 58."""
    return _with_bit(config, _BORROWING, on)


def with_paused(config: int, on: bool) -> int:
    """Set or clear bit 60."""
    return _with_bit(config, _PAUSED, on)


def with_borrowable_in_isolation(config: int, on: bool) -> int:
    """Set or clear bit 61."""
    return _with_bit(config, _BORROWABLE_IN_ISOLATION, on)


def with_siloed(config: int, on: bool) -> int:
    """Set or clear bit 62."""
    return _with_bit(config, _SILOED, on)


def with_flash_loan_enabled(config: int, on: bool) -> int:
    """Set or clear bit 63."""
    return _with_bit(config, _FLASH_LOAN, on)


def with_virtual_accounting(config: int, on: bool = True) -> int:
    """Set or clear bit 252."""
    return _with_bit(config, _VIRTUAL_ACCOUNTING, on)


def with_unbacked_mint_cap(config: int, value: int) -> int:
    """Set the unbacked mint cap. Raises InvalidUnbackedMintCap above 68719476735."""
    return _with_field(config, 176, 36, value, 68_719_476_735, errors.InvalidUnbackedMintCap)


def with_reserve_factor(config: int, value: int) -> int:
    """Set the reserve factor (bps). Raises InvalidReserveFactor above 65535."""
    return _with_field(config, 64, 16, value, 65_535, errors.InvalidReserveFactor)


def with_borrow_cap(config: int, value: int) -> int:
    """Set the borrow cap. Raises InvalidBorrowCap above 68719476735."""
    return _with_field(config, 80, 36, value, 68_719_476_735, errors.InvalidBorrowCap)


def with_supply_cap(config: int, value: int) -> int:
    """Set the supply cap. Raises InvalidSupplyCap above 68719476735."""
    return _with_field(config, 116, 36, value, 68_719_476_735, errors.InvalidSupplyCap)


def with_liquidation_protocol_fee(config: int, value: int) -> int:
    """Set the treasury's part of the bonus (bps). Raises InvalidLiquidationProtocolFee above 65535."""
    return _with_field(config, 152, 16, value, 65_535, errors.InvalidLiquidationProtocolFee)


def with_debt_ceiling(config: int, value: int) -> int:
    """Set the debt ceiling. Raises InvalidDebtCeiling above 1099511627775."""
    return _with_field(config, 212, 40, value, 1_099_511_627_775, errors.InvalidDebtCeiling)


def is_borrowing(user_config: int, reserve_id: int) -> bool:
    """Does the user owe this reserve? Bit 2 * id."""
    return user_config >> (reserve_id << 1) & 1 != 0


def is_using_as_collateral(user_config: int, reserve_id: int) -> bool:
    """Is the user's supply to this reserve collateral? Bit 2 * id + 1."""
    return user_config >> (reserve_id << 1) & 2 != 0


def with_borrowing(user_config: int, reserve_id: int, on: bool) -> int:
    """Set or clear a borrow bit."""
    return _with_bit(user_config, 1 << (reserve_id << 1), on)


def with_using_as_collateral(user_config: int, reserve_id: int, on: bool) -> int:
    """Set or clear a collateral bit."""
    return _with_bit(user_config, 2 << (reserve_id << 1), on)


def is_borrowing_any(user_config: int) -> bool:
    """Is any borrow bit set?"""
    return user_config & BORROWING_MASK != 0


def is_using_as_collateral_any(user_config: int) -> bool:
    """Is any collateral bit set?"""
    return user_config & COLLATERAL_MASK != 0


def only_borrowed_id(user_config: int) -> int | None:
    """The id of the one reserve the user owes, or None for none or several."""
    bits = user_config & BORROWING_MASK
    return (bits.bit_length() - 1) // 2 if bits and not bits & (bits - 1) else None


def only_collateral_id(user_config: int) -> int | None:
    """The id of the user's one collateral, or None for none or several."""
    bits = user_config & COLLATERAL_MASK
    return (bits.bit_length() - 1) // 2 if bits and not bits & (bits - 1) else None


def is_in_bitmap(bitmap: int, reserve_id: int) -> bool:
    """Is the reserve's bit set in an e-mode bitmap?"""
    return bitmap >> reserve_id & 1 != 0


def with_in_bitmap(bitmap: int, reserve_id: int, on: bool) -> int:
    """Set or clear a reserve's bit in an e-mode bitmap."""
    return _with_bit(bitmap, 1 << reserve_id, on)
