"""`pooltwin market import` and `pooltwin market export`: markets from files of other tools, and back."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..formatting import plural
from ..terminal import console, fail, refused_when
from .market_files import deployed, text_of
from .openings import market_given

if TYPE_CHECKING:
    from pooltwin.interop.formats.completing import ImportedMarket


class Form(StrEnum):
    """A form in which other tools write a market."""

    SNAPSHOT = "snapshot"
    PARAMETERS_CSV = "parameters-csv"
    UI_DATA = "ui-data"
    ADDRESS_BOOK = "address-book"


class Written(StrEnum):
    """A form in which a market can be written for other tools."""

    SNAPSHOT = "snapshot"


def import_command(
    form: Annotated[Form, typer.Argument(help="What the file is.", metavar="FORM")],
    file: Annotated[Path, typer.Argument(help="The file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the market goes, as JSON.")],
    revision: Annotated[str, typer.Option("--revision", "-r", help="The release that the market runs, as 3.6.")],
    defaults: Annotated[
        Path | None,
        typer.Option("--defaults", "-d", help="A JSON file with what the file does not say; names are a market's."),
    ] = None,
    state: Annotated[
        bool, typer.Option("--state", help="Take the state of reserves too: indexes, rates, totals.")
    ] = False,
) -> None:
    """Make a market of a file that another tool wrote.

    FORM is snapshot (reports/*_before.json of Aave's proposals), parameters-csv (a table with the columns of
    UiPoolDataProviderV3), ui-data (a dump of UiPoolDataProviderV3 as JSON) or address-book (an entry of Aave's address
    book as JSON).

    Nothing is made up: what the file does not say is listed, with a file of defaults to fill in, and taken from
    --defaults. The market is deployed once as a trial before it is written.
    """
    from pooltwin.interop.formats.errors import LackingError
    from pooltwin.interop.formats.importing import import_market
    from pooltwin.protocol.files import write_text

    with refused_when(ValueError, OSError):
        try:
            found = import_market(form.value, file, revision=revision, defaults=defaults, state=state)
        except LackingError as error:
            template = json.dumps(error.template, indent=2, ensure_ascii=False)
            fail(f"{error} A file for --defaults, where nulls are to be replaced:\n{template}")
        deployed(found.config)
        write_text(output, text_of(found.config))
    _report(found)
    console.print(f"written to {output}", soft_wrap=True, highlight=False, markup=False)


def export_command(
    form: Annotated[Written, typer.Argument(help="What to write: snapshot.", metavar="FORM")],
    market: Annotated[str, typer.Argument(help="A market: a shipped one by name, or a file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where it goes.")],
) -> None:
    """Write a market in the form of another tool.

    FORM is snapshot: the market is deployed and written as Aave's proposal tooling writes configurations, until v3.1 in
    its old form. That form has no flash-loan premiums, pending LTVs, grace periods, nor LTVs of zero or isolation in
    e-mode; addresses of code and feeds' descriptions are the twin's own.
    """
    from pooltwin.interop.formats.snapshot_writing import write_snapshot

    del form  # there is only one
    with refused_when(ValueError, OSError):
        write_snapshot(deployed(market_given(market)), output)
    console.print(f"written to {output}", soft_wrap=True, highlight=False, markup=False)


def _report(found: ImportedMarket) -> None:
    config = found.config
    reserves, categories = plural(len(config.reserves), "reserve"), len(config.e_modes)
    which = "category" if categories == 1 else "categories"
    _print(f"{found.kind}: {reserves}, {categories} e-mode {which}, on v{config.revision}")
    _section("from the defaults", found.from_defaults)
    _section(f"left out, because v{config.revision} does not have it", found.left_out)
    for note in found.notes:
        _print(note)


def _section(title: str, lines: tuple[str, ...]) -> None:
    if lines:
        _print(f"{title}:")
        for line in lines:
            _print(f"  {line}")


def _print(line: str) -> None:
    console.print(line, highlight=False, markup=False)
