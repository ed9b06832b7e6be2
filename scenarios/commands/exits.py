"""`pooltwin exits`: who can leave a reserve, in what order, and what is left."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..terminal import console, empty_table, refused_when
from .market_show import opened

if TYPE_CHECKING:
    from pooltwin.protocol.market import Market

    from ..books.placed import PlacedBook
    from ..exits.exits import Exits


def exits_command(
    market: Annotated[str, typer.Argument(help="A market: a shipped one by name, or a file, also a saved state.")],
    reserve: Annotated[str, typer.Argument(help="The reserve that lenders leave: its key or symbol.")],
    book: Annotated[
        str,
        typer.Option("--book", help="Whose accounts are in it: a shipped book by name, settings (.json), or a table."),
    ] = "",
    accounts: Annotated[int, typer.Option("--accounts", min=0, help="Another size for a generated book.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed for a generated book.")] = 0,
    order: Annotated[
        str, typer.Option("--order", help="largest, smallest, free (of debt, first), bound (by it), or seed:7.")
    ] = "largest",
    repaid: Annotated[str, typer.Option("--repaid", help="Whole tokens that borrowers pay back before.")] = "0",
    top: Annotated[int, typer.Option("--top", min=0, help="How many turns to show.")] = 10,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write every turn here, one a line.")] = None,
    revision: Annotated[
        str, typer.Option("--revision", "-r", help="Deploy it on another release, without what that lacks.")
    ] = "",
) -> None:
    """Tell who can leave a reserve in one block: at most, in any order; and one by one, in the order that is named.

    Each lender's turn is a withdrawal in the twin, so that liquidity, health factors and roundings are the pool's own.
    """
    from pooltwin.protocol.files import write_text

    from ..exits.exits import exits_of
    from ..exits.rows import csv_of

    with refused_when(ValueError, OSError, ImportError):
        twin = opened(market, revision)
        key = _key(twin, reserve)
        placed = _placed(twin, book, accounts, seed)
        told = exits_of(twin, key, placed=placed, order=order, repaid=_units(twin, key, repaid))
        if csv is not None:
            write_text(csv, csv_of(told))
    _print(told, market, book, top)
    if csv is not None:
        console.print(f"written to {csv}", soft_wrap=True, markup=False, highlight=False)


def _key(market: Market, name: str) -> str:
    try:
        where = market.asset(name)
    except KeyError as error:
        raise ValueError(str(error.args[0])) from None
    return next(key for key, asset in market.assets.items() if asset == where)


def _units(market: Market, key: str, text: str) -> int:
    from ..units import to_units

    try:
        number = Decimal(text.replace(",", "").replace("_", ""))
        units = to_units(number, market.erc20(key).decimals()) if number.is_finite() else -1
    except (ArithmeticError, ValueError):
        raise ValueError(f"--repaid {text}: is no amount of {key}") from None
    if units < 0:
        raise ValueError(f"--repaid {text}: is no amount of {key}")
    return units


def _placed(market: Market, book: str, accounts: int, seed: int) -> PlacedBook | None:
    """Make the book that is named, and put it into the market. Raises ValueError for what is none."""
    if not book:
        if accounts or seed:
            raise ValueError("--accounts and --seed are of a generated book: name one with --book")
        return None
    from ..books.load import open_book
    from ..books.shipped import book_settings

    return open_book(book_settings(book, accounts=accounts, seed=seed), market)


def _print(told: Exits, market: str, book: str, top: int) -> None:
    bound, queue = told.bound, told.queue
    whose = f", book {book}" if book else ""
    _say(f"[bold]Who can leave {escape(told.reserve)}[/bold] · {escape(market)}{escape(whose)}\n")
    table = empty_table(("",), (told.reserve, "of claims"))
    for words, units in (
        ("claims of lenders", bound.claims),
        ("free to leave, as far as their own debts go", bound.free),
        ("in the reserve now", bound.cash),
        ("most that can leave, in any order", bound.most),
        ("want to leave and cannot, at least", bound.stranded),
    ):
        table.add_row(words, _tokens(units, told), _share(units, bound.claims))
    console.print(table)
    _say(_door(told))
    waiting = queue.waiting
    lacking = sum(turn.claim.free - turn.paid for turn in waiting)
    _say(
        f"[bold]Queue[/bold], {_order(told.order)}: {len(queue.turns) - len(waiting):,} of {len(queue.turns):,} get "
        f"what is free, {_tokens(queue.paid, told)} {escape(told.reserve)} leave;\n{len(waiting):,} wait for "
        f"{_tokens(lacking, told)}; {_tokens(queue.left, told)} are left in the reserve.\n"
    )
    if top and queue.turns:
        console.print(_turns(told, top))


def _turns(told: Exits, top: int) -> object:
    table = empty_table(("lender",), ("supplied", "free", "gets", "left"))
    table.add_column("")
    for turn in told.queue.turns[:top]:
        who = turn.claim.name or f"{turn.claim.account[:6]}…{turn.claim.account[-4:]}"
        amounts = (turn.claim.claim, turn.claim.free, turn.paid, turn.left)
        table.add_row(escape(who), *(_tokens(units, told) for units in amounts), escape(turn.limit))
    more = len(told.queue.turns) - top
    if more > 0:
        table.caption, table.caption_justify = f"and {more:,} more: --csv FILE writes all", "left"
    return table


def _door(told: Exits) -> str:
    if not told.bound.cash:
        return "The door is closed: nothing is in the reserve.\n"
    if not told.closers:
        return "Nobody can close the door: all together want less than is there.\n"
    count = len(told.closers)
    who = "1 lender alone takes" if count == 1 else f"The {count:,} largest together take"
    return f"{who} all that is there, and close the door behind them.\n"


def _order(order: str) -> str:
    words = {
        "largest": "the largest first",
        "smallest": "the smallest first",
        "free": "those without debts first",
        "bound": "those with debts first",
    }
    return words.get(order, f"in random order ({order})")


def _tokens(units: int, told: Exits) -> str:
    from ..formatting import amount

    places = 2 if abs(units) < 10_000 * 10**told.decimals else 0
    return amount(units, told.decimals, min(told.decimals, places))


def _share(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f}%" if whole else "–"


def _say(text: str) -> None:
    console.print(text, highlight=False)
