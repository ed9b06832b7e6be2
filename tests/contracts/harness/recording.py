"""The common part of commands that record: contracts are compiled, a history is lived, a file is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from .artifacts import ArtifactSet, ArtifactsMissingError, load_file, load_v3_6
from .recorder import Recorder

Lived = tuple[dict[str, Any], Recorder]
"""A recording's header, and who recorded."""


def record_on(artifacts: Path | None, output: Path, live: Callable[[ArtifactSet], Lived]) -> None:
    """Live a history on the contracts of v3.6, or of a file, and write it; what is in the way is told in a line."""
    if not output.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}", param_hint="OUTPUT")
    try:
        compiled = load_v3_6() if artifacts is None else load_file(artifacts)
    except ArtifactsMissingError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    head, recorder = live(compiled)
    recorder.write(output, head)
    typer.echo(f"{output}: {len(recorder.records)} records")
