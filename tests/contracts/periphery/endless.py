"""Lockstep for as long as one likes, with everything in play in one market.

`python -m tests.contracts.periphery.endless --revision 3.6 --minutes 60 --mutations 1000000`: the pool of a rollup,
aTokens that vote, rewards told of every change, the views around, the gateway for ether; random histories and assaults
by turns, then directed mutations. It ends at the first difference with status 1 and leaves a recording. Every run of it
begins with the same histories.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from ..harness.artifacts import ArtifactSet, ArtifactsMissingError, load_file, load_v3_6
from ..harness.lockstep import FAILURES, DifferenceError, LockstepChain, write_failure
from ..harness.market import BeforeTokens, nothing
from ..harness.published import load_v3_0_2
from ..harness.recorder import Recorder
from ..harness.world import World
from ..histories.assault import Assault
from ..histories.history import PROFILES, Profile
from ..histories.run import Run
from ..v3_0_2.profiles import PROFILES_V3_0_2
from . import gateway
from .around import AssaultAround, deploy_around
from .compact import L2_POOL, compact_profile
from .reward_calls import REWARD_CALLS, deploy_rewards, fill_vault
from .settable import SET, SETTABLE_TOKEN, deploy_settable_tokens
from .vaults import VAULT, VAULT_CALLS, open_vaults
from .vaults import start as start_vaults
from .votes import VOTE_CALLS, VOTING_TOKEN, deploy_voting_tokens

FIRST_SEED = 20_000
STEPS, CALLS = 300, 4000
MUTATIONS_OF_A_MARKET = 2000
"""Rounds of directed mutations after which a market is compared as a whole and replaced by a fresh one."""


@dataclass
class Compared:
    """What was compared so far."""

    calls: int = 0
    words: int = 0
    not_modelled: int = 0
    mutations: Counter[str] = field(default_factory=Counter)
    functions: set[tuple[str, str]] = field(default_factory=set)
    """Kind and signature of what had at least one outcome that was counted."""

    def add(self, chain: LockstepChain, words: int, not_modelled: int = 0) -> None:
        """Count a market that is done with."""
        self.calls += chain.compared
        self.words += words
        self.not_modelled += not_modelled
        self.mutations += chain.mutations
        self.functions |= {(kind, name) for kind, name, _ in chain.hits}


@dataclass(frozen=True)
class Everything:
    """One release with all that its artifacts have."""

    artifacts: ArtifactSet
    revision: str

    @property
    def pool_kind(self) -> str:
        """The rollup's pool, which is the usual one and more."""
        return L2_POOL if L2_POOL in self.artifacts else "PoolInstance"

    @property
    def before_tokens(self) -> BeforeTokens:
        """Rewards and votes, where the release has them."""

        def deploy(recorder: Recorder) -> None:
            if "RewardsController" in self.artifacts:
                deploy_rewards(recorder)
            if VOTING_TOKEN in self.artifacts:
                deploy_voting_tokens(recorder)

        return deploy

    @property
    def has_vaults(self) -> bool:
        """Vaults need rewards."""
        return VAULT in self.artifacts and "RewardsController" in self.artifacts

    def around(self, recorder: Recorder) -> None:
        """What is deployed after the market."""
        deploy_around(recorder)
        if self.has_vaults:
            open_vaults(recorder)

    def profiles(self) -> Mapping[str, Profile]:
        """Every profile of histories, with packed calls and those of rewards and votes mixed in."""
        plain = PROFILES_V3_0_2 if self.revision == "3.0.2" else PROFILES
        return {name: self._mixed(profile) for name, profile in plain.items()}

    def _mixed(self, profile: Profile) -> Profile:
        if L2_POOL in self.artifacts:
            profile = compact_profile(profile)
        calls, begun = profile.calls, profile.start
        if "RewardsController" in self.artifacts:
            calls = (*calls, (6.0, REWARD_CALLS))
        if self.has_vaults:
            calls = (*calls, (6.0, VAULT_CALLS))

        def start(world: World) -> None:
            begun(world)
            if self.has_vaults:
                start_vaults(world)
            elif "RewardsController" in self.artifacts:
                fill_vault(world)

        if VOTING_TOKEN in self.artifacts:
            calls = (*calls, (5.0, VOTE_CALLS))
        return replace(profile, calls=calls, start=start)


def histories(whole: Everything, seed: int, failures: Path) -> Iterator[tuple[LockstepChain, int, int]]:
    """One history of each profile, two assaults, one round of the gateway, one of balances that anybody writes.

    Yields what each compared.
    """
    for profile in whole.profiles().values():
        run = Run(
            whole.artifacts, whole.revision, profile, seed, STEPS, whole.pool_kind, before_tokens=whole.before_tokens
        )
        whole.around(run.recorder)
        run.go(failures)
        yield run.chain, run.words, 0
    for assault in (assault_on_all(whole, seed), assault_around(whole, seed)):
        words = assault.run(CALLS, failures)
        yield assault.chain, words, assault.not_modelled
    if "WrappedTokenGatewayV3" in whole.artifacts:
        ether = gateway.open_gateway(whole.artifacts, whole.revision)
        gateway.play(ether, seed, 500)
        assert isinstance(ether.chain, LockstepChain)
        yield ether.chain, ether.chain.compare_storage(), 0
    if SETTABLE_TOKEN in whole.artifacts:
        mock = Run(whole.artifacts, whole.revision, SET, seed, STEPS, before_tokens=deploy_settable_tokens)
        mock.go(failures)
        yield mock.chain, mock.words, 0


def assault_on_all(whole: Everything, seed: int) -> Assault:
    """Hostile calls of everything."""
    return Assault(
        whole.artifacts, whole.revision, seed, whole.pool_kind, around=whole.around, before_tokens=whole.before_tokens
    )


def assault_around(whole: Everything, seed: int) -> Assault:
    """Hostile calls mostly of what stands around the pool."""
    after = open_vaults if whole.has_vaults else nothing
    return AssaultAround(whole.artifacts, whole.revision, seed, before_tokens=whole.before_tokens, after=after)


def mutate(
    whole: Everything, seed: int, failures: Path, rounds: int = MUTATIONS_OF_A_MARKET
) -> Iterator[tuple[LockstepChain, int, int]]:
    """Directed mutations of everything, on a market that lives between them. Yields what was compared."""
    assault = assault_on_all(whole, seed)
    try:
        for number in range(rounds):
            assault.mutate()
            if number % 10 == 0:
                assault.call()
        words = assault.chain.compare_storage()
    except DifferenceError as difference:
        path = write_failure(assault.recorder, assault.head, failures, difference)
        raise AssertionError(f"{difference}\n--- history so far, for `pooltwin verify`: {path}") from difference
    yield assault.chain, words, assault.not_modelled


def go(whole: Everything, minutes: float, mutations: int, failures: Path) -> Compared:
    """Histories for so many minutes, one at least; then mutations until so many were sent.

    Raises AssertionError at a difference.
    """
    done, end = Compared(), time.monotonic() + 60 * minutes
    for seed in count(FIRST_SEED):
        for part in histories(whole, seed, failures):
            done.add(*part)
            if time.monotonic() > end:
                break
        _say(f"seed {seed}", done)
        if time.monotonic() > end:
            break
    for seed in count(2 * FIRST_SEED):
        if done.mutations["sent"] >= mutations:
            break
        for part in mutate(whole, seed, failures):
            done.add(*part)
        _say(f"mutations, seed {seed}", done)
    return done


def _say(where: str, done: Compared) -> None:
    typer.echo(
        f"{where}: {done.calls:,} calls and {done.words:,} words compared, {done.mutations['sent']:,} mutations",
        err=True,
    )


def main(
    *,
    revision: Annotated[str, typer.Option(help="The twin's release.")] = "3.6",
    artifacts: Annotated[Path | None, typer.Option(help="Artifacts of a release that npm has not.")] = None,
    minutes: Annotated[float, typer.Option(min=0, help="Minutes of histories and assaults.")] = 1,
    mutations: Annotated[int, typer.Option(min=0, help="Directed mutations in all.")] = 10_000,
    failures: Annotated[Path, typer.Option(help="Folder for the recording of a difference.")] = FAILURES,
) -> None:
    """Compare a release with the real contracts for so long, everything in play."""
    published = {"3.0.2": load_v3_0_2, "3.6": load_v3_6}
    if artifacts is None and revision not in published:
        raise typer.BadParameter(f"npm has no {revision}: give its artifacts", param_hint="--artifacts")
    try:
        whole = Everything(load_file(artifacts) if artifacts else published[revision](), revision)
    except ArtifactsMissingError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    try:
        done = go(whole, minutes, mutations, failures)
    except AssertionError as difference:
        typer.echo(str(difference), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"lockstep {revision}, everything in play: no difference")
    typer.echo(f"{done.calls:,} calls of {len(done.functions):,} functions, {done.words:,} words of storage compared")
    typer.echo(
        f"{done.mutations['sent']:,} directed mutations, {done.mutations['took effect']:,} of which took effect;"
        f" {done.not_modelled + done.mutations['not modelled']:,} calls that the twin says it does not model"
    )


if __name__ == "__main__":
    typer.run(main)
