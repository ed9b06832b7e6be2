"""The count of the edges at which laws were asked: how near to failing a history brought them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pooltwin.protocol.errors import Revert

from .law import Law
from .reading.position import NoPriceError

OFTEN_ENOUGH = 10
"""How often an edge is counted in one history: whoever came by so often need not be told more, and it costs nothing."""
HARDLY = 3
"""An edge that was met less often is worth going to."""


class EdgeCount:
    """Counts of the edges that some laws have on a release. It is told of each subject that a law had its say about."""

    def __init__(self, laws: Sequence[Law], revision: str) -> None:
        self.labels = [law.edge_labels(revision) for law in laws]
        self.met = [[0] * len(labels) for labels in self.labels]
        """By law and edge, how often it was met, up to `OFTEN_ENOUGH`."""
        self.sought = [
            [(place, edge.on, edge.meets) for place, edge in enumerate(law.edges_on(revision))] for law in laws
        ]
        """By law, the edges that are still looked for."""

    def look(self, index: int, subject: Any, name: str) -> None:
        """Count the edges at which a law was asked in a step of a name, of those that are looked for."""
        often = False
        for place, on, meets in self.sought[index]:
            if on and name not in on:
                continue
            try:
                if not meets(subject):
                    continue
            except (NoPriceError, Revert):
                continue
            counts = self.met[index]
            counts[place] += 1
            often = often or counts[place] == OFTEN_ENOUGH
        if often:
            counts = self.met[index]
            self.sought[index] = [sought for sought in self.sought[index] if counts[sought[0]] < OFTEN_ENOUGH]

    def counts(self) -> dict[str, int]:
        """Give each count by its label, as "CAP-1: within two units of the cap"."""
        return {
            label: count
            for labels, met in zip(self.labels, self.met, strict=True)
            for label, count in zip(labels, met, strict=True)
        }

    def hardly_met(self) -> list[str]:
        """List the edges at which laws have hardly been asked yet, the less often the more often: where to go next."""
        return [label for label, count in self.counts().items() for _ in range(HARDLY - count)]
