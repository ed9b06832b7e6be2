"""A token whose issuer can shut accounts out, and whose transfers log no `Approval`."""

from __future__ import annotations

from ...address import ZERO_ADDRESS, Address
from ...errors import ErrorString
from ...events import Blacklisted, Transfer, UnBlacklisted
from ...machine.contract import ledger_of
from ...machine.function import external, view
from ...state.storage import Ledger
from ..erc20 import TestnetERC20


class BlocklistToken(TestnetERC20):
    """Stands for USDC. Solidity: Circle's `FiatTokenV2_2`, as far as a pool meets it.

    Against the test token: the owner, who is the blacklister, shuts out accounts, which may then not send, receive,
    spend or approve, nor be approved or minted to; `transferFrom` spends even an infinite allowance, and logs no
    `Approval`; refusals have FiatToken's texts. Not modelled: pausing, minters and their allowances, `burn`,
    `increaseAllowance`, transfers and cancellations with authorization, signatures of contracts, and the domain of its
    permits, which is the test token's.
    """

    KIND = "BlocklistToken"
    STORAGE = {**TestnetERC20.STORAGE, "blocked": ledger_of(False)}
    __slots__ = ("blocked",)

    blocked: Ledger[Address, bool]

    def move(self, sender: Address, to: Address, amount: int) -> bool:
        """Transfer. Raises string errors, for accounts that are shut out first."""
        self._refuse_blocked(sender, to)
        if sender == ZERO_ADDRESS:
            raise ErrorString("ERC20: transfer from the zero address")
        if to == ZERO_ADDRESS:
            raise ErrorString("ERC20: transfer to the zero address")
        balances = self.balances
        if balances[sender] < amount:
            raise ErrorString("ERC20: transfer amount exceeds balance")
        balances[sender] -= amount
        balances[to] += amount
        self.emit(Transfer(sender, to, amount))
        return True

    def move_from(self, spender: Address, owner: Address, to: Address, amount: int) -> bool:
        """Transfer with an allowance, which is spent without an event, even an infinite one."""
        self._refuse_blocked(spender, owner, to)
        allowance = self.allowances[owner, spender]
        if allowance < amount:
            raise ErrorString("ERC20: transfer amount exceeds allowance")
        self.move(owner, to, amount)
        self.allowances[owner, spender] = allowance - amount
        return True

    def set_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        """Write an allowance and say so, unless one of the two is shut out."""
        self._refuse_blocked(owner, spender)
        super().set_allowance(owner, spender, amount)

    def _refuse_zero_parties(self, owner: Address, spender: Address) -> None:
        if owner == ZERO_ADDRESS:
            raise ErrorString("ERC20: approve from the zero address")
        if spender == ZERO_ADDRESS:
            raise ErrorString("ERC20: approve to the zero address")

    def _create(self, account: Address, amount: int) -> None:
        self._refuse_blocked(account)
        super()._create(account, amount)

    def _refuse_blocked(self, *accounts: Address) -> None:
        if any(self.blocked[account] for account in accounts):
            raise ErrorString("Blacklistable: account is blacklisted")

    def _only_blacklister(self, sender: Address) -> None:
        if sender != self.owner_address:
            raise ErrorString("Blacklistable: caller is not the blacklister")

    @external("blacklist(address)")
    def blacklist(self, account: Address, *, sender: Address) -> None:
        """Shut an account out, for the blacklister only."""
        self._only_blacklister(sender)
        self.blocked[account] = True
        self.emit(Blacklisted(account))

    @external("unBlacklist(address)")
    def un_blacklist(self, account: Address, *, sender: Address) -> None:
        """Let an account in again, for the blacklister only."""
        self._only_blacklister(sender)
        self.blocked[account] = False
        self.emit(UnBlacklisted(account))

    @view("isBlacklisted(address)", "bool")
    def is_blacklisted(self, account: Address) -> bool:
        """Is an account shut out?"""
        return self.blocked[account]

    @view("blacklister()", "address")
    def blacklister(self) -> Address:
        """Who may shut accounts out: the owner."""
        return self.owner_address
