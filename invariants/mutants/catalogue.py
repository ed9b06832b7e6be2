"""Faults that the laws must catch: the catalogue, and the run that says which law kills which.

A law suite is as good as the mutants it kills without being shown the reference. Each mutant is engaged in turn, the
same seeded walks are played on the broken engine, and the first step at which each law fails is noted. The faithful
engine walks too, as the control: a law that fails there is unsound and kills nothing.

    matrix = run_mutants(all_laws(), budget=20_000)
    print(matrix.survivors, matrix.idle_laws)
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from pickle import PicklingError
from typing import Any

from pooltwin.protocol.revisions import Revision

from ..catalogue import all_laws
from ..ids import unknown
from ..law import Law
from ..workers import Interrupted, Workers, spread
from .faults.bad_debt import BAD_DEBT
from .faults.environment import ENVIRONMENT
from .faults.flash_loan import FLASH_LOANS
from .faults.governance import GOVERNANCE
from .faults.half_up import HALF_UP
from .faults.half_up_deficits import HALF_UP_DEFICITS
from .faults.half_up_positions import HALF_UP_POSITIONS
from .faults.interest import INTEREST
from .faults.lending import LENDING
from .faults.liquidation import LIQUIDATION
from .faults.oddities import ODDITIES
from .faults.permissions import PERMISSIONS
from .faults.stable_debt import STABLE_DEBT
from .faults.token import TOKENS
from .hunt import Hunt, Hunter, Kill, hunt, hunt_through_a_router, story_of
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
    HALF_UP,
    HALF_UP_DEFICITS,
    HALF_UP_POSITIONS,
    STABLE_DEBT,
    ENVIRONMENT,
)
MUTANTS = tuple(sorted((mutant for group in GROUPS for mutant in group), key=lambda mutant: mutant.order))
"""Every mutant, faults of the protocol first, those of its environment last."""

DEFAULT_BUDGET = 10_000
"""Steps for each mutant, at most."""

Progress = Callable[[Hunt, int, int], None]
"""Told of each finished hunt, how many are finished, and how many there are."""


def mutant_named(identifier: str) -> Mutant:
    """Find a mutant by its id. Raises ValueError, with what was probably meant, for an unknown one."""
    for mutant in MUTANTS:
        if mutant.id == identifier:
            return mutant
    raise unknown(f"there is no mutant {identifier!r}", identifier, [mutant.id for mutant in MUTANTS])


def control(revision: str, engine: Revision | None = None) -> Mutant:
    """Make a mutant without a fault: the engine as it is."""
    name = f"control {engine.name if engine is not None else revision}"
    return Mutant(name, "nothing is changed", "the faithful engine", (), revision=revision, engine=engine)


def mutants_of(engine: Revision, mutants: Sequence[Mutant] = MUTANTS) -> tuple[Mutant, ...]:
    """Put faults into a fork: those of the mutants that are of the release that it comes from."""
    return tuple(replace(mutant, engine=engine) for mutant in mutants if mutant.revision == engine.release)


@dataclass
class KillMatrix:
    """The kill matrix: which law killed which mutant, and how soon."""

    laws: Sequence[Law]
    budget: int
    seed: int
    hunts: list[Hunt] = field(default_factory=list)
    controls: list[Hunt] = field(default_factory=list)
    renewed: tuple[str, ...] = ()
    """Mutants that were hunted in a later run than the others."""

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

    @property
    def routed(self) -> list[Hunt]:
        """The mutants that were hunted through a router too."""
        return [found for found in self.hunts if found.routed is not None]

    def routed_kills_of(self, found: Hunt) -> dict[str, Kill]:
        """Select the kills of one mutant through a router that count."""
        return self.kills_of(replace(found, kills=found.routed or {}))

    def is_same_through_a_router(self, found: Hunt) -> bool:
        """Did the same laws notice a mutant at the same steps, directly and through a router?"""
        return _steps(self.kills_of(found)) == _steps(self.routed_kills_of(found))

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
    both_ways: bool = False,
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> KillMatrix:
    """Hunt every mutant, and the faithful engine, for `budget` steps at most. Deterministic in everything but speed.

    With several processes, or workers as those of a cluster, each hunt runs in one of its own. With `stories` the
    history of one kill is shrunk for each mutant. With `both_ways` each walk is also sent through a router. Raises
    Interrupted, with the matrix so far, when somebody presses Ctrl-C.
    """
    _require_known(mutants, laws)
    engines = {(mutant.revision, mutant.engine and mutant.engine.name): mutant.engine for mutant in mutants}
    revisions = sorted(engines, key=str)
    suspects = (*(control(revision[0], engines[revision]) for revision in revisions), *mutants)
    job = _Job(suspects, laws, budget, seed, driver, stories, both_ways)
    matrix = KillMatrix(laws, budget, seed)
    try:
        with closing(_hunts(job, processes, workers)) as hunts:
            for done, (index, found) in enumerate(hunts, start=1):
                (matrix.controls if index < len(revisions) else matrix.hunts).append(found)
                if progress is not None:
                    progress(found, done, len(suspects))
    except KeyboardInterrupt:
        raise Interrupted(matrix) from None
    return matrix


def _require_known(mutants: Sequence[Mutant], laws: Sequence[Law]) -> None:
    """Raise ValueError for a mutant that expects a law that there is not."""
    known = {law.id for law in (*all_laws(), *laws)}
    for mutant in mutants:
        for identifier in mutant.expected:
            if identifier not in known:
                raise unknown(f"{mutant.id} expects {identifier!r}, which no law is called", identifier, known)


@dataclass(frozen=True)
class _Job:
    suspects: Sequence[Mutant]
    laws: Sequence[Law]
    budget: int
    seed: int
    driver: Hunter
    stories: bool
    both_ways: bool


def _run(job: _Job, index: int) -> Hunt:
    mutant = job.suspects[index]
    found = job.driver(mutant, job.laws, job.budget, job.seed)
    kill = found.first
    if job.stories and kill is not None:
        law = next(law for law in job.laws if law.id == kill.law)
        found.story = story_of(found, law, job.seed)
    if job.both_ways:
        found.routed = hunt_through_a_router(mutant, job.laws, job.budget, job.seed).kills
    return found


def _steps(kills: dict[str, Kill]) -> dict[str, int]:
    return {law: kill.steps for law, kill in kills.items()}


def _by_name(mutant: Mutant) -> tuple[Callable[..., Mutant], tuple[Any, ...]]:
    """Say how a mutant is found again in another process: it holds functions, which cannot be sent."""
    if mutant == control(mutant.revision, mutant.engine):
        return control, (mutant.revision, mutant.engine)
    if any(known.id == mutant.id and replace(known, engine=mutant.engine) == mutant for known in MUTANTS):
        return _found, (mutant.id, mutant.engine)
    raise PicklingError(f"mutant {mutant.id} is not one of the catalogue")


def _found(identifier: str, engine: Revision | None) -> Mutant:
    return replace(mutant_named(identifier), engine=engine)


copyreg.pickle(Mutant, _by_name)


def _run_in_child(job: _Job, index: int) -> dict[str, Any]:
    found = _run(job, index)
    return {part.name: getattr(found, part.name) for part in fields(found) if part.name != "mutant"}


def _hunts(job: _Job, processes: int, workers: Workers | None) -> Generator[tuple[int, Hunt], None, None]:
    """Run the hunts in the order of the suspects."""
    indexes = range(len(job.suspects))
    if processes <= 1 and workers is None:
        yield from ((index, _run(job, index)) for index in indexes)
        return
    with closing(spread(_run_in_child, job, indexes, processes, workers)) as answers:
        for index, answer in enumerate(answers):
            yield index, Hunt(job.suspects[index], **answer)
