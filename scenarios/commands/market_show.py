"""`pooltwin market show`: a market as tables that a risk analyst reads, or as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ..formatting import plural
from ..terminal import console, empty_table, refused_when
from ..units import moment
from .openings import market_given

if TYPE_CHECKING:
    from pooltwin.protocol.market import Market

    from ..market_rows import CategoryRow, ReserveRow


def show_command(
    market: Annotated[str, typer.Argument(help="A market: a shipped one by name, or a file, also a saved state.")],
    revision: Annotated[
        str, typer.Option("--revision", "-r", help="Deploy it on another release, without what that lacks.")
    ] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the reserves as CSV, every column.")] = False,
    e_modes: Annotated[bool, typer.Option("--e-modes", help="With --csv: the e-mode categories instead.")] = False,
) -> None:
    """Show a market: by reserve prices, limits, caps, rates and flags, then what is lent, and the e-mode categories.

    The market is deployed and read back, so the figures are those that the contracts use.
    """
    from ..market_rows import CategoryRow, ReserveRow, rows_of

    with refused_when(ValueError, OSError):
        shown = opened(market, revision)
        reserves, categories = rows_of(shown)
    if as_csv:
        _print_csv(CategoryRow if e_modes else ReserveRow, categories if e_modes else reserves)
        return
    _print_heading(market, shown, reserves, categories)
    console.print(_limits_table(reserves))
    console.print(_rates_table(reserves))
    if any(row.supplied or row.borrowed for row in reserves):
        console.print(_lent_table(reserves))
    if categories:
        console.print(_categories_table(categories))


def opened(name_or_path: str, revision: str) -> Market:
    """Open a saved state, or deploy a market's configuration. Raises ValueError for what is neither."""
    from pooltwin.fixtures.shipped import is_path
    from pooltwin.invariants.history import saved_market
    from pooltwin.protocol.file_kinds import FileKind, kind_of

    from .market_files import deployed

    path = Path(name_or_path)
    if is_path(name_or_path) and path.is_file() and kind_of(path) is FileKind.STATE:
        if revision:
            raise ValueError(f"--revision {revision}: {name_or_path} is a saved state, which has a release already")
        return saved_market(path)
    return deployed(market_given(name_or_path, revision))


def _print_heading(
    name: str, market: Market, reserves: Sequence[ReserveRow], categories: Sequence[CategoryRow]
) -> None:
    chain, pool = market.chain, market.pool
    which = "category" if len(categories) == 1 else "categories"
    console.print(
        f"[bold]{escape(name)}[/bold]: v{chain.revision.name}, chain {chain.chain_id}, "
        f"{plural(len(reserves), 'reserve')}, {len(categories)} e-mode {which}; flash loans cost "
        f"{_percent(Decimal(pool.flash_loan_premium) / 100)}%; as of {moment(chain.time):%Y-%m-%d %H:%M} UTC",
        highlight=False,
    )


def _limits_table(rows: Sequence[ReserveRow]) -> Table:
    figures = ("price, USD", "LTV", "liq. at", "bonus", "fee", "supply cap", "borrow cap")
    table = _titled(empty_table(("reserve",), figures), "Limits in %, caps in whole tokens")
    for row in rows:
        price = "none" if row.price_usd is None else _price(row.price_usd)
        shares = (row.ltv_percent, row.liquidation_threshold_percent, row.liquidation_bonus_percent)
        shown = (_percent(share) if row.liquidation_threshold_percent else "-" for share in shares)
        fee = _percent(row.liquidation_protocol_fee_percent)
        table.add_row(escape(row.reserve), price, *shown, fee, _cap(row.supply_cap), _cap(row.borrow_cap))
    return table


def _rates_table(rows: Sequence[ReserveRow]) -> Table:
    figures = ["kink", "base", "slope 1", "slope 2", "factor"]
    is_lent = any(row.supplied for row in rows)
    figures += ["supply", "borrow"] if is_lent else []
    table = _titled(empty_table(("reserve",), figures), "Rates in % a year, and what is not as usual")
    table.add_column("flags", overflow="fold", no_wrap=False)
    for row in rows:
        rates = (row.optimal_usage_percent, row.base_rate_percent, row.slope1_percent, row.slope2_percent)
        current = [round(row.supply_rate_percent, 2), round(row.borrow_rate_percent, 2)] if is_lent else []
        shown = (_percent(rate) for rate in (*rates, row.reserve_factor_percent, *current))
        table.add_row(escape(row.reserve), *shown, row.flags)
    return table


def _lent_table(rows: Sequence[ReserveRow]) -> Table:
    figures = ("supplied", "borrowed", "available", "used, %", "supplied, m USD", "borrowed, m USD")
    table = _titled(empty_table(("reserve",), figures), "What is lent, in tokens")
    for row in rows:
        worth = [_millions(amount * (row.price_usd or 0)) for amount in (row.supplied, row.borrowed)]
        amounts = (_tokens(amount) for amount in (row.supplied, row.borrowed, row.available))
        table.add_row(escape(row.reserve), *amounts, _percent(row.utilisation_percent), *worth)
    supplied, borrowed = (
        sum(((row.supplied if which else row.borrowed) * (row.price_usd or 0) for row in rows), Decimal(0))
        for which in (True, False)
    )
    table.add_section()
    table.add_row("all", "", "", "", "", _millions(supplied), _millions(borrowed))
    short = [f"{_tokens(row.deficit)} {row.reserve}" for row in rows if row.deficit]
    if short:
        table.caption = f"Deficits: {', '.join(short)}"
    return table


def _categories_table(rows: Sequence[CategoryRow]) -> Table:
    table = _titled(empty_table((), ("id",)), "E-mode categories, limits in %")
    table.add_column("label", overflow="fold", no_wrap=False)
    for heading in ("LTV", "liq. at", "bonus"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("collateral", "borrowable"):
        table.add_column(heading, overflow="fold", no_wrap=False)
    for row in rows:
        limits = (row.ltv_percent, row.liquidation_threshold_percent, row.liquidation_bonus_percent)
        zero = set(row.ltv_zero.split())
        collateral = (f"{name} (LTV 0)" if name in zero else name for name in row.collateral.split())
        label = f"{row.label}, isolated" if row.isolated else row.label
        shown = (escape(", ".join(names)) for names in (collateral, row.borrowable.split()))
        table.add_row(str(row.id), escape(label), *map(_percent, limits), *shown)
    return table


def _titled(table: Table, title: str) -> Table:
    for column in table.columns:
        column.no_wrap = True
    table.title, table.title_justify, table.title_style = f"\n{title}", "left", "bold"
    table.caption_justify = "left"
    return table


def _print_csv(kind: type[ReserveRow] | type[CategoryRow], rows: Sequence[ReserveRow] | Sequence[CategoryRow]) -> None:
    from ..market_rows import columns_of

    columns, text = columns_of(kind), StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(getattr(row, column)) for column in columns] for row in rows)
    console.print(text.getvalue(), end="", soft_wrap=True, markup=False, highlight=False)


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return _plain(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _percent(value: Decimal) -> str:
    return _plain(value)


def _price(value: Decimal) -> str:
    return f"{value:,.2f}" if value >= 1 else _plain(value)


def _cap(cap: int) -> str:
    return f"{cap:,}" if cap else "none"


def _tokens(amount: Decimal) -> str:
    return f"{amount:,.0f}" if amount == 0 or amount >= 1000 else f"{amount:,.4f}"


def _millions(dollars: Decimal) -> str:
    return f"{dollars / 10**6:,.1f}"
