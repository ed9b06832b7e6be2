"""Agents: who acts in a scenario. One is a model whose fields are its settings, so that a file can name it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pooltwin.protocol.models import AddressField
from pydantic import BaseModel, ConfigDict, Field

from .hand import Hand
from .phase import Phase, Wake
from .world import World


class Agent(BaseModel):
    """Somebody who acts: settings as fields, memory as private attributes, `act` for what they do.

    Subclass it, say in which phase it acts, and write `act`. Settings are checked when the agent is made and do not
    change. Memory is what begins with an underscore, as `_sold: int = 0`; it is copied with the agent when its world
    forks, so it must not hold the world or the hand: both are given to every call.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    phase: ClassVar[Phase] = Phase.BORROWERS
    """The part of the block in which it acts."""
    wakes_on: ClassVar[Wake] = Wake.PRINTS
    """What wakes it besides its alarm."""

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
    """What it is called. Its address, its draws and its place among those who act in the same phase follow from it."""
    address: AddressField | None = None
    """The account it acts for, as one of the market's state or of a book; one of its own unless given."""

    def assumes(self) -> Iterable[str]:
        """Say, in whole sentences for the report, what it takes for granted."""
        return ()

    def start(self, world: World, me: Hand) -> None:
        """Enter: called once, before the first block; lenders first, then borrowers, liquidators and keepers."""

    def act(self, world: World, me: Hand) -> int | None:
        """Do what there is to do now. Returns the block in which to be woken next at the latest; None for no alarm.

        Called in its phase of the first block, and of every block in which something of `wakes_on` happened or its
        alarm is due. The last answer counts. Raise nothing for what the pool refuses: every `Outcome` says so.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say what it does: write its method act")
