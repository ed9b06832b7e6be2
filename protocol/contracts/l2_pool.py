"""The pool of a rollup: what users call most, once more with arguments packed into words.

Solidity: `L2Pool`, `L2PoolInstance`.
"""

from __future__ import annotations

from ..logic import compact_calldata as compact
from ..machine.function import external
from .pool import Pool


class L2Pool(Pool):
    """The functions that a pool of a rollup has besides: each unpacks its arguments and goes on as the plain one.

    Whoever calls acts for itself. Assets go by their id. The laws see the plain call inside the compact one.
    """

    KIND = "L2PoolInstance"
    __slots__ = ()

    @external("supply(bytes32)", named="supplyCompact")
    def supply_compact(self, args: bytes, *, sender: str) -> None:
        """`supply` for oneself; the word holds id, amount (128 bits) and referral code."""
        given = compact.decode_supply(self, args)
        self.supply(given.asset, given.amount, sender, given.referral_code, sender=sender)

    @external("supplyWithPermit(bytes32,bytes32,bytes32)", named="supplyWithPermitCompact")
    def supply_with_permit_compact(self, args: bytes, r: bytes, s: bytes, *, sender: str) -> None:
        """`supply_with_permit` for oneself; deadline (32 bits) and `v` stand behind the referral code."""
        asset, amount, code, deadline, v = compact.decode_supply(self, args)
        self.supply_with_permit(asset, amount, sender, code, deadline, v, r, s, sender=sender)

    @external("withdraw(bytes32)", "uint256", named="withdrawCompact")
    def withdraw_compact(self, args: bytes, *, sender: str) -> int:
        """`withdraw` to oneself; 2**128 - 1 means everything."""
        asset, amount = compact.decode_withdrawal(self, args)
        return self.withdraw(asset, amount, sender, sender=sender)

    @external("borrow(bytes32)", named="borrowCompact")
    def borrow_compact(self, args: bytes, *, sender: str) -> None:
        """`borrow` for oneself; the word holds id, amount, rate mode and referral code."""
        given = compact.decode_borrowing(self, args)
        self.borrow(given.asset, given.amount, given.interest_rate_mode, given.referral_code, sender, sender=sender)

    @external("repay(bytes32)", "uint256", named="repayCompact")
    def repay_compact(self, args: bytes, *, sender: str) -> int:
        """`repay` one's own debt; 2**128 - 1 means all of it."""
        given = compact.decode_repayment(self, args)
        return self.repay(given.asset, given.amount, given.interest_rate_mode, sender, sender=sender)

    @external("repayWithPermit(bytes32,bytes32,bytes32)", "uint256", named="repayWithPermitCompact")
    def repay_with_permit_compact(self, args: bytes, r: bytes, s: bytes, *, sender: str) -> int:
        """`repay_with_permit` for oneself; deadline (32 bits) and `v` stand behind the rate mode."""
        asset, amount, mode, deadline, v = compact.decode_repayment(self, args)
        return self.repay_with_permit(asset, amount, mode, sender, deadline, v, r, s, sender=sender)

    @external("repayWithATokens(bytes32)", "uint256", named="repayWithATokensCompact")
    def repay_with_a_tokens_compact(self, args: bytes, *, sender: str) -> int:
        """`repay_with_a_tokens`; 2**128 - 1 means as much as there is of either."""
        given = compact.decode_repayment(self, args)
        return self.repay_with_a_tokens(given.asset, given.amount, given.interest_rate_mode, sender=sender)

    @external("setUserUseReserveAsCollateral(bytes32)", named="setUserUseReserveAsCollateralCompact")
    def set_user_use_reserve_as_collateral_compact(self, args: bytes, *, sender: str) -> None:
        """`set_user_use_reserve_as_collateral`; the flag is one bit."""
        asset, use_as_collateral = compact.decode_use_as_collateral(self, args)
        self.set_user_use_reserve_as_collateral(asset, use_as_collateral, sender=sender)

    @external("liquidationCall(bytes32,bytes32)", named="liquidationCallCompact")
    def liquidation_call_compact(self, args1: bytes, args2: bytes, *, sender: str) -> None:
        """`liquidation_call`; one word holds both ids and the borrower, the other the amount and the flag."""
        self.liquidation_call(*compact.decode_liquidation(self, args1, args2), sender=sender)
