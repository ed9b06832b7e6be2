"""Record seeded random histories on the real contracts: `python -m tests.contracts.histories OUT_FOLDER`."""

from pathlib import Path
from typing import Annotated

import typer

from ..harness.artifacts import ArtifactsMissingError, load_file, load_v3_6
from .history import PROFILES, run


def main(
    out: Annotated[Path, typer.Argument(help="Folder to write to.", file_okay=False)],
    *,
    profile: Annotated[str, typer.Option(help=f"One of {', '.join(PROFILES)}.")] = "admin",
    seed: Annotated[int, typer.Option(min=0)] = 1,
    steps: Annotated[int, typer.Option(min=1)] = 1500,
    revision: Annotated[str, typer.Option(help="What the header says.")] = "3.6",
    artifacts: Annotated[Path | None, typer.Option(help="Artifacts of another release, as v3.6's are read.")] = None,
) -> None:
    """Record one random history on the real contracts as vREVISION-PROFILE-SEED.jsonl.gz."""
    if profile not in PROFILES:
        raise typer.BadParameter(f"{profile!r} is none of {', '.join(PROFILES)}", param_hint="--profile")
    try:
        compiled = load_file(artifacts) if artifacts else load_v3_6()
    except ArtifactsMissingError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    head, recorder = run(compiled, revision, PROFILES[profile], seed, steps)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"v{revision}-{profile}-{seed}.jsonl.gz"
    recorder.write(path, head)
    typer.echo(f"{path}: {len(recorder.records)} records")


if __name__ == "__main__":
    typer.run(main)
