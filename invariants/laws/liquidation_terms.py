"""The terms of a liquidation, and what it should come to, reckoned from the definitions."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.events import LiquidationCall

from ..reading.step import Position, Step
from ..reference import BPS, RAY, ceil, floor, half_up
from ..rules import Rules

WHOLE_UNIT = 10**8
"""One of base currency. Less may not buy a single share of the debt."""


class Terms(NamedTuple):
    """A liquidation as it was asked for, with the state before it that it depends on. Amounts in token units."""

    collateral_asset: Address
    debt_asset: Address
    borrower: Address
    asked: int
    receives_shares: bool
    position: Position
    collateral: int
    debt: int
    collateral_price: int
    debt_price: int
    collateral_unit: int
    debt_unit: int
    bonus: int
    fee: int
    collateral_base: int
    debt_base: int
    rules: Rules


def terms_of(step: Step) -> Terms:
    """Read the terms of a liquidation from the state before it, projected to now."""
    return _terms(step)


@lru_cache(maxsize=4)
def _terms(step: Step) -> Terms:
    collateral_asset, debt_asset, borrower, asked, receives_shares = step.arguments
    before = step.before
    collateral_view, debt_view = before.reserve(collateral_asset), before.reserve(debt_asset)
    position = before.position(borrower)
    rules = step.census.rules
    collateral = rules.down(before.shares(collateral_asset, borrower), collateral_view.income, RAY)
    debt = position.owed_in(debt_asset)
    collateral_price, debt_price = _prices(step, position, collateral_asset, debt_asset)
    return Terms(
        collateral_asset,
        debt_asset,
        borrower,
        asked,
        receives_shares,
        position,
        collateral,
        debt,
        collateral_price,
        debt_price,
        collateral_view.unit,
        debt_view.unit,
        before.bonus_of(collateral_asset, borrower),
        collateral_view.protocol_fee,
        collateral * collateral_price // collateral_view.unit,
        _value_of_debt(rules, debt, debt_price, debt_view.unit),
        rules,
    )


def _prices(step: Step, position: Position, collateral_asset: Address, debt_asset: Address) -> tuple[int, int]:
    """Read both prices; in v3.0.2 the borrower's category may have one for its collateral and for every debt."""
    before, number = step.before, position.category_id
    common = before.common_price(number)
    if not common:
        return before.price(collateral_asset), before.price(debt_asset)
    in_category = before.reserve(collateral_asset).category == number
    return common if in_category else before.price(collateral_asset), common


def _value_of_debt(rules: Rules, debt: int, price: int, unit: int) -> int:
    """Value a debt in base currency: rounded up from v3.5 on, down before."""
    return ceil(debt, price, unit) if rules.debts_round_up else floor(debt, price, unit)


def event_of(step: Step) -> LiquidationCall:
    """Find the event in which a liquidation says what it repaid and seized."""
    event: LiquidationCall = next(step.events_of(LiquidationCall))
    return event


def most_repaid(terms: Terms) -> int:
    """Apply the close factor: a part of the whole debt's value where both legs are large and HF > 0.95, else all.

    Until v3.2 it is a part of this debt, however large.
    """
    rules, health, whole = terms.rules, terms.position.health, terms.position.sums.debt
    if rules.half_of_each_debt:
        return half_up(terms.debt, rules.close_factor, BPS) if health > rules.close_factor_health else terms.debt
    if min(terms.collateral_base, terms.debt_base) >= rules.large and health > rules.close_factor_health:
        part = half_up(whole, rules.close_factor, BPS)
        if terms.debt_base > part:
            return part * terms.debt_unit // terms.debt_price
    return terms.debt


class Outcome(NamedTuple):
    """The amounts that a liquidation should repay, seize in all, and pay the treasury, in token units."""

    repaid: int
    seized: int
    fee: int


def expected_outcome(step: Step, terms: Terms) -> Outcome:
    """Reckon the amounts from the definitions, with the roundings of the release whose rules are asked for."""
    for_the_pool = step.census.rules.seizures_round_for_the_pool
    to_collateral, to_principal, to_fee = (floor, floor, ceil) if for_the_pool else (half_up, half_up, half_up)
    repaid = min(terms.asked, most_repaid(terms))
    base = terms.debt_price * repaid * terms.collateral_unit // (terms.collateral_price * terms.debt_unit)
    seized = to_collateral(base, terms.bonus, BPS)
    if seized > terms.collateral:
        seized = terms.collateral
        value = terms.collateral_price * seized * terms.debt_unit
        repaid = terms.rules.up(value // (terms.debt_price * terms.collateral_unit), BPS, terms.bonus)
    part = seized - to_principal(seized, BPS, terms.bonus)
    return Outcome(repaid, seized, to_fee(part, terms.fee, BPS) if terms.fee else 0)


def left_over(terms: Terms, due: Outcome) -> tuple[int, int] | None:
    """Value what an outcome leaves of debt and collateral, in base currency; None where it clears either."""
    if due.repaid >= terms.debt or due.seized >= terms.collateral:
        return None
    return (
        _value_of_debt(terms.rules, terms.debt - due.repaid, terms.debt_price, terms.debt_unit),
        (terms.collateral - due.seized) * terms.collateral_price // terms.collateral_unit,
    )
