"""`pooltwin market new`, `check` and `schema`: files of markets made, checked and described."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..formatting import plural
from ..terminal import console, errors, refused_when
from .openings import market_given, on_release
from .options import names_in

if TYPE_CHECKING:
    from pooltwin.protocol.market import Market
    from pooltwin.protocol.models import MarketConfig

BAD = 2
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Where it goes; printed by default.")]


def new_command(
    like: Annotated[str, typer.Option("--like", help="The market to begin with: a shipped one by name, or a file.")],
    only: Annotated[str, typer.Option("--only", help="Comma-separated reserves to keep; all by default.")] = "",
    revision: Annotated[
        str, typer.Option("--revision", "-r", help="The release to run; what it lacks is left out, and said.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="The market's name; that of the other by default.")] = "",
    output: Output = None,
) -> None:
    """Make a market's file out of another market: all of it or some reserves, on its own release or another.

    E-mode categories keep the reserves that are kept; one without any collateral goes. The market is deployed once as
    a trial before it is written.
    """
    from pooltwin.protocol.files import write_text

    from ..narrowing import narrowed

    with refused_when(ValueError, OSError):
        config, left_out = narrowed(market_given(like), names_in(only))
        config = on_release(config, revision)
        if name:
            config = config.model_copy(update={"name": name})
        deployed(config)
        if output is not None:
            write_text(output, text_of(config))
    for line in left_out:
        errors.print(f"left out: {line}", soft_wrap=True, markup=False, highlight=False)
    if output is None:
        console.print(text_of(config), end="", soft_wrap=True, markup=False, highlight=False)
    else:
        console.print(f"written to {output}: {_counted(config)}", soft_wrap=True, markup=False, highlight=False)


def check_command(
    file: Annotated[str, typer.Argument(help="The market's file, or the name of a shipped one.")],
    revision: Annotated[str, typer.Option("--revision", "-r", help="Ask of another release than its own.")] = "",
) -> None:
    """Check a market's file: every fault at once, a line each with place and value, and whether its release builds it.

    Figures that look like another unit are told as doubts. Exits with status 2 where the market cannot be deployed.
    """
    from pooltwin.fixtures import FixtureError
    from pooltwin.protocol.models import UnitsWarning

    unread = False
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always", UnitsWarning)
        try:
            config = market_given(file)
            faults = _refusals(config, revision)
        except FixtureError as error:
            config, faults = None, list(error.faults)
            unread = faults == [str(error)]
    for fault in faults:
        console.print(f"[red]fault:[/red] {escape(fault)}", soft_wrap=True, highlight=False)
    for doubt in dict.fromkeys(str(each.message) for each in doubts):
        console.print(f"[yellow]doubt:[/yellow] {escape(doubt)}", soft_wrap=True, highlight=False)
    if faults:
        more = "" if config is not None or unread else "; what fields say together is checked when each is right"
        console.print(f"{file}: {plural(len(faults), 'fault')}{more}", soft_wrap=True, markup=False, highlight=False)
        raise typer.Exit(BAD)
    if config is not None:
        told = f"{file}: deploys on v{revision or config.revision}, {_counted(config)}"
        console.print(told, soft_wrap=True, markup=False, highlight=False)


def _refusals(config: MarketConfig, revision: str) -> list[str]:
    """Tell what the market's release, or another, lacks of it, or what its contracts refuse."""
    from pooltwin.protocol.lacking import complaints
    from pooltwin.protocol.revisions import revision_named

    with refused_when(ValueError):
        release = revision_named(revision or config.revision)
    lacking = complaints(config, release)
    if lacking:
        return lacking
    try:
        deployed(config.model_copy(update={"revision": release.name}))
    except ValueError as error:
        return [str(error)]
    return []


def schema_command(output: Output = None) -> None:
    """Print the JSON Schema of a market's file, for editors and validators."""
    from pooltwin.protocol.files import write_text
    from pooltwin.protocol.models import MarketConfig

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **MarketConfig.model_json_schema()}
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    with refused_when(OSError):
        if output is not None:
            write_text(output, text)
            console.print(f"written to {output}", soft_wrap=True, markup=False, highlight=False)
            return
    console.print(text, end="", soft_wrap=True, markup=False, highlight=False)


def text_of(config: MarketConfig) -> str:
    """A market as the text of a file, without what is not said."""
    return json.dumps(config.model_dump(mode="json", exclude_none=True), indent=2, ensure_ascii=False) + "\n"


def deployed(config: MarketConfig) -> Market:
    """Deploy a market. Raises ValueError for one that its release lacks something of, or that the contracts refuse."""
    from pooltwin.protocol.errors import Revert
    from pooltwin.protocol.market import Market

    try:
        return Market.deploy(config)
    except Revert as error:
        raise ValueError(f"the contracts of v{config.revision} refuse this market: {error}") from None


def _counted(config: MarketConfig) -> str:
    categories = len(config.e_modes)
    which = "category" if categories == 1 else "categories"
    return f"{plural(len(config.reserves), 'reserve')}, {categories} e-mode {which}"
