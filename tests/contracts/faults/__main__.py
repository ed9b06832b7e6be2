"""Try every fault out on bytecode and on the twin: `python -m tests.contracts.faults --output PAGE`."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.protocol.files import write_text

from ..harness.artifacts import ArtifactsMissingError
from ..harness.published import load_v3_0_2
from . import released, silence
from .building import faulty_artifacts, seconds_to_compile
from .catalogue import FAULTS, fault_named
from .fault import Fault
from .found import keep, kept_rows, row_of, still_holds
from .page import page
from .pairs import compare_pair
from .trial import Plan

STORY_PATIENCE_SECONDS = 60


def main(
    *,
    only: Annotated[str, typer.Option(help="Ids of the faults that are tried, as M02,M04; all without any.")] = "",
    since: Annotated[str, typer.Option(help="Id of the fault to begin with, in the order of the page.")] = "",
    moved: Annotated[
        bool, typer.Option("--moved", help="Only those whose mutants are found otherwise than their rows say.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Page to write, with the rows of the others as they were.")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds for which a finding is made short, at most.")
    ] = Plan.patience_seconds,
    pairs: Annotated[int, typer.Option(min=0, help="Instead: steps of histories in lockstep with the mutant.")] = 0,
    published: Annotated[bool, typer.Option("--published", help="Instead: attack the published v3.0.2.")] = False,
    faithful: Annotated[int, typer.Option(min=0, help="Instead: steps of a campaign on v3.6 without a fault.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The seed of that campaign.")] = 900,
) -> None:
    """Try faults out, each on bytecode and on the mutated twin with the same seeds. Needs node, npm and pyrevm."""
    try:
        chosen = _chosen(only, since)
        if pairs:
            _compare(chosen, pairs)
        elif published:
            _attack_published(output)
        elif faithful:
            _attack_faithful(faithful, seed, output)
        else:
            _try(chosen, Plan(patience_seconds=patience), output, moved=moved)
    except (ArtifactsMissingError, ValueError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


def _chosen(only: str, since: str) -> list[Fault]:
    """The faults that are meant, in the order of the page. Raises ValueError for an unknown id."""
    named = {fault_named(identifier.strip()).id for identifier in only.split(",") if identifier.strip()}
    begin = FAULTS.index(fault_named(since)) if since else 0
    return [fault for fault in FAULTS[begin:] if not named or fault.id in named]


def _try(faults: list[Fault], plan: Plan, output: Path | None, *, moved: bool) -> None:
    rows = kept_rows() if output else {}
    for fault in faults:
        if moved and fault.id in rows and still_holds(rows[fault.id], fault, plan):
            continue
        (artifacts,) = faulty_artifacts([fault])
        row, spent = row_of(fault, artifacts, plan)
        rows[fault.id] = row
        seen = ", ".join(f"{law} {step}" for law, step in (*row.campaign, *row.hunt)[:6]) or "no law"
        told = "; ".join(row.differences) or "as its mutant"
        story = "no story" if row.story is None else f"a story of {len(row.story)}"
        compiled = seconds_to_compile(fault)
        typer.echo(
            f"{fault.id}: {told}: {seen}; {row.steps:,} steps, {story}; {spent}; once {compiled:.0f} s to compile"
        )
        if output:
            keep(rows, [each.id for each in FAULTS])
            _write_page(output)


def _write_page(output: Path) -> None:
    write_text(output, page(list(kept_rows().values()), released.kept(), silence.kept()))


def _compare(faults: list[Fault], steps: int) -> None:
    answers = 0
    for fault in faults:
        (artifacts,) = faulty_artifacts([fault])
        with tempfile.TemporaryDirectory() as failures:
            answers += compare_pair(fault, artifacts, 1, steps, Path(failures))
        typer.echo(f"{fault.id}: {answers:,} answers so far, no difference")


def _attack_published(output: Path | None) -> None:
    engine = bytecode_engine(load_v3_0_2(), released.RELEASE)
    shown = released.shown_on(engine, STORY_PATIENCE_SECONDS)
    for each in shown:
        told = f"{'as' if each.same else 'not as'} on the twin, a story of {len(each.story)}"
        typer.echo(f"{each.step:,} {each.defect} {each.law}, {told}")
    if output:
        released.keep(shown)
        _write_page(output)


def _attack_faithful(steps: int, seed: int, output: Path | None) -> None:
    """Tell what all laws say of bytecode without a fault; status 1 where one is broken."""
    silent, findings = silence.attacked(steps, seed)
    typer.echo(silent.told())
    for finding in findings:
        typer.echo(finding.story())
    if findings:
        raise typer.Exit(1)
    if output:
        silence.keep(silent)
        _write_page(output)


if __name__ == "__main__":
    typer.run(main)
