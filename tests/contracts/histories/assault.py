"""Assault of hostile calldata: random and mutated calls of every contract, from callers with and without rights."""

import random
from pathlib import Path

from pooltwin.protocol.errors import NotModelledError

from ..harness.artifacts import ArtifactSet
from ..harness.calldata import MUTATIONS, Arguments, Target, encoded, names_precompile, targets
from ..harness.lockstep import DifferenceError, LockstepChain, in_lockstep_with, write_failure
from ..harness.market import ACCOUNTS, ADMIN, UMBRELLA, open_market
from ..harness.recorder import Recorder
from ..harness.releases import TREASURY, has

MUTATED = 0.75
"""Share of calls whose calldata is broken."""
SOFT_LIFE = 4000
"""Calls after which a market is compared as a whole and replaced by a fresh one."""


class Assault:
    """A market in lockstep, and an endless supply of calls nobody should make."""

    def __init__(self, artifacts: ArtifactSet, revision: str, seed: int) -> None:
        self.head, self.recorder = open_market(artifacts, revision, seed, SOFT_LIFE, in_lockstep_with(revision))
        deploy_the_rest(self.recorder)
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

    def _calldata(self) -> tuple[Target, str, bytes]:
        """Draw what to call, which function is meant, and the calldata, mostly broken."""
        rng = self.rng
        while True:
            target = self._target()
            signature, entry = rng.choice(target.functions)
            data = encoded(signature, self.arguments.of(entry))
            if rng.random() < MUTATED:
                data = rng.choice(MUTATIONS)(rng, bytearray(data))
            if not names_precompile(signature, data):
                return target, signature, data

    def _target(self) -> Target:
        """Contracts with many functions more often."""
        return self.rng.choices(self.targets, [len(target.functions) for target in self.targets])[0]

    def run(self, count: int, failures: Path) -> int:
        """Make so many calls, then compare all storage. Returns how many words. A difference leaves a recording."""
        try:
            for _ in range(count):
                self.call()
            return self.chain.compare_storage()
        except DifferenceError as difference:
            path = write_failure(self.recorder, self.head, failures, difference)
            raise AssertionError(f"{difference}\n--- history so far, for `pooltwin verify`: {path}") from difference


def deploy_the_rest(recorder: Recorder) -> None:
    """The contracts a market can do without."""
    artifacts = recorder.chain.artifacts
    recorder.deploy("fallback_oracle", "PriceOracle", [])
    if "PriceOracleSentinel" in artifacts:
        sequencer = recorder.deploy("sequencer", "SequencerOracle", [ADMIN])
        recorder.deploy("sentinel", "PriceOracleSentinel", [recorder.address("provider"), sequencer, 3600])
    assert has(artifacts, "WETH9", "withdraw(uint256)")
    recorder.deploy("weth9", "WETH9", [])
