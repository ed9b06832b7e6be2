"""The pool of a rollup and what packs arguments for it, as they were first: with stable rates.

Solidity: `L2Pool`, `L2Encoder`, v3.0.2.
"""

from __future__ import annotations

from ...address import Address
from ...contracts.l2_pool import L2Pool
from ...contracts.periphery.l2_encoder import L2Encoder
from ...logic import compact_calldata as compact
from ...machine.function import external, view
from .pool import PoolV302


class L2PoolV302(L2Pool, PoolV302):
    """Functions of stable rates besides."""

    CODE = "L2PoolInstance@3.0.2"
    __slots__ = ()

    @external("swapBorrowRateMode(bytes32)", named="swapBorrowRateModeCompact")
    def swap_borrow_rate_mode_compact(self, args: bytes, *, sender: Address) -> None:
        """`swap_borrow_rate_mode`; the mode has 8 bits."""
        asset, mode = compact.decode_mode_of_asset(self, args)
        self.swap_borrow_rate_mode(asset, mode, sender=sender)

    @external("rebalanceStableBorrowRate(bytes32)", named="rebalanceStableBorrowRateCompact")
    def rebalance_stable_borrow_rate_compact(self, args: bytes, *, sender: Address) -> None:
        """`rebalance_stable_borrow_rate`; the user stands behind the id."""
        asset, user = compact.decode_user_of_asset(self, args)
        self.rebalance_stable_borrow_rate(asset, user, sender=sender)


class L2EncoderV302(L2Encoder):
    """Functions of stable rates besides."""

    CODE = "L2Encoder@3.0.2"
    __slots__ = ()

    @view("encodeSwapBorrowRateMode(address,uint256)", "bytes32")
    def encode_swap_borrow_rate_mode(self, asset: Address, interest_rate_mode: int) -> bytes:
        """Pack a swap of rate modes."""
        return compact.encode_mode_of_asset(self.id_of(asset), interest_rate_mode)

    @view("encodeRebalanceStableBorrowRate(address,address)", "bytes32")
    def encode_rebalance_stable_borrow_rate(self, asset: Address, user: Address) -> bytes:
        """Pack a rebalancing."""
        return compact.encode_user_of_asset(self.id_of(asset), user)
