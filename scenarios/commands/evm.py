"""`pooltwin evm`: commands about compiled contracts, beside those that run them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..formatting import plural
from ..terminal import console, fail
from .bytecode import StandIns

if TYPE_CHECKING:
    from pooltwin.interop.evm.own_variables import Difference, OwnVariable

MOST_ELEMENTS = 8
"""So many elements of an array are told one by one."""
_ELEMENT = re.compile(r"\[\d+\]$")

evm_app = typer.Typer(no_args_is_help=True, help="Compiled contracts: what a fork stores besides its release.")


@evm_app.command("layout")
def layout_command(
    artifacts: Annotated[
        Path, typer.Argument(help="Foundry's out/, Hardhat's artifacts/ or a file of solc's, with storage layouts.")
    ],
    revision: Annotated[
        str, typer.Option("--revision", "-r", help="The release that the contracts come from; the newest unless given.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the fork's own variables to this file, for --layout.")
    ] = None,
    contract: StandIns = None,
) -> None:
    """Say what compiled contracts store besides the variables of the release that they come from.

    Ends with status 2 if they moved what is read of the release: then their state cannot be judged by its laws.
    """
    from pooltwin.interop.evm.artifacts import load_artifacts
    from pooltwin.interop.evm.layout_file import LayoutFile
    from pooltwin.interop.evm.own_variables import layouts_of, refuse_moved
    from pooltwin.protocol.bytecode_name import stand_ins
    from pooltwin.protocol.revisions import NEWEST, revision_named

    try:
        release = revision_named(revision) if revision else NEWEST
        compiled = load_artifacts(artifacts, stand_ins(contract or []))
        found = layouts_of(compiled, release)
        refuse_moved(compiled, found, release, artifacts)
        _tell(found, release.name, artifacts)
        if output is not None:
            own = {kind: difference.own for kind, difference in found.items() if difference.own}
            LayoutFile(release=release.name, contracts=own).write(output)
            console.print(f"written to {output}", soft_wrap=True, markup=False, highlight=False)
    except (ValueError, OSError) as error:
        fail(str(error))


def _tell(found: dict[str, Difference], release: str, artifacts: Path) -> None:
    """Print each variable that is the fork's own, and those that no key leads to."""
    same = sum(not difference.own and not difference.lost for difference in found.values())
    _say(f"{artifacts}: {plural(len(found), 'contract')} beside v{release}, {same} with the same storage")
    for kind, difference in found.items():
        if difference.own or difference.lost:
            _say(f"\n{kind}")
        elements, others = _apart(difference.own)
        for first, *_, last in elements:
            place = f"slot {first.slot}" if first.slot == last.slot else f"slots {first.slot} to {last.slot}"
            _say(f"  {first.name} to {last.name}  {first.type}, {place}  {_ELEMENT.sub('', first.source)}")
        width = max((len(each.name) for each in others), default=0)
        for each in others:
            keys = "".join(f"[{key}]" for key in each.keys)
            place = f"slot {each.slot if each.slot < 1 << 64 else hex(each.slot)}"
            place += f", word {each.member}" if each.member else ""
            place += f", byte {each.offset}" if each.offset else ""
            source = f"  {each.source}" if each.source != each.name else ""
            _say(f"  {each.name:{width}}  {each.type}{keys}, {place}{source}")
        for leaf in difference.lost:
            _say(f"  {leaf.label} ({leaf.type}): no known key leads to it, so its words stay unexplained")


def _apart(own: Sequence[OwnVariable]) -> tuple[list[list[OwnVariable]], list[OwnVariable]]:
    """Tell the elements of long arrays apart from all other variables."""
    groups = [list(group) for _, group in groupby(own, lambda each: _ELEMENT.sub("", each.source))]
    long = [group for group in groups if len(group) > MOST_ELEMENTS and _ELEMENT.search(group[0].source)]
    return long, [each for group in groups if group not in long for each in group]


def _say(text: str) -> None:
    console.print(text, soft_wrap=True, markup=False, highlight=False)
