"""`pooltwin position`: one position on a market, with its health, its liquidation prices and what would change them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..terminal import console, empty_table, print_whole, refused_when
from .market_files import deployed
from .openings import market_given

if TYPE_CHECKING:
    from pooltwin.protocol.market import Market

    from ..positions.figures import Figures, Given, LiquidationRow, SideRow

MARKET = "ethereum-core-2026-02"


def position_command(
    market: Annotated[str, typer.Option("--market", help="A market: a shipped one by name, or a file.")] = MARKET,
    collateral: Annotated[
        list[str] | None, typer.Option("--collateral", help="ASSET=AMOUNT in whole tokens; may be repeated.")
    ] = None,
    debt: Annotated[
        list[str] | None, typer.Option("--debt", help="ASSET=AMOUNT owed at the variable rate; may be repeated.")
    ] = None,
    price: Annotated[
        list[str] | None, typer.Option("--price", help="ASSET=USD instead of the market's price; may be repeated.")
    ] = None,
    e_mode: Annotated[int, typer.Option("--e-mode", min=0, max=255, help="The position's e-mode category.")] = 0,
    move: Annotated[str, typer.Option("--move", help="Whose price moves; by default the largest collateral's.")] = "",
    revision: Annotated[str, typer.Option("--revision", "-r", help="Another release than the market's.")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", help="Write all figures here, one a line.")] = None,
    chart: Annotated[Path | None, typer.Option("--chart", help="Draw the health here: .png or .svg, 16:9.")] = None,
) -> None:
    """Tell the health of a position, what liquidates it, who would get what, and what a top-up or repayment changes.

    The position is written into a fresh market with enough to lend of what is owed; it need not be one that the pool
    would let anybody open. Every figure is computed by the twin.
    """
    from pooltwin.protocol.errors import Revert
    from pooltwin.protocol.files import write_text

    from ..positions.chart import check_chart, draw_position
    from ..positions.figures import figures_of, put_in_place
    from ..positions.rows import csv_of

    with refused_when(ValueError, OSError):
        if chart is not None:
            check_chart(chart)
        twin = deployed(market_given(market, revision))
        given = _given(twin, collateral or [], debt or [], price or [], e_mode)
        if move:
            _known(twin, "--move", move, move)
        try:
            put_in_place(twin, given)
            figures = figures_of(twin, given, move)
        except Revert as revert:
            raise ValueError(f"the pool cannot tell this position: {revert}") from None
        _print(figures, market)
        if csv is not None:
            write_text(csv, csv_of(figures))
            _say(f"written to {csv}")
        if chart is not None:
            draw_position(figures, _title(figures), _footer(figures, market, given), chart)
            _say(f"drawn to {chart}")


# --- what is given ----------------------------------------------------------------------------------------------------


def _given(market: Market, collateral: list[str], debt: list[str], price: list[str], e_mode: int) -> Given:
    from ..positions.figures import Given

    if not collateral:
        raise ValueError("--collateral: name at least one, as --collateral WETH=1000")
    return Given(
        _amounts(market, "--collateral", collateral),
        _amounts(market, "--debt", debt),
        _amounts(market, "--price", price, decimals=8),
        e_mode,
    )


def _amounts(market: Market, option: str, pairs: list[str], decimals: int | None = None) -> dict[str, int]:
    found: dict[str, int] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"{option} {pair}: is not ASSET=AMOUNT, as WETH=1000")
        _known(market, option, pair, name)
        if name in found:
            raise ValueError(f"{option} {pair}: {name} is given twice")
        found[name] = _units(option, pair, text, market.erc20(name).decimals() if decimals is None else decimals)
    return found


def _known(market: Market, option: str, pair: str, name: str) -> None:
    try:
        market.asset(name)
    except KeyError as error:
        raise ValueError(f"{option} {pair}: {error.args[0]}") from None


def _units(option: str, pair: str, text: str, decimals: int) -> int:
    from ..units import to_units

    try:
        number = Decimal(text.replace(",", "").replace("_", ""))
        units = to_units(number, decimals) if number.is_finite() else 0
    except InvalidOperation:
        raise ValueError(f"{option} {pair}: {text!r} is not a number") from None
    except ValueError as error:
        raise ValueError(f"{option} {pair}: {error}") from None
    if not 0 < units < 2**120:
        raise ValueError(f"{option} {pair}: {text} is not above zero, or too much")
    return units


# --- what is printed --------------------------------------------------------------------------------------------------


def _title(figures: Figures) -> str:
    def told(debts: bool) -> str:
        return ", ".join(
            f"{_tokens(side.amount, side.decimals)} {side.name}" for side in figures.sides if side.is_debt == debts
        )

    owed = told(True)
    return f"{told(False)} against {owed}" if owed else f"{told(False)}, no debt"


def _footer(figures: Figures, market: str, given: Given) -> str:
    prices = ", ".join(f"{name} at {_usd(price)}" for name, price in given.prices.items())
    mode = f", e-mode {given.e_mode}" if given.e_mode else ""
    return f"simulated with pooltwin: {Path(market).name}, Aave v{figures.release}{mode}" + (
        f"; prices given: {prices}" if prices else "; prices of the market's file"
    )


def _say(text: str) -> None:
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def _print(figures: Figures, market: str) -> None:
    from ..formatting import health_factor

    health = figures.health
    factor = "no debt" if health.health_factor is None else health_factor(health.health_factor)
    console.print(f"[bold]{escape(_title(figures))}[/bold], {escape(market)}, v{figures.release}", highlight=False)
    state = ", [red]can be liquidated[/red]" if figures.can_be_liquidated else ""
    console.print(f"health factor: [bold]{factor}[/bold]{state}", highlight=False)
    _say(
        f"owes {_usd(health.total_debt)} of {_usd(health.total_collateral)} USD; "
        f"may borrow up to {_percent(health.ltv_bps)}, liquidated at {_percent(health.liquidation_threshold_bps)}"
    )
    _print_sides(figures)
    if health.health_factor is None:
        return
    _print_liquidations(figures)
    _print_changes(figures)
    _print_moves(figures)


def _print_sides(figures: Figures) -> None:
    table = empty_table(("", "asset"), ("amount", "price", "value, USD", "liquidated at"))
    for side in figures.sides:
        table.add_row(
            "owes" if side.is_debt else "has",
            escape(side.name),
            _tokens(side.amount, side.decimals),
            _usd(side.price),
            _usd(side.value),
            _liquidated_at(side),
        )
    console.print()
    print_whole(table, console)
    together = {name for side in figures.sides if side.liquidation_price for name in side.liquidation_price.moves[1:]}
    if together:
        _say(f"One feed: {', '.join(sorted(together))} move with another asset of the position.")


def _liquidated_at(side: SideRow) -> str:
    price = side.liquidation_price
    if price is None:
        return "no price"
    if price.always:
        return "any price"
    return f"{'>=' if price.rises else '<='} {_usd(price)}"


def _print_liquidations(figures: Figures) -> None:
    if not figures.liquidations:
        return
    when = "now" if figures.can_be_liquidated else "where the collateral's price falls so far"
    table = empty_table(
        ("takes", "for"), ("price", "pays", "gets", "treasury", "gain, USD", "loss, USD"), title=f"Liquidation {when}"
    )
    table.title_justify = "left"
    deficits: list[str] = []
    decimals = {side.name: side.decimals for side in figures.sides}
    for row in figures.liquidations:
        _add_liquidation(table, row, decimals)
        deficits += [
            f"{row.collateral} for {row.debt} leaves {_tokens(amount, decimals[name])} {name} that nobody pays."
            for name, amount in row.outcome.deficits.items()
        ]
    console.print()
    print_whole(table, console)
    for line in deficits:
        _say(line)


def _add_liquidation(table: object, row: LiquidationRow, decimals: dict[str, int]) -> None:
    from rich.table import Table

    assert isinstance(table, Table)
    outcome, price = row.outcome, _usd(row.price)
    if outcome.refusal is not None:
        table.add_row(escape(row.collateral), escape(row.debt), price, f"refused: {outcome.refusal.name}")
        return
    table.add_row(
        escape(row.collateral),
        escape(row.debt),
        price,
        _tokens(outcome.debt_covered, decimals[row.debt]),
        _tokens(outcome.collateral_received, decimals[row.collateral]),
        _tokens(outcome.protocol_fee, decimals[row.collateral]),
        _usd(outcome.bonus_base),
        _usd(outcome.borrower_loss_base),
    )


def _print_changes(figures: Figures) -> None:
    from ..formatting import health_factor

    decimals = {side.name: side.decimals for side in figures.sides}
    main = max((side for side in figures.sides if not side.is_debt), key=lambda side: side.value).name
    table = empty_table(("change", "asset"), ("amount", "health", f"{escape(main)} liquidated at"))
    for row in figures.changes:
        price = row.liquidation_price
        table.add_row(
            f"{'repays' if row.is_repayment else 'adds'} {row.part_percent}%",
            escape(row.name),
            _tokens(row.amount, decimals[row.name]),
            f"refused: {row.refusal.name}" if row.refusal else health_factor(row.health and row.health.health_factor),
            "no price" if price is None else "any price" if price.always else _usd(price),
        )
    console.print()
    print_whole(table, console)


def _print_moves(figures: Figures) -> None:
    from ..formatting import health_factor

    table = empty_table((), (f"{escape(figures.moved)}", "price", "health"))
    table.add_column("")
    for row in figures.moves:
        factor = row.health and row.health.health_factor
        red = factor is not None and factor < 10**18
        told = health_factor(factor)
        table.add_row(f"{row.percent:+d}%", _usd(row.price), f"[red]{told}[/red]" if red else told, _bar(factor))
    console.print()
    print_whole(table, console)
    _say("The bar shows the health factor; | is 1, below which the position is liquidated.")


def _bar(factor: int | None) -> str:
    """A bar of 20 characters up to 1, and as many up to 2; longer ones are cut."""
    if factor is None:
        return ""
    length = min(40, factor * 20 // 10**18)
    return "#" * min(length, 20) + " " * max(0, 20 - length) + "|" + "#" * max(0, length - 20)


def _tokens(units: int, decimals: int) -> str:
    from ..formatting import amount

    text = amount(units, decimals, min(decimals, 4))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _usd(base: int) -> str:
    from ..formatting import amount

    return amount(int(base), 8, 2 if abs(base) >= 10 * 10**8 else 6 if abs(base) else 2)


def _percent(bps: int) -> str:
    return f"{bps / 100:g}%"
