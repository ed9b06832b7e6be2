"""The campaign for profit on a release: the best chains found, by the attacker's gain and by the loss of lenders.

Each is searched, polished, played to its end and unwound; then it is played again with one defect cured at a time.
Where that takes what it was worth, a search half as long is made on the cured engine: there may be another way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pooltwin.protocol.revisions import REVISIONS

from .chain import Chain
from .cures import curable, cured
from .ground import Ground
from .polish import Polish
from .reckoning import Reckoning, Stretch, reckon
from .search import OBJECTIVES, Objective, Search

BUDGET = 800_000
"""Calls of the search for gain; that for loss has a quarter, and so has polishing."""
SEED = 1
NEEDED = 2
"""A chain needs a defect if without it less than one part of so many is left of what it is worth."""

Progress = Callable[[str], None]
WORTHS: dict[str, Callable[[Reckoning], int]] = {
    "gain": lambda reckoning: reckoning.gain,
    "loss": lambda reckoning: reckoning.lost,
}
"""What a chain is worth to the aim of its search, by the objective's name."""


@dataclass(frozen=True)
class Cured:
    """The worth of a chain where one defect is cured."""

    defect: str
    worth: int
    """Of the same chain."""
    anew: int | None = None
    """Of the best chain that a search half as long finds there; None where the chain needs the defect not."""


@dataclass(frozen=True)
class Combination:
    """The best chain that a search found on a release."""

    revision: str
    objective: str
    spent: int
    chain: Chain
    """Empty where nothing was found."""
    reckoning: Reckoning
    stretches: tuple[Stretch, ...]
    unwinding: tuple[Stretch, ...]
    cures: tuple[Cured, ...]

    @property
    def worth(self) -> int:
        """What it is worth to the aim of its search."""
        return WORTHS[self.objective](self.reckoning)

    @property
    def needs(self) -> tuple[str, ...]:
        """The ids of the defects without which less than half of it is left."""
        return tuple(cure.defect for cure in self.cures if cure.anew is not None)


def hunt_profit(
    ground: Ground, *, budget: int = BUDGET, seed: int = SEED, progress: Progress = lambda _: None
) -> list[Combination]:
    """Search a release for gain and for loss. Raises ValueError for a release that no market can be built on."""
    if ground.revision not in REVISIONS:
        raise ValueError(f"{ground.revision!r} is no release to build a market on; there are {', '.join(REVISIONS)}")
    return [_combination(ground, objective, _Means(budget, seed, progress)) for objective in OBJECTIVES.values()]


@dataclass(frozen=True)
class _Means:
    budget: int
    seed: int
    progress: Progress

    def search(self, ground: Ground, objective: Objective, part: int = 1, where: str = "") -> tuple[Chain, int]:
        """Search with one part of so many of the budget. Returns the chain, and what was spent."""
        head, budget = f"v{ground.revision}{where}, {objective.name}", self.budget // objective.share // part
        search = Search(ground, objective, budget, self.seed, lambda text: self.progress(f"{head}: {text}"))
        return search.run(), search.spent

    def best(self, ground: Ground, objective: Objective) -> tuple[Chain, int]:
        """Search and polish. Returns the chain, and what was spent."""
        chain, spent = self.search(ground, objective)
        if not chain:
            return chain, spent
        self.progress(f"v{ground.revision}, {objective.name}: polishing")
        polish = Polish(ground, objective, chain, self.budget // 4)
        return polish.run(), spent + polish.spent


def _combination(ground: Ground, objective: Objective, means: _Means) -> Combination:
    chain, spent = means.best(ground, objective)
    played, worth_of = reckon(ground, chain), WORTHS[objective.name]
    if worth_of(played.reckoning) <= 0:
        chain, played = (), reckon(ground, ())
    cures = []
    for defect in curable(ground.revision) if chain else ():
        there = replace(ground, engine=cured(ground.revision, defect))
        worth, anew = worth_of(reckon(there, chain).reckoning), None
        if worth * NEEDED < worth_of(played.reckoning):
            other, more = means.search(there, objective, 2, f" without {defect.id}")
            anew, spent = max(0, worth_of(reckon(there, other).reckoning)), spent + more
        cures.append(Cured(defect.id, worth, anew))
    return Combination(
        ground.revision,
        objective.name,
        spent,
        chain,
        played.reckoning,
        played.stretches,
        played.unwinding,
        tuple(cures),
    )


def write_histories(folder: Path, ground: Ground, found: Sequence[Combination]) -> list[Path]:
    """Write each chain that was found as a history, call by call. Returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for each in found:
        if each.chain:
            path = folder / f"{each.objective}_v{each.revision}.json"
            note = f"the {each.objective} that a search for profit found on v{each.revision}"
            replace(reckon(ground, each.chain).history, note=note).write(path)
            paths.append(path)
    return paths
