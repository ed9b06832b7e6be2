"""The pool as it was in v3.5: no LTV of zero within a category, and aTokens that arrive become collateral.

Solidity: `Pool`, `PoolInstance`, v3.5.
"""

from __future__ import annotations

from typing import ClassVar

from ...address import Address
from ...contracts.l2_pool import L2Pool
from ...machine.function import external, view
from ..v3_6.pool import PoolV36


class PoolV35(PoolV36):
    """Is told by aTokens how much the recipient had before a transfer."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "configureEModeCategoryLtvzeroBitmap(uint8,uint128)",
        "getEModeCategoryLtvzeroBitmap(uint8)",
        "finalizeTransfer(address,address,address,uint256,uint256)",
    )
    __slots__ = ()

    @external("finalizeTransfer(address,address,address,uint256,uint256,uint256)")
    def finalize_transfer_with_recipient(
        self,
        asset: Address,
        from_: Address,
        to: Address,
        amount: int,
        balance_from_before: int,
        balance_to_before: int,
        *,
        sender: Address,
    ) -> None:
        """For the asset's aToken, in shares; until v3.4 in underlying units. Raises CallerNotAToken."""
        self.finalize_transfer_from(sender, asset, from_, to, amount, balance_from_before, balance_to_before)

    @view("getEModeLogic()", "address")
    def get_e_mode_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("EModeLogic")


class L2PoolV35(L2Pool, PoolV35):
    """The same on a rollup. Solidity: `L2PoolInstance`."""

    __slots__ = ()
