"""Parameters that differ from their defaults, in words: they belong in every title, so that no stress test passes for
what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..formatting import day_time, plural, share
from ..units import Frozen, timestamp
from .parameters import ReplayParameters
from .timeline import Timeline


class Change(Frozen):
    """One parameter that differs from its default. Values are as in JSON."""

    name: str
    default: Any
    value: Any
    words: str
    """As in "what if: WETH 1,400.00 at Feb 06 01:20 UTC"."""


def _said(yes: str, no: str) -> Callable[[ReplayParameters, bool], str]:
    return lambda _, value: yes if value else no


ORDERS = {
    "by_direction": "rising candles see their low first",
    "low_first": "every candle sees its low first",
    "high_first": "every candle sees its high first",
}

BACKGROUNDS = {"book": "everybody else is a generated book", "six accounts": "six accounts stand for everybody else"}

WORDS: dict[str, Callable[[ReplayParameters, Any], str]] = {
    "sell": _said("sales as reported", "nobody sells"),
    "wallets": lambda _, wallets: f"another split over {len(wallets)} wallets",
    "usdt_share_bps": lambda _, bps: f"{share(bps)} of the debt in USDT",
    "late_book_trigger_usd": lambda _, usd: f"the book's trigger at {usd:,} after its last reported debt",
    "highest_trigger_02_06_usd": lambda _, usd: f"the highest trigger of Feb 06 at {usd:,}",
    "seller_delay_hours": lambda _, hours: f"the owner acts {hours} hours later than reported",
    "health_factor_floor": lambda _, floor: f"the owner keeps wallets at a health factor of {floor} or more",
    "utilisation_ceilings": lambda _, ceilings: (
        "utilisation of WETH held at or below "
        + ", ".join(f"{share(ceiling.bps)} from {day_time(timestamp(ceiling.since))}" for ceiling in ceilings)
    ),
    "weth_returned_by_repayment_bps": lambda _, bps: f"{share(bps)} of the returning WETH repaid, the rest supplied",
    "weth_returns": _said("others bring WETH back", "nobody brings WETH back"),
    "intra_candle_order": lambda _, order: ORDERS[order],
    "oracle_wick_bps": lambda _, bps: f"{share(bps)} of the candles' wicks reach the oracle",
    "shock": lambda _, shock: f"WETH {shock.weth_usd:,.2f} at {day_time(timestamp(shock.time))}",
    "prices": lambda _, prices: (
        f"{plural(len(prices), 'given price')} of WETH from {day_time(timestamp(prices[0].time))} on,"
        f" {min(price.weth_usd for price in prices):,} to {max(price.weth_usd for price in prices):,}"
    ),
    "liquidators_active": _said("liquidators at work", "no liquidators"),
    "liquidator_slippage_bps": lambda _, bps: f"liquidators lose {share(bps)} when they sell",
    "liquidator_takes_a_tokens": _said("liquidators take aWETH", "liquidators refuse aWETH"),
    "liquidator_least_profit_usd": lambda _, usd: f"liquidators want {usd:,} USD from every call",
    "liquidator_latency_blocks": lambda _, blocks: f"liquidators act {plural(blocks, 'block')} late",
    "liquidator_capital_usd": lambda _, usd: f"liquidators have {usd:,} USD",
    "weth_depth_usd": lambda _, usd: (
        "sales of WETH move nothing" if usd is None else f"WETH falls by 2% when {usd:,} USD of it are sold"
    ),
    "impact_model": lambda _, model: f"{model} impact",
    "depth_refill_half_life_minutes": lambda _, minutes: f"half of a sale refilled after {plural(minutes, 'minute')}",
    "background": lambda _, kind: BACKGROUNDS[kind],
    "book_accounts": lambda _, count: f"a book of {plural(count, 'account')}",
    "book_seed": lambda _, seed: f"book number {seed}",
    "book_stable_ltv_bps": lambda _, bps: f"the book's loans-to-value at {share(bps)} of December's",
    "eth_backed_share_bps": lambda _, bps: f"{share(bps)} of the other WETH backs debts",
}
"""How a change of each parameter is said."""


def changes(parameters: ReplayParameters) -> tuple[Change, ...]:
    """List every parameter that differs from its default, in the order of the parameters."""
    default = ReplayParameters()
    plain, usual = parameters.model_dump(mode="json"), default.model_dump(mode="json")
    return tuple(
        Change(
            name=name,
            default=usual[name],
            value=plain[name],
            words=WORDS[name](parameters, getattr(parameters, name)),
        )
        for name in ReplayParameters.model_fields
        if getattr(parameters, name) != getattr(default, name)
    )


def timeline_changed(timeline: Timeline, shipped: Timeline) -> tuple[Change, ...]:
    """Name a timeline that is not the shipped one, by its title."""
    if timeline == shipped:
        return ()
    said = f"a timeline of one's own, {timeline.title!r}"
    return (Change(name="timeline", default=shipped.title, value=timeline.title, words=said),)


def what_if(changed: tuple[Change, ...]) -> str:
    """Say what was changed in one line: "with the reported sales", or "what if: ...; ..."."""
    return "what if: " + "; ".join(change.words for change in changed) if changed else "with the reported sales"
