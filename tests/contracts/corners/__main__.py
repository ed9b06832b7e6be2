"""`python -m tests.contracts.corners OUT.jsonl.gz` for v3.6; other releases with `--artifacts` and `--revision`."""

from pathlib import Path
from typing import Annotated

import typer

from ..harness.artifacts import ArtifactsMissingError, load_file, load_v3_6
from .record import run


def main(
    output: Annotated[Path, typer.Argument(help="File to write, a gzipped recording.", dir_okay=False)],
    *,
    revision: Annotated[str, typer.Option(help="What the header says.")] = "3.6",
    artifacts: Annotated[Path | None, typer.Option(help="Artifacts of another release, as v3.6's are read.")] = None,
) -> None:
    """Record all corners on the real contracts."""
    if not output.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}", param_hint="OUTPUT")
    try:
        compiled = load_v3_6() if artifacts is None else load_file(artifacts)
    except ArtifactsMissingError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    head, recorder = run(compiled, revision)
    recorder.write(output, head)
    typer.echo(f"{output}: {len(recorder.records)} records")


if __name__ == "__main__":
    typer.run(main)
