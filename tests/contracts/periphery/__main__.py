"""Record what stands around the pool: `python -m tests.contracts.periphery OUT_FOLDER --subject rewards`."""

from pathlib import Path
from typing import Annotated

import typer

from ..harness.artifacts import ArtifactsMissingError, load_file, load_v3_6
from ..harness.market import ACCOUNTS, ADMIN, nothing, open_market
from ..harness.recorder import Recorder
from ..histories.history import PROFILES, live
from .around import deploy_around
from .compact import L2_POOL, compact_profile
from .reward_calls import REWARDED, deploy_rewards
from .vaults import VAULTED, open_vaults
from .votes import VOTED, deploy_voting_tokens

SUBJECTS = {
    "rewards": (REWARDED, "PoolInstance", deploy_rewards, nothing),
    "rollup": (compact_profile(PROFILES["prices"]), L2_POOL, nothing, nothing),
    "votes": (VOTED, "PoolInstance", deploy_voting_tokens, nothing),
    "vaults": (VAULTED, "PoolInstance", deploy_rewards, open_vaults),
}
"""Profile, kind of pool, what is deployed before the tokens, and what after the market."""


def look_around(recorder: Recorder) -> None:
    """Ask the views of the whole market and of every user."""
    deploy_around(recorder)
    provider = recorder.address("provider")
    recorder.transact(ADMIN, "provider", "setPoolDataProvider(address)", recorder.address("data_provider"))
    pool_view, reward_view = "around UiPoolDataProviderV3", "around UiIncentiveDataProviderV3"
    for signature in ("getReservesData(address)", "getEModes(address)"):
        recorder.transact(ADMIN, pool_view, signature, provider)
    for user in ACCOUNTS:
        recorder.transact(user, pool_view, "getUserReservesData(address,address)", provider, user)
        recorder.transact(user, reward_view, "getUserReservesIncentivesData(address,address)", provider, user)
    recorder.transact(ADMIN, reward_view, "getReservesIncentivesData(address)", provider)


def main(
    out: Annotated[Path, typer.Argument(help="Folder to write to.", file_okay=False)],
    *,
    subject: Annotated[str, typer.Option(help=f"One of {', '.join(SUBJECTS)}.")] = "rewards",
    seed: Annotated[int, typer.Option(min=0)] = 1,
    steps: Annotated[int, typer.Option(min=1)] = 120,
    revision: Annotated[str, typer.Option(help="What the header says.")] = "3.6",
    artifacts: Annotated[Path | None, typer.Option(help="Artifacts of another release, as v3.6's are read.")] = None,
) -> None:
    """Record one random history on the real contracts as vREVISION-SUBJECT-SEED.jsonl.gz."""
    if subject not in SUBJECTS:
        raise typer.BadParameter(f"{subject!r} is none of {', '.join(SUBJECTS)}", param_hint="--subject")
    try:
        compiled = load_file(artifacts) if artifacts else load_v3_6()
    except ArtifactsMissingError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    profile, pool_kind, before_tokens, after = SUBJECTS[subject]
    head, recorder = open_market(compiled, revision, seed, steps, pool_kind=pool_kind, before_tokens=before_tokens)
    after(recorder)
    live(recorder, head, profile)
    look_around(recorder)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"v{revision}-{subject}-{seed}.jsonl.gz"
    recorder.write(path, head)
    typer.echo(f"{path}: {len(recorder.records)} records")


if __name__ == "__main__":
    typer.run(main)
