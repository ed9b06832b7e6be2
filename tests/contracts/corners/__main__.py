"""`python -m tests.contracts.corners OUT.jsonl.gz` for v3.6; other releases with `--artifacts` and `--revision`."""

from pathlib import Path
from typing import Annotated

import typer

from ..harness.recording import record_on
from .record import run


def main(
    output: Annotated[Path, typer.Argument(help="File to write, a gzipped recording.", dir_okay=False)],
    *,
    revision: Annotated[str, typer.Option(help="What the header says.")] = "3.6",
    artifacts: Annotated[Path | None, typer.Option(help="Artifacts of another release, as v3.6's are read.")] = None,
) -> None:
    """Record all corners on the real contracts."""
    record_on(artifacts, output, lambda compiled: run(compiled, revision))


if __name__ == "__main__":
    typer.run(main)
