"""Assault of hostile calldata: random and mutated calls of every contract, from callers with and without rights."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pooltwin.protocol.errors import NotModelledError

from ..harness.artifacts import ArtifactSet
from ..harness.calldata import MUTATIONS, Arguments, Target, encoded, targets
from ..harness.directed import Mutator, has_compound
from ..harness.lockstep import DifferenceError, LockstepChain, in_lockstep_with, write_failure
from ..harness.market import ACCOUNTS, ADMIN, UMBRELLA, BeforeTokens, nothing, open_market
from ..harness.recorder import Recorder
from ..harness.releases import TREASURY, has
from .usurped import CONFIGURATOR_ID, SET_ADDRESS

MUTATED = 0.75
"""Share of calls whose calldata is broken."""
CALLS_TO_A_MUTATION = 4
"""Random calls after which a sensible one is broken by directed mutations."""
MUTATIONS_OF_A_CALL = 4
TRIES = 5
"""Sets of arguments among which to find one with which a call goes through."""
SOFT_LIFE = 4000
"""Calls after which a market is compared as a whole and replaced by a fresh one."""


class Assault:
    """A market in lockstep, and an endless supply of calls nobody should make."""

    def __init__(
        self,
        artifacts: ArtifactSet,
        revision: str,
        seed: int,
        pool_kind: str = "PoolInstance",
        around: Callable[[Recorder], object] = nothing,
        before_tokens: BeforeTokens = nothing,
    ) -> None:
        make = in_lockstep_with(revision)
        self.head, self.recorder = open_market(artifacts, revision, seed, SOFT_LIFE, make, pool_kind, before_tokens)
        deploy_the_rest(self.recorder)
        around(self.recorder)
        self.head["addresses"] = dict(self.recorder.addresses)
        self.rng = random.Random(f"hostile {seed}")
        self.not_modelled = 0
        """Calls not sent, because the twin said that it does not model what they ask for."""
        self.targets = targets(self.recorder)
        addresses = self.recorder.addresses
        feeds = [label.removeprefix("agg_") for label in addresses if label.startswith("agg_")]
        self.senders = [*ACCOUNTS, ADMIN, UMBRELLA, TREASURY]
        assets = [addresses[symbol] for symbol in feeds]
        self.arguments = Arguments(self.rng, [*ACCOUNTS, ADMIN, UMBRELLA], assets, list(addresses.values()))
        self.mutator = Mutator(random.Random(f"directed {seed}"))
        self.directed = Arguments(self.mutator.rng, self.arguments.accounts, assets, list(addresses.values()))
        self.compound = compound_functions(self.targets)

    @property
    def chain(self) -> LockstepChain:
        """Both sides."""
        chain = self.recorder.chain
        assert isinstance(chain, LockstepChain)
        return chain

    def call(self) -> None:
        """One call. Raises DifferenceError."""
        rng = self.rng
        target, signature, data = self._calldata()
        sender = rng.choice(self.senders)
        if rng.random() < 0.02:
            self.chain.set_time(self.chain.timestamp + rng.randrange(1, 10**6), self.chain.block_number + 1)
        try:
            if target.label == "provider":  # a registry full of nonsense would end the market
                self.chain.call(sender, target.address, data)
            else:
                self.recorder.transact_raw(sender, target.address, signature, data)
        except NotModelledError:
            self.not_modelled += 1

    def mutate(self) -> None:
        """Draw a function that takes arrays, structs or text, find a call of it that goes through, and break it.

        For a moment the pool obeys a user as its configurator, every other time. All of it is undone.
        """
        rng, chain = self.mutator.rng, self.chain
        choices = rng.choice(self.compound)
        with chain.undone():
            callers = [ADMIN, rng.choice(self.senders)]
            if rng.random() < 0.5:
                usurper = rng.choice(ACCOUNTS)
                callers.insert(0, usurper)
                order = encoded(SET_ADDRESS, [CONFIGURATOR_ID, usurper])
                chain.transact(ADMIN, self.recorder.address("provider"), order)
            target, signature, entry = rng.choice(choices)
            call = self._going_through(callers, target, signature, entry)
            for _ in range(MUTATIONS_OF_A_CALL):
                chain.mutate(self.mutator, call[0], target.address, signature, call[1])

    def _going_through(
        self, callers: Sequence[str], target: Target, signature: str, entry: Mapping[str, Any]
    ) -> tuple[str, bytes]:
        """The first of several calls that takes effect, or the last one: its caller and calldata."""
        for _ in range(TRIES):
            data = encoded(signature, self.directed.of(entry))
            for caller in callers:
                try:
                    if self.chain.call(caller, target.address, data).ok:
                        return caller, data
                except NotModelledError:
                    self.chain.mutations["not modelled"] += 1
        return callers[0], data

    def _calldata(self) -> tuple[Target, str, bytes]:
        """Draw what to call, which function is meant, and the calldata, mostly broken."""
        rng = self.rng
        target = self._target()
        signature, entry = rng.choice(target.functions)
        data = encoded(signature, self.arguments.of(entry))
        if rng.random() < MUTATED:
            data = rng.choice(MUTATIONS)(rng, bytearray(data))
        return target, signature, data

    def _target(self) -> Target:
        """Contracts with many functions more often."""
        return self.rng.choices(self.targets, [len(target.functions) for target in self.targets])[0]

    def run(self, count: int, failures: Path) -> int:
        """Make so many calls, then compare all storage. Returns how many words. A difference leaves a recording."""
        try:
            for number in range(count):
                self.call()
                if number % CALLS_TO_A_MUTATION == 0:
                    self.mutate()
            return self.chain.compare_storage()
        except DifferenceError as difference:
            path = write_failure(self.recorder, self.head, failures, difference)
            raise AssertionError(f"{difference}\n--- history so far, for `pooltwin verify`: {path}") from difference


def compound_functions(targets: Sequence[Target]) -> list[list[tuple[Target, str, Mapping[str, Any]]]]:
    """The functions that take more than words: for each kind of contract and signature, where it can be called."""
    found: dict[tuple[str, str], list[tuple[Target, str, Mapping[str, Any]]]] = {}
    for target in targets:
        for signature, entry in target.functions:
            if has_compound(signature):
                found.setdefault((target.kind, signature), []).append((target, signature, entry))
    return list(found.values())


def deploy_the_rest(recorder: Recorder) -> None:
    """The contracts a market can do without."""
    artifacts = recorder.chain.artifacts
    recorder.deploy("fallback_oracle", "PriceOracle", [])
    if "PriceOracleSentinel" in artifacts:
        sequencer = recorder.deploy("sequencer", "SequencerOracle", [ADMIN])
        recorder.deploy("sentinel", "PriceOracleSentinel", [recorder.address("provider"), sequencer, 3600])
    assert has(artifacts, "WETH9", "withdraw(uint256)")
    recorder.deploy("weth9", "WETH9", [])
