"""Shares that can be sent, permitted and paused. Solidity: OpenZeppelin 5.1's upgradeable ERC-20, permit, pausable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....address import ZERO_ADDRESS, Address
from ....errors import (
    ERC20InsufficientBalance,
    ERC20InvalidReceiver,
    ERC20InvalidSender,
)
from ....events import Initialized, Transfer, VaultPaused, VaultUnpaused
from ....machine.abi import calldata_of
from ....machine.contract import ledger_of
from ....machine.function import external, view
from ....math.uint import add
from ....state.storage import Ledger
from ...proxy import Proxied
from ...signatures import PERMIT_TYPEHASH, domain_separator, recover, struct_digest
from ...token_interface import NamedToken, StandardAllowances
from ..asking import Asking
from .errors import (
    EnforcedPause,
    ERC2612ExpiredSignature,
    ERC2612InvalidSigner,
    ExpectedPause,
    InvalidInitialization,
    SafeERC20FailedOperation,
)

if TYPE_CHECKING:
    from ....chain import Chain

LOCKED = 2**64 - 1
"""The version of an implementation, which nobody can initialise."""
FIELDS = b"\x0f"
"""Which parts an EIP-712 domain has: name, version, chain and contract."""


class Shares(Proxied, NamedToken, StandardAllowances, Asking):
    """Balances and allowances, with hooks for what a transfer moves besides."""

    STORAGE = {
        **Proxied.STORAGE,
        "balances": ledger_of(0),
        "allowances": ledger_of(0),
        "supply": 0,
        "token_name": "",
        "token_symbol": "",
        "token_decimals": 0,
        "nonces_used": ledger_of(0),
        "domain_name": "",
        "domain_version": "",
        "is_paused": False,
    }
    ABSENT = ("EIP712_REVISION()",)
    __slots__ = (
        "allowances",
        "balances",
        "domain_name",
        "domain_version",
        "is_paused",
        "nonces_used",
        "supply",
        "token_decimals",
        "token_name",
        "token_symbol",
    )

    chain: Chain

    balances: Ledger[Address, int]
    supply: int
    domain_name: str
    domain_version: str
    is_paused: bool

    # --- set-up -----------------------------------------------------------------------------------------------------

    def lock(self) -> None:
        """Let nobody initialise an implementation. Solidity: `_disableInitializers`."""
        self.initialise(last_initialized_revision=LOCKED)
        self.emit(Initialized(LOCKED))

    def begin_initialize(self) -> None:
        """Raises InvalidInitialization for a contract that was initialised. Solidity: `initializer`."""
        if self.last_initialized_revision:
            raise InvalidInitialization()
        self.last_initialized_revision = 1

    def end_initialize(self) -> None:
        """Say that it is done."""
        self.emit(Initialized(1))

    def name_shares(self, name: str, symbol: str) -> None:
        """Name the shares, in their permits too."""
        self.token_name, self.token_symbol = name, symbol
        self.domain_name, self.domain_version = name, "1"

    # --- balances ---------------------------------------------------------------------------------------------------

    def before_update(self, from_: Address, to: Address) -> None:
        """Do what has to be done before balances change; nobody is the zero address."""

    def update(self, from_: Address, to: Address, amount: int) -> None:
        """Move, mint or burn. Raises EnforcedPause, ERC20InsufficientBalance. Solidity: `_update`."""
        self.refuse_paused()
        self.before_update(from_, to)
        balances = self.balances
        if from_ == ZERO_ADDRESS:
            self.supply = add(self.supply, amount)
        else:
            balance = balances[from_]
            if balance < amount:
                raise ERC20InsufficientBalance(from_, balance, amount)
            balances[from_] = balance - amount
        if to == ZERO_ADDRESS:
            self.supply -= amount
        else:
            balances[to] += amount  # cannot overflow: the supply did not
        self.emit(Transfer(from_, to, amount))

    def mint_shares(self, account: Address, amount: int) -> None:
        """Create shares. Raises ERC20InvalidReceiver for the zero address."""
        if account == ZERO_ADDRESS:
            raise ERC20InvalidReceiver(ZERO_ADDRESS)
        self.update(ZERO_ADDRESS, account, amount)

    def burn_shares(self, account: Address, amount: int) -> None:
        """Destroy shares. Raises ERC20InvalidSender for the zero address."""
        if account == ZERO_ADDRESS:
            raise ERC20InvalidSender(ZERO_ADDRESS)
        self.update(account, ZERO_ADDRESS, amount)

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer. Raises ERC20InvalidSender, ERC20InvalidReceiver."""
        if sender == ZERO_ADDRESS:
            raise ERC20InvalidSender(ZERO_ADDRESS)
        if to == ZERO_ADDRESS:
            raise ERC20InvalidReceiver(ZERO_ADDRESS)
        self.update(sender, to, amount)
        return True

    def move_from(self, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        """Transfer with an allowance, which is checked and spent first."""
        self.spend_allowance(owner, spender, amount)
        return self.move(owner, to, amount)

    # --- tokens of others -------------------------------------------------------------------------------------------

    def safely(self, token: Address, signature: str, *arguments: object) -> None:
        """Call a token that may answer nothing. Raises SafeERC20FailedOperation where it refuses or is none.

        What the token reverts with is passed on. Solidity: `SafeERC20._callOptionalReturn`.
        """
        answer = self.chain.nested(self.address, token, calldata_of(signature, arguments))
        has_code = self.chain.contracts[token] is not None
        if int.from_bytes(answer[:32], "big") != 1 if answer else not has_code:
            raise SafeERC20FailedOperation(token)

    # --- pause ------------------------------------------------------------------------------------------------------

    def refuse_paused(self) -> None:
        """Raises EnforcedPause."""
        if self.is_paused:
            raise EnforcedPause()

    def pause(self, sender: Address) -> None:
        """Pause. Raises EnforcedPause when it is so already."""
        self.refuse_paused()
        self.is_paused = True
        self.emit(VaultPaused(sender))

    def unpause(self, sender: Address) -> None:
        """End a pause. Raises ExpectedPause when there is none."""
        if not self.is_paused:
            raise ExpectedPause()
        self.is_paused = False
        self.emit(VaultUnpaused(sender))

    # --- permits ----------------------------------------------------------------------------------------------------

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
        """Approve by signature. Raises ERC2612ExpiredSignature, ECDSA errors, ERC2612InvalidSigner."""
        if self.chain.time > deadline:
            raise ERC2612ExpiredSignature(deadline)
        nonce = self.nonces_used[owner]
        self.nonces_used[owner] = (nonce + 1) % 2**256
        digest = struct_digest(self.domain_separator(), PERMIT_TYPEHASH, owner, spender, value, nonce, deadline)
        signer = recover(digest, v, r, s)
        if signer != owner:
            raise ERC2612InvalidSigner(signer, owner)
        self.set_allowance(owner, spender, value)

    @view("DOMAIN_SEPARATOR()", "bytes32")
    def domain_separator(self) -> bytes:
        """The EIP-712 domain on this chain."""
        return domain_separator(self.domain_name, self.chain.chain_id, self.address, self.domain_version)

    @view("eip712Domain()", "bytes1,string,string,uint256,address,bytes32,uint256[]")
    def eip712_domain(self) -> tuple[bytes, str, str, int, Address, bytes, list[int]]:
        """The domain in its parts. Solidity: ERC-5267."""
        return FIELDS, self.domain_name, self.domain_version, self.chain.chain_id, self.address, bytes(32), []

    # --- views ------------------------------------------------------------------------------------------------------

    @view("paused()", "bool")
    def paused(self) -> bool:
        """Whether nothing can be sent, deposited, withdrawn or claimed."""
        return self.is_paused

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """All shares."""
        return self.supply

    @view("balanceOf(address)", "uint256")
    def balance_of(self, account: Address) -> int:
        """The shares of an account."""
        return self.balances[account]
