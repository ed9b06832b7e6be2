"""Record your own: `python -m tests.contracts.record OUT.jsonl.gz --seed 7 --length 500 --profile prices`.

Lives a seeded random history on the real contracts of v3.6, compiled here, and writes it in the format of the bundled
recordings, ready for `pooltwin verify`. Same seed, length and profile, same file, byte for byte.
"""

from pathlib import Path
from typing import Annotated

import typer
from pooltwin.protocol.bytecode_name import stand_ins

from .harness.artifacts import ArtifactSet
from .harness.evm import DeployError
from .harness.recording import Lived, record_on
from .histories.history import PROFILES, run


def main(
    output: Annotated[Path, typer.Argument(help="File to write, a gzipped recording.", dir_okay=False)],
    *,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same history.")] = 1,
    length: Annotated[int, typer.Option(min=1, help="Steps; most are one transaction.")] = 1000,
    profile: Annotated[str, typer.Option(help=f"One of {', '.join(PROFILES)}.")] = "admin",
    revision: Annotated[str, typer.Option(help="What the header says.")] = "3.6",
    artifacts: Annotated[Path | None, typer.Option(help="Artifacts of another release, as v3.6's are read.")] = None,
    contract: Annotated[
        list[str] | None, typer.Option(help="One of them that stands in, as PoolInstance=Mine.")
    ] = None,
) -> None:
    """Record a random history on the real contracts."""
    if profile not in PROFILES:
        raise typer.BadParameter(f"{profile!r} is none of {', '.join(PROFILES)}", param_hint="--profile")
    in_place = stand_ins(contract or [])

    def live(compiled: ArtifactSet) -> Lived:
        return run(compiled.standing_in(in_place), revision, PROFILES[profile], seed, length)

    try:
        record_on(artifacts, output, live)
    except (DeployError, ValueError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    typer.run(main)
