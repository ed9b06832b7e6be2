"""Assumptions of a run: sentences that follow from what this run did and from what its file leaves out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from ..formatting import amount
from .result import ScenarioResult

LONGEST = 60
"""How long a value is shown."""


def assumed(result: ScenarioResult) -> tuple[str, ...]:
    """Tell what this run takes for granted, in whole sentences."""
    return (*_market(result), *_prices(result), *_venues(result), *_money(result), *_order(), *result.assumes)


def _market(result: ScenarioResult) -> Iterator[str]:
    for line in result.left_out:
        yield f"Of the market is left out: {line}."
    if result.scenario.book is not None:
        yield "Accounts of the book do nothing themselves: they only enter when a print may let them be liquidated."


def _prices(result: ScenarioResult) -> Iterator[str]:
    still = [asset for asset in result.last.reserves if asset not in result.scenario.prices]
    used = [asset for asset in still if result.last.reserves[asset].owed_to_lenders]
    if used:
        yield f"The price of {_listed(used)} never moves."
    direct = [asset for asset, settings in result.scenario.prices.items() if not settings.oracle]
    if direct:
        yield f"The pool is told the price of {_listed(direct)} at once and exactly, without an oracle in between."


def _venues(result: ScenarioResult) -> Iterator[str]:
    traded = {sale.asset for sale in result.record.sales}
    free = sorted(asset for asset in traded if asset not in result.scenario.venues)
    if free:
        yield f"Sales of {_listed(free)} meet the price outside without limit and move no price: it has no venue."
    into = sorted({sale.into for sale in result.record.sales if sale.into})
    if into:
        yield f"Proceeds are changed into {_listed(into)} at the price outside, in any amount."


def _money(result: ScenarioResult) -> Iterator[str]:
    """Tell what came from outside, by entry of the file: at the start and later."""
    first = result.first.block
    sums: dict[tuple[str, bool, str], int] = defaultdict(int)
    for funding in result.record.fundings:
        sums[_entry(result, funding.agent), funding.block > first, funding.asset] += funding.amount
    told: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for (name, later, asset), units in sums.items():
        shown = amount(units, result.decimals[asset], 0) if asset else amount(units, 8, 0)
        told[name, later].append(f"{shown} {asset or 'dollars'}")
    for (name, later), parts in told.items():
        yield f"{name}: {', '.join(parts)} came from outside {'while it ran' if later else 'in the first block'}."


def _order() -> Iterator[str]:
    yield "Within a block all act in one order (liquidators, borrowers, lenders; then by name), without a mempool."


def _entry(result: ScenarioResult, name: str) -> str:
    """Name the entry of the file that an agent is of."""
    cast = result.scenario.agents[result.entries[name]] if name in result.entries else None
    return name if cast is None or cast.count == 1 else f"{cast.agent.name} 1 to {cast.count}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def changed(result: ScenarioResult) -> list[tuple[str, str]]:
    """List everything that the file sets otherwise than by default, as place and value."""
    plain = result.scenario.model_dump(mode="json", exclude_defaults=True, exclude={"format", "title", "agents"})
    if isinstance(plain.get("market"), dict):
        plain["market"] = plain["market"]["name"]
    lines = list(_flat("", plain))
    for cast in result.scenario.agents:
        count = f" x {cast.count}" if cast.count > 1 else ""
        settings = cast.agent.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
        shown = ", ".join(f"{place} {value}" for place, value in _flat("", settings) if place)
        lines.append((f"{cast.agent.name}{count}", f"{cast.kind}{shown and ': '}{shown}"))
    return lines


def _flat(place: str, value: Any) -> Iterator[tuple[str, str]]:
    """Tell data line by line: what has a kind is one line, and long lists are counted."""
    if isinstance(value, dict) and "kind" in value:
        rest = ", ".join(f"{key} {_shown(each)}" for key, each in value.items() if key != "kind")
        yield place, f"{value['kind']}{rest and ': '}{rest}"
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(f"{place}.{key}" if place else key, each)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for number, each in enumerate(value):
            yield from _flat(f"{place}[{number}]", each)
    else:
        yield place, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        text = " ".join(_shown(each) for each in value)
        return text if len(text) <= LONGEST and "{" not in text else f"[{len(value)} entries]"
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
