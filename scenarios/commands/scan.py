"""`pooltwin scan`: a whole book under shocks of prices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..terminal import console, empty_table, refused_when
from .market_show import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pooltwin.protocol.market import Market

    from ..books.book import Book
    from ..scan.risk import ShockRow
    from ..scan.shocks import Shock


def scan_command(
    market: Annotated[str, typer.Argument(help="A market: a shipped one by name, or a file, also a saved state.")],
    shock: Annotated[
        list[str] | None,
        typer.Option("--shock", help="WETH=-20%, WETH,wstETH=-20% or WETH=1800 (USD); may be repeated."),
    ] = None,
    book: Annotated[
        str,
        typer.Option("--book", help="Scan this book instead: a shipped one by name, settings (.json), or a table."),
    ] = "",
    accounts: Annotated[int, typer.Option("--accounts", min=0, help="Another size for a generated book.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed for a generated book.")] = 0,
    later: Annotated[int, typer.Option("--later", min=0, help="Let interest accrue for so many seconds before.")] = 0,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write all accounts: .csv or .parquet.")] = None,
    revision: Annotated[
        str, typer.Option("--revision", "-r", help="Deploy it on another release, without what that lacks.")
    ] = "",
) -> None:
    """Tell how many accounts can be liquidated, and what they owe, at prices as they are and after each shock.

    Of every account of a market or a book, exactly as the pool itself would judge it.
    """
    with refused_when(ValueError, OSError, ImportError):
        from ..scan.risk import shock_rows
        from ..scan.scan import Scan
        from ..scan.writing import check_kind, write_accounts

        if output is not None:
            check_kind(output)
        shocks = _shocks(shock or [])
        twin = opened(market, revision)
        scan = Scan.of(twin, _book(twin, book, accounts, seed))
        moment = scan.time + later
        rows = shock_rows(scan, shocks, moment)
        if output is not None:
            write_accounts(output, scan.account_data(time=moment), rows)
    whose = f", book {book}" if book else ""
    _say(f"[bold]{escape(market)}[/bold]{escape(whose)}, Aave v{twin.chain.revision.name}: {len(scan):,} accounts")
    _print(rows, len(scan))
    if output is not None:
        console.print(f"written to {output}", soft_wrap=True, markup=False, highlight=False)


def _shocks(texts: Sequence[str]) -> list[tuple[str, Shock]]:
    from ..scan.shocks import shock_of

    found: list[tuple[str, Shock]] = [("as it is", {})]
    for text in texts:
        try:
            found.append((text, shock_of(text)))
        except ValueError as error:
            raise ValueError(f"--shock {error}") from None
    return found


def _book(market: Market, book: str, accounts: int, seed: int) -> Book | None:
    """Make the book that is named. Raises ValueError for what is none."""
    if not book:
        if accounts or seed:
            raise ValueError("--accounts and --seed are of a generated book: name one with --book")
        return None
    from ..books.load import make_book
    from ..books.shipped import book_settings

    return make_book(book_settings(book, accounts=accounts, seed=seed), market)


def _print(rows: Sequence[ShockRow], accounts: int) -> None:
    table = empty_table(("prices",), ("liquidatable", "their debt, USD", "of debt", "not covered, USD"))
    table.columns[0].overflow = "fold"
    for row in rows:
        share = f"{row.owed * 100 / row.owed_by_all:.2f}%" if row.owed_by_all else "–"
        table.add_row(escape(row.name), f"{row.found.count:,}", _usd(row.owed), share, _usd(row.uncovered))
    console.print()
    console.print(table)
    console.print()
    close, odd = sum(row.found.close for row in rows), sum(row.found.odd for row in rows)
    asked = accounts * len(rows)
    part = f"{(close + odd) * 100 / asked:.4f}%" if asked else "none"
    _say(
        f"Decided by exact integers: {part}, {close:,} too close to 1 for floats and {odd:,} beyond\n"
        "what arrays hold. All others: by floats with a proven bound."
    )
    fails = max((len(row.found.fails) for row in rows), default=0)
    if fails:
        from ..formatting import plural

        _say(f"[yellow]The pool cannot tell {plural(fails, 'account')}[/yellow], as where a price is missing.")


def _usd(base: int) -> str:
    from ..formatting import amount

    return amount(base, 8, 0)


def _say(text: str) -> None:
    console.print(text, highlight=False)
