"""`pooltwin profit`: search releases for what a chain of calls can bring an attacker, and cost lenders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..terminal import console, errors, refused_when, stopped
from .options import names_in

if TYPE_CHECKING:
    from pooltwin.invariants.defects.profit.campaign import Combination
    from pooltwin.invariants.defects.profit.results import ProfitResults


def profit_command(
    revisions: Annotated[str, typer.Option("--revisions", "-r", help="Releases; all by default.")] = "",
    budget: Annotated[
        int, typer.Option("--budget", "-b", min=1, help="Calls of each release's search for gain.")
    ] = 800_000,
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed finds the same things.")] = 1,
    premium: Annotated[int, typer.Option("--premium", min=0, max=10_000, help="Flash-loan premium in bps.")] = 9,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for profit_results.json, and DEFECTS.md beside it.")
    ] = None,
    histories: Annotated[
        Path | None, typer.Option("--histories", help="Folder for each chain as a history, call by call.")
    ] = None,
) -> None:
    """Search releases for chains of calls that bring an attacker gain or cost lenders their claims.

    The search knows no defect. Each chain is unwound in real calls and told with its gain, what it costs lenders,
    calls, premiums, bankroll, and the defects that it needs. What is not found may be there all the same. With
    --output, results for other releases that are already there are kept.
    """
    from pooltwin.invariants.workers import Interrupted

    with refused_when(ValueError, OSError):
        before = _read(output, names_in(revisions), budget, seed, premium)
        try:
            found = _search_all(names_in(revisions), budget, seed, premium, histories)
        except Interrupted as stop:
            _print(stop.done)
            done = ", ".join(dict.fromkeys(each.revision for each in stop.done))
            stopped(f"{done} done, no results written" if done else "no release was done")
        if output is not None:
            _write(output, before, budget, seed, premium, found)
    _print(found)


def _read(
    output: Path | None, revisions: tuple[str, ...], budget: int, seed: int, premium: int
) -> ProfitResults | None:
    """Read what the folder has of other releases. Raises ValueError at once where the new cannot stand beside it."""
    from pooltwin.invariants.defects.profit.results import PLACE, merged_profit, read_profit
    from pooltwin.protocol.revisions import REVISIONS, revision_named

    for name in revisions:
        revision_named(name)
    there = output / PLACE.name if output is not None else None
    if there is None or not there.exists() or set(revisions or REVISIONS) >= set(REVISIONS):
        return None
    before = read_profit(there)
    merged_profit(before, budget, seed, premium, ())
    return before


def _search_all(
    revisions: tuple[str, ...], budget: int, seed: int, premium: int, histories: Path | None
) -> list[Combination]:
    """Search each release, or all; write each chain as a history where a folder for them is given."""
    from pooltwin.invariants.defects.profit.campaign import hunt_profit, write_histories
    from pooltwin.invariants.defects.profit.ground import Ground
    from pooltwin.invariants.workers import Interrupted
    from pooltwin.protocol.revisions import REVISIONS

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    found: list[Combination] = []
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Searching", total=None)

        def progress(text: str) -> None:
            bar.update(task, description=text)

        try:
            for name in revisions or tuple(REVISIONS):
                ground = Ground(name, premium)
                here = hunt_profit(ground, budget=budget, seed=seed, progress=progress)
                if histories is not None:
                    write_histories(histories, ground, here)
                found += here
        except KeyboardInterrupt:
            raise Interrupted(found) from None
    return found


def _write(
    output: Path, before: ProfitResults | None, budget: int, seed: int, premium: int, found: list[Combination]
) -> None:
    from pooltwin.invariants.defects import results as defect_results
    from pooltwin.invariants.defects.page import defects_page
    from pooltwin.invariants.defects.profit.results import PLACE, merged_profit, write_profit
    from pooltwin.protocol.files import write_text

    merged = merged_profit(before, budget, seed, premium, found)
    output.mkdir(parents=True, exist_ok=True)
    write_profit(output / PLACE.name, merged)
    hunted = output / defect_results.PLACE.name
    if hunted.exists():
        write_text(output / "DEFECTS.md", defects_page(defect_results.read_results(hunted), merged))


def _print(found: list[Combination]) -> None:
    from pooltwin.invariants.defects.profit.page import combination_told

    for each in found:
        console.print(escape("\n".join(combination_told(each))), soft_wrap=True, highlight=False)
        console.print()
