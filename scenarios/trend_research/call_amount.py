"""The amount that a liquidator of the replay repays: up to where the market pays for the last unit just what it costs.

The market's curve tells that point in closed form. Around it lie the edges that the pool's rules draw: the close
factor, the rule against dust, and what money and free collateral allow. The best of these few amounts is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from ..agents.concave import first
from ..agents.liquidation_terms import LiquidationTerms, Seizure


class Limits(NamedTuple):
    """Limits that a call cannot exceed; None where nothing limits it."""

    repaid: int | None
    """By the money of the liquidators, in the debt's asset."""
    received: int | None
    """By what the pool has of the collateral."""


class Choice(NamedTuple):
    """An amount for a call, and the dollars left of it."""

    seizure: Seizure
    is_all: bool
    profit: Fraction


def chosen(
    terms: LiquidationTerms,
    limits: Limits,
    profit: Callable[[Seizure], Fraction],
    most_received: int | None,
) -> Choice | None:
    """Choose the amount that pays best; None where the pool or the limits allow none. The profit may be negative.

    `most_received` is what the market takes until its price is so low that the next unit does not pay; None where it
    takes everything.
    """
    found: Choice | None = None
    for amount in _candidates(terms, limits, most_received):
        seizure = terms.seizure(amount)
        if seizure is None or seizure.repaid <= 0 or not _within(seizure, limits):
            continue
        choice = Choice(seizure, amount >= terms.closable, profit(seizure))
        if found is None or choice.profit > found.profit:
            found = choice
    return found


def _candidates(terms: LiquidationTerms, limits: Limits, most_received: int | None) -> list[int]:
    """List the amounts that can be best: everything, what the market bears, and the last amounts before an edge."""
    closable = terms.closable
    if closable <= 0:
        return []
    bearable = closable if most_received is None else min(closable, int(most_received / terms.rate))
    top = max(1, min(bearable, closable if limits.repaid is None else max(1, limits.repaid)))
    received = limits.received
    if received is not None and terms.uncut(top).received > received:
        top = max(1, first(1, top, lambda amount: terms.uncut(amount).received > received) - 1)
    candidates = [closable, top]
    if terms.leaves_dust(top):
        candidates.append(first(1, top, terms.leaves_dust) - 1)
    return candidates


def _within(seizure: Seizure, limits: Limits) -> bool:
    return (limits.repaid is None or seizure.repaid <= limits.repaid) and (
        limits.received is None or seizure.received <= limits.received
    )
