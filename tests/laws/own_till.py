"""A contract of somebody else, for tests of how such contracts are named and used."""

from __future__ import annotations

from typing import Any

from pooltwin.invariants import (
    Action,
    History,
    Kind,
    Stage,
    Step,
    Subject,
    at_most,
    law,
    standard_history,
)
from pooltwin.protocol import Address, ForeignContract, external, named_address, view

LIMIT = 99


class Till(ForeignContract):
    """Takes whatever there is as an argument, and keeps what it was given by account."""

    KIND = "Till"

    def __init__(self, chain: Any, at: Address) -> None:
        super().__init__(chain, at)
        self.entries = self.ledger(0)
        self.calls = 0

    @view("entryOf(address)", "uint256")
    def entry_of(self, user: Address) -> int:
        """What an account has put in."""
        entry: int = self.entries[user]
        return entry

    @view("broken()", "uint256")
    def broken(self) -> int:
        """A view that fails on a fresh contract."""
        return 1 // 0

    @external("put(uint256)")
    def put(self, amount: int, *, sender: Address) -> None:
        """Write down an amount."""
        self.entries[sender] += amount

    @external("ask(address)")
    def ask(self, place: Address, *, sender: Address) -> None:
        """Ask a contract what it may not have."""
        self.chain.at(place).get_reserves_list()

    @external("everything(address,address,bool,bytes,bytes4,string,uint8,uint64,uint256[],(address,uint256[2]))")
    def everything(
        self, asset: Address, to: Address, flag: bool, data: bytes, tag: bytes, text: str, mode: int, change: int,
        amounts: list[int], pair: Any, *, sender: Address,
    ) -> None:  # fmt: skip
        """Take arguments of every kind."""
        self.entries[sender] += 1


class FaultyTill(Till):
    """A till with a bug."""

    @external("fail()")
    def fail(self, *, sender: Address) -> None:
        """A bug, and no revert."""
        raise ValueError("a bug of the till")


def with_till(stage: Stage) -> None:
    """Put a till on a stage."""
    stage.add("till", stage.chain.deploy(Till, named_address("till")))


def with_faulty_till(stage: Stage) -> None:
    """Put a till with a bug on a stage."""
    stage.add("till", stage.chain.deploy(FaultyTill, named_address("till")))


def with_broken_setup(stage: Stage) -> None:
    """Fail."""
    raise ZeroDivisionError("too small")


@law("TILL-1", "Nobody puts more than 99 in.", kind=Kind.STEP, subject=Subject.STEP, source="mine", on=("Till.put",))
def little_is_put(step: Step) -> Any:
    """A law about one's own contract."""
    return at_most("amount, most", step.arguments[0], LIMIT)


def history_with_till() -> History:
    """A history that calls a contract of one's own."""
    return (
        standard_history()
        .with_setups(with_till)
        .with_actions([Action("alice", "till", "put", (7,)), Action.wait(12), Action("bob", "till", "put", (100,))])
    )
