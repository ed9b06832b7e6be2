"""Lenders: one who stays whatever happens, and one who runs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import Field, PrivateAttr

from ..engine.agent import Agent
from ..engine.hand import EVERYTHING, Hand
from ..engine.phase import Phase, Wake
from ..engine.world import World
from ..units import Number, to_units

Supplies = dict[str, Annotated[Number, Field(gt=0)]]


class Lender(Agent):
    """Supplies at the start and stays."""

    phase: ClassVar[Phase] = Phase.LENDERS
    wakes_on: ClassVar[Wake] = Wake.NOTHING

    supplies: Supplies = Field(
        min_length=1, description="Whole tokens, by asset, that it takes in from outside and supplies at the start."
    )

    def start(self, world: World, me: Hand) -> None:
        """Supply."""
        for asset, tokens in self.supplies.items():
            amount = to_units(tokens, world.decimals(asset))
            me.fund(asset, amount)
            me.supply(asset, amount)

    def act(self, world: World, me: Hand) -> int | None:
        """Do nothing."""
        del world, me
        return None


class Runner(Lender):
    """Lends until it fears for its money; then it takes what is there, queues for the rest, and does not come back."""

    wakes_on: ClassVar[Wake] = Wake.PRINTS | Wake.CALLS

    supplies: Supplies = Field(
        default_factory=dict,
        description="Whole tokens, by asset, that it takes in from outside and supplies at the start. None by default: "
        "for an account (`address`) that has supplied already.",
    )
    leaves_below: Annotated[Number, Field(ge=0)] = Field(
        default=Decimal(2),
        description="It leaves an asset when what anybody can withdraw falls below so many times what it has there. 2: "
        "when one more lender of its size would have to wait. 0: never for that reason.",
    )
    flees_deficits: bool = Field(
        default=True, description="Whether it leaves an asset whose reserve shows a deficit: somebody has lost already."
    )
    delay_blocks: Annotated[int, Field(ge=0)] = Field(
        default=25,
        description="Blocks from the alarm to its first withdrawal. 25 are five minutes: a person with a phone.",
    )
    retry_blocks: Annotated[int, Field(ge=1)] = Field(
        default=5, description="Blocks from one try to the next while it waits for cash. 5 are a minute: a script."
    )

    def assumes(self) -> Iterator[str]:
        """Say what it takes for granted."""
        yield f"{self.name} does not come back once it has left."

    _leaving: dict[str, int] = PrivateAttr(default_factory=dict)
    """The block in which each asset is to be left."""

    def act(self, world: World, me: Hand) -> int | None:
        """Look at every asset that it lends, and withdraw what can be had of those that it leaves."""
        assets = [asset for asset in world.market.assets if me.supplied(asset)]
        for asset in assets:
            if asset not in self._leaving:
                self._watch(world, me, asset)
        for asset in assets:
            if self._leaving.get(asset, world.block + 1) <= world.block:
                self._withdraw(world, me, asset)
        waiting = [due for asset, due in self._leaving.items() if me.supplied(asset)]
        return min((due if due > world.block else world.block + self.retry_blocks for due in waiting), default=None)

    def _watch(self, world: World, me: Hand, asset: str) -> None:
        """Decide whether to leave an asset, and note why."""
        own, there, deficit = me.supplied(asset), world.cash(asset), world.deficit(asset)
        is_short = there < Fraction(self.leaves_below) * own
        if is_short or (self.flees_deficits and deficit):
            self._leaving[asset] = world.block + self.delay_blocks
            why = "too little to withdraw" if is_short else "a deficit"
            me.note("run", asset=asset, why=why, own=own, withdrawable=there, deficit=deficit)

    def _withdraw(self, world: World, me: Hand, asset: str) -> None:
        own = me.supplied(asset)
        amount = min(own, world.cash(asset))
        if amount:
            me.withdraw(asset, EVERYTHING if amount == own else amount)
