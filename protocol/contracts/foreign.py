"""Contracts of other people: flash-loan receivers and whatever a test puts at an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ..address import Address
from ..errors import EmptyRevert
from ..machine.code import Host
from ..machine.contract import Contract
from ..machine.function import Function
from ..state.storage import Ledger

if TYPE_CHECKING:
    from ..chain import Chain

FlashLoanCallback = Callable[[list[Address], list[int], list[int], Address, bytes], bool]
"""assets, amounts, premiums, initiator, params -> True to go on."""


class ForeignContract(Contract):
    """Code of your own at an address. Override what the pool calls; calls back in go through the typed interface.

    A method may raise any `Revert`. Other exceptions are bugs and end the run, undone. State kept in `ledger()`s is
    undone with everything else; plain Python attributes are not, and no digest sees either.
    """

    KIND = "ForeignContract"
    __slots__ = ("__dict__",)

    chain: Chain

    def copy_to(self, chain: Host) -> Self:
        copy = super().copy_to(chain)
        for name, value in self.__dict__.items():
            copy.__dict__[name] = value.copy_to(chain.journal) if isinstance(value, Ledger) else value
        return copy

    def ledger(self, default: Any) -> Ledger[Any, Any]:
        """A mapping that is undone with everything else."""
        return Ledger(self.chain.journal, default)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def on_flash_loan(
        self,
        pool: Address,
        assets: list[Address],
        amounts: list[int],
        premiums: list[int],
        initiator: Address,
        params: bytes,
    ) -> bool:
        """Solidity: `IFlashLoanReceiver.executeOperation`. Return True to go on."""
        raise EmptyRevert("no executeOperation")

    def on_flash_loan_simple(
        self, pool: Address, asset: Address, amount: int, premium: int, initiator: Address, params: bytes
    ) -> bool:
        """Solidity: `IFlashLoanSimpleReceiver.executeOperation`. Return True to go on."""
        raise EmptyRevert("no executeOperation")


class FlashLoanReceiver(ForeignContract):
    """A receiver that is a Python function; it holds the borrowed tokens at its own address.

    On a fork the function still acts on what it closes over. Code that shall act on the copy belongs in a
    `ForeignContract`, which knows its own `chain`.
    """

    KIND = "FlashLoanReceiver"

    def __init__(self, chain: Chain, at: Address, callback: FlashLoanCallback) -> None:
        super().__init__(chain, at)
        self.callback = callback

    def on_flash_loan(
        self,
        pool: Address,
        assets: list[Address],
        amounts: list[int],
        premiums: list[int],
        initiator: Address,
        params: bytes,
    ) -> bool:
        return self.callback(assets, amounts, premiums, initiator, params)

    def on_flash_loan_simple(
        self, pool: Address, asset: Address, amount: int, premium: int, initiator: Address, params: bytes
    ) -> bool:
        return self.callback([asset], [amount], [premium], initiator, params)


class SameAnswerReceiver(Contract):
    """Answers the same to everything, whatever it is taken for."""

    __slots__ = ()

    chain: Chain
    ANSWER: ClassVar[Function]
    """As whatever the calldata says."""
    answer: ClassVar[int]
    """As a price feed."""

    def price_of(self, asset: Address) -> int:
        """As a price oracle."""
        return self.answer

    def decimals(self) -> int:
        """As a token."""
        return self.answer

    def balance_of(self, account: Address) -> int:
        """As a token."""
        return self.answer

    def a_token_total_supply(self, asset: Address) -> int:
        """As a data provider."""
        return self.answer

    def total_debt(self, asset: Address) -> int:
        """As a data provider."""
        return self.answer

    def is_borrow_allowed(self) -> bool:
        """As a sentinel."""
        return bool(self.answer)

    def is_liquidation_allowed(self) -> bool:
        """As a sentinel."""
        return bool(self.answer)

    @property
    def registered_pool(self) -> Address:
        """As a registry."""
        return f"0x{self.answer:040x}"

    def permit(self, *_: Any, sender: Address) -> None:
        """As a token."""

    def on_balance_change(self, *_: Any) -> None:
        """As a rewards controller."""

    def move(self, *_: Any) -> bool:
        """As a token."""
        return bool(self.answer)

    def move_from(self, *_: Any) -> bool:
        """As a token."""
        return bool(self.answer)

    def on_flash_loan(self, *_: Any) -> bool:
        return bool(self.answer)

    def on_flash_loan_simple(self, *_: Any) -> bool:
        return bool(self.answer)

    def find(self, data: bytes) -> Function:
        return self.ANSWER

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        return self.ANSWER, []


class AlwaysTrueReceiver(SameAnswerReceiver):
    """Answers true to everything: the flash-loan receiver of the recordings."""

    KIND = "AlwaysTrueReceiver"
    __slots__ = ()
    ANSWER = Function("anything()", "bool", lambda _self: True, view=True, payable=True)
    answer = 1


class AlwaysFalseReceiver(SameAnswerReceiver):
    """Answers false to everything: a flash-loan receiver that refuses."""

    KIND = "AlwaysFalseReceiver"
    __slots__ = ()
    ANSWER = Function("anything()", "bool", lambda _self: False, view=True, payable=True)
    answer = 0
