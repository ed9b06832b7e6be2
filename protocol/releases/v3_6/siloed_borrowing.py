"""Siloed borrowing: an asset that is its borrower's only debt. Solidity: `ValidationLogic`, until v3.6."""

from __future__ import annotations

from ...address import Address
from ...errors import SiloedBorrowingViolation
from ...logic.terms import Pool
from ...state import bitmaps


def check_siloed_borrowing(pool: Pool, asset: Address, configuration: int, user_config: int) -> None:
    """Refuse a siloed asset beside other debt. Solidity: end of `validateBorrow`, until v3.6."""
    if not bitmaps.is_borrowing_any(user_config):
        return
    only_id = bitmaps.only_borrowed_id(user_config)
    only_debt = pool.reserves_list[only_id] if only_id is not None else None
    if only_debt is not None and bitmaps.is_siloed(pool.reserves[only_debt].configuration):
        if only_debt != asset:
            raise SiloedBorrowingViolation()
    elif bitmaps.is_siloed(configuration):
        raise SiloedBorrowingViolation()
