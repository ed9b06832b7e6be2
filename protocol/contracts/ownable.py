"""Contracts with one owner. Solidity: OpenZeppelin `Ownable`, the old one with strings and v5.1 with custom errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..address import ZERO_ADDRESS, Address
from ..errors import ErrorString, OwnableInvalidOwner, OwnableUnauthorizedAccount
from ..events import OwnershipTransferred
from ..machine.contract import Contract
from ..machine.function import external, view

if TYPE_CHECKING:
    from ..chain import Chain


class Ownable(Contract):
    """Owner-only functions. `MODERN` tells which OpenZeppelin the contract was compiled with."""

    MODERN: ClassVar[bool] = False
    STORAGE = {"owner_address": ZERO_ADDRESS}
    __slots__ = ("owner_address",)

    chain: Chain

    owner_address: Address

    def __init__(self, chain: Chain, at: Address, owner: Address) -> None:
        super().__init__(chain, at)
        if not self.MODERN:  # the old one belongs to its deployer first
            self._set_owner(chain.deployer)
        self._set_owner(self._fit_owner(owner))

    def _fit_owner(self, owner: Address) -> Address:
        """Raises when a new owner is the zero address."""
        if owner == ZERO_ADDRESS:
            if self.MODERN:
                raise OwnableInvalidOwner(ZERO_ADDRESS)
            raise ErrorString("Ownable: new owner is the zero address")
        return owner

    def only_owner(self, sender: Address) -> None:
        """Raises when the caller is not the owner."""
        if sender != self.owner_address:
            if self.MODERN:
                raise OwnableUnauthorizedAccount(sender)
            raise ErrorString("Ownable: caller is not the owner")

    def _set_owner(self, owner: Address) -> None:
        self.emit(OwnershipTransferred(self.owner_address, owner))
        self.owner_address = owner

    @view("owner()", "address")
    def owner(self) -> Address:
        """The owner; zero for none."""
        return self.owner_address

    @external("transferOwnership(address)")
    def transfer_ownership(self, new_owner: Address, *, sender: Address) -> None:
        """Hand the contract over. Raises when the new owner is the zero address."""
        self.only_owner(sender)
        self._set_owner(self._fit_owner(new_owner))

    @external("renounceOwnership()")
    def renounce_ownership(self, *, sender: Address) -> None:
        """Leave the contract without an owner."""
        self.only_owner(sender)
        self._set_owner(ZERO_ADDRESS)
