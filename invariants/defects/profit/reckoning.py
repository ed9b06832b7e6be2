"""The reckoning of a chain: played to its end and unwound in real calls, and what that brought, cost and took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pooltwin.protocol.events import FlashLoan

from ...histories.action import Action
from ...history import History
from .chain import Chain, Link, Table
from .ground import CULPRITS, Ground
from .ploys import Ploy, amount_of


@dataclass(frozen=True)
class Reckoning:
    """The result of a chain, in parts of base currency (`books.DOLLAR` is one dollar)."""

    gain: int
    """What the attacker's wallets hold more than before, all unwound; below zero for a loss."""
    lost: int
    """Claims of lenders and treasury that nothing backs any more."""
    premiums: int
    """What was paid in premiums of flash loans, to the attacker's own shares too."""
    bankroll: int
    """How far the wallets went down on the way: what the attacker needs of his own."""
    calls: int
    """How many calls took effect, those of the unwinding included."""
    seconds: int
    """How much time passed."""


@dataclass(frozen=True)
class Stretch:
    """A link as it was played: how often, and the amounts of its ploys the first and the last time."""

    link: Link
    """With the times that it was really played."""
    first: tuple[int, ...]
    last: tuple[int, ...]


@dataclass(frozen=True)
class Played:
    """A chain that was played and unwound."""

    reckoning: Reckoning
    stretches: tuple[Stretch, ...]
    unwinding: tuple[Stretch, ...]
    history: History
    """Every action that took effect, ready to be replayed."""


def reckon(ground: Ground, chain: Chain) -> Played:
    """Play a chain on a fresh table, unwind it and reckon."""
    return _Player(ground).play(chain)


class _Player:
    def __init__(self, ground: Ground) -> None:
        self.history = ground.history()
        table = self.table = Table.on(ground)
        self.start = self.lowest = table.scene.wallets()
        self.began, self.lost = table.stage.chain.time, table.books().lost
        self.premiums = 0
        self.actions: list[Action] = []

    def play(self, chain: Chain) -> Played:
        stretches = [stretch for link in chain if (stretch := self._stretch(link)) is not None]
        unwinding = [
            stretch for ploy in unwinding_of(self.table) if (stretch := self._stretch(Link((ploy,)))) is not None
        ]
        table = self.table
        reckoning = Reckoning(
            gain=table.scene.wallets() - self.start,
            lost=max(0, table.books().lost - self.lost),
            premiums=self.premiums,
            bankroll=self.start - self.lowest,
            calls=sum(1 for action in self.actions if action.function),
            seconds=table.stage.chain.time - self.began,
        )
        return Played(reckoning, tuple(stretches), tuple(unwinding), self.history.with_actions(self.actions))

    def _stretch(self, link: Link) -> Stretch | None:
        amounts: list[int] = []
        for _ in range(link.times):
            for ploy in link.ploys:
                action = self._made(ploy)
                if action is None:
                    return _told(link, amounts)
                amounts.append(amount_of(action))
        return _told(link, amounts)

    def _made(self, ploy: Ploy) -> Action | None:
        action = self.table.make(ploy)
        if action is None:
            return None
        self.actions.append(action)
        scene, receipt = self.table.scene, self.table.stage.chain.receipt
        self.lowest = min(self.lowest, scene.wallets())
        if ploy.call == "pool.flashLoanSimple" and receipt is not None:
            paid = (event.premium for event in receipt.events if isinstance(event, FlashLoan))
            self.premiums += sum(paid) * scene.fine[ploy.symbol]
        return action


def _told(link: Link, amounts: list[int]) -> Stretch | None:
    size = len(link.ploys)
    if not amounts:
        return None
    return Stretch(Link(link.ploys, -(-len(amounts) // size)), tuple(amounts[:size]), tuple(amounts[-size:]))


def unwinding_of(table: Table) -> Iterator[Ploy]:
    """The ploys by which each account pays its debts and withdraws its supplies, where that is worth it to it."""
    for who in CULPRITS:
        if table.scene.is_worth_settling(who):
            for symbol in table.scene.debts_of(who):
                yield Ploy(who, "pool.repay", symbol, "everything")
            for symbol in table.scene.supplies_of(who):
                yield Ploy(who, "pool.withdraw", symbol, "all that can be withdrawn")
