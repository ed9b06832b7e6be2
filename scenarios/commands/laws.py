"""`pooltwin laws`: the catalogue of laws, and how recordings fare under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ..terminal import console, empty_table

Rows = Sequence[Mapping[str, str]]
"""The catalogue: for each law, cells by heading."""


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
    from pooltwin.invariants.catalogue import laws_table

    paths = [*(recordings or []), *(recording_paths() if shipped else [])]
    if paths:
        from .recorded import judge_recordings

        judge_recordings(paths, judged_by, output)
    elif markdown:
        _print_markdown(laws_table())
    else:
        _print_catalogue(laws_table())


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
