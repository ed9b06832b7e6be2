"""The common ground of tokens: names, permits' bookkeeping, and transfers and allowances as ERC-20 has them."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from ..address import ZERO_ADDRESS, Address
from ..errors import ERC20InsufficientAllowance, ERC20InvalidApprover, ERC20InvalidSpender
from ..events import Approval
from ..machine.contract import Contract
from ..machine.function import external, view
from ..math.uint import MAX_UINT256
from ..state.storage import Ledger
from .signatures import EIP712_REVISION

if TYPE_CHECKING:
    from ..chain import Chain


class NamedToken(Contract):
    """A token that is told its name, and counts the signatures of its owners."""

    __slots__ = ()

    chain: Chain

    token_name: str
    token_symbol: str
    token_decimals: int
    nonces_used: Ledger[Address, int]

    @view("name()", "string")
    def name(self) -> str:
        """The token's name."""
        return self.token_name

    @view("symbol()", "string")
    def symbol(self) -> str:
        """The token's symbol."""
        return self.token_symbol

    @view("decimals()", "uint8")
    def decimals(self) -> int:
        """Decimals; of a reserve's tokens, the underlying's."""
        return self.token_decimals

    @view("nonces(address)", "uint256")
    def nonces(self, owner: Address) -> int:
        """How many signatures of the owner have been used."""
        return self.nonces_used[owner]

    @view("EIP712_REVISION()", "bytes")
    def eip712_revision(self) -> bytes:
        """The version in the EIP-712 domain."""
        return EIP712_REVISION


class TransferableToken(Contract):
    """A token that can be sent. What a transfer and an approval do, and refuse, is each token's own."""

    __slots__ = ()
    ZERO_FIRST = False
    """Does an allowance have to be taken away before another can be given?"""

    chain: Chain

    allowances: Ledger[tuple[Address, Address], int]

    @abstractmethod
    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer."""

    @abstractmethod
    def move_from(self, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        """Transfer with an allowance."""

    @abstractmethod
    def set_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        """Write an allowance and say so."""

    @external("transfer(address,uint256)", "bool")
    def transfer(self, recipient: Address, amount: int, *, sender: Address) -> bool:
        """Send tokens."""
        return self.move(sender, recipient, amount)

    @external("transferFrom(address,address,uint256)", "bool")
    def transfer_from(self, owner: Address, recipient: Address, amount: int, *, sender: Address) -> bool:
        """Send tokens of `owner` with the caller's allowance."""
        return self.move_from(sender, owner, recipient, amount)

    @external("approve(address,uint256)", "bool")
    def approve(self, spender: Address, amount: int, *, sender: Address) -> bool:
        """Allow `spender` to move `amount`."""
        self.set_allowance(sender, spender, amount)
        return True

    @view("allowance(address,address)", "uint256")
    def allowance(self, owner: Address, spender: Address) -> int:
        """What `spender` may still move."""
        return self.allowances[owner, spender]


class StandardAllowances(TransferableToken):
    """Allowances as OpenZeppelin 5.1 has them: an infinite one is not spent, and spending logs nothing."""

    __slots__ = ()

    def spend_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        """Spend an allowance. Raises ERC20InsufficientAllowance, and as `set_allowance` for the zero address."""
        allowance = self.allowances[owner, spender]
        if allowance != MAX_UINT256:
            if allowance < amount:
                raise ERC20InsufficientAllowance(spender, allowance, amount)
            self._refuse_zero_parties(owner, spender)
            self.allowances[owner, spender] = allowance - amount

    def set_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        """Write an allowance and say so. Raises ERC20InvalidApprover, ERC20InvalidSpender for the zero address."""
        self._refuse_zero_parties(owner, spender)
        self.allowances[owner, spender] = amount
        self.emit(Approval(owner, spender, amount))

    def _refuse_zero_parties(self, owner: Address, spender: Address) -> None:
        if owner == ZERO_ADDRESS:
            raise ERC20InvalidApprover(ZERO_ADDRESS)
        if spender == ZERO_ADDRESS:
            raise ERC20InvalidSpender(ZERO_ADDRESS)


def let_spend(token: Any, owner: Address, spender: Address, amount: int) -> None:
    """Have an owner give an allowance, of whatever token, and take away the one that is there where that has to be."""
    if getattr(type(token), "ZERO_FIRST", False) and amount and token.allowances[owner, spender]:
        token.approve(spender, 0, sender=owner)
    token.approve(spender, amount, sender=owner)
