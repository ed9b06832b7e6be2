"""Loss of the firm in a replay, part by part: the market's fall, its own sales, interest, penalties.

The parts add up to the change of its worth in the replay, exactly, and with what the market fell before it to the loss
since an entry price. Worth is WETH at the pool's price, plus money in hand, less debts.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from ..units import PRICE_UNIT, WAD
from .agents import Liquidation
from .losses import loss_words
from .result import ReplayResult, Step

SHOWN = 50_000
"""Parts below so many dollars would be told as 0.0m."""


class Part(NamedTuple):
    """One part of the loss, in dollars; below zero it is a gain."""

    name: str
    dollars: Fraction


def loss_in_replay(result: ReplayResult) -> Fraction:
    """Compute what the firm's worth fell by from the first print to the last, in dollars, exactly."""
    first, last = result.steps[0], result.steps[-1]
    return _worth(result, first) - _worth(result, last)


def _worth(result: ReplayResult, step: Step) -> Fraction:
    """Worth after a step: collateral and money from sales, less debts and the money that repaid them."""
    money = sum((_dollars(sale.proceeds_base) for sale in result.sales if sale.time <= step.time), Fraction(0))
    paid = sum(
        (_repaid(step, item.asset, item.amount) for item in result.repayments if item.time <= step.time), Fraction(0)
    )
    return _weth(step.position.weth, step.price) + money - paid - _debt(step)


def _debt(step: Step) -> Fraction:
    return sum((_repaid(step, asset, amount) for asset, amount in step.position.debts.items()), Fraction(0))


def _repaid(step: Step, asset: str, amount: int) -> Fraction:
    reserve = step.reserve(asset)
    return Fraction(amount * reserve.price, 10**reserve.decimals * PRICE_UNIT)


def _weth(amount: int, price: int) -> Fraction:
    return Fraction(amount * price, WAD * PRICE_UNIT)


def _dollars(base: int) -> Fraction:
    return Fraction(base, PRICE_UNIT)


def _of_the_firm(result: ReplayResult) -> list[Liquidation]:
    """Liquidations of the position's wallets after the first print, whose state the account begins with."""
    names, start = {wallet.name for wallet in result.parameters.wallets}, result.steps[0].time
    return [call for call in result.liquidations if call.account in names and call.time > start]


def parts_in_replay(result: ReplayResult) -> tuple[Part, ...]:
    """Divide the loss in the replay into its parts. They add up to `loss_in_replay`, exactly.

    The fall of the market is counted on each WETH until it was sold, seized, or the replay ended; what a sale brought
    below the market's price is its own part, and so is what liquidators and the protocol took beyond the debt repaid.
    """
    first, last, seized = result.steps[0], result.steps[-1], _of_the_firm(result)
    sales = [sale for sale in result.sales if sale.time > first.time]
    start = first.price
    fall = _weth(last.position.weth, start - last.price)
    fall += _sum(_weth(sale.weth, start - sale.price) for sale in sales)
    fall += _sum(_weth(call.seized, start - call.collateral_price) for call in seized)
    execution = _sum(_weth(sale.weth, sale.price) - _dollars(sale.proceeds_base) for sale in sales)
    penalty = _sum(_weth(call.seized, call.collateral_price) - _repaid_by(call, last) for call in seized)
    gone = last.position.weth + sum(sale.weth for sale in sales) + sum(call.seized for call in seized)
    earned = _weth(gone - first.position.weth, start)
    written_off = _sum(
        _repaid(last, asset, amount) for call in seized for asset, amount in call.deficits_created.items()
    )
    repaid = _sum(_repaid(last, item.asset, item.amount) for item in result.repayments if item.time > first.time)
    owed = _debt(last) + repaid + _sum(_repaid_by(call, last) for call in seized) + written_off
    return (
        Part("market fall in the replay", fall),
        Part("sold below the market", execution),
        Part("interest owed less earned", owed - _debt(first) - earned),
        Part("liquidation penalties", penalty),
        Part("debt written off", -written_off),
    )


def _repaid_by(call: Liquidation, step: Step) -> Fraction:
    return _repaid(step, call.debt_asset, call.repaid)


def _sum(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0))


def waterfall(result: ReplayResult, entry: Fraction) -> tuple[Part, ...]:
    """Divide the loss since an average entry price: what the market fell before the replay, then the parts in it."""
    first = result.steps[0]
    before = Fraction(first.position.weth, WAD) * entry - _weth(first.position.weth, first.price)
    return (Part("market fall before the replay", before), *parts_in_replay(result))


def reported_entries(result: ReplayResult) -> list[int]:
    """List the average entries that somebody reports of ETH bought and kept, with 8 decimals, the lowest first."""
    return sorted({loss.entry for loss in result.reported.losses if loss.bought_once and loss.entry is not None})


def loss_story(result: ReplayResult) -> tuple[str, ...]:
    """Tell the firm's loss in this run, from the lowest and the highest reported entry, beside published figures."""
    entries = reported_entries(result)
    if not entries:
        return loss_words(result.reported.losses)
    low, high = (waterfall(result, _dollars(entry)) for entry in (entries[0], entries[-1]))
    inside = ", ".join(f"{part.name} {_millions(part.dollars)}" for part in low[1:] if abs(part.dollars) >= SHOWN)
    return (
        f"Bought at {entries[0] / PRICE_UNIT:,.0f} to {entries[-1] / PRICE_UNIT:,.0f} USD, as trackers report, the"
        f" position that the replay begins with lost {_millions(_total(low))} to {_millions(_total(high))} USD:"
        f" {_millions(low[0].dollars)} to {_millions(high[0].dollars)} before it began; {inside or 'nothing more'}.",
        *loss_words(result.reported.losses),
    )


def _total(parts: tuple[Part, ...]) -> Fraction:
    return _sum(part.dollars for part in parts)


def _millions(dollars: Fraction) -> str:
    return f"{float(dollars) / 1e6:,.1f}m"
