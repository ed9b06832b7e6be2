"""Checks until v3.5: an asset's own settings count in e-mode too. Solidity: `ValidationLogic`."""

from __future__ import annotations

from ...address import Address
from ...errors import BorrowingNotEnabled, InconsistentEModeCategory, NotBorrowableInEMode
from ...logic.terms import Pool
from ...state import bitmaps
from ...state.records import Reserve


def check_borrowing_enabled(_pool: Pool, _reserve: Reserve, configuration: int, _category_id: int) -> None:
    """Require the reserve's own flag, in e-mode too. Until v3.5."""
    if not bitmaps.is_borrowing_enabled(configuration):
        raise BorrowingNotEnabled()


def has_threshold(configuration: int) -> bool:
    """Has the asset a liquidation threshold of its own, so that it can be seized? Until v3.5."""
    return bitmaps.liquidation_threshold(configuration) != 0


def validate_set_user_e_mode(pool: Pool, user: Address, category_id: int) -> None:
    """Check that every debt may be borrowed in the new category; collateral does not matter, nor leaving e-mode.

    Solidity: `validateSetUserEMode`, until v3.5.
    """
    category = pool.e_modes[category_id]
    if category_id != 0 and category.liquidation_threshold == 0:
        raise InconsistentEModeCategory()
    flags, reserve_id = pool.users_config[user] if category_id else 0, 0
    while flags:
        if flags & 1 and not bitmaps.is_in_bitmap(category.borrowable_bitmap, reserve_id):
            raise NotBorrowableInEMode()
        flags >>= 2
        reserve_id += 1
