"""Options by which commands take engines and laws of one's own, and what is printed of a fork."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..terminal import console
from .options import names_in

if TYPE_CHECKING:
    from pooltwin.invariants.choice import Deviations
    from pooltwin.protocol.revisions import Revision

Engine = Annotated[
    str, typer.Option("--engine", help="Run a fork: its record by import path, as my_fork:FORK.", metavar="MODULE:NAME")
]
OwnLaws = Annotated[
    list[str] | None,
    typer.Option("--law", help="Also check a law of your own, or a list of them. Repeatable.", metavar="MODULE:NAME"),
]
Without = Annotated[
    list[str] | None, typer.Option("--without", help="Leave these laws out: ids with commas between. Repeatable.")
]


def ids_in(texts: Sequence[str] | None) -> tuple[str, ...]:
    """Split lists of ids, each with commas between."""
    return names_in(",".join(texts or ()))


def engine_given(path: str) -> Revision | None:
    """Import the engine that a command is told, if it is told one. Raises ValueError for what is none."""
    from pooltwin.invariants.choice import engine_at

    return engine_at(path) if path else None


def python_engine_given(path: str) -> Revision | None:
    """Import an engine whose rules are Python, if a command is told one. Raises ValueError for bytecode too."""
    from pooltwin.protocol.bytecode_name import is_bytecode

    if is_bytecode(path):
        raise ValueError(f"--engine {path}: mutants are faults of the twin's own rules, and no bytecode has them")
    return engine_given(path)


def refuse_bytecode(releases: str) -> None:
    """Raise ValueError where bytecode is told for a release, or among releases with commas between."""
    from pooltwin.protocol.bytecode_name import is_bytecode
    from pooltwin.protocol.revisions import revision_named

    for name in filter(is_bytecode, names_in(releases)):
        revision_named(name)  # there is none, and it says so


def print_engine(record: Revision | None) -> None:
    """Say which engine runs where it is no release's own: a fork, or compiled contracts, and which."""
    if record is None:
        return
    if record.machine is not None:
        for line in record.machine.told():
            console.print(escape(line), soft_wrap=True, highlight=False)
        console.print()
    if record.is_fork:
        console.print(f"{record.label}, a fork of v{record.release}. It is judged by the figures that it declares.")


def print_fork(record: Revision | None, deviations: Deviations, counts: Mapping[str, int] | None = None) -> None:
    """Say that a fork runs, which one, and from which laws it means to deviate, for which reasons and how often."""
    print_engine(record)
    if record is None or not record.is_fork:
        return
    for law, reason in deviations.declared.items():
        often = "" if counts is None else f", {counts.get(law, 0):,} times"
        console.print(f"It means to deviate from {law}{often}: {escape(reason)}", soft_wrap=True, highlight=False)
    console.print()
