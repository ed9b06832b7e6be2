"""Try every fault out on bytecode and on the twin: `python -m tests.contracts.faults --output PAGE`."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants.campaigns.campaign import run_campaign
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.files import write_text

from ..harness.artifacts import ArtifactsMissingError, load_v3_6
from ..harness.published import load_v3_0_2
from . import released
from .building import faulty_artifacts
from .catalogue import FAULTS, fault_named
from .fault import REVISION, Fault
from .found import keep, kept_rows, row_of
from .page import page
from .pairs import compare_pair
from .trial import Plan

STORY_PATIENCE_SECONDS = 20


def main(
    faults: Annotated[
        list[str] | None, typer.Argument(help="Ids of the faults that are tried; all without any.")
    ] = None,
    *,
    output: Annotated[
        Path | None, typer.Option(help="Page to write, with the rows of the others as they were.")
    ] = None,
    hunt_steps: Annotated[int, typer.Option(min=1, help="Steps of each hunt, at most.")] = Plan.hunt_steps,
    pairs: Annotated[int, typer.Option(min=0, help="Instead: steps of histories in lockstep with the mutant.")] = 0,
    published: Annotated[int, typer.Option(min=0, help="Instead: episodes on the published v3.0.2.")] = 0,
    faithful: Annotated[int, typer.Option(min=0, help="Instead: steps of a campaign on v3.6 without a fault.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The seed of that campaign.")] = 900,
) -> None:
    """Try faults out, each on bytecode and on the mutated twin with the same seeds. Needs node, npm and pyrevm."""
    try:
        chosen = [fault_named(identifier) for identifier in faults] if faults else list(FAULTS)
        if pairs:
            _compare(chosen, pairs)
        elif published:
            _attack_published(published, output)
        elif faithful:
            _attack_faithful(faithful, seed)
        else:
            _try(chosen, Plan(hunt_steps=hunt_steps), output)
    except (ArtifactsMissingError, ValueError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


def _try(faults: list[Fault], plan: Plan, output: Path | None) -> None:
    rows = kept_rows() if output else {}
    for fault in faults:
        (artifacts,) = faulty_artifacts([fault])
        row = rows[fault.id] = row_of(fault, artifacts, plan)
        seen = ", ".join(f"{law} {step}" for law, step in (*row.campaign, *row.hunt)[:6]) or "no law"
        typer.echo(f"{fault.id}: {row.difference or 'as its mutant'}: {seen}; {row.bytecode_seconds} s")
        if output:
            keep(rows, [each.id for each in FAULTS])
    if output:
        write_text(output, page(list(kept_rows().values()), released.kept()))


def _compare(faults: list[Fault], steps: int) -> None:
    answers = 0
    for fault in faults:
        (artifacts,) = faulty_artifacts([fault])
        with tempfile.TemporaryDirectory() as failures:
            answers += compare_pair(fault, artifacts, 1, steps, Path(failures))
        typer.echo(f"{fault.id}: {answers:,} answers so far, no difference")


def _attack_published(episodes: int, output: Path | None) -> None:
    engine = bytecode_engine(load_v3_0_2(), released.RELEASE)
    shown = released.shown_on(engine, episodes, STORY_PATIENCE_SECONDS)
    for each in shown:
        typer.echo(f"{each.step:,} {each.defect} {each.law}, {'as' if each.same else 'not as'} on the twin")
    if output:
        released.keep(shown)
        write_text(output, page(list(kept_rows().values()), shown))


def _attack_faithful(steps: int, seed: int) -> None:
    """Tell what all laws say of bytecode without a fault; status 1 where one is broken."""
    engine = bytecode_engine(load_v3_6(), REVISION)
    options = CampaignOptions(standard_history(REVISION), seed, steps=steps, engine=engine)
    result = run_campaign(options)
    tally = result.tally
    judgements = sum(tally.exercised.values())
    typer.echo(
        f"{tally.steps:,} steps, {judgements:,} judgements of {len(tally.exercised)} laws, {result.seconds:.0f} s"
    )
    for finding in result.findings:
        typer.echo(finding.story())
    if result.findings:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
