"""Printed report of a comparison of revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ..terminal import print_whole
from .difference import MEASURES, Branch, Comparison, ReserveTotals

HEADINGS = {
    "owed_to_lenders": "lenders\nare owed",
    "owed_to_treasury": "treasury\nis owed",
    "owed_by_borrowers": "borrowers\nowe",
    "in_the_pool": "pool\nholds",
    "deficit": "deficit",
    "slack": "slack",
}
SHOWN_DECIMALS = 6
Units = Mapping[tuple[str, str], int]
"""Amounts in smallest units, by reserve and measure."""


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print how calls came out, the first that came out differently, and what it adds up to."""
    baseline, *others = comparison.branches
    played = ", ".join(branch.revision.label for branch in comparison.branches)
    console.print(
        f"{comparison.path.name}: {comparison.calls:,} calls made on v{comparison.recorded_revision}, played on "
        f"{played}; {baseline.revision.label} is what the others are compared with"
        f"{', each call from the same state' if comparison.each_call else ''}.\n"
    )
    _print_changes(comparison.branches, console)
    if comparison.in_vain:
        console.print(
            f"[yellow]Every call reverts on {baseline.revision.label}:[/yellow] only refusals are compared.\n"
        )
    print_whole(_counts_table(others, baseline), console)
    _print_watched(comparison.branches, console)
    for branch in others:
        _print_differences(branch, baseline, console)
    for branch in others:
        if comparison.each_call:
            _print_worth(branch, baseline, console)
        else:
            _print_totals(branch, baseline, console)


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="bold")
    for position, heading in enumerate(headings):
        table.add_column(heading, justify="right" if position else "left", no_wrap=True)
    return table


def _counts_table(others: list[Branch], baseline: Branch) -> Table:
    headings = (f"{branch.revision.label}" for branch in others)
    table = _table(f"How calls came out, beside {baseline.revision.label}", "", *headings)
    kinds = sorted({kind for branch in others for kind in branch.counts}, key=lambda kind: (kind != "same", kind))
    for kind in kinds:
        table.add_row(kind, *(f"{branch.counts[kind]:,}" for branch in others))
    return table


def _print_changes(branches: list[Branch], console: Console) -> None:
    """Say what of the history's market and setting the releases lack, or have otherwise."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for branch in branches:
        alike.setdefault(tuple(branch.changes), []).append(branch.revision.label)
    for changes, labels in alike.items():
        if changes:
            lacks = "it lacks" if len(labels) == 1 else "they lack"
            console.print(f"[bold]On {', '.join(labels)} the history begins without what {lacks}[/bold]")
            for change in changes:
                console.print(Padding(escape(change), (0, 0, 0, 2), expand=False), highlight=False)
            console.print()


def _print_watched(branches: list[Branch], console: Console) -> None:
    """Say on which releases the laws broke that watched, first where."""
    laws = dict.fromkeys(law for branch in branches for law in branch.watched or ())
    for law in laws:
        held = [branch.revision.label for branch in branches if (branch.watched or {}).get(law, "") is None]
        unasked = [branch.revision.label for branch in branches if law not in (branch.watched or ())]
        console.print(f"\n[bold]{law}[/bold] {_holds(held, unasked)}", soft_wrap=True, highlight=False)
        for branch in branches:
            violation = (branch.watched or {}).get(law)
            if violation is not None:
                told = f"On {branch.revision.label} {violation}"
                console.print(escape(told), soft_wrap=True, highlight=False)


def _holds(held: list[str], unasked: list[str]) -> str:
    told = f"holds on {', '.join(held)}" if held else "holds nowhere"
    return f"{told}; it is not asked of {', '.join(unasked)}." if unasked else f"{told}."


def _print_differences(branch: Branch, baseline: Branch, console: Console) -> None:
    if not branch.differences and not branch.wordings:
        return
    title = f"Where {branch.revision.label} first parts from {baseline.revision.label}"
    if not branch.differences:
        title += ", and only in the words in which a token refuses"
    console.print(f"\n[bold]{title}[/bold]")
    for difference in branch.differences or branch.wordings[:1]:
        by = "" if difference.units is None else f"  ({difference.units:+,})"
        console.print(f"line {difference.line}: {escape(difference.call)}", soft_wrap=True, highlight=False)
        console.print(
            f"    {difference.kind}, {difference.what}: "
            f"{escape(difference.baseline)} there, {escape(difference.here)} here{by}",
            soft_wrap=True,
            highlight=False,
        )


def _print_totals(branch: Branch, baseline: Branch, console: Console) -> None:
    label = baseline.revision.label
    title = f"\nAt the end, {branch.revision.label} minus {label}, in tokens"
    units = {
        (there.symbol, measure): getattr(here, measure) - getattr(there, measure)
        for there, here in _on_both(baseline, branch)
        for measure in MEASURES
    }
    told = [measure for measure in MEASURES if any(units.get((each.symbol, measure)) for each in baseline.totals)]
    if not told:
        console.print(f"{title}: nothing")
        return
    title += f"\n(only what differs; USD at {label}'s prices)"
    table = _table(title, "reserve", *(HEADINGS[measure] for measure in told))
    for there, _ in _on_both(baseline, branch):
        if any(units[there.symbol, measure] for measure in told):
            table.add_row(there.symbol, *_row(units, there, told))
    table.add_section()
    table.add_row("USD", *_dollars(units, baseline.totals, told))
    print_whole(table, console)


def _on_both(baseline: Branch, branch: Branch) -> list[tuple[ReserveTotals, ReserveTotals]]:
    """Pair the reserves that both branches have in the end."""
    here = {reserve.symbol: reserve for reserve in branch.totals}
    return [(there, here[there.symbol]) for there in baseline.totals if there.symbol in here]


def _print_worth(branch: Branch, baseline: Branch, console: Console) -> None:
    title = f"\nWhat it is worth, {branch.revision.label} minus {baseline.revision.label}, summed over single calls"
    table = _table(title, "function", "calls", "reserve", *HEADINGS.values())
    for name, worth in sorted(branch.worth.items(), key=lambda item: -item[1].calls):
        first = True
        for there in baseline.totals:
            row = _row(worth.units, there)
            if any(cell != "0" for cell in row):
                table.add_row(name if first else "", f"{worth.calls:,}" if first else "", there.symbol, *row)
                first = False
    if table.row_count:
        print_whole(table, console)
    else:
        console.print(f"\nNo single call moved other amounts on {branch.revision.label}.")


def _row(units: Units, reserve: ReserveTotals, measures: Sequence[str] = MEASURES) -> list[str]:
    return [_tokens(units.get((reserve.symbol, measure), 0), reserve.decimals) for measure in measures]


def _tokens(units: int, decimals: int) -> str:
    """A signed amount in tokens; amounts too small to show are given in the smallest unit."""
    if units == 0:
        return "0"
    shown = abs(units) * 10**SHOWN_DECIMALS // 10**decimals
    sign = "-" if units < 0 else "+"
    if shown == 0:
        return f"{sign}{abs(units):,} units"
    return f"{sign}{shown // 10**SHOWN_DECIMALS:,}.{shown % 10**SHOWN_DECIMALS:0{SHOWN_DECIMALS}d}"


def _dollars(units: Units, reserves: list[ReserveTotals], measures: Sequence[str]) -> list[str]:
    cells = []
    for measure in measures:
        cents = sum(
            units.get((reserve.symbol, measure), 0) * reserve.price // 10**reserve.decimals // 10**6
            for reserve in reserves
        )
        sign = "-" if cents < 0 else "+" if cents else ""
        cells.append(f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}")
    return cells
