"""A world played from its first block to its last, with laws watching if asked."""

from __future__ import annotations

from collections.abc import Callable

from .laws import Laws, LawsFound, watched
from .record import Record
from .world import World


class Simulation:
    """One run of a world: so many blocks, then a closing row of measurements."""

    def __init__(self, world: World, blocks: int, *, laws: Laws = "off") -> None:
        """Play a world for a number of blocks after its first, with the laws asked of every step, at the end, or not.

        Raises ValueError for fewer blocks than none.
        """
        if blocks < 0:
            raise ValueError(f"a run of {blocks} blocks cannot be: 0 is the first block only")
        self.world = world
        self.last_block = world.first_block + blocks
        self.laws = LawsFound(laws)
        """What the laws found, once it has run."""

    def run(self, *, progress: Callable[[int], None] | None = None) -> Record:
        """Play all of it. Returns the record of the world, with a row of measurements of the last block at its end."""
        with watched(self.world, self.laws.when) as self.laws:
            self.world.run_to(self.last_block, progress=progress)
        rows = self.world.record.rows
        if not rows or rows[-1].block != self.last_block:
            self.world.take_row()
        return self.world.record
