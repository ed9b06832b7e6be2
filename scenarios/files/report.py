"""Printed report of a run: the verdict first, then short tables that fit eighty columns, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

from pooltwin.protocol.version import __version__
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..formatting import amount, percent, plural, price
from ..terminal import empty_table
from ..units import moment
from .assumed import assumed, changed
from .result import ScenarioResult
from .verdict import verdict

MONEY = ("sold, m", "bought, m", "repaid, m")
"""What agents moved, in millions of dollars: at venues, and in liquidations."""
MOST_AGENTS = 20
"""How many entries of agents a table shows; the rest are added up."""


def print_result(result: ScenarioResult, console: Console) -> None:
    """Print title, verdict, tables, what is set, what is assumed, and the digests."""
    _say(console, f"[bold]{escape(result.scenario.title)}[/bold]")
    _say(console, escape(_opening(result)))
    console.print()
    for sentence in verdict(result):
        _bullet(console, sentence)
    tables: Iterable[Table] = (_reserves(result), _prices(result), _agents(result))
    for table in tables:
        if table.row_count:
            console.print()
            console.print(table)
    _print_laws(result, console)
    console.print("\n[bold]Set in the file, where it is not the default[/bold]")
    for place, value in changed(result):
        _say(console, escape(fill(f"{place} = {value}", console.width, initial_indent="  ", subsequent_indent="    ")))
    console.print("\n[bold]Assumed[/bold]")
    for sentence in assumed(result):
        _bullet(console, sentence)
    console.print()
    _say(console, f"[dim]simulated by pooltwin {__version__}, seed {result.scenario.seed}[/dim]")
    _say(console, f"[dim]record {result.digest()}[/dim]")
    _say(console, f"[dim]state  {result.state_digest}[/dim]")


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False)


def _bullet(console: Console, sentence: str) -> None:
    _say(console, escape(fill(sentence, console.width, initial_indent="• ", subsequent_indent="  ")))


def _opening(result: ScenarioResult) -> str:
    first, last = result.first, result.last
    acts = len(result.record.calls)
    return (
        f"{result.market} on v{result.revision}, {moment(first.time):%Y-%m-%d %H:%M} to"
        f" {moment(last.time):%Y-%m-%d %H:%M} UTC: {plural(last.block - first.block, 'block')}, {plural(acts, 'call')}"
        f" by {plural(len(result.entries), 'agent')}."
    )


def _reserves(result: ScenarioResult) -> Table:
    table = empty_table(
        ("reserve",),
        ("owed, first", "owed, last", "withdrawable", "lowest", "utilised", "deficit"),
        title="Reserves, in tokens (lowest: least withdrawable of what was owed)",
    )
    for asset, state in result.last.reserves.items():
        before, lowest = result.first.reserves[asset], result.lowest_share(asset)
        if lowest is None and not state.deficit:
            continue
        decimals = result.decimals[asset]
        table.add_row(
            asset,
            amount(before.owed_to_lenders, decimals, 0),
            amount(state.owed_to_lenders, decimals, 0),
            amount(state.withdrawable, decimals, 0),
            "–" if lowest is None else percent(lowest),
            percent(state.utilisation_wad),
            amount(state.deficit, decimals, 0),
        )
    return _left(table)


def _prices(result: ScenarioResult) -> Table:
    table = empty_table(
        ("asset",),
        ("first", "lowest", "highest", "last", "told, lowest", "told, last", "prints"),
        title="Prices in USD, outside and as the pool was told them",
    )
    prints = result.record.prints
    for asset in result.last.prices:
        own = [each for each in prints if each.asset == asset]
        raw = [each.raw for each in own] + [row.prices[asset][0] for row in result.record.rows]
        told = [each.reported for each in own]
        table.add_row(
            asset,
            price(own[0].raw),
            price(min(raw)),
            price(max(raw)),
            price(result.last.prices[asset][0]),
            price(min(told)),
            price(result.last.prices[asset][1]),
            f"{sum(each.is_print for each in own):,}",
        )
    return _left(table)


def _agents(result: ScenarioResult) -> Table:
    rows = _by_entry(result)
    used = [number for number, _ in enumerate(MONEY) if any(figures[number + 2] for _, _, figures in rows)]
    table = empty_table(
        ("agent", "kind"),
        ("calls", "refused", *(MONEY[number] for number in used)),
        title="Agents; money in millions of USD",
    )
    table.columns[0].no_wrap = True
    for name, kind, (calls, refused, *money) in rows[:MOST_AGENTS]:
        shown = (amount(money[number] // 10**6, 8, 3) if money[number] else "–" for number in used)
        table.add_row(name, kind.rpartition(":")[2], f"{calls:,}", f"{refused:,}", *shown)
    if len(rows) > MOST_AGENTS:
        table.add_row(f"and {len(rows) - MOST_AGENTS} more entries")
    return _left(table)


def _by_entry(result: ScenarioResult) -> list[tuple[str, str, list[int]]]:
    """Add up what the agents of each entry of the file did: calls, refusals, and dollars with 8 decimals."""
    sums = [[0] * 5 for _ in result.scenario.agents]
    where, record = result.entries, result.record
    for call in record.calls:
        if call.agent in where:
            sums[where[call.agent]][0] += 1
            sums[where[call.agent]][1] += not call.ok
    for sale in record.sales:
        sums[where[sale.agent]][2] += sale.proceeds_base
    for purchase in record.purchases:
        sums[where[purchase.agent]][3] += purchase.cost_base
    for liquidation in record.liquidations:
        if liquidation.liquidator in where:
            sums[where[liquidation.liquidator]][4] += liquidation.repaid_base
    casts = zip(result.scenario.agents, sums, strict=True)
    return [(cast.agent.name + (f" x {cast.count}" if cast.count > 1 else ""), cast.kind, sum) for cast, sum in casts]


def _print_laws(result: ScenarioResult, console: Console) -> None:
    for law in result.laws.broken:
        console.print()
        _say(console, f"[red]{escape(law.told or law.id)}[/red]")


def _left(table: Table) -> Table:
    table.title_justify = "left"
    return table
