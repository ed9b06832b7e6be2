"""Assumptions of the replay told one by one: name, default, unit, and the reason in the words of their docstrings."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from .parameters import ReplayParameters

UNITS_BY_ENDING = {
    "_bps": "hundredths of a percent: 10000 is all",
    "_usd": "dollars",
    "_hours": "hours",
}
UNITS = {
    "highest_trigger_02_06_usd": "dollars",
    "health_factor_floor": "health factor, a number above 1",
    "wallets": "list of wallets; share_bps in hundredths of a percent, offset_usd in dollars",
    "utilisation_ceilings": "list of moments and utilisations in hundredths of a percent",
    "shock": "a moment and dollars",
    "prices": "list of moments and dollars",
    "liquidator_latency_blocks": "blocks of 12 seconds",
    "background": "one of six accounts, book",
    "book_accounts": "accounts",
    "book_seed": "a whole number",
    "impact_model": "one of constant product, square root",
    "depth_refill_half_life_minutes": "minutes",
    "intra_candle_order": "one of by_direction, low_first, high_first",
}
YES_OR_NO = "true or false"

EXAMPLE = {"sell": False, "shock": {"time": "2026-02-06T01:30:00Z", "weth_usd": "1400"}}
"""A file for --parameters, as an example."""


class Explained(NamedTuple):
    """One parameter, explained."""

    name: str
    default: str
    unit: str
    reason: str


def explained() -> Iterator[Explained]:
    """Explain every parameter, in the order in which they stand."""
    defaults = ReplayParameters().model_dump(mode="json")
    for name, field in ReplayParameters.model_fields.items():
        yield Explained(name, json.dumps(defaults[name]), unit_of(name, field.default), one_line(field.description))


def unit_of(name: str, default: object) -> str:
    """Say in which unit a parameter is given. Raises LookupError for one that nobody has thought of."""
    if name in UNITS:
        return UNITS[name]
    if isinstance(default, bool):
        return YES_OR_NO
    for ending, unit in UNITS_BY_ENDING.items():
        if name.endswith(ending):
            return unit
    raise LookupError(f"{name} has no unit")


def one_line(text: str | None) -> str:
    """Put a docstring on one line."""
    return " ".join((text or "").split())


def explanation(width: int) -> str:
    """Tell all parameters as text of a width, with an example of a file behind them."""
    blocks = []
    for one in explained():
        facts = [("default", one.default), ("unit", one.unit), ("why", one.reason)]
        lines = [
            textwrap.fill(f"{what}: {said}", width, initial_indent="  ", subsequent_indent="    ")
            for what, said in facts
        ]
        blocks.append("\n".join([one.name, *lines]))
    example = json.dumps(EXAMPLE, indent=2)
    closing = f"A file for --parameters names only what it changes, for example:\n{textwrap.indent(example, '  ')}"
    return "\n\n".join([*blocks, closing])
