"""The pool as it was in v3.4. Solidity: `Pool`, `PoolInstance`, v3.4."""

from __future__ import annotations

from ...address import Address
from ...contracts.l2_pool import L2Pool
from ...machine.function import external
from ..v3_5.pool import PoolV35


class PoolV34(PoolV35):
    """Does not tell the umbrella how much of a deficit it covered."""

    __slots__ = ()

    @external("eliminateReserveDeficit(address,uint256)")
    def eliminate_reserve_deficit(self, asset: Address, amount: int, *, sender: Address) -> int:
        """Burn the umbrella's aTokens against a deficit. Raises CallerNotUmbrella.

        Python callers get what was covered, which the ABI does not return.
        """
        return self.cover_deficit(sender, asset, amount)


class L2PoolV34(L2Pool, PoolV34):
    """The same on a rollup. Solidity: `L2PoolInstance`."""

    __slots__ = ()
