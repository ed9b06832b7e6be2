"""Everything that stands around a market, deployed beside one in lockstep; and assaults on nothing else."""

from collections.abc import Sequence
from typing import Any

from ..harness.artifacts import ArtifactSet
from ..harness.calldata import AROUND
from ..harness.market import BeforeTokens, nothing
from ..harness.recorder import Recorder
from ..histories.assault import Assault


def deploy_around(recorder: Recorder) -> list[str]:
    """Deploy what this release has of it. Returns the labels."""
    feed = recorder.address("agg_WETH")
    arguments: dict[str, Sequence[Any]] = {
        "L2Encoder": [recorder.address("pool")],
        "UiPoolDataProviderV3": [feed, recorder.address("agg_USDC")],
        "WalletBalanceProvider": [],
        "UiIncentiveDataProviderV3": [],
        "LiquidationDataProvider": [recorder.address("pool"), recorder.address("provider")],
    }
    there = [kind for kind in arguments if kind in recorder.chain.artifacts]
    for kind in there:
        recorder.deploy(f"{AROUND}{kind}", kind, arguments[kind])
    return [f"{AROUND}{kind}" for kind in there]


class AssaultAround(Assault):
    """Calls nobody should make of what stands around a market, mixed with some of the market itself."""

    def __init__(
        self,
        artifacts: ArtifactSet,
        revision: str,
        seed: int,
        before_tokens: BeforeTokens = nothing,
        after: BeforeTokens = nothing,
    ) -> None:
        def around(recorder: Recorder) -> None:
            deploy_around(recorder)
            after(recorder)

        super().__init__(artifacts, revision, seed, around=around, before_tokens=before_tokens)
        self.around = [target for target in self.targets if target.label.startswith(AROUND)]
        self.market = [target for target in self.targets if target not in self.around]

    def _target(self) -> Any:
        choices = self.around if self.rng.random() < 0.9 else self.market
        return self.rng.choices(choices, [len(target.functions) for target in choices])[0]
