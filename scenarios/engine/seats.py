"""Seats: agents in a world, each with its hand and the block in which it is woken next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .hand import Hand
from .phase import Phase
from .protocols import Actor


@dataclass(slots=True)
class Seat:
    """One agent in its place."""

    agent: Actor
    hand: Hand
    due: int | None = None
    """The block in which it acts next."""
    ticket: int = 0
    """The number of the event that is meant: older ones in the heap are stale."""

    @property
    def order(self) -> tuple[Phase, str]:
        """The place among those who act in one block."""
        return self.agent.phase, self.agent.name


class AgentError(Exception):
    """An agent failed by itself, not by a refusal: its name, the block and what went wrong."""

    def __init__(self, agent: str, block: int, what: str) -> None:
        super().__init__(f"agent {agent!r} failed in block {block}: {what}")
        self.agent, self.block = agent, block


def refuse_twice(agents: Iterable[Actor]) -> None:
    """Raise ValueError, naming it, for a name that two agents have."""
    seen: set[str] = set()
    for agent in agents:
        if agent.name in seen:
            raise ValueError(f"two agents are called {agent.name!r}: names tell them apart")
        seen.add(agent.name)
