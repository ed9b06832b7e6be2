"""Chains of ploys: played on a market, step by step, with what they cost and bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...histories.action import CLOCK, Action, Stage
from ...histories.unfit import ActionError
from .books import Books, Scene
from .ground import Ground
from .ploys import Ploy


@dataclass(frozen=True)
class Link:
    """One or a few ploys of a chain, made so many times in a row."""

    ploys: tuple[Ploy, ...]
    times: int = 1

    @property
    def waits(self) -> bool:
        """Does time pass in it?"""
        return any(ploy.call == CLOCK for ploy in self.ploys)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"times": self.times, "do": [ploy.to_json() for ploy in self.ploys]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Link:
        """Read it back."""
        return cls(tuple(Ploy.from_json(part) for part in data["do"]), int(data["times"]))


Chain = tuple[Link, ...]


class Table:
    """A market at which the attacker plays, with books; a fork of it is an independent copy."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.scene = Scene(stage)

    @classmethod
    def on(cls, ground: Ground) -> Table:
        """Open a fresh table."""
        return cls(ground.history().stage(ground.engine))

    def fork(self) -> Table:
        """Copy the table as it is."""
        return Table(Stage(self.stage.market.fork(), self.stage.actors))

    def books(self) -> Books:
        """Read the books as things stand."""
        return self.scene.books()

    def make(self, ploy: Ploy) -> Action | None:
        """Make a ploy as things stand. Returns the action that took effect; None where it was refused."""
        action = ploy.action(self.scene)
        if action is None:
            return None
        try:
            receipt = self.stage.perform(action)
        except ActionError:
            return None
        if not action.function:
            return action
        return action if receipt is not None and receipt.revert is None else None

    def run(self, link: Link) -> int:
        """Play a link up to the first ploy that is refused. Returns how many took effect."""
        made = 0
        for _ in range(link.times):
            for ploy in link.ploys:
                if self.make(ploy) is None:
                    return made
                made += 1
        return made


def calls_in(chain: Sequence[Link]) -> int:
    """Count the calls that a chain makes at most."""
    return sum(len(link.ploys) * link.times for link in chain)
