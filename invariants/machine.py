"""Rule-based state machines over a pool, to subclass with your own market, laws, people and contracts.

    class MyMachine(DynamicMachine):
        config = my_config
        laws = (*all_laws(), my_law)

    def test_my_market():
        check(MyMachine)

The rules are the moves of the table in `histories.moves`, one rule for each. The static machine has no time and no
prices: in it nobody can hurt anybody. The dynamic one has time, prices, liquidations, bad debt, governance and tokens
that call back. Every rule counts its attempts, its successes and the reverts it met; a rule that never succeeds fails
the run, because it tests nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from pooltwin.protocol.machine.watcher import left_out_of_tracebacks
from pooltwin.protocol.receipt import Receipt

from .histories.action import Action
from .histories.driver import Making, Move
from .histories.moves.pressing import brink
from .histories.moves.table import MOVES
from .histories.plots.own import give_to_contract, use_contract, use_contract_often
from .histories.plots.positions import crash, exhaust, same_asset
from .histories.plots.tokens import ambush
from .machine_base import PoolMachine, RuleNeverSucceededError, Tally, check

__all__ = ["DynamicMachine", "PoolMachine", "RuleNeverSucceededError", "StaticMachine", "Tally", "check"]

__tracebackhide__ = left_out_of_tracebacks


OWN = (use_contract, give_to_contract, use_contract_often)
"""Plots that need a contract of one's own."""


def with_rules(*makings: Making) -> Callable[[type[PoolMachine]], type[PoolMachine]]:
    """Give a machine a rule of the same name for each move or plot; a subclass turns one off by setting it to None."""

    def decorate(machine: Any) -> Any:
        for making in makings:
            name = making.name if isinstance(making, Move) else making.__name__
            setattr(machine, name, _rule(name, making))
        return machine

    return decorate


def _rule(name: str, making: Making) -> Any:
    def play(self: PoolMachine, source: Random) -> None:
        self.play(name, making, source)

    play.__name__ = name
    play.__doc__ = (making.make if isinstance(making, Move) else making).__doc__
    made = rule(source=st.randoms(use_true_random=False))(play)
    return precondition(lambda machine: bool(machine.stage.own))(made) if making in OWN else made


@with_rules(*(move for move in MOVES if move.safe), *OWN)
class StaticMachine(PoolMachine):
    """No time and no prices: whatever anybody does, nobody else ends up with less.

    `perform` compares what everybody has before and after; only the caller, and who gave the caller permission, may
    have less. Nobody can be liquidated, however the rules are combined.
    """

    expected: ClassVar[Sequence[str]] = (
        "supply",
        "supply_for",
        "withdraw",
        "borrow",
        "borrow_for",
        "repay",
        "repay_for",
        "repay_with_a_tokens",
        "use_as_collateral",
        "set_e_mode",
        "transfer",
        "transfer_for",
        "flash_loan_simple",
        "flash_loan",
        "mint_to_treasury",
        "donate",
        "manage",
    )
    may_harm: ClassVar[bool] = False

    def wealth(self, who: str) -> dict[str, int]:
        """Wallet and claims less debts of a person, by asset, in units of the asset."""
        where = self.stage.address_of(who)
        return {
            symbol: token.balances[where] + a_token.balance_of(where) - debt_token.balance_of(where)
            for symbol, (token, a_token, debt_token) in self.tokens.items()
        }

    def perform(self, name: str, action: Action, consenting: Sequence[str] = ()) -> Receipt | None:
        """Carry out one action; nobody but those who call and the consenting may lose by it."""
        if self.may_harm:
            return super().perform(name, action)
        involved = {*consenting, *_involved(action)}
        before = {who: self.wealth(who) for who in self.people if who not in involved}
        receipt = super().perform(name, action)
        for who, had in before.items():
            for symbol, amount in self.wealth(who).items():
                assert amount >= had[symbol], f"{action}: {who} lost {had[symbol] - amount} of {symbol}"
        liquidated = action.function == "liquidationCall" and receipt is not None and receipt.ok
        assert not liquidated, f"{action}: nobody can be unhealthy here"
        return receipt


def _involved(action: Action) -> Iterator[str]:
    """Who makes a call or allowed it: the sender, in whose name it is made, and those of the calls inside."""
    yield action.sender
    principal = action.principal
    if principal is not None:
        yield principal
    for inner in action.inside:
        yield from _involved(inner)


@with_rules(*(move for move in MOVES if not move.safe), brink, crash, same_asset, exhaust, ambush)
class DynamicMachine(StaticMachine):
    """Time, prices, liquidations, bad debt and its cover, governance, tokens that call back."""

    may_harm = True
    expected: ClassVar[Sequence[str]] = (
        *StaticMachine.expected,
        "wait",
        "move_price",
        "brink",
        "pool.liquidationCall",
        "govern",
        "cover",
    )
