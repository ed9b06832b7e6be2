"""`pooltwin fuzz`: a market attacked at random, with every law watching."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..formatting import plural
from ..terminal import console, empty_table, errors, print_whole, refused_when, stopped
from ..units import base_of
from .bytecode import Accounts, Bytecode, Compiled, Foundry, Layout, Provider, StandIns, State
from .forks import Engine, OwnLaws, Without, engine_given, ids_in, print_fork
from .foundry import print_foundry
from .openings import MarketName, OnRelease, opening_given
from .options import Dask, Processes, names_in, work_done

if TYPE_CHECKING:
    from pooltwin.invariants.campaigns.campaign import CampaignResult
    from pooltwin.invariants.campaigns.finding import Finding
    from pooltwin.invariants.campaigns.options import CampaignOptions
    from pooltwin.invariants.workers import Workers

MOST_EDGES = 5
"""How many edges are named that a campaign never came near."""
JudgedBy = Annotated[
    str, typer.Option("--judged-by", help="Hold the release to the laws of this one: an old one to those of 3.7.")
]
WorthAtLeast = Annotated[
    str, typer.Option("--worth-at-least", help="Count apart what breaks by less than so many dollars.")
]
Setups = Annotated[
    list[str] | None,
    typer.Option("--setup", help="Put contracts of your own on the market: module:FUNCTION. May be repeated."),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="Where the history and the test of a violation go.")]
Resume = Annotated[Path | None, typer.Option("--resume", help="Keep progress in this file, and go on from it.")]
STEPS = 100_000
"""How many steps a campaign takes that is told neither steps nor minutes."""
Steps = Annotated[
    int | None, typer.Option("--steps", "-n", min=1, help="Stop after so many steps, when an episode ends.")
]


def fuzz_command(
    *,
    market: MarketName = "",
    revision: OnRelease = "",
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed finds the same things.")] = 1,
    steps: Steps = None,
    minutes: Annotated[float | None, typer.Option("--minutes", help="Stop after so long.")] = None,
    processes: Processes = None,
    dask: Dask = "",
    engine: Engine = "",
    bytecode: Bytecode = None,
    layout: Layout = None,
    contract: StandIns = None,
    state: State = None,
    accounts: Accounts = None,
    provider: Provider = "",
    laws: Annotated[str, typer.Option("--laws", help="Comma-separated ids; all by default.")] = "",
    law: OwnLaws = None,
    without: Without = None,
    strict: Annotated[bool, typer.Option("--strict", help="Known deviations of the release count too.")] = False,
    judged_by: JudgedBy = "",
    worth_at_least: WorthAtLeast = "0",
    setup: Setups = None,
    output: Output = Path("violations"),
    foundry: Foundry = True,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print all figures, after a violation too.")] = False,
    resume: Resume = None,
) -> None:
    """Attack a market at random, for as long as you like, with every law watching.

    A violation is shrunk, told as a story and written as a history and a pytest file; on compiled contracts also as a
    Foundry test. Exits with status 1 when a law broke, or when a law that should have been put to the test never was.
    """
    from pooltwin.invariants.campaigns.options import CampaignOptions

    with refused_when(ValueError, OSError), work_done(processes, dask) as where:
        engine = Compiled.told(bytecode, layout, contract).on(state, accounts, provider).engine(engine, revision)
        options = CampaignOptions(
            history=opening_given(market, revision, engine_given(engine)).with_setups(*(setup or ())),
            seed=seed,
            steps=STEPS if steps is None and minutes is None else steps,
            seconds=_seconds(minutes),
            processes=where.processes,
            laws=names_in(laws),
            own_laws=tuple(law or ()),
            without=ids_in(without),
            engine=engine or None,
            strict=strict,
            judged_by=judged_by,
            worth_at_least=base_of(worth_at_least),
            resume=resume,
        )
        result = _attack(options, where.workers)
    _print_campaign(result, output, verbose=verbose, foundry=foundry)


def _seconds(minutes: float | None) -> float | None:
    """Turn minutes into seconds. Raises ValueError for no time at all, or what is none."""
    if minutes is not None and not 0 < minutes < float("inf"):
        raise ValueError(f"--minutes {minutes}: a campaign needs some time")
    return None if minutes is None else minutes * 60


def _attack(options: CampaignOptions, workers: Workers | None) -> CampaignResult:
    """Run the campaign with a progress bar, on a terminal only; told to stop, print what it had done and end."""
    from pooltwin.invariants.campaigns.campaign import run_campaign
    from pooltwin.invariants.workers import Interrupted

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, TimeElapsedColumn(), console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Attacking", total=options.steps, rate="")
        try:
            return run_campaign(
                options,
                lambda now: bar.update(task, completed=now.steps, rate=f"{now.steps_per_second:,.0f} steps/s"),
                workers,
            )
        except Interrupted as stop:
            bar.stop()
            _print_stopped(stop.done)


def _print_campaign(result: CampaignResult, output: Path, *, verbose: bool, foundry: bool) -> None:
    """Print what the campaign did and found, and write what it found. Exits with 1 where something is wrong."""
    _print_totals(result)
    if verbose or not result.findings:
        print_whole(_laws_table(result), console)
        _print_edges(result, len(result.never_met) if verbose else MOST_EDGES)
    elif result.tally.minor:
        console.print(_told_minor(result), highlight=False)
    for finding in result.findings:
        title, _, rest = finding.story().partition("\n")
        console.print(f"\n[red]{escape(title)}[/red]\n{escape(rest)}", soft_wrap=True, highlight=False)
        _write(finding, output, foundry=foundry)
    never = result.never_exercised
    if result.findings and never and not verbose:
        claimed = len(never) + sum(count > 0 for count in result.tally.exercised.values())
        console.print(f"\n{len(never)} of {claimed} laws were not put to the test before that: --verbose lists them.")
    elif never:
        console.print(f"\n[red]never put to the test:[/red] {', '.join(never)}")
    if result.not_asked and (verbose or not result.findings):
        console.print(f"\n{result.not_asked}", highlight=False)
    if result.findings or never:
        raise typer.Exit(1)
    console.print("\nNo law was broken.")


def _print_stopped(result: CampaignResult) -> NoReturn:
    """Print what the campaign had done when somebody pressed Ctrl-C, and end with its status."""
    _print_totals(result)
    if result.tally.minor:
        console.print(_told_minor(result), highlight=False)
    for finding in result.findings:
        console.print(f"[red]broken, not shrunk yet:[/red] {escape(finding.violation)}", soft_wrap=True)
    told = ["what the processes had under way is not counted"] if result.options.processes > 1 else []
    if result.findings:
        told.append("the same seed finds the same again")
    resume = result.options.resume
    if resume is not None and resume.exists():
        told.append(f"--resume {resume} goes on from the last whole episode")
    elif resume is not None:
        told.append(f"no episode was whole, so {resume} is not written and whoever resumes begins anew")
    stopped("; ".join(told))


def _told_minor(result: CampaignResult) -> str:
    """Tell which laws broke by less than is reported, how often, and by how much at most."""
    minor = result.tally.minor
    told = (f"{law} {minor[law].count:,} times ({minor[law].largest})" for law in sorted(minor))
    return f"Broken by little, each with the largest: {'; '.join(told)}."


def _write(finding: Finding, output: Path, *, foundry: bool) -> None:
    """Write a finding, or say why there would be no sense in it."""
    from pooltwin.invariants.campaigns.finding import FindingError

    try:
        history, test = finding.write(output)
    except FindingError as error:
        console.print(f"\n[red]not written:[/red] {escape(str(error))}", soft_wrap=True, highlight=False)
    else:
        console.print(f"\nwritten: {history}\n         {test}", soft_wrap=True, highlight=False)
        if foundry:
            print_foundry(finding, output)


def _print_totals(result: CampaignResult) -> None:
    tally = result.tally
    print_fork(result.options.record, result.options.deviations, tally.deviated)
    rate = tally.steps / result.seconds if result.seconds else 0
    console.print(
        f"{plural(tally.steps, 'step')} in {plural(result.episodes, 'episode')}, seed {result.options.seed}, "
        f"{result.seconds:,.0f} s, {rate:,.0f} steps/s"
    )
    succeeded = sum(tally.succeeded.values())
    console.print(
        f"{plural(len(tally.calls), 'function')} called, {plural(succeeded, 'call')} succeeded, "
        f"{plural(len(tally.errors), 'kind')} of refusals and {plural(len(tally.events), 'kind')} of events seen\n"
    )


def _print_edges(result: CampaignResult, most: int) -> None:
    """Print how many edges of the laws were met, and the first of those that the campaign never came near."""
    edges, never = len(result.edges), result.never_met
    console.print(f"\nLaws were asked at {edges - len(never)} of the {edges} edges of their rules.")
    if never:
        console.print("never came near:")
        for label in never[:most]:
            console.print(f"  {label}", soft_wrap=True, highlight=False)
        if len(never) > most:
            console.print(f"  and {len(never) - most} more: --verbose lists them")


def _laws_table(result: CampaignResult) -> Table:
    """Make the table of laws: how often each was put to the test, and how often it broke as is known of the release."""
    tally, deviations = result.tally, result.options.deviations
    columns = ("put to the test", "known deviations", *(("broken by little", "largest") if tally.minor else ()))
    table = empty_table(("law",), columns)
    for law in result.options.chosen_laws():
        deviated = f"{tally.deviated[law.id]:,}" if deviations.reason_of(law) else ""
        minor = tally.minor.get(law.id)
        little = (f"{minor.count:,}", str(minor.largest)) if minor is not None else ()
        table.add_row(law.id, f"{tally.exercised[law.id]:,}", deviated, *little)
    return table
