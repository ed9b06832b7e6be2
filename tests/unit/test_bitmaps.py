"""Every field of the packed words: what is set is read back, nothing else changes, what does not fit is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol import errors
from pooltwin.protocol.state import bitmaps

from .numbers import uints

words = uints()
reserve_ids = st.integers(0, 127)

FIELDS = [
    # getter, setter, lowest bit, width, error
    (bitmaps.ltv, bitmaps.with_ltv, 0, 16, errors.InvalidLtv),
    (
        bitmaps.liquidation_threshold,
        bitmaps.with_liquidation_threshold,
        16,
        16,
        errors.InvalidLiquidationThreshold,
    ),
    (bitmaps.liquidation_bonus, bitmaps.with_liquidation_bonus, 32, 16, errors.InvalidLiquidationBonus),
    (bitmaps.decimals, bitmaps.with_decimals, 48, 8, errors.InvalidDecimals),
    (bitmaps.reserve_factor, bitmaps.with_reserve_factor, 64, 16, errors.InvalidReserveFactor),
    (bitmaps.borrow_cap, bitmaps.with_borrow_cap, 80, 36, errors.InvalidBorrowCap),
    (bitmaps.supply_cap, bitmaps.with_supply_cap, 116, 36, errors.InvalidSupplyCap),
    (
        bitmaps.liquidation_protocol_fee,
        bitmaps.with_liquidation_protocol_fee,
        152,
        16,
        errors.InvalidLiquidationProtocolFee,
    ),
    (bitmaps.debt_ceiling, bitmaps.with_debt_ceiling, 212, 40, errors.InvalidDebtCeiling),
]
FLAGS = [
    (bitmaps.is_active, bitmaps.with_active, 56),
    (bitmaps.is_frozen, bitmaps.with_frozen, 57),
    (bitmaps.is_borrowing_enabled, bitmaps.with_borrowing_enabled, 58),
    (bitmaps.is_paused, bitmaps.with_paused, 60),
    (bitmaps.is_borrowable_in_isolation, bitmaps.with_borrowable_in_isolation, 61),
    (bitmaps.is_siloed, bitmaps.with_siloed, 62),
    (bitmaps.is_flash_loan_enabled, bitmaps.with_flash_loan_enabled, 63),
]


def _name(value: int) -> Any:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("get", "put", "start", "width", "error"), FIELDS, ids=_name)
@given(data=st.data(), word=words)
def test_fields(get: Any, put: Any, start: Any, width: Any, error: Any, data: st.DataObject, word: int) -> None:
    value = data.draw(st.integers(0, 2**width - 1))
    changed = put(word, value)
    mask = (2**width - 1) << start
    assert get(changed) == value
    assert changed & ~mask == word & ~mask
    assert get(word) == (word & mask) >> start
    assert put(changed, get(word)) == word


@pytest.mark.parametrize(("get", "put", "start", "width", "error"), FIELDS, ids=_name)
@given(word=words, excess=uints(2**255))
def test_field_bounds(get: Any, put: Any, start: Any, width: Any, error: Any, word: int, excess: Any) -> None:
    assert get(put(word, 2**width - 1)) == 2**width - 1
    with pytest.raises(error):
        put(word, 2**width + excess)


@pytest.mark.parametrize(("get", "put", "bit"), FLAGS, ids=_name)
@given(word=words, on=st.booleans())
def test_flags(get: Any, put: Any, bit: Any, word: int, on: bool) -> None:
    changed = put(word, on)
    assert get(changed) is on
    assert changed & ~(1 << bit) == word & ~(1 << bit)
    assert get(word) is bool(word >> bit & 1)


@given(words)
def test_fields_of_old_revisions(word: int) -> None:
    assert bitmaps.unbacked_mint_cap(word) == word >> 176 & (2**36 - 1)
    assert bitmaps.is_virtual_accounting_active(word) is bool(word >> 252 & 1)
    assert bitmaps.with_virtual_accounting(word) == word | 1 << 252


def test_no_two_fields_share_a_bit() -> None:
    masks = [((2**width) - 1) << start for _, _, start, width, _ in FIELDS]
    masks += [1 << bit for _, _, bit in FLAGS] + [1 << 252, (2**36 - 1) << 176]
    total = 0
    for mask in masks:
        assert total & mask == 0
        total |= mask


@given(words, reserve_ids, st.booleans())
def test_user_bits(word: int, reserve_id: int, on: bool) -> None:
    borrow_bit, collateral_bit = 1 << 2 * reserve_id, 1 << 2 * reserve_id + 1
    borrowing = bitmaps.with_borrowing(word, reserve_id, on)
    assert bitmaps.is_borrowing(borrowing, reserve_id) is on
    assert borrowing & ~borrow_bit == word & ~borrow_bit
    using = bitmaps.with_using_as_collateral(word, reserve_id, on)
    assert bitmaps.is_using_as_collateral(using, reserve_id) is on
    assert using & ~collateral_bit == word & ~collateral_bit


@given(st.sets(reserve_ids), st.sets(reserve_ids))
def test_user_words_as_sets(borrowed: Any, collateral: Any) -> None:
    word = 0
    for reserve_id in borrowed:
        word = bitmaps.with_borrowing(word, reserve_id, True)
    for reserve_id in collateral:
        word = bitmaps.with_using_as_collateral(word, reserve_id, True)
    assert {i for i in range(128) if bitmaps.is_borrowing(word, i)} == borrowed
    assert {i for i in range(128) if bitmaps.is_using_as_collateral(word, i)} == collateral
    assert bitmaps.is_borrowing_any(word) is bool(borrowed)
    assert bitmaps.is_using_as_collateral_any(word) is bool(collateral)
    assert bitmaps.only_borrowed_id(word) == (min(borrowed) if len(borrowed) == 1 else None)
    assert bitmaps.only_collateral_id(word) == (min(collateral) if len(collateral) == 1 else None)


@given(st.sets(reserve_ids), reserve_ids, st.booleans())
def test_e_mode_bitmaps_as_sets(members: Any, reserve_id: int, on: bool) -> None:
    bitmap = sum(1 << member for member in members)
    changed = bitmaps.with_in_bitmap(bitmap, reserve_id, on)
    expected = members | {reserve_id} if on else members - {reserve_id}
    assert {i for i in range(128) if bitmaps.is_in_bitmap(changed, i)} == expected
