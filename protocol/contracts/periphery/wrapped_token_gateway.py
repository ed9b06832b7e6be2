"""Gateway between ether and the reserve of wrapped ether. Solidity: `WrappedTokenGatewayV3`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ...address import Address
from ...errors import ErrorString, Revert
from ...logic.erc20 import safe_transfer
from ...machine.function import Function, external, view
from ...math.uint import MAX_UINT256
from ..ownable import Ownable
from .asking import Asking

if TYPE_CHECKING:
    from ...chain import Chain

VARIABLE = 2
PERMIT = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"


class WrappedTokenGateway(Ownable, Asking):
    """Wraps what it is sent and supplies or repays it; withdraws and borrows for the caller and unwraps.

    It needs the caller's aTokens, or a delegation of the caller's credit. The first argument of each call is not used.
    """

    KIND = "WrappedTokenGatewayV3"
    IMMUTABLES = ("weth", "pool")
    __slots__ = ("pool", "weth")

    chain: Chain

    weth: Address
    pool: Address

    def __init__(self, chain: Chain, at: Address, weth: Address, owner: Address, pool: Address) -> None:
        super().__init__(chain, at, owner)
        self.initialise(weth=weth, pool=pool)
        self.ask(weth, "approve(address,uint256)", "bool", pool, MAX_UINT256)

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        if not data:
            return _RECEIVE, []
        if data[:4] not in self.functions:
            raise ErrorString("Fallback not allowed")
        return super().route(sender, data)

    def receive(self, *, sender: Address) -> None:
        """Take ether from the wrapped token only. Raises a string error."""
        if sender != self.weth:
            raise ErrorString("Receive not allowed")

    # --- for users --------------------------------------------------------------------------------------------------

    @external("depositETH(address,address,uint16)", payable=True)
    def deposit_eth(self, unused: Address, on_behalf_of: Address, referral_code: int = 0, *, sender: Address) -> None:
        """Supply the ether that came with the call."""
        value = self.chain.value
        self.tell(self.weth, "deposit()", value=value)
        signature = "deposit(address,uint256,address,uint16)"
        self.tell(self.pool, signature, self.weth, value, on_behalf_of, referral_code)

    @external("withdrawETH(address,uint256,address)")
    def withdraw_eth(self, unused: Address, amount: int, to: Address, *, sender: Address) -> None:
        """Withdraw with the caller's aTokens; 2**256 - 1 means all of them."""
        a_token, amount_to_withdraw = self._withdrawable(amount, sender)
        self._withdraw(a_token, amount_to_withdraw, sender, to)

    @external("withdrawETHWithPermit(address,uint256,address,uint256,uint8,bytes32,bytes32)")
    def withdraw_eth_with_permit(
        self,
        unused: Address,
        amount: int,
        to: Address,
        deadline: int,
        permit_v: int,
        permit_r: bytes,
        permit_s: bytes,
        *,
        sender: Address,
    ) -> None:
        """The same with the caller's signature for the aTokens. A permit that fails does not matter by itself."""
        a_token, amount_to_withdraw = self._withdrawable(amount, sender)
        self.permit(a_token, sender, amount, deadline, permit_v, permit_r, permit_s)
        self._withdraw(a_token, amount_to_withdraw, sender, to)

    @external("repayETH(address,uint256,address)", payable=True)
    def repay_eth(self, unused: Address, amount: int, on_behalf_of: Address, *, sender: Address) -> None:
        """Repay debt with the ether that came with the call; what is too much comes back."""
        value = self.chain.value
        payback = min(amount, self.ask(self.debt_token(), "balanceOf(address)", "uint256", on_behalf_of))
        if value < payback:
            raise ErrorString("msg.value is less than repayment amount")
        self.tell(self.weth, "deposit()", value=payback)
        signature = "repay(address,uint256,uint256,address)"
        self.ask(self.pool, signature, "uint256", self.weth, payback, VARIABLE, on_behalf_of)
        if value > payback:
            self._send(sender, value - payback)

    @external("borrowETH(address,uint256,uint16)")
    def borrow_eth(self, unused: Address, amount: int, referral_code: int = 0, *, sender: Address) -> None:
        """Borrow for the caller, who has delegated the credit to the gateway."""
        signature = "borrow(address,uint256,uint256,uint16,address)"
        self.tell(self.pool, signature, self.weth, amount, VARIABLE, referral_code, sender)
        self.tell(self.weth, "withdraw(uint256)", amount)
        self._send(sender, amount)

    def a_token(self) -> Address:
        """The aToken of wrapped ether."""
        token: Address = self.ask(self.pool, "getReserveAToken(address)", "address", self.weth)
        return token

    def debt_token(self) -> Address:
        """The debt token of wrapped ether."""
        token: Address = self.ask(self.pool, "getReserveVariableDebtToken(address)", "address", self.weth)
        return token

    def _withdrawable(self, amount: int, user: Address) -> tuple[Address, int]:
        a_token = self.a_token()
        balance = self.ask(a_token, "balanceOf(address)", "uint256", user)
        return a_token, balance if amount == MAX_UINT256 else amount

    def permit(self, a_token: Address, owner: Address, amount: int, deadline: int, v: int, r: bytes, s: bytes) -> None:
        """Try the signature; whether it is good shows when the aTokens are moved."""
        self.chain.at(a_token)  # a call to an address without code is not caught
        with contextlib.suppress(Revert):
            self.tell(a_token, PERMIT, owner, self.address, amount, deadline, v, r, s)

    def _withdraw(self, a_token: Address, amount: int, owner: Address, to: Address) -> None:
        self.ask(a_token, "transferFrom(address,address,uint256)", "bool", owner, self.address, amount)
        self.ask(self.pool, "withdraw(address,uint256,address)", "uint256", self.weth, amount, self.address)
        self.tell(self.weth, "withdraw(uint256)", amount)
        self._send(to, amount)

    def _send(self, to: Address, amount: int) -> None:
        """Send ether. Raises a string error where nobody takes it."""
        try:
            self.chain.nested(self.address, to, b"", amount)
        except Revert:
            raise ErrorString("ETH_TRANSFER_FAILED") from None

    # --- for the owner ----------------------------------------------------------------------------------------------

    @external("emergencyTokenTransfer(address,address,uint256)")
    def emergency_token_transfer(self, token: Address, to: Address, amount: int, *, sender: Address) -> None:
        """Take tokens out that were sent here."""
        self.only_owner(sender)
        safe_transfer(self.chain, token, self.address, to, amount)

    @external("emergencyEtherTransfer(address,uint256)")
    def emergency_ether_transfer(self, to: Address, amount: int, *, sender: Address) -> None:
        """Take ether out that came here otherwise."""
        self.only_owner(sender)
        self._send(to, amount)

    # --- views ------------------------------------------------------------------------------------------------------

    @view("getWETHAddress()", "address")
    def get_weth_address(self) -> Address:
        """The wrapped token."""
        return self.weth

    @view("WETH()", "address")
    def weth_address(self) -> Address:
        """The wrapped token."""
        return self.weth

    @view("POOL()", "address")
    def pool_address(self) -> Address:
        """The pool."""
        return self.pool


_RECEIVE = Function("receive()", "", WrappedTokenGateway.receive, view=False, payable=True)
