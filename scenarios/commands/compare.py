"""`pooltwin compare`: one history played on several revisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..terminal import console, records_progress, refused_when
from .bytecode import Accounts, Bytecode, Compiled, Layout, Provider, StandIns, State
from .forks import Engine, engine_given, print_fork
from .options import names_in

if TYPE_CHECKING:
    from pooltwin.invariants.history import History
    from pooltwin.protocol.revisions import Revision

    from ..comparison.difference import Comparison


Revisions = Annotated[
    str,
    typer.Option("--revisions", "--revision", "-r", help="Comma-separated, for instance 3.5,3.6,3.7. All by default."),
]
Baseline = Annotated[
    str | None,
    typer.Option("--baseline", "-b", help="Compared with the others; by default what the history was made on."),
]
Watching = Annotated[
    list[str] | None,
    typer.Option(
        "--law",
        help="Watch each revision with this law: an id, or a law of your own. Repeatable.",
        metavar="ID|MODULE:NAME",
    ),
]


def compare_command(
    history: Annotated[
        Path | None,
        typer.Argument(help="A recording (.jsonl or .jsonl.gz), or a history that fuzz wrote; or draw one by --steps."),
    ] = None,
    revisions: Revisions = "",
    baseline: Baseline = None,
    engine: Engine = "",
    bytecode: Bytecode = None,
    layout: Layout = None,
    contract: StandIns = None,
    state: State = None,
    accounts: Accounts = None,
    provider: Provider = "",
    steps: Annotated[
        int | None,
        typer.Option("--steps", "-n", min=1, help="Draw so many actions of an adversary, instead of a file's."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed draws the same actions.")] = 1,
    law: Watching = None,
    each_call: Annotated[
        bool,
        typer.Option("--each-call", "-e", help="Start every call from the baseline's state, so that it stands alone."),
    ] = False,
) -> None:
    """Play one history on several revisions and show where they part.

    Which call, which value, by how many wei, and what it adds up to for lenders, borrowers and the treasury. A fork is
    compared with the release that it comes from, unless others are named; so is bytecode.
    """
    from pooltwin.invariants.choice import Deviations
    from pooltwin.protocol.recordings.recording import RecordingError

    from ..comparison.report import print_comparison

    with refused_when(RecordingError, ValueError):
        names = names_in(revisions)
        compiled = Compiled.told(bytecode, layout, contract).on(state, accounts, provider)
        if state is not None and history is not None:
            raise ValueError(f"--state {state}: {history} says itself what it begins with; draw actions with --steps")
        told = compiled.engine(engine, revisions)
        fork = engine_given(told)
        watching = tuple(law or ())
        if history is None:
            if each_call:
                raise ValueError("--each-call is for recordings; drawn actions are lived through as a whole")
            comparison = _compare_drawn(seed, steps, names, baseline, fork, watching)
        elif steps is not None:
            raise ValueError(f"{history} and --steps {steps}: a file's actions, or drawn ones")
        else:
            comparison = _compare(history, names, baseline, each_call, fork, watching)
        for branch in comparison.branches:
            print_fork(branch.revision, Deviations(branch.revision))
    print_comparison(comparison, console)


def _compare_drawn(
    seed: int,
    steps: int | None,
    revisions: tuple[str, ...],
    baseline: str | None,
    fork: Revision | None,
    laws: tuple[str, ...],
) -> Comparison:
    """Compare by actions drawn on the standard market of the baseline, the fork's release, or the first one named."""
    from pooltwin.invariants.choice import chosen
    from pooltwin.invariants.history import state_of_chain
    from pooltwin.protocol.revisions import NEWEST, revision_named

    from ..comparison.compare import compare_history
    from ..comparison.drawing import drawn

    if steps is None:
        raise ValueError("nothing to play: name a history or a recording, or draw actions with --steps")
    made_on = baseline or (fork.release if fork is not None else next(iter(revisions), NEWEST.name))
    with records_progress() as progress:
        task = progress.add_task("Playing", total=None)
        twin = revision_named(made_on) if state_of_chain(fork) is not None else None
        history = drawn(_beginning(made_on, fork), seed, steps, twin)
        return compare_history(
            history,
            Path(f"{steps} actions drawn by seed {seed}"),
            revisions or (() if fork is None else (fork.release,)),
            baseline,
            engine=fork,
            laws=chosen(laws) if laws else (),
            progress=lambda done: progress.update(task, completed=done),
        )


def _beginning(release: str, engine: Revision | None) -> History:
    """Give the standard market of a release, or the market of the state that an engine is named with."""
    from pooltwin.invariants.history import state_of_chain
    from pooltwin.invariants.standard import history_from, standard_history

    state = state_of_chain(engine)
    if engine is None or state is None:
        return standard_history(release)
    return replace(history_from(state, engine=engine), engine=repr(engine.machine))


def _compare(
    history: Path,
    revisions: tuple[str, ...],
    baseline: str | None,
    each_call: bool,
    fork: Revision | None,
    laws: tuple[str, ...],
) -> Comparison:
    """Compare with a progress bar; no names stand for every revision that can be compared, or a fork's release."""
    from ..comparison.compare import compare

    with records_progress() as progress:
        task = progress.add_task(history.name, total=None)
        return compare(
            history,
            revisions or (() if fork is None else (fork.release,)),
            baseline,
            each_call=each_call,
            engine=fork,
            laws=laws,
            progress=lambda done: progress.update(task, completed=done),
        )
