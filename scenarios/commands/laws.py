"""The commands about laws: `pooltwin laws`, `pooltwin fuzz`, `pooltwin mutants`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..terminal import console, errors, fail

if TYPE_CHECKING:
    from pooltwin.invariants.campaigns.campaign import CampaignResult
    from pooltwin.invariants.history import History


def _named(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def laws_command(
    recordings: Annotated[
        list[Path] | None, typer.Argument(help="Recordings to judge (.jsonl or .jsonl.gz). Without any: the catalogue.")
    ] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Judge the recordings that ship with pooltwin.")] = False,
    judged_by: Annotated[
        str, typer.Option("--judged-by", help="Hold the recordings to the laws of this release instead of their own.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write what the recordings came to, as JSON.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The catalogue as a Markdown table.")] = False,
) -> None:
    """Print the catalogue of lender-protection laws, or how recordings of the real contracts fare under it.

    A recording is replayed and compared as by `verify`, with every law watching: how often each was put to the test,
    how often it broke, how much of that is known of the release, and the worst figures. Exits with status 1 when a law
    broke that is not known to.
    """
    from pooltwin.fixtures import recording_paths
    from pooltwin.invariants.campaigns.campaign import laws_table

    paths = [*(recordings or []), *(recording_paths() if shipped else [])]
    if paths:
        from .recorded import judge_recordings

        judge_recordings(paths, judged_by, output)
        return

    rows = laws_table()
    if markdown:
        headings = list(rows[0])
        console.print(" | ".join(headings), soft_wrap=True, markup=False, highlight=False)
        console.print(" | ".join("---" for _ in headings), soft_wrap=True)
        for row in rows:
            console.print(" | ".join(row.values()), soft_wrap=True, markup=False, highlight=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("law", "kind", "releases", "statement"):
        table.add_column(heading, no_wrap=heading in ("law", "kind", "releases"))
    for row in rows:
        statement = escape(row["statement"])
        if row["deviates"]:
            statement += f"\n[yellow]known to deviate: {escape(row['deviates'])}[/yellow]"
        table.add_row(row["id"], row["kind"], row["releases"], statement)
    console.print(table)
    console.print(f"\n{len(rows)} laws.")


def fuzz_command(
    market: Annotated[
        str, typer.Option("--market", "-m", help="A shipped market by name; the standard test market by default.")
    ] = "",
    revision: Annotated[str, typer.Option("--revision", "-r", help="The release to run.")] = "3.7",
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed finds the same things.")] = 1,
    steps: Annotated[int | None, typer.Option("--steps", "-n", help="Stop after so many steps.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", help="Stop after so long.")] = None,
    processes: Annotated[int, typer.Option("--processes", "-p", help="How many at once; 0 for one a core.")] = 1,
    laws: Annotated[str, typer.Option("--laws", help="Comma-separated ids; all by default.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Known deviations of the release count too.")] = False,
    judged_by: Annotated[
        str, typer.Option("--judged-by", help="Hold the release to the laws of this one: an old one to those of 3.7.")
    ] = "",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the history and the test of a violation go.")
    ] = Path("violations"),
    resume: Annotated[
        Path | None, typer.Option("--resume", help="Keep progress in this file, and go on from it.")
    ] = None,
) -> None:
    """Attack a market at random, for as long as you like, with every law watching.

    A violation is shrunk, told as a story and written as a history and a pytest file. Exits with status 1 when a law
    broke, or when a law that should have been put to the test never was.
    """
    from pooltwin.invariants.campaigns.campaign import CampaignOptions, run_campaign

    if steps is None and minutes is None:
        steps = 100_000
    try:
        options = CampaignOptions(
            history=_opening(market, revision),
            seed=seed,
            steps=steps,
            seconds=None if minutes is None else minutes * 60,
            processes=processes or os.cpu_count() or 1,
            laws=_named(laws),
            strict=strict,
            judged_by=judged_by,
            resume=resume,
        )
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]}"))
        with Progress(*columns, TimeElapsedColumn(), console=errors, disable=not errors.is_terminal) as bar:
            task = bar.add_task("Attacking", total=steps, rate="")
            result = run_campaign(
                options,
                lambda now: bar.update(task, completed=now.steps, rate=f"{now.steps_per_second:,.0f} steps/s"),
            )
    except (ValueError, OSError) as error:
        fail(str(error))
    _print_campaign(result, output)


def _opening(market: str, revision: str) -> History:
    from pooltwin.invariants.standard import history_on, standard_history
    from pooltwin.protocol.revisions import REVISIONS

    if revision not in REVISIONS:
        raise ValueError(f"no market can be built on revision {revision!r}; on {', '.join(REVISIONS)} it can")
    if not market:
        return standard_history(revision)
    from pooltwin.fixtures import load_market

    return history_on(load_market(market).model_copy(update={"revision": revision}))


def _print_campaign(result: CampaignResult, output: Path) -> None:
    tally = result.tally
    rate = tally.steps / result.seconds if result.seconds else 0
    console.print(
        f"{tally.steps:,} steps in {result.episodes:,} episodes, seed {result.options.seed}, "
        f"{result.seconds:,.0f} s, {rate:,.0f} steps/s"
    )
    succeeded = sum(tally.succeeded.values())
    console.print(
        f"{len(tally.calls)} functions called, {succeeded:,} calls succeeded, {len(tally.errors)} ways to fail met, "
        f"{len(tally.events)} kinds of events seen\n"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("law")
    table.add_column("put to the test", justify="right")
    table.add_column("known deviations", justify="right")
    for law in result.options.chosen_laws():
        table.add_row(law.id, f"{tally.exercised[law.id]:,}", f"{tally.deviated[law.id]:,}" if law.deviates else "")
    console.print(table)
    for finding in result.findings:
        history, test = finding.write(output)
        console.print(f"\n[red]{finding.law} is broken[/red]")
        console.print(escape(finding.story()), soft_wrap=True, highlight=False)
        console.print(f"written: {history} and {test}")
    if result.never_exercised:
        console.print(f"\n[red]never put to the test:[/red] {', '.join(result.never_exercised)}")
    if result.findings or result.never_exercised:
        raise typer.Exit(1)
    console.print("\nNo law was broken.")


def mutants_command(
    budget: Annotated[int, typer.Option("--budget", "-b", help="Steps for each mutant, at most.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed gives the same matrix.")] = 0,
    only: Annotated[str, typer.Option("--only", help="Comma-separated ids of mutants; all by default.")] = "",
    processes: Annotated[int, typer.Option("--processes", "-p", help="How many at once; 0 for one a core.")] = 1,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the matrix as Markdown.")] = None,
) -> None:
    """Break the protocol on purpose, one fault at a time, and see which laws notice.

    Exits with status 1 when a mutant survives that nobody has argued to be equivalent.
    """
    from pooltwin.invariants.catalogue import all_laws
    from pooltwin.invariants.mutants.catalogue import MUTANTS, mutant_named, run_mutants
    from pooltwin.invariants.mutants.report import markdown_of, table_of
    from pooltwin.protocol.files import write_text

    try:
        chosen = tuple(mutant_named(name) for name in _named(only)) or MUTANTS
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} mutants"))
        with Progress(*columns, TimeElapsedColumn(), console=errors, disable=not errors.is_terminal) as bar:
            task = bar.add_task("Hunting", total=None)
            matrix = run_mutants(
                all_laws(),
                budget=budget,
                seed=seed,
                mutants=chosen,
                processes=processes or os.cpu_count() or 1,
                progress=lambda _found, done, total: bar.update(task, completed=done, total=total),
            )
        if output is not None:
            write_text(output, markdown_of(matrix))
    except (ValueError, OSError) as error:
        fail(str(error))
    console.print(table_of(matrix))
    alive = [found.mutant.id for found in matrix.survivors if not found.mutant.equivalent]
    console.print(f"\n{len(matrix.hunts) - len(matrix.survivors)} of {len(matrix.hunts)} mutants killed.")
    unsound = {found.mutant.revision: sorted(found.kills) for found in matrix.controls if found.kills}
    for revision, laws in unsound.items():
        console.print(f"[red]laws that fail on the faithful v{revision}:[/red] {', '.join(laws)}")
    if alive:
        console.print(f"[red]alive:[/red] {', '.join(alive)}")
    if alive or unsound:
        raise typer.Exit(1)
