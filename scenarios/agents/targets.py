"""Amounts that lead a position to a target: what to borrow, repay, add or sell for a leverage or a health factor.

All in dollars at the pool's prices, exact. `weighted` is the collateral times its liquidation thresholds, so that the
health factor is `weighted / debt`; `threshold` is that of the asset which moves. An answer of zero or below says that
the target is reached already.
"""

from __future__ import annotations

from fractions import Fraction


def borrow_for_leverage(collateral: Fraction, debt: Fraction, leverage: Fraction) -> Fraction:
    """Compute what to borrow and buy collateral with, so that collateral is `leverage` times the own money.

    As if the purchase moved no price: the purchase's cost is own money lost, and the next turn makes up for it.
    """
    return leverage * (collateral - debt) - collateral


def borrow_for_health(weighted: Fraction, debt: Fraction, threshold: Fraction, health: Fraction) -> Fraction | None:
    """Compute what to borrow and buy collateral with, so that the health factor falls to `health`.

    None where no loop leads there, because the target is not above the threshold: then borrowing never ends.
    """
    return (weighted - health * debt) / (health - threshold) if health > threshold else None


def repayment_for_health(weighted: Fraction, debt: Fraction, health: Fraction) -> Fraction:
    """Compute what to repay, so that the health factor rises to `health`."""
    return debt - weighted / health


def addition_for_health(weighted: Fraction, debt: Fraction, threshold: Fraction, health: Fraction) -> Fraction | None:
    """Compute what to add of a collateral, so that the health factor rises to `health`.

    None for an asset that counts for nothing.
    """
    return (health * debt - weighted) / threshold if threshold else None


def sale_for_health(
    weighted: Fraction, debt: Fraction, threshold: Fraction, health: Fraction, kept: Fraction
) -> Fraction | None:
    """Compute what to withdraw, sell and repay with, so that the health factor rises to `health`.

    `kept` is the part of the pool's price that a sale brings. None where selling leads away from the target: each
    dollar sold takes more from the collateral's side than it takes off the debt's.
    """
    gain = health * kept - threshold
    return (health * debt - weighted) / gain if gain > 0 else None


def withdrawable_at_health(
    weighted: Fraction, debt: Fraction, threshold: Fraction, health: Fraction
) -> Fraction | None:
    """Compute what can leave now with the health factor staying at `health` or above; None for no limit."""
    return (weighted - health * debt) / threshold if threshold and debt else None
