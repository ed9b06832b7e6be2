"""The variable debt token: what a borrower owes a reserve. Solidity: `VariableDebtToken`, `DebtTokenBase`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..address import ZERO_ADDRESS, Address
from ..errors import InvalidExpiration, InvalidSignature, OperationNotSupported, ZeroAddressNotValid
from ..events import BorrowAllowanceDelegated, DebtTokenInitialized
from ..machine.contract import ledger_of
from ..machine.function import IN_MEMORY, external, view
from ..math.token_math import debt_balance
from ..state.storage import Ledger
from .scaled_token import ScaledToken
from .signatures import DELEGATION_WITH_SIG_TYPEHASH, struct_digest

if TYPE_CHECKING:
    from ..chain import Chain


class VariableDebtToken(ScaledToken):
    """Growing debt: `balance = shares * debt index`, rounded up. It cannot be moved, only delegated in advance."""

    KIND = "VariableDebtTokenInstance"
    STORAGE = {**ScaledToken.STORAGE, "borrow_allowances": ledger_of(0)}
    MOCK_REVISION: ClassVar[int] = 2
    """What Aave's `MockVariableDebtToken`, otherwise the same, gives as its revision."""
    __slots__ = ("borrow_allowances",)

    borrow_allowances: Ledger[tuple[Address, Address], int]

    def __init__(
        self,
        chain: Chain,
        at: Address,
        pool: Address,
        rewards_controller: Address = ZERO_ADDRESS,
        *,
        code_revision: int | None = None,
        built_for: int | None = None,
    ) -> None:
        super().__init__(chain, at, "VARIABLE_DEBT_TOKEN_IMPL", code_revision, built_for)
        self.initialise(pool=pool, rewards_controller=rewards_controller)

    def index_now(self) -> int:
        """The reserve's debt index now (ray)."""
        index: int = self.chain.at(self.pool).debt_index_of(self.underlying)
        return index

    # --- for the pool -----------------------------------------------------------------------------------------------

    def pool_mint(self, user: Address, on_behalf_of: Address, amount: int, scaled: int, index: int) -> int:
        """Add debt; borrowing for somebody else spends a delegation. Returns all shares. Solidity: `mint`."""
        if user != on_behalf_of:
            self.chain.revision.spend_borrow_allowance(self, on_behalf_of, user, amount, scaled, index)
        self.mint_scaled(user, on_behalf_of, scaled, index, debt_balance)
        return self.scaled_supply

    def pool_burn(self, from_: Address, scaled: int, index: int) -> tuple[bool, int]:
        """Take debt away. Returns whether none is left, and all shares. Solidity: `burn`."""
        return self.burn_scaled(from_, ZERO_ADDRESS, scaled, index, debt_balance), self.scaled_supply

    # --- delegation -------------------------------------------------------------------------------------------------

    def set_borrow_allowance(self, delegator: Address, delegatee: Address, amount: int) -> None:
        """Write a delegation and say so. Solidity: `_approveDelegation`."""
        self.borrow_allowances[delegator, delegatee] = amount
        self.emit(BorrowAllowanceDelegated(delegator, delegatee, self.underlying, amount))

    @external("approveDelegation(address,uint256)")
    def approve_delegation(self, delegatee: Address, amount: int, *, sender: Address) -> None:
        """Let `delegatee` borrow `amount` in the caller's name."""
        self.set_borrow_allowance(sender, delegatee, amount)

    @external("renounceDelegation(address)")
    def renounce_delegation(self, delegator: Address, *, sender: Address) -> None:
        """Give up what `delegator` let the caller borrow."""
        self.set_borrow_allowance(delegator, sender, 0)

    @external("delegationWithSig(address,address,uint256,uint256,uint8,bytes32,bytes32)")
    def delegation_with_sig(
        self,
        delegator: Address,
        delegatee: Address,
        value: int,
        deadline: int,
        v: int,
        r: bytes,
        s: bytes,
        *,
        sender: Address,
    ) -> None:
        """Delegate by signature. Raises ZeroAddressNotValid, InvalidExpiration, ECDSA errors, InvalidSignature."""
        if delegator == ZERO_ADDRESS:
            raise ZeroAddressNotValid()
        if self.chain.time > deadline:
            raise InvalidExpiration()
        nonce = self.nonces_used[delegator]
        digest = struct_digest(self.domain_separator(), DELEGATION_WITH_SIG_TYPEHASH, delegatee, value, nonce, deadline)
        if self.chain.revision.recover_signer(digest, v, r, s) != delegator:
            raise InvalidSignature()
        self.nonces_used[delegator] = nonce + 1
        self.set_borrow_allowance(delegator, delegatee, value)

    # --- what debt refuses ------------------------------------------------------------------------------------------

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Debt does not move. Raises OperationNotSupported."""
        raise OperationNotSupported()

    def move_from(self, spender: Address, sender: Address, to: Address, amount: int) -> bool:
        """Debt does not move. Raises OperationNotSupported."""
        raise OperationNotSupported()

    @external("transfer(address,uint256)", "bool")
    def transfer(self, recipient: Address, amount: int, *, sender: Address) -> bool:
        """Raises OperationNotSupported."""
        raise OperationNotSupported()

    @external("transferFrom(address,address,uint256)", "bool")
    def transfer_from(self, owner: Address, recipient: Address, amount: int, *, sender: Address) -> bool:
        """Raises OperationNotSupported."""
        raise OperationNotSupported()

    @external("approve(address,uint256)", "bool")
    def approve(self, spender: Address, amount: int, *, sender: Address) -> bool:
        """Raises OperationNotSupported."""
        raise OperationNotSupported()

    @external("increaseAllowance(address,uint256)", "bool")
    def increase_allowance(self, spender: Address, added: int, *, sender: Address) -> bool:
        """Raises OperationNotSupported."""
        raise OperationNotSupported()

    @external("decreaseAllowance(address,uint256)", "bool")
    def decrease_allowance(self, spender: Address, subtracted: int, *, sender: Address) -> bool:
        """Raises OperationNotSupported."""
        raise OperationNotSupported()

    @external("renounceAllowance(address)")
    def renounce_allowance(self, owner: Address, *, sender: Address) -> None:
        """Raises OperationNotSupported."""
        raise OperationNotSupported()

    @view("allowance(address,address)", "uint256")
    def allowance(self, owner: Address, spender: Address) -> int:
        """Raises OperationNotSupported."""
        raise OperationNotSupported()

    # --- pool-only entry points as the ABI has them -----------------------------------------------------------------

    @external("mint(address,address,uint256,uint256,uint256)", "uint256")
    def mint(
        self, user: Address, on_behalf_of: Address, amount: int, scaled: int, index: int, *, sender: Address
    ) -> int:
        """For the pool. Raises CallerMustBePool."""
        self.only_pool(sender)
        return self.pool_mint(user, on_behalf_of, amount, scaled, index)

    @external("burn(address,uint256,uint256)", "bool,uint256")
    def burn(self, from_: Address, value: int, index: int, *, sender: Address) -> Any:
        """For the pool, in shares. Raises CallerMustBePool."""
        self.only_pool(sender)
        return self.pool_burn(from_, value, index)

    @external(
        "initialize(address,address,uint8,string,string,bytes)",
        lazy={3: IN_MEMORY, 4: IN_MEMORY},
    )
    def initialize(
        self,
        initializing_pool: Address,
        underlying_asset: Address,
        decimals: int,
        name: str,
        symbol: str,
        params: bytes,
        *,
        sender: Address,
    ) -> None:
        """Set up a proxy, once per revision."""
        self._initialise(initializing_pool, underlying_asset, decimals, name, symbol, params)

    def _initialise(
        self, pool: Address, underlying: Address, decimals: int, name: str, symbol: str, params: bytes
    ) -> None:
        self.initialise_metadata(pool, underlying, decimals, name, symbol)
        self.emit(DebtTokenInitialized(underlying, self.pool, self.rewards_controller, decimals, name, symbol, params))

    # --- views ------------------------------------------------------------------------------------------------------

    @view("balanceOf(address)", "uint256")
    def balance_of(self, user: Address) -> int:
        """A user's debt in underlying units, with interest to now."""
        return self.chain.revision.debt_balance(self.scaled_balances[user], self.index_now())

    @view("totalSupply()", "uint256")
    def total_supply(self) -> int:
        """All debt in underlying units, with interest to now."""
        return self.chain.revision.debt_balance(self.scaled_supply, self.index_now())

    @view("borrowAllowance(address,address)", "uint256")
    def borrow_allowance(self, delegator: Address, delegatee: Address) -> int:
        """What `delegatee` may still borrow in the delegator's name."""
        return self.borrow_allowances[delegator, delegatee]

    @view("DELEGATION_WITH_SIG_TYPEHASH()", "bytes32")
    def delegation_with_sig_typehash(self) -> bytes:
        """The EIP-712 type of a delegation."""
        return DELEGATION_WITH_SIG_TYPEHASH

    @view("DEBT_TOKEN_REVISION()", "uint256")
    def debt_token_revision(self) -> int:
        """The contract's revision number."""
        return self.chain.revision.token_revision
