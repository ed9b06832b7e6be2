"""Foundry tests of what a command finds on bytecode: written, run where there is a `forge`, and told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from ..terminal import console

if TYPE_CHECKING:
    from pooltwin.interop.foundry.writing import FoundryFiles
    from pooltwin.invariants.campaigns.finding import Finding


def print_foundry(finding: Finding, output: Path) -> None:
    """Write the Foundry test of a finding on bytecode and print where it is, or why there is none."""
    from pooltwin.interop.foundry.writing import NotRedError

    from ..counterexamples.foundry import NoFoundryTestError, is_on_bytecode, write_foundry_counterexample

    if not is_on_bytecode(finding):
        return
    try:
        files = write_foundry_counterexample(finding, output)
    except (NoFoundryTestError, NotRedError) as error:
        console.print(f"\n[red]{escape(str(error))}[/red]", highlight=False)
    else:
        console.print(_told(files), soft_wrap=True, highlight=False)


def _told(files: FoundryFiles) -> str:
    """Say what was written and whether anybody has run it."""
    ran = "It fails in `forge test`, as it should."
    if files.ran is None:
        ran = (
            "Nobody has run it: there is no `forge` here. Get Foundry, or `npm install @foundry-rs/forge solc`, and "
            f"say `forge test` in {files.test.parent}."
        )
    elif files.ran.failed is None:
        ran = f"Nobody has run it: {files.ran.told}"
    return escape(f"for Foundry: {files.test}\n             {files.state}\n{ran}")
