"""Laws of isolated collateral: what is owed against it stays within its debt ceiling, and is counted to the cent.

Until v3.6 a collateral may be isolated: it lends alone, against approved assets only, and all that is borrowed against
it is counted up to a ceiling. They are no part of the catalogue, since few markets have such collateral: campaigns that
begin on a market with some ask `ISOLATION_LAWS` by themselves, everybody else names them. The module `markets_around`
has a market with some.
"""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address

from .law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from .laws.calls import BORROW, REPAY, REPAY_WITH_ATOKENS, asset_of, credited
from .reading.position import Holding
from .reading.step import ReserveChange, ReserveView, Step, UserChange

NEEDS, UNTIL = "isolated collateral", "3.6"
CENTS = 100
"""In how many parts of a dollar debts are counted against a ceiling."""


def isolated_assets(market: Any) -> list[Address]:
    """List the assets of a market that have a debt ceiling."""
    if not market.chain.revision.isolation_mode:
        return []
    return [asset for asset in market.assets.values() if market.pool.reserves[asset].configuration >> 212 & 2**40 - 1]


def _has_some(market: Any) -> bool:
    return bool(isolated_assets(market))


def _collaterals(holdings: list[Holding]) -> list[Address]:
    return [holding.asset for holding in holdings if holding.collateral_bit]


def _isolated(step: Step, user: Address) -> ReserveView | None:
    """The isolated collateral that a user has before a step, as it is then; None for everybody else."""
    change = step.users.get(user)
    found = [] if change is None else _collaterals(change.before.holdings)
    view = step.before.reserve(found[0]) if len(found) == 1 else None
    return view if view is not None and view.debt_ceiling else None


@law(
    "ISO-1",
    "What is counted against a debt ceiling rises to the ceiling at most.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="src",
    until=UNTIL,
    needs=NEEDS,
    met=_has_some,
)
def CEILINGS_HOLD(change: ReserveChange) -> Verdict:  # noqa: N802 - its import path is a constant's
    """Look wherever more is counted than before; a ceiling may be lowered below what is counted already."""
    counted = change.after.isolated_debt
    if counted <= change.before.isolated_debt:
        return None
    return at_most("counted against the ceiling, ceiling (cents)", counted, change.after.debt_ceiling)


@law(
    "ISO-2",
    "A borrow against isolated collateral counts its amount in whole cents, a repayment takes its amount off again, "
    "down to nothing; those of everybody else count nothing.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*BORROW, *REPAY, *REPAY_WITH_ATOKENS),
    source="src",
    alone=True,
    until=UNTIL,
    needs=NEEDS,
    met=_has_some,
)
def DEBTS_ARE_COUNTED(step: Step) -> Verdict:  # noqa: N802 - as above
    """Compare all assets that have a ceiling; what has less than two decimals is no part of it."""
    asset = asset_of(step)
    view = step.before.reserve(asset)
    mine = _isolated(step, credited(step))
    if view.unit < CENTS:
        return None
    counted = (step.arguments[1] if step.name in BORROW else step.value) // (view.unit // CENTS)
    checks: list[Verdict] = []
    for where in isolated_assets(step.census.market):
        before, after = step.before.reserve(where).isolated_debt, step.after.reserve(where).isolated_debt
        change = 0 if mine is None or mine.asset != where else counted if step.name in BORROW else -counted
        if change or before != after:
            checks.append(equal("counted, meant (cents)", after, max(0, before + change)))
    return all_of(checks)


@law(
    "ISO-3",
    "Against isolated collateral only assets are borrowed that are approved for it.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=BORROW,
    source="src",
    alone=True,
    until=UNTIL,
    needs=NEEDS,
    met=_has_some,
)
def ONLY_APPROVED_ASSETS(step: Step) -> Verdict:  # noqa: N802 - as above
    """Look at the asset that is borrowed."""
    if _isolated(step, credited(step)) is None:
        return None
    return at_least("approved, yes", step.before.reserve(asset_of(step)).configuration >> 61 & 1, 1)


@law(
    "ISO-4",
    "Isolated collateral is its owner's only collateral.",
    kind=Kind.STATE,
    subject=Subject.USER,
    source="src",
    until=UNTIL,
    needs=NEEDS,
    met=_has_some,
)
def ISOLATED_ALONE(change: UserChange) -> Verdict:  # noqa: N802 - as above
    """Count the collateral of whoever has isolated collateral.

    An asset without a threshold of its own may be given a ceiling while it is collateral in a category.
    """
    mine = _collaterals(change.after.holdings)
    views = [change.step.after.reserve(asset) for asset in mine]
    if not any(view.debt_ceiling and view.threshold for view in views):
        return None
    return equal("collateral of who has isolated collateral, assets", len(mine), 1)


ISOLATION_LAWS = (CEILINGS_HOLD, DEBTS_ARE_COUNTED, ONLY_APPROVED_ASSETS, ISOLATED_ALONE)
"""Every law of isolated collateral."""
NAMED = (f"{__name__}:ISOLATION_LAWS",)
"""Their import path."""
