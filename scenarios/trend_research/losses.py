"""Published losses beside what quantity, entry and exit imply.

A loss is what was bought at its price, less what was sold at its. Where a source says neither, the average entry is
solved for, as if the whole position had been sold as one tracker reports it, and compared with the entries that others
report.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from ..units import BPS, PRICE_UNIT, Exact, Frozen, to_price
from .timeline import Lot, ReportedLoss, Timeline

AGREE_WITHIN_BPS = 50
"""A published figure and an implied one agree when they lie within half a percent: sources round so much."""


class ReconciledLoss(Frozen):
    """A published loss and what follows from the lots said with it. Dollars have 8 decimals."""

    published_base: Exact
    who: str
    stage: str
    entry: Exact | None
    """Average price of one ETH bought: as reported, or solved for; see `entry_is_implied`."""
    entry_is_implied: bool
    bought_once: bool
    """Whether the entry is that of ETH bought and kept, not the average of what went in and out."""
    exit: Exact | None
    eth: str
    """How much was bought; a decimal string."""
    implied_base: Exact
    """The loss that follows; with an implied entry, from the nearest entry that somebody reports."""
    agrees: bool
    note: str


def reconcile(timeline: Timeline) -> tuple[ReconciledLoss, ...]:
    """Put every published loss beside what follows from its lots, the smallest first."""
    entries = sorted({_average(loss.bought) for loss in timeline.reported_losses if loss.bought})
    losses = sorted(timeline.reported_losses, key=lambda loss: loss.usd)
    return tuple(_reconciled(loss, timeline, entries) for loss in losses)


def _average(lots: tuple[Lot, ...]) -> Fraction:
    return sum((Fraction(lot.eth) * Fraction(lot.usd) for lot in lots), Fraction(0)) / _quantity(lots)


def _quantity(lots: tuple[Lot, ...]) -> Fraction:
    return sum((Fraction(lot.eth) for lot in lots), Fraction(0))


def _reconciled(loss: ReportedLoss, timeline: Timeline, entries: list[Fraction]) -> ReconciledLoss:
    sold = loss.sold or (timeline.reported_exit,)
    quantity, exit_price = _quantity(sold), _average(sold)
    needed = exit_price + Fraction(loss.usd) / quantity
    entry = _average(loss.bought) if loss.bought else min(entries, key=lambda reported: abs(reported - needed))
    implied = quantity * (entry - exit_price)
    return ReconciledLoss(
        published_base=to_price(Fraction(loss.usd)),
        who=timeline.sources[loss.source].who,
        stage=loss.stage,
        entry=to_price(entry if loss.bought else needed),
        entry_is_implied=not loss.bought,
        bought_once=len(loss.bought) == 1 and len(loss.sold) == 1,
        exit=to_price(exit_price),
        eth=str(int(quantity)),
        implied_base=to_price(implied),
        agrees=abs(implied - Fraction(loss.usd)) * BPS <= Fraction(loss.usd) * AGREE_WITHIN_BPS,
        note=loss.note,
    )


def loss_words(losses: tuple[ReconciledLoss, ...]) -> tuple[str, ...]:
    """Say in sentences which figures follow from what is known, and which do not."""
    low, high = losses[0], losses[-1]
    sentences = [
        f"Published losses run from {_millions(low)} to {_millions(high)} USD; they are the firm's, not the lenders'."
    ]
    told = [loss for loss in losses if loss.agrees and not loss.entry_is_implied]
    if told:
        entries = sorted({loss.entry or 0 for loss in told})
        sentences.append(
            f"{_list(map(_millions, told))} follow from quantity x (entry - exit) within {AGREE_WITHIN_BPS / 100:.1f}%:"
            f" they differ by the entry, {_list(map(_dollars, entries))} USD, and by the ETH counted."
        )
    near = [loss for loss in losses if loss.agrees and loss.entry_is_implied]
    if near:
        fits = _list(f"{_millions(loss)} (it fits an entry of {_dollars(loss.entry)})" for loss in near)
        sentences.append(f"No basis is published for {fits}.")
    others = [loss for loss in losses if not loss.agrees]
    if others:
        needs = _list(f"{_millions(loss)} (it would need an entry of {_dollars(loss.entry)})" for loss in others)
        sentences.append(f"Nothing that is reported explains {needs}.")
    return tuple(sentences)


def _list(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _millions(loss: ReconciledLoss) -> str:
    return f"{loss.published_base / PRICE_UNIT / 1e6:,.0f}m"


def _dollars(price: int | None) -> str:
    return "–" if price is None else f"{price / PRICE_UNIT:,.0f}"
