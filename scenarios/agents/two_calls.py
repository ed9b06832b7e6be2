"""Liquidation in two calls: the first so large that the borrower just stays liquidatable, the second as usual.

Where a close factor limits what one call may repay, two calls repay more than one. The first is at most
`shortfall / (1 - threshold * (1 + bonus))`, with the shortfall the debt less the weighted collateral: "An Empirical
Study of DeFi Liquidations" (arXiv 2106.06389). Here the amount is found on the pool itself, to the last unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from pooltwin.protocol.answers.liquidation import LIQUIDATOR
from pooltwin.protocol.answers.search import last
from pooltwin.protocol.answers.undone import undone
from pooltwin.protocol.market import Market

from ..units import WAD
from .amount_search import NO_LIMITS, BestAmount, Cost, Limits, best_amount
from .liquidation_terms import LiquidationTerms, Seizure


@dataclass(frozen=True)
class TwoCalls:
    """A first call, and the best second one."""

    first: Seizure
    second: BestAmount
    profit: Fraction
    """Dollars that both bring together: what the venue pays less what the amounts cost."""


def largest_first_call(market: Market, terms: LiquidationTerms, most: int) -> int:
    """Find the largest repayment of at most `most` after which the borrower can be liquidated again; 0 for none."""

    def stays_liquidatable(amount: int) -> bool:
        after = market.liquidation(terms.borrower, terms.collateral, terms.debt, amount).after
        health_factor = None if after is None else after.health_factor
        return health_factor is not None and health_factor < WAD

    return last(1, min(most, terms.closable), stays_liquidatable)


def best_two_calls(
    market: Market,
    terms: LiquidationTerms,
    proceeds: Callable[[int], Fraction],
    cost: Cost,
    limits: Limits = NO_LIMITS,
) -> TwoCalls | None:
    """Plan the largest first call and search for the best amount of a second one; None where there are no two.

    The second call meets the venue as the first has left it. The market is left as it was.
    """
    most, free = terms.owed if limits.repaid is None else limits.repaid, limits.received
    amount = largest_first_call(market, terms, most)
    seized = terms.seizure(amount) if amount else None
    if seized is None or (free is not None and seized.received > free):
        return None
    sold = proceeds(seized.received)
    with undone(market.chain):
        _liquidate(market, terms, amount)
        left = LiquidationTerms(market, terms.borrower, terms.collateral, terms.debt)
        second = (
            None
            if left.health_factor >= WAD
            else best_amount(
                left,
                lambda received: proceeds(seized.received + received) - sold,
                cost,
                Limits(most - seized.repaid, None if free is None else free - seized.received),
            )
        )
    if second is None:
        return None
    return TwoCalls(seized, second, sold - cost.of(seized.repaid) + second.profit)


def _liquidate(market: Market, terms: LiquidationTerms, amount: int) -> None:
    collateral, debt, who = market.asset(terms.collateral), market.asset(terms.debt), LIQUIDATOR
    market.fund(terms.debt, who, amount)
    market.pool.liquidation_call(collateral, debt, terms.borrower, amount, False, sender=who)


def closed_form(shortfall: Fraction, threshold: Fraction, bonus: Fraction) -> Fraction | None:
    """Compute the study's first repayment, in the unit of the shortfall; None where each call makes matters worse.

    `bonus` is what is seized for what is repaid, 1.05 for a bonus of 5%.
    """
    return shortfall / (1 - threshold * bonus) if threshold * bonus < 1 else None
