"""Faults that the laws must catch: the catalogue, and the run that says which law kills which.

A law suite is as good as the mutants it kills without being shown the reference. Each mutant is engaged in turn, the
same seeded walks are played on the broken engine, and the first step at which each law fails is noted. The faithful
engine walks too, as the control: a law that fails there is unsound and kills nothing.

    matrix = run_mutants(all_laws(), budget=20_000)
    print(matrix.survivors, matrix.idle_laws)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

from ..law import Law
from .faults.bad_debt import BAD_DEBT
from .faults.environment import ENVIRONMENT
from .faults.flash_loan import FLASH_LOANS
from .faults.governance import GOVERNANCE
from .faults.interest import INTEREST
from .faults.lending import LENDING
from .faults.liquidation import LIQUIDATION
from .faults.oddities import ODDITIES
from .faults.permissions import PERMISSIONS
from .faults.token import TOKENS
from .hunt import Hunt, Hunter, Kill, hunt, story_of
from .mutant import Mutant

GROUPS: tuple[tuple[Mutant, ...], ...] = (
    LENDING,
    PERMISSIONS,
    INTEREST,
    FLASH_LOANS,
    LIQUIDATION,
    BAD_DEBT,
    TOKENS,
    GOVERNANCE,
    ODDITIES,
    ENVIRONMENT,
)
MUTANTS = tuple(sorted((mutant for group in GROUPS for mutant in group), key=lambda mutant: mutant.order))
"""Every mutant, faults of the protocol first, those of its environment last."""

DEFAULT_BUDGET = 10_000
"""Steps for each mutant, at most."""

Progress = Callable[[Hunt, int, int], None]
"""Told of each finished hunt, how many are finished, and how many there are."""


def mutant_named(identifier: str) -> Mutant:
    """Find a mutant by its id. Raises ValueError, naming the first and the last, for an unknown one."""
    for mutant in MUTANTS:
        if mutant.id == identifier:
            return mutant
    raise ValueError(f"there is no mutant {identifier!r}; they go from {MUTANTS[0].id} to {MUTANTS[-1].id}")


def control(revision: str) -> Mutant:
    """Make a mutant without a fault: the engine as it is."""
    return Mutant(f"control {revision}", "nothing is changed", "the faithful engine", (), revision=revision)


@dataclass
class KillMatrix:
    """The kill matrix: which law killed which mutant, and how soon."""

    laws: Sequence[Law]
    budget: int
    seed: int
    hunts: list[Hunt] = field(default_factory=list)
    controls: list[Hunt] = field(default_factory=list)

    def unsound(self, revision: str) -> set[str]:
        """List the laws that fail on the faithful engine of a release in the same budget: their kills do not count."""
        return {law for found in self.controls if found.mutant.revision == revision for law in found.kills}

    def kills_of(self, found: Hunt) -> dict[str, Kill]:
        """Select the kills of one mutant that count."""
        unsound = self.unsound(found.mutant.revision)
        return {law: kill for law, kill in found.kills.items() if law not in unsound}

    def quickest(self, found: Hunt) -> Kill | None:
        """Find the first kill by a law that was expected to notice, else the first of any."""
        return replace(found, kills=self.kills_of(found)).first

    @property
    def survivors(self) -> list[Hunt]:
        """The mutants no law killed, the equivalent ones among them."""
        return [found for found in self.hunts if not self.kills_of(found)]

    @property
    def missed(self) -> list[Hunt]:
        """The mutants killed, but by none of the laws that say what went wrong."""
        killed = [(found, self.kills_of(found)) for found in self.hunts]
        return [found for found, kills in killed if kills and not kills.keys() & set(found.mutant.expected)]

    def victims_of(self, law: Law) -> list[Hunt]:
        """List the mutants that one law killed."""
        return [found for found in self.hunts if law.id in self.kills_of(found)]

    @property
    def idle_laws(self) -> list[Law]:
        """The laws that killed nothing."""
        return [law for law in self.laws if not self.victims_of(law)]


def run_mutants(
    laws: Sequence[Law],
    *,
    budget: int = DEFAULT_BUDGET,
    seed: int = 0,
    mutants: Sequence[Mutant] = MUTANTS,
    driver: Hunter = hunt,
    processes: int = 1,
    stories: bool = True,
    progress: Progress | None = None,
) -> KillMatrix:
    """Hunt every mutant, and the faithful engine, for `budget` steps at most. Deterministic in everything but speed.

    With several processes each hunt runs in a forked child, which inherits laws and driver as they are. With `stories`
    the history of one kill is shrunk for each mutant.
    """
    revisions = sorted({mutant.revision for mutant in mutants})
    suspects = (*(control(revision) for revision in revisions), *mutants)
    job = _Job(suspects, laws, budget, seed, driver, stories)
    matrix = KillMatrix(laws, budget, seed)
    for done, (index, found) in enumerate(_hunts(job, processes), start=1):
        (matrix.controls if index < len(revisions) else matrix.hunts).append(found)
        if progress is not None:
            progress(found, done, len(suspects))
    return matrix


@dataclass(frozen=True)
class _Job:
    suspects: Sequence[Mutant]
    laws: Sequence[Law]
    budget: int
    seed: int
    driver: Hunter
    stories: bool


def _run(job: _Job, index: int) -> Hunt:
    mutant = job.suspects[index]
    found = job.driver(mutant, job.laws, job.budget, job.seed)
    kill = found.first
    if job.stories and kill is not None:
        law = next(law for law in job.laws if law.id == kill.law)
        found.story = story_of(found, law, job.seed)
    return found


_JOBS: list[_Job] = []
"""What forked children find when they start; mutants hold functions, which cannot be sent."""


def _run_in_child(index: int) -> tuple[dict[str, Kill], int, dict[str, int], str, str]:
    found = _run(_JOBS[-1], index)
    return found.kills, found.steps, found.exercised, found.story, found.crash


def _hunts(job: _Job, processes: int) -> Iterator[tuple[int, Hunt]]:
    """Run the hunts in the order of the suspects."""
    if processes <= 1 or not hasattr(os, "fork"):
        for index in range(len(job.suspects)):
            yield index, _run(job, index)
        return
    _JOBS.append(job)
    try:
        with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
            for index, answer in enumerate(pool.map(_run_in_child, range(len(job.suspects)))):
                kills, steps, exercised, story, crash = answer
                yield index, Hunt(job.suspects[index], steps, kills, exercised, story, crash)
    finally:
        _JOBS.pop()
