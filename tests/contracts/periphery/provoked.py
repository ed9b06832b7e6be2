"""Table of what was provoked around the pool: `python -m tests.contracts.periphery.provoked` writes it.

For each function of each contract, which errors and events a lockstep campaign saw come of it, and how often.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..harness.artifacts import ArtifactSet, load_v3_6
from ..harness.calldata import is_view
from ..harness.hits import Hits
from ..harness.lockstep import FAILURES, LockstepChain, in_lockstep_with
from ..harness.market import ADMIN, open_market
from ..harness.recorder import Recorder
from ..histories.assault import Assault
from ..histories.history import PROFILES
from ..histories.run import Run
from . import gateway, multicall
from .around import AssaultAround
from .compact import L2_POOL, compact_profile
from .reward_calls import REWARDED, deploy_rewards
from .settable import SET, SETTABLE_TOKEN, deploy_settable_tokens
from .staked import STUB, administer, claim, open_staked
from .vaults import FACTORY, VAULT, VAULTED, open_factory, open_vaults
from .votes import VOTED, VOTING_TOKEN, deploy_voting_tokens

TABLE = Path(__file__).parent / "PROVOKED.md"
KINDS = (
    *(L2_POOL, "L2Encoder", VOTING_TOKEN, "RewardsController", "EmissionManager", "PullRewardsTransferStrategy"),
    *("WrappedTokenGatewayV3", "UiPoolDataProviderV3", "UiIncentiveDataProviderV3", "LiquidationDataProvider"),
    *("WalletBalanceProvider", "Multicall3", VAULT, "StataTokenFactory", "StakedTokenTransferStrategy", SETTABLE_TOKEN),
)
NOTHING = "nothing"


def _twin(recorder: Recorder) -> LockstepChain:
    assert isinstance(recorder.chain, LockstepChain)
    return recorder.chain


def campaign(artifacts: ArtifactSet) -> tuple[Hits, int]:
    """Histories, assaults and calls with ether, all in lockstep: what came of them, and how many were compared."""
    chains: list[LockstepChain] = []
    for seed in (2000, 2001):
        runs = (
            Run(artifacts, "3.6", compact_profile(PROFILES["prices"]), seed, steps=400, pool_kind=L2_POOL),
            Run(artifacts, "3.6", REWARDED, seed, steps=500, before_tokens=deploy_rewards),
            Run(artifacts, "3.6", VOTED, seed, steps=400, before_tokens=deploy_voting_tokens),
            Run(artifacts, "3.6", SET, seed, steps=300, before_tokens=deploy_settable_tokens),
            Run(artifacts, "3.6", VAULTED, seed, steps=500, before_tokens=deploy_rewards),
        )
        open_vaults(runs[-1].recorder)
        assaults = (
            Assault(artifacts, "3.6", seed, pool_kind=L2_POOL),
            Assault(artifacts, "3.6", seed, before_tokens=deploy_voting_tokens),
            Assault(artifacts, "3.6", seed, before_tokens=deploy_settable_tokens),
            AssaultAround(artifacts, "3.6", seed, before_tokens=deploy_rewards, after=open_vaults),
        )
        for run in runs:
            run.go(FAILURES)
        for assault in assaults:
            assault.run(3000, FAILURES)
        ether, many = gateway.open_gateway(artifacts, "3.6"), multicall.open_multicall()
        gateway.play(ether, seed, 1000)
        multicall.play(many, seed, 1000)
        factory = open_market(artifacts, "3.6", 1, 1, in_lockstep_with("3.6"), before_tokens=deploy_rewards)[1]
        open_factory(factory)
        for asset in ("WETH", "WETH", "acl"):
            factory.transact(ADMIN, FACTORY, "createStataTokens(address[])", [factory.address(asset)])
        factory.transact(ADMIN, FACTORY, "initialize()")
        staked = open_staked(artifacts, "3.6")
        administer(staked)
        for reward in (STUB, "LINK"):
            claim(staked, reward)
        chains += [run.chain for run in (*runs, *assaults)] + [_twin(ether), _twin(many), _twin(factory), _twin(staked)]
    hits: Hits = Counter()
    for chain in chains:
        hits += chain.hits
    return hits, sum(chain.compared for chain in chains)


def functions_of(artifacts: ArtifactSet) -> Iterator[tuple[str, str, bool]]:
    """Kind and signature of every function, and whether it only reads; of a pool, what a rollup's has besides."""
    token = artifacts["ATokenInstance"].functions
    plain = {L2_POOL: artifacts["PoolInstance"].functions, VOTING_TOKEN: token, SETTABLE_TOKEN: token}
    for kind in KINDS:
        for signature, entry in sorted(artifacts[kind].functions.items()):
            if signature not in plain.get(kind, ()):
                yield kind, signature, is_view(entry)


def render(artifacts: ArtifactSet, hits: Mapping[tuple[str, str, str], int], compared: int) -> str:
    """The table as a document."""
    lines = [
        "# What has been provoked around the pool",
        "",
        "Made by `python -m tests.contracts.periphery.provoked`: in a lockstep campaign against the real contracts of",
        f"v3.6 that compared {compared:,} calls, what was seen to come of each function, and in how many calls. Of the",
        "rollup's pool, the token that votes and the one whose balances anybody writes only what others do not have is",
        "listed. A view that answers is no outcome; its errors are.",
    ]
    last = ""
    for kind, signature, reads in functions_of(artifacts):
        if kind != last:
            lines += ["", f"## {kind}", "", "| function | outcomes |", "|---|---|"]
            last = kind
        seen = {outcome: n for (of, name, outcome), n in sorted(hits.items()) if (of, name) == (kind, signature)}
        shown = ", ".join(f"{outcome} {n}" for outcome, n in seen.items())
        lines.append(f"| `{signature}` | {shown or ('answers only' if reads else NOTHING)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the campaign and write the table."""
    artifacts = multicall.load_multicall()
    hits, compared = campaign(load_v3_6())
    TABLE.write_text(render(artifacts, hits, compared), encoding="utf-8")


if __name__ == "__main__":
    main()
