"""Linked libraries as they were in v3.3: told how many reserves there are. Solidity: `PoolLogic`, v3.3."""

from __future__ import annotations

from typing import Any

from ...contracts.library import NOTHING, AccountData, Library, account_data_of
from ...errors import InvalidReserveIndex
from ...machine.function import Function
from ...state.bitmaps import MAX_RESERVES


def _account(
    _library: Any, _reserves: int, _listed: int, _categories: int, user_config: int, count: int, *_who: Any
) -> AccountData:
    """The account of somebody without a market. Raises InvalidReserveIndex for more reserves than there can be."""
    if user_config != 0 and count > MAX_RESERVES:
        raise InvalidReserveIndex()
    return NOTHING


class LibraryV33(Library):
    """Counts reserves that it does not find."""

    __slots__ = ()

    def own_functions(self) -> dict[str, dict[bytes, Function]]:
        """The functions that can be called, by library and selector."""
        counted = account_data_of("uint256,uint256,address,address,uint8", _account)
        return {**super().own_functions(), "PoolLogic": counted}
