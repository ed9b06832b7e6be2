"""Contracts of other people: flash-loan receivers and whatever a test puts at an address."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, Self
from weakref import ReferenceType, ref

from ..address import Address
from ..errors import EmptyRevert
from ..machine.contract import Contract
from ..machine.function import Function
from ..machine.portable import refuse_unportable
from ..state.storage import Ledger

if TYPE_CHECKING:
    from ..chain import Chain

FlashLoanCallback = Callable[..., bool]
"""assets, amounts, premiums, initiator, params -> True to go on; and, where it has such a parameter, `market`."""


class ForeignContract(Contract):
    """Code of your own at an address. Override what the pool calls; calls back in go through the typed interface.

    A method may raise any `Revert`. Other exceptions are bugs and end the run, undone. State kept in `ledger()`s is
    undone with everything else; other attributes are not. A fork, `copy.deepcopy` and a pickle copy both, with the
    chain and markets on it replaced by the copy's.
    """

    KIND = "ForeignContract"
    __slots__ = ("__dict__",)

    chain: Chain

    def hand_on(self, copy: Self, memo: dict[int, Any]) -> None:
        """Give a copy on another chain copies of the attributes, in which the chain is the copy's."""
        for name, value in self.__dict__.items():
            try:
                copy.__dict__[name] = deepcopy(value, memo)
            except Exception as error:
                raise TypeError(f"{self!r} cannot be copied, because of its {name}: {error}") from error

    def portable(self) -> dict[str, Any]:
        """The attributes that go along to another process or into a file."""
        return dict(self.__dict__)

    def __reduce__(self) -> tuple[Any, ...]:
        held = self.portable()
        refuse_unportable(self, held)
        blank, arguments, state = super().__reduce__()
        return blank, arguments, (*state, held)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        *stored, held = state
        super().__setstate__(tuple(stored))
        self.__dict__.update(held)

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

    A function with a parameter `market` is given the market on which the loan is taken: on a fork, the fork. One that
    acts on the chain of which this is a fork is stopped with a RuntimeError before it changes anything there.
    """

    KIND = "FlashLoanReceiver"

    def __init__(self, chain: Chain, at: Address, callback: FlashLoanCallback, market: Any = None) -> None:
        super().__init__(chain, at)
        self.callback = callback
        self.market = market
        self._origins: tuple[ReferenceType[Chain], ...] = ()

    def hand_on(self, copy: Self, memo: dict[int, Any]) -> None:
        origins, self._origins = self._origins, ()
        try:
            super().hand_on(copy, memo)
        finally:
            self._origins = origins
        copy._origins = (*origins, ref(self.chain))

    def portable(self) -> dict[str, Any]:
        return {**super().portable(), "_origins": ()}

    def on_flash_loan(
        self,
        pool: Address,
        assets: list[Address],
        amounts: list[int],
        premiums: list[int],
        initiator: Address,
        params: bytes,
    ) -> bool:
        here = {"market": self.market} if "market" in signature(self.callback).parameters else {}
        origins = [chain for chain in (origin() for origin in self._origins) if chain is not None]
        barred = [chain.barred for chain in origins]
        for chain in origins:
            chain.barred = (
                f"the callback of {self!r} acts on the chain of which this one is a fork: "
                "give it a parameter `market`, which is the market to act on"
            )
        try:
            return self.callback(assets, amounts, premiums, initiator, params, **here)
        finally:
            for chain, before in zip(origins, barred, strict=True):
                chain.barred = before

    def on_flash_loan_simple(
        self, pool: Address, asset: Address, amount: int, premium: int, initiator: Address, params: bytes
    ) -> bool:
        return self.on_flash_loan(pool, [asset], [amount], [premium], initiator, params)


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
