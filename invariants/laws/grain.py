"""How far until v3.4 rounding to the nearest may move a health factor, so that laws of later releases hold there too.

From v3.5 on every rounding favours the pool, and nothing is allowed.
"""

from __future__ import annotations

from pooltwin.protocol.address import Address

from ..reading.step import AccountSums, Moment, Position, Step
from ..reference import BPS, RAY, WAD, ceil


def base_grain(moment: Moment, position: Position, asset: Address) -> int:
    """Value what the roundings of one leg may be worth, in base units: a share, a wei, and a base unit for the value.

    Shares go to the nearest, half a share each way; amounts too, half a wei each way; values down.
    """
    view = moment.reserve(asset)
    price = max(moment.price(asset), moment.common_price(position.category_id))
    return ceil(price, ceil(max(view.income, view.debt_index), 1, RAY) + 1, view.unit) + 1


def step_grain(step: Step, user: Address) -> int:
    """Value, in base units, what a step's roundings may take from a user's collateral or add to the debts; 0 from v3.5.

    Only what the step touched is converted; the other legs stand still.
    """
    if step.census.rules.debts_round_up:
        return 0
    before, after = step.before.position(user), step.after.position(user)
    held = {holding.asset for position in (before, after) for holding in position.holdings}
    return 1 + sum(base_grain(step.after, after, asset) for asset in step.reserves if asset in held)


def health_grain(step: Step, user: Address) -> int:
    """Bound by how much a step's roundings may lower a user's health factor (wad): 0 from v3.5 on.

    With W the weighted collateral and D the debt, both off by at most g base units, W / D is off by g (1 + W / D) / D.
    """
    if step.census.rules.debts_round_up:
        return 0
    grain = step_grain(step, user)
    sums = step.after.position(user).sums
    return ceil(grain, WAD + min(sums.fair_health, 100 * WAD), sums.debt) + 2 if grain and sums.debt else 0


def averaging(sums: AccountSums) -> int:
    """Bound by how much less a health factor is for the average threshold in whole basis points: less than one of them.

    The weighted threshold then goes to the nearest base unit.
    """
    return ceil(sums.collateral + BPS, WAD, BPS * sums.debt) + 1 if sums.debt else 0
