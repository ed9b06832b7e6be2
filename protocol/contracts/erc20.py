"""Underlying tokens: the test ERC-20 and WETH9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..address import ZERO_ADDRESS, Address
from ..errors import (
    PANIC_OVERFLOW,
    EmptyRevert,
    ERC20InsufficientBalance,
    ERC20InvalidReceiver,
    ERC20InvalidSender,
    ErrorString,
    Panic,
    selector_of,
)
from ..events import Approval, Deposit, Transfer, Withdrawal
from ..machine.contract import ledger_of
from ..machine.function import Function, external, view
from ..math.uint import MAX_UINT256
from ..state.storage import Ledger
from .ownable import Ownable
from .signatures import PERMIT_TYPEHASH, domain_separator, recover, struct_digest
from .token_interface import NamedToken, StandardAllowances, TransferableToken

if TYPE_CHECKING:
    from ..chain import Chain


class TestnetERC20(Ownable, NamedToken, StandardAllowances):
    """Aave's test token on OpenZeppelin 5.1: custom errors, infinite allowances. Solidity: `TestnetERC20`, v3.7.

    A token stays what it was when the market around it is upgraded.
    """

    __test__ = False  # not a test case, whatever its name says
    KIND = "TestnetERC20"
    MODERN = True
    STORAGE = {
        **Ownable.STORAGE,
        "balances": ledger_of(0),
        "allowances": ledger_of(0),
        "supply": 0,
        "token_name": "",
        "token_symbol": "",
        "token_decimals": 0,
        "nonces_used": ledger_of(0),
        "domain": bytes(32),
    }
    ASSUMED = ("domain",)
    __slots__ = (
        "allowances",
        "balances",
        "domain",
        "nonces_used",
        "supply",
        "token_decimals",
        "token_name",
        "token_symbol",
    )

    balances: Ledger[Address, int]
    supply: int
    domain: bytes

    def __init__(self, chain: Chain, at: Address, name: str, symbol: str, decimals: int, owner: Address) -> None:
        super().__init__(chain, at, owner)
        self.initialise(token_name=name, token_symbol=symbol, token_decimals=decimals)
        self.initialise(domain=self.assumed("domain"))

    def assumed(self, name: str) -> bytes:
        """The domain that the constructor computes on this chain."""
        return domain_separator(self.token_name, self.chain.chain_id, self.address)

    # --- balances ---------------------------------------------------------------------------------------------------

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer. Raises ERC20InvalidSender, ERC20InvalidReceiver, ERC20InsufficientBalance."""
        if sender == ZERO_ADDRESS:
            raise ERC20InvalidSender(ZERO_ADDRESS)
        if to == ZERO_ADDRESS:
            raise ERC20InvalidReceiver(ZERO_ADDRESS)
        balances = self.balances
        balance = balances[sender]
        if balance < amount:
            raise ERC20InsufficientBalance(sender, balance, amount)
        balances[sender] = balance - amount
        balances[to] += amount  # cannot overflow: the supply did not
        self.emit(Transfer(sender, to, amount))
        return True

    def move_from(self, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        """Transfer with an allowance, which is checked and spent first."""
        self.spend_allowance(owner, spender, amount)
        return self.move(owner, to, amount)

    def _create(self, account: Address, amount: int) -> None:
        if account == ZERO_ADDRESS:
            raise ERC20InvalidReceiver(ZERO_ADDRESS)
        if self.supply + amount > MAX_UINT256:
            raise Panic(PANIC_OVERFLOW)
        self.supply += amount
        self.balances[account] += amount
        self.emit(Transfer(ZERO_ADDRESS, account, amount))

    # --- the interface ----------------------------------------------------------------------------------------------

    @external("mint(address,uint256)", "bool")
    def mint(self, account: Address, amount: int, *, sender: Address) -> bool:
        """Create tokens out of nothing, for the owner only."""
        self.only_owner(sender)
        self._create(account, amount)
        return True

    @external("mint(uint256)", "bool")
    def mint_to_self(self, amount: int, *, sender: Address) -> bool:
        """Create tokens for the owner itself."""
        self.only_owner(sender)
        self._create(sender, amount)
        return True

    @external("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)")
    def permit(
        self,
        owner: Address,
        spender: Address,
        value: int,
        deadline: int,
        v: int,
        r: bytes,
        s: bytes,
        *,
        sender: Address,
    ) -> None:
        """Approve by signature. Raises string errors, or ECDSA's custom errors."""
        if owner == ZERO_ADDRESS:
            raise ErrorString("INVALID_OWNER")
        if self.chain.time > deadline:
            raise ErrorString("INVALID_EXPIRATION")
        nonce = self.nonces_used[owner]
        digest = struct_digest(self.domain, PERMIT_TYPEHASH, owner, spender, value, nonce, deadline)
        if self.signer_of(digest, v, r, s) != owner:
            raise ErrorString("INVALID_SIGNATURE")
        self.nonces_used[owner] = nonce + 1
        self.set_allowance(owner, spender, value)

    @view("balanceOf(address)", "uint256")
    def balance_of(self, account: Address) -> int:
        """An account's tokens."""
        return self.balances[account]

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """All tokens."""
        return self.supply

    def signer_of(self, digest: bytes, v: int, r: bytes, s: bytes) -> Address:
        """Who signed, by OpenZeppelin's strict reading. Raises its errors."""
        return recover(digest, v, r, s)

    @view("DOMAIN_SEPARATOR()", "bytes32")
    def domain_separator(self) -> bytes:
        """The EIP-712 domain, which stays that of the chain on which the token was created."""
        return self.domain

    @view("PERMIT_TYPEHASH()", "bytes32")
    def permit_typehash(self) -> bytes:
        """The EIP-712 type of a permit."""
        return PERMIT_TYPEHASH


class WETH9(TransferableToken):
    """Wrapped ether: deposits of the chain's native balance. Solidity: `WETH9`, as Aave carries it."""

    KIND = "WETH9"
    STORAGE = {"balances": ledger_of(0), "allowances": ledger_of(0)}
    __slots__ = ("allowances", "balances")

    balances: Ledger[Address, int]

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer. Reverts without data beyond the balance."""
        return self.move_from(sender, sender, to, amount)

    def move_from(self, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        """Transfer; an infinite allowance is not spent. Reverts without data."""
        balances = self.balances
        if balances[owner] < amount:
            raise EmptyRevert("balance too small")
        if owner != spender:
            allowance = self.allowances[owner, spender]
            if allowance != MAX_UINT256:
                if allowance < amount:
                    raise EmptyRevert("allowance too small")
                self.allowances[owner, spender] = allowance - amount
        balances[owner] -= amount
        balances[to] += amount
        self.emit(Transfer(owner, to, amount))
        return True

    def set_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        """Write an allowance and say so."""
        self.allowances[owner, spender] = amount
        self.emit(Approval(owner, spender, amount))

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[object]]:
        if not data:  # plain ether: Solidity's `receive`
            return self.functions[WETH9_DEPOSIT], []
        return super().route(sender, data)

    @external("deposit()", payable=True)
    def deposit(self, *, sender: Address) -> None:
        """Wrap the ether that came with the transaction."""
        self.balances[sender] += self.chain.value
        self.emit(Deposit(sender, self.chain.value))

    @external("withdraw(uint256)")
    def withdraw(self, amount: int, *, sender: Address) -> None:
        """Unwrap. Reverts without data beyond the balance, and when there is less ether than it says."""
        native = self.chain.balances
        if self.balances[sender] < amount or native[self.address] < amount:
            raise EmptyRevert("balance too small")
        self.balances[sender] -= amount
        self.chain.nested(self.address, sender, b"", amount)  # contracts may refuse
        self.emit(Withdrawal(sender, amount))

    @view("balanceOf(address)", "uint256")
    def balance_of(self, account: Address) -> int:
        """An account's wrapped ether."""
        return self.balances[account]

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """The ether this contract holds."""
        return self.chain.balances[self.address]

    @view("name()", "string")
    def name(self) -> str:
        """The token's name."""
        return "Wrapped Ether"

    @view("symbol()", "string")
    def symbol(self) -> str:
        """The token's symbol."""
        return "WETH"

    @view("decimals()", "uint8")
    def decimals(self) -> int:
        """Decimals."""
        return 18


WETH9_DEPOSIT = selector_of("deposit()")
