"""`pooltwin laws`: the catalogue of laws, and how recordings, histories and saved states fare under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..terminal import console, empty_table, refused_when
from ..units import base_of
from .bytecode import Accounts, Bytecode, Compiled, Layout, Provider, StandIns, State
from .forks import Engine, OwnLaws, Without, engine_given, ids_in, print_engine, print_fork, refuse_bytecode

if TYPE_CHECKING:
    from pooltwin.invariants.law import Law
    from pooltwin.protocol.revisions import Revision

Rows = Sequence[Mapping[str, str]]
"""The catalogue: for each law, cells by heading."""


JudgedBy = Annotated[
    str, typer.Option("--judged-by", help="Hold the files to the laws of this release instead of their own.")
]
WorthAtLeast = Annotated[
    str, typer.Option("--worth-at-least", help="Count apart what breaks by less than so many dollars.")
]
ComesFrom = Annotated[
    str, typer.Option("--revision", "-r", help="The release that the contracts of --bytecode come from.")
]


def laws_command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Recordings, histories or saved states to judge. Without any: the catalogue."),
    ] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Judge the recordings that ship with pooltwin.")] = False,
    judged_by: JudgedBy = "",
    worth_at_least: WorthAtLeast = "0",
    engine: Engine = "",
    bytecode: Bytecode = None,
    layout: Layout = None,
    contract: StandIns = None,
    state: State = None,
    accounts: Accounts = None,
    provider: Provider = "",
    revision: ComesFrom = "",
    law: OwnLaws = None,
    without: Without = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write what the files came to, as JSON.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The catalogue as a Markdown table.")] = False,
) -> None:
    """Print the catalogue of lender-protection laws, or how recordings, histories and saved states fare under it.

    A recording is replayed and compared as by `verify`, a history performed, with every law watching: how often each
    was put to the test, how often it broke, how much of that is known of the release, and the worst figures. A saved
    state is judged by itself, a second long, and so is the state of a chain. Exits with status 1 when a law broke that
    is not known to. With an engine, histories are played on it; without files, the laws that it is asked, and those
    that it means to deviate from.
    """
    from pooltwin.fixtures import recording_paths
    from pooltwin.invariants.bytecode_law import laws_of_code
    from pooltwin.invariants.choice import chosen

    paths = [*(files or []), *(recording_paths() if shipped else [])]
    with refused_when(ValueError):
        if revision and bytecode is None:
            raise ValueError(f"--revision {revision}: is for --bytecode; files know their release, see --judged-by")
        refuse_bytecode(judged_by)
        told = Compiled.told(bytecode, layout, contract).on(state, accounts, provider).engine(engine, revision)
        if state is not None and paths:
            raise ValueError(f"--state {state}: is judged by itself; {paths[0]} says itself what it begins with")
        least, fork = base_of(worth_at_least), engine_given(told)
        laws = chosen((), own=(*(law or ()), *laws_of_code(fork)), without=ids_in(without))
        paths += [] if state is None else [state]
        rows = [] if paths else _rows(laws, fork)
    if paths:
        from .recorded import judge_files

        print_engine(fork)
        judge_files(paths, judged_by, output, laws, least, fork)
    else:
        (_print_markdown if markdown else _print_catalogue)(rows)


def _rows(laws: Sequence[Law], fork: Revision | None) -> Rows:
    """List laws, of a fork those that it is asked, with the reasons for which it deviates, and say which fork it is."""
    from pooltwin.invariants.catalogue import laws_table
    from pooltwin.invariants.choice import Deviations

    if fork is None:
        return laws_table(laws)
    deviations = Deviations(fork, laws)
    print_fork(fork, deviations)
    asked = [law for law in laws if law.claimed_for(fork.release)]
    pairs = zip(laws_table(asked), asked, strict=True)
    return [{**row, "deviates": deviations.reason_of(law)} for row, law in pairs]


def _print_markdown(rows: Rows) -> None:
    headings = list(rows[0])
    console.print(" | ".join(headings), soft_wrap=True, markup=False, highlight=False)
    console.print(" | ".join("---" for _ in headings), soft_wrap=True)
    for row in rows:
        console.print(" | ".join(row.values()), soft_wrap=True, markup=False, highlight=False)


def _print_catalogue(rows: Rows) -> None:
    table = empty_table(())
    for heading in ("law", "kind", "releases", "statement"):
        table.add_column(heading, no_wrap=heading != "statement")
    for row in rows:
        statement = escape(row["statement"])
        if row["deviates"]:
            statement += f"\n[yellow]known to deviate: {escape(row['deviates'])}[/yellow]"
        table.add_row(row["id"], row["kind"], row["releases"], statement)
    console.print(table)
    console.print(f"\n{len(rows)} laws.")
