"""Mutants before a plain campaign: what `pooltwin fuzz` finds on the standard market, which knows nothing of mutants.

The hunt's walks were made with the mutants in view. A campaign's adversary was not: it aims at the edges of laws. So
this says what somebody may hope for who fuzzes a fork of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from ..campaigns.campaign import EpisodeRun
from ..campaigns.options import CampaignOptions
from ..standard import standard_history
from ..workers import Interrupted, Workers, spread
from .catalogue import MUTANTS, control, mutant_named
from .hunt import MISHAPS
from .mutant import Mutant

SEEDS = (1, 2, 3)
BUDGET = 200_000
"""Steps of each campaign, at most."""
CONTROL = "control "


@dataclass(frozen=True)
class PlainKill:
    """The finding of one campaign about one mutant: after how many steps which laws broke; none where nothing did."""

    mutant: str
    seed: int
    steps: int
    laws: tuple[str, ...] = ()
    crash: str = ""
    """What ended an episode early for the first time, if anything did."""


Progress = Callable[[PlainKill, int, int], None]
"""Told of each finished campaign, how many are finished, and how many there are."""


def suspect(name: str) -> Mutant:
    """Find a mutant by its id, or the faithful engine of a release as "control 3.7". Raises ValueError for neither."""
    return control(name.removeprefix(CONTROL)) if name.startswith(CONTROL) else mutant_named(name)


def campaign_against(name: str, seed: int, budget: int = BUDGET) -> PlainKill:
    """Run a campaign on a broken engine until a law breaks, for about `budget` steps at most."""
    mutant, steps, number, crash = suspect(name), 0, 0, ""
    with mutant.engaged() as revision:
        options = CampaignOptions(standard_history(mutant.revision), seed=seed, steps=budget, engine=revision)
        while steps < budget:
            episode = EpisodeRun(options, number)
            try:
                laws = tuple(finding.law for finding in episode.run().findings)
            except MISHAPS as error:
                crash = crash or f"{episode.actions[-1:]}: {error!r}"
                laws = tuple(dict.fromkeys(violation.law.id for violation in episode.monitor.violations))
            steps += max(1, len(episode.actions))
            number += 1
            if laws:
                return PlainKill(name, seed, steps, laws, crash)
    return PlainKill(name, seed, steps, (), crash)


def campaigns_against(
    mutants: Sequence[Mutant] = MUTANTS,
    *,
    seeds: Sequence[int] = SEEDS,
    budget: int = BUDGET,
    processes: int = 1,
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> list[PlainKill]:
    """Run a campaign of every seed against each mutant that can be told from the protocol, and against each release.

    The campaigns against releases as they are show that nothing breaks without a fault; they take a tenth of the steps.
    Raises Interrupted, with what was found so far, when somebody presses Ctrl-C.
    """
    names = [f"{CONTROL}{revision}" for revision in sorted({mutant.revision for mutant in mutants})]
    names += [mutant.id for mutant in mutants if not mutant.equivalent]
    jobs = [(name, seed, budget // 10 if name.startswith(CONTROL) else budget) for name in names for seed in seeds]
    found: list[PlainKill] = []
    try:
        with closing(_run(jobs, processes, workers)) as kills:
            for kill in kills:
                found.append(kill)
                if progress is not None:
                    progress(kill, len(found), len(jobs))
    except KeyboardInterrupt:
        raise Interrupted(found) from None
    return found


def _run(
    jobs: Sequence[tuple[str, int, int]], processes: int, workers: Workers | None
) -> Generator[PlainKill, None, None]:
    if processes <= 1 and workers is None:
        yield from (campaign_against(*job) for job in jobs)
        return
    yield from spread(_work, None, jobs, processes, workers)  # closing the one closes the other


def _work(_: None, job: tuple[str, int, int]) -> PlainKill:
    return campaign_against(*job)


def survivors(kills: Sequence[PlainKill]) -> list[PlainKill]:
    """List the campaigns that found nothing though something was broken."""
    return [kill for kill in kills if not kill.laws and not kill.mutant.startswith(CONTROL)]


def false_alarms(kills: Sequence[PlainKill]) -> list[PlainKill]:
    """List the campaigns in which a law broke though nothing was."""
    return [kill for kill in kills if kill.laws and kill.mutant.startswith(CONTROL)]
