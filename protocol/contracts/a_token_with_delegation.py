"""An aToken whose shares vote, as that of Aave's own token. Solidity: `ATokenWithDelegationInstance`."""

from __future__ import annotations

from eth_hash.auto import keccak

from ..address import ZERO_ADDRESS, Address
from ..errors import EmptyRevert, InvalidExpiration, InvalidSignature, ZeroAddressNotValid
from ..events import DelegateChanged
from ..logic import governance_power as power
from ..machine.contract import ledger_of
from ..machine.function import external, view
from ..math.uint import add, sub
from ..state.storage import Ledger
from .a_token import AToken
from .signatures import recover, struct_digest

_BY_TYPE = b"DelegateByType(address delegator,address delegatee,uint8 delegationType,uint256 nonce,uint256 deadline)"
DELEGATE_BY_TYPE_TYPEHASH = bytes(keccak(_BY_TYPE))
DELEGATE_TYPEHASH = bytes(keccak(b"Delegate(address delegator,address delegatee,uint256 nonce,uint256 deadline)"))


class ATokenWithDelegation(AToken):
    """Holders may give their votes, their power to propose, or both to others. Shares vote, not what they are worth."""

    KIND = "ATokenWithDelegationInstance"
    STORAGE = {
        **AToken.STORAGE,
        "delegation_modes": ledger_of(0),
        "voting_delegatees": ledger_of(ZERO_ADDRESS),
        "proposition_delegatees": ledger_of(ZERO_ADDRESS),
        "delegated_voting": ledger_of(0),
        "delegated_proposition": ledger_of(0),
    }
    CARRIES_POWER = True
    __slots__ = ()

    delegation_modes: Ledger[Address, int]
    voting_delegatees: Ledger[Address, Address]
    proposition_delegatees: Ledger[Address, Address]
    delegated_voting: Ledger[Address, int]
    delegated_proposition: Ledger[Address, int]

    # --- the rules --------------------------------------------------------------------------------------------------

    def _delegatees(self, kind: int) -> Ledger[Address, Address]:
        return self.voting_delegatees if kind == power.VOTING else self.proposition_delegatees

    def _delegated(self, kind: int) -> Ledger[Address, int]:
        return self.delegated_voting if kind == power.VOTING else self.delegated_proposition

    def _delegatee(self, delegator: Address, kind: int) -> Address:
        """Who has a user's power of a kind; the zero address for the user."""
        if power.is_delegated(self.delegation_modes[delegator], kind):
            return self._delegatees(kind)[delegator]
        return ZERO_ADDRESS

    def _move(self, before: int, after: int, delegatee: Address, kind: int) -> None:
        if delegatee != ZERO_ADDRESS and before != after:
            delegated = self._delegated(kind)
            delegated[delegatee] = power.moved_power(delegated[delegatee], before, after)

    def shares_move(self, from_: Address, to: Address, scaled: int) -> None:
        """Move the power of shares that are about to move. Solidity: `_delegationChangeOnTransfer`."""
        if from_ == to:
            return
        if from_ != ZERO_ADDRESS:
            before = self.scaled_balances[from_]
            self._follow(from_, before, sub(before, scaled, "more is moved than the account has"))
        if to != ZERO_ADDRESS:
            before = self.scaled_balances[to]
            self._follow(to, before, before + scaled)

    def _follow(self, holder: Address, before: int, after: int) -> None:
        if self.delegation_modes[holder]:
            for kind in power.KINDS:
                self._move(before, after, self._delegatee(holder, kind), kind)

    def _give(self, delegator: Address, to: Address, kind: int) -> None:
        """Give a kind of power away, or take it back. Solidity: `_delegateByType`."""
        delegatee = ZERO_ADDRESS if to == delegator else to
        mode, current = self.delegation_modes[delegator], self._delegatee(delegator, kind)
        if delegatee == current:
            return
        shares = self.scaled_balances[delegator]
        self._move(shares, 0, current, kind)
        self._move(0, shares, delegatee, kind)
        self._delegatees(kind)[delegator] = delegatee
        if (delegatee != ZERO_ADDRESS) != (current != ZERO_ADDRESS):
            self.delegation_modes[delegator] = power.changed_mode(mode, kind, delegatee != ZERO_ADDRESS)
        self.emit(DelegateChanged(delegator, delegatee, kind))

    def _check_signature(self, delegator: Address, digest: bytes, v: int, r: bytes, s: bytes) -> None:
        if recover(digest, v, r, s) != delegator:
            raise InvalidSignature()

    def _refuse_late(self, delegator: Address, deadline: int) -> None:
        if delegator == ZERO_ADDRESS:
            raise ZeroAddressNotValid()
        if self.chain.time > deadline:
            raise InvalidExpiration()

    def _use_nonce(self, delegator: Address) -> int:
        nonce = self.nonces_used[delegator]
        self.nonces_used[delegator] = (nonce + 1) % 2**256
        return nonce

    # --- the interface ----------------------------------------------------------------------------------------------

    @external("delegateByType(address,uint8)")
    def delegate_by_type(self, delegatee: Address, delegation_type: int, *, sender: Address) -> None:
        """Give one kind of power (0 votes, 1 proposals) to another, or take it back by naming oneself or nobody."""
        _check_kind(delegation_type)
        self._give(sender, delegatee, delegation_type)

    @external("delegate(address)")
    def delegate(self, delegatee: Address, *, sender: Address) -> None:
        """Give both kinds of power to another."""
        for kind in power.KINDS:
            self._give(sender, delegatee, kind)

    @external("metaDelegateByType(address,address,uint8,uint256,uint8,bytes32,bytes32)")
    def meta_delegate_by_type(
        self,
        delegator: Address,
        delegatee: Address,
        delegation_type: int,
        deadline: int,
        v: int,
        r: bytes,
        s: bytes,
        *,
        sender: Address,
    ) -> None:
        """Give one kind of power by signature. Raises ZeroAddressNotValid, InvalidExpiration, InvalidSignature."""
        _check_kind(delegation_type)
        self._refuse_late(delegator, deadline)
        words = (DELEGATE_BY_TYPE_TYPEHASH, delegator, delegatee, delegation_type, self._use_nonce(delegator), deadline)
        self._check_signature(delegator, struct_digest(self.domain_separator(), *words), v, r, s)
        self._give(delegator, delegatee, delegation_type)

    @external("metaDelegate(address,address,uint256,uint8,bytes32,bytes32)")
    def meta_delegate(
        self, delegator: Address, delegatee: Address, deadline: int, v: int, r: bytes, s: bytes, *, sender: Address
    ) -> None:
        """Give both kinds by signature. Raises ZeroAddressNotValid, InvalidExpiration, InvalidSignature."""
        self._refuse_late(delegator, deadline)
        words = (DELEGATE_TYPEHASH, delegator, delegatee, self._use_nonce(delegator), deadline)
        self._check_signature(delegator, struct_digest(self.domain_separator(), *words), v, r, s)
        for kind in power.KINDS:
            self._give(delegator, delegatee, kind)

    @view("getDelegateeByType(address,uint8)", "address")
    def get_delegatee_by_type(self, delegator: Address, delegation_type: int) -> Address:
        """Who has a kind of a user's power; zero for the user."""
        _check_kind(delegation_type)
        return self._delegatee(delegator, delegation_type)

    @view("getDelegates(address)", "address,address")
    def get_delegates(self, delegator: Address) -> tuple[Address, Address]:
        """Who has a user's votes, and who the power to propose."""
        return self._delegatee(delegator, power.VOTING), self._delegatee(delegator, power.PROPOSITION)

    def _power(self, user: Address, kind: int) -> int:
        own = 0 if power.is_delegated(self.delegation_modes[user], kind) else self.scaled_balances[user]
        return add(own, power.POWER_SCALE_FACTOR * self._delegated(kind)[user])

    @view("getPowerCurrent(address,uint8)", "uint256")
    def get_power_current(self, user: Address, delegation_type: int) -> int:
        """A user's power of a kind, in shares: one's own unless given away, and what others gave."""
        _check_kind(delegation_type)
        return self._power(user, delegation_type)

    @view("getPowersCurrent(address)", "uint256,uint256")
    def get_powers_current(self, user: Address) -> tuple[int, int]:
        """A user's votes and power to propose."""
        return self._power(user, power.VOTING), self._power(user, power.PROPOSITION)

    @view("POWER_SCALE_FACTOR()", "uint256")
    def power_scale_factor(self) -> int:
        """The unit in which delegated power is kept (shares)."""
        return power.POWER_SCALE_FACTOR

    @view("DELEGATE_BY_TYPE_TYPEHASH()", "bytes32")
    def delegate_by_type_typehash(self) -> bytes:
        """The EIP-712 type of `metaDelegateByType`."""
        return DELEGATE_BY_TYPE_TYPEHASH

    @view("DELEGATE_TYPEHASH()", "bytes32")
    def delegate_typehash(self) -> bytes:
        """The EIP-712 type of `metaDelegate`."""
        return DELEGATE_TYPEHASH


def _check_kind(kind: int) -> None:
    """Refuse what is no kind, as calldata that names one is refused."""
    if kind not in power.KINDS:
        raise EmptyRevert("no kind of power")
