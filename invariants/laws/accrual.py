"""The interest that is due: the state a reserve would have if it were brought to now, from the definitions."""

from __future__ import annotations

from typing import NamedTuple

from ..reading.step import ReserveChange, ReserveView, Step
from ..reference import BPS, RAY, YEAR, ceil, floor, half_up


class Synced(NamedTuple):
    """A reserve brought to the moment of its view: indexes (ray) and treasury shares."""

    income: int
    debt_index: int
    accrued: int
    due: int
    """The treasury shares that are due for the interest since the last update."""
    claims: int
    slack: int


def accrual_due(view: ReserveView) -> int:
    """Reckon the treasury's shares of the interest since the last update.

    From v3.5 on debt growth is rounded down, the reserve factor's share of it to the nearest, shares down; until v3.4
    growth is the difference of two debts, and all of it goes to the nearest. In v3.0.2 stable debt grows too.
    """
    if view.time == view.last_update or not (view.scaled_debt or view.stable) or not view.reserve_factor:
        return 0
    rules, debt = view.rules, view.scaled_debt
    if rules.treasury_accrual_rounds_down:
        growth = floor(debt, view.debt_index - view.borrow_index, RAY)
    else:
        growth = half_up(debt, view.debt_index, RAY) - half_up(debt, view.borrow_index, RAY)
    if view.stable:
        growth += view.stable - stable_at_update(view)
    return rules.down(half_up(growth, view.reserve_factor, BPS), RAY, view.income)


def stable_at_update(view: ReserveView) -> int:
    """Reckon a reserve's stable debt at its last update: it counts from its own last change, which may be earlier."""
    growth = view.growth_of_debt(view.stable_rate, view.last_update - view.stable_since)
    return half_up(view.stable_principal, growth, RAY)


def synced(view: ReserveView) -> Synced:
    """Bring a reserve to now, as an operation would; without debt the debt index stands still."""
    known: Synced | None = view.synced
    if known is None:
        known = view.synced = _synced(view)
    return known


def _synced(view: ReserveView) -> Synced:
    due = accrual_due(view)
    accrued = view.accrued + due
    claims = floor(view.scaled_supply + accrued, view.income, RAY)
    debt_index = view.debt_index if view.scaled_debt else view.borrow_index
    return Synced(view.income, debt_index, accrued, due, claims, view.slack + view.claims - claims)


def accrual_loss(view: ReserveView, seconds: int) -> int:
    """Bound the slack, in units of 1 / RAY wei, that `seconds` of accrual may cost by rounding alone.

    Let c and d be claims and debts before rounding, T = VB + v + F, r the borrow rate and t years.
    - By RAT-1 LR is r times v / T times (1 - reserve factor), each of three roundings to the nearest, so
      LR <= (1 - rf) r v / T + 6 rays. With c <= T the claims earn at most (1 - rf) r v t + 6 T t; v is d rounded up,
      which makes r t more.
    - Each of two liquidity indexes is rounded to the nearest and its growth down: S + A, and c.
    - Each of two debt indexes likewise: D; its growth r t + (r t)^2 / 2 + ... is rounded down once, to the nearest
      twice, the inner rounding weighed with r t: 2 + 2 r t rays each, times v.
    - The treasury's share is rounded to the nearest once more: half a wei.
    - Until v3.4 its growth is the difference of two debts to the nearest, a wei, and its shares go to the nearest, half
      a share: with the factor's part, L / 2 and two wei more. They are counted as 2 L and four.
    - In v3.0.2 stable debt may lag behind: see `stable_lag`.
    """
    total = view.virtual + view.debt + view.deficit + view.unbacked
    grown = view.borrow_rate * max(seconds, view.time - view.last_update) // YEAR
    per_time = (6 * (total + 1) + 2 * view.borrow_rate) * seconds // YEAR + 1
    per_index = view.scaled_supply + view.accrued + view.claims + view.scaled_debt + view.debt * (4 + 4 * grown // RAY)
    to_nearest = 0 if view.rules.treasury_accrual_rounds_down else 2 * view.income + 4 * RAY
    lag = stable_lag(view, seconds) if view.stable_principal else 0
    return per_time + per_index + RAY // 2 + to_nearest + lag


def stable_lag(view: ReserveView, seconds: int) -> int:
    """Bound what lenders are promised of stable debts beyond what these grow by, in 1 / RAY wei. v3.0.2.

    With r the rate per second and t the time since it last changed, a principal grows to 1 + r t + t (t - 1) s / 2 + t
    (t - 1) (t - 2) c / 6 of itself, s and c being r^2 and r^3 rounded down to a ray; lenders are promised r times what
    is owed. What the sum grows by in a second falls short of that by (r t)^3 r / 6 for the term it lacks, s + 2 t c for
    the powers that are falling ones, and t + t^2 rays for the rounding of s and c. The average rate is divided with
    nine digits more than a wei has: 10^-9 wei a year for each of three roundings; the total goes to the nearest twice.
    """
    t = max(seconds, view.time - view.stable_since)
    x = view.stable_rate * t // YEAR + 1
    squared = view.stable_rate * view.stable_rate // (RAY * YEAR * YEAR) + 1
    cubed = squared * view.stable_rate // (RAY * YEAR) + 1
    a_second = x * x // RAY * x // RAY * (view.stable_rate // YEAR + 1) // RAY // 6 + 1
    a_second += squared + 2 * t * cubed + t + t * t
    return view.stable_principal * a_second * seconds + 3 * (RAY // 10**9) * (seconds // YEAR + 1) + 2 * RAY


def lack_at_update(view: ReserveView) -> int:
    """Reckon by how much claims exceeded what backs them at the last update, in 1 / RAY wei; 0 if they did not."""
    backed = view.scaled_debt * view.borrow_index + (view.virtual + view.deficit + view.unbacked) * RAY
    if view.stable_principal:
        backed += stable_at_update(view) * RAY
    return max(0, (view.scaled_supply + view.accrued) * view.liquidity_index - backed)


def lack_growth(view: ReserveView) -> int:
    """Reckon what claims that nothing backs have earned since a reserve's last update, in 1 / RAY wei, rounded up.

    Rates are set by what is there, T, and paid on what is owed, c: of what c earns, LR (c - T) t is paid by nobody.
    """
    grown = view.income - view.liquidity_index
    return ceil(lack_at_update(view), grown, view.liquidity_index) if grown else 0


def is_fresh(change: ReserveChange) -> bool:
    """Did this step change anything that rates depend on, so that they must have been set again?"""
    before, after = change.before, change.after
    return (
        before.virtual != after.virtual
        or before.deficit != after.deficit
        or before.scaled_debt != after.scaled_debt
        or before.stable_principal != after.stable_principal
        or before.reserve_factor != after.reserve_factor
    )


def total_debt(step: Step, view: ReserveView) -> int:
    """Give a reserve's debt as the rate strategy is told: rounded up from v3.5 on, to the nearest before."""
    round_to = ceil if step.census.own_rules.debts_round_up else half_up
    return round_to(view.scaled_debt, view.debt_index, RAY)


def usage_of(step: Step, view: ReserveView) -> int:
    """Reckon how much of a reserve is lent out (ray), as the rate strategy does; nothing where nobody owes."""
    known = view.usage
    if known is None:
        owed = total_debt(step, view)
        known = view.usage = half_up(owed, RAY, view.virtual + owed) if owed else 0
    return known


def expected_rates(step: Step, view: ReserveView) -> tuple[int, int]:
    """Reckon liquidity rate and borrow rate (ray) of a reserve as it stands, from the two-slope formula."""
    optimal, base, slope1, slope2 = step.census.curve(view.asset)
    owed = total_debt(step, view)
    if owed == 0:
        return 0, base
    usage = usage_of(step, view)
    supply_usage = half_up(owed, RAY, view.virtual + owed + view.deficit + view.unbacked)
    if usage > optimal:
        rate = base + slope1 + half_up(slope2, half_up(usage - optimal, RAY, RAY - optimal), RAY)
    else:
        rate = base + half_up(half_up(slope1, usage, RAY), RAY, optimal)
    return half_up(half_up(rate, supply_usage, RAY), BPS - view.reserve_factor, BPS), rate
