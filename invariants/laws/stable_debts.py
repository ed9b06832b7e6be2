"""SOL-17, RND-15: debts at stable rates, each and all together, as v3.0.2 keeps them."""

from __future__ import annotations

from typing import Any, NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.events import ReserveDataUpdated

from ..law import Kind, Subject, Verdict, all_of, calls_there_are, equal, law
from ..reading.step import ReserveChange, ReserveView, Step
from ..reference import RAY, ceil, half_up
from ..worth import Unit
from .calls import BORROW, REBALANCE, REPAY, REPAY_WITH_ATOKENS, SWAP, asset_of, credited

STABLE = 1
PER_WEI = 10**9
"""The token weighs rates with amounts in units of so many to a wei."""


class Total(NamedTuple):
    """All stable debt of a reserve after what a step's events say, and what of it was forgotten (wei)."""

    owed: int
    rate: int
    forgotten: int


def replayed(change: ReserveChange) -> Total:
    """Follow the total of stable debts from event to event of a step.

    Adding x at a rate r to T at R makes (R T + r x) / (T + x) of the rate, taking it away (R T - r x) / (T - x); where
    that is nothing or less, the total is forgotten.
    """
    before, step = change.before, change.step
    token = step.census.homes[change.after.asset].stable_token
    total, offer = Total(before.stable, before.stable_rate, 0), before.stable_offer
    rates: dict[Address, int] = {}
    for where, event in step.events:
        kind = type(event).__name__
        if isinstance(event, ReserveDataUpdated) and event.reserve == before.asset:
            offer = event.stable_borrow_rate
        if where != token.address or kind not in ("StableMint", "StableBurn"):
            continue
        minted = kind == "StableMint"
        user, moved = event.on_behalf_of if minted else event.from_, _moved(event, minted=minted)
        if moved > 0:
            total = Total(total.owed + moved, _average(total.rate, total.owed, offer, moved), total.forgotten)
        else:
            own = rates.get(user, step.before.entry(token.previous_indexes, user))
            total = _without(total, -moved, own)
        if minted:
            rates[user] = event.new_rate
    return total


def _moved(event: Any, *, minted: bool) -> int:
    """Tell how much debt an event added, less than nothing if it took some away; interest apart."""
    added: int = event.amount if minted else -event.amount
    return added - int(event.balance_increase)


def _without(total: Total, amount: int, rate: int) -> Total:
    """Take an amount at a rate out of a total."""
    left = total.owed - amount
    if left <= 0:
        return Total(0, 0, total.forgotten)
    whole, part = _weighed(total.rate, total.owed), _weighed(rate, amount)
    if part >= whole:
        return Total(0, 0, total.forgotten + left)
    return Total(left, half_up(whole - part, RAY, left * PER_WEI), total.forgotten)


# --- what interest makes of a share ---------------------------------------------------------------------------------

HONEST = "stable interest beyond B"
GIFTS_LENT = "premiums for loans of gifts"
"""By how much they raised the liquidity index of a reserve (ray), in the memory of a monitor. v3.0.2."""


def remember_stable_interest(change: ReserveChange) -> None:
    """Remember by how much more than B the liquidity index grew by rates alone, where stable debts paid for it."""
    before, after = change.before, change.after
    if not before.stable_principal or before.last_update == after.last_update:
        return
    debt_index = before.debt_index if before.scaled_debt else before.borrow_index
    by_rates, by_debt = before.income * before.borrow_index, debt_index * before.liquidity_index
    if by_rates > by_debt:
        memory, key = change.step.memory, (HONEST, after.asset)
        memory[key] = ceil(memory[key] or RAY, by_rates, by_debt)


def honest_index(step: Step, view: ReserveView) -> int:
    """Reckon what interest alone made of a share at most (ray): B, and in v3.0.2 what stable debts paid beyond it."""
    if not view.stable_since:
        return view.debt_index
    honest = max(view.debt_index, ceil(view.borrow_index, view.income, view.liquidity_index or RAY))
    return ceil(honest, step.memory[HONEST, view.asset] or RAY, RAY)


def index_with_gifts(step: Step, view: ReserveView) -> int:
    """Reckon what interest, and in v3.0.2 premiums for loans of what nobody owned, made of a share at most (ray)."""
    return ceil(honest_index(step, view), step.memory[GIFTS_LENT, view.asset] or RAY, RAY)


def _weighed(rate: int, amount: int) -> int:
    return half_up(rate, amount * PER_WEI, RAY)


def _average(rate: int, amount: int, other: int, more: int) -> int:
    return half_up(_weighed(rate, amount) + _weighed(other, more), RAY, (amount + more) * PER_WEI)


@law(
    "SOL-17",
    "All stable debt of a reserve follows what is borrowed and repaid, with interest at its average rate to now: "
    "adding x at a rate r to T at R makes T + x at (R T + r x) / (T + x), taking it away T - x at (R T - r x) / (T - x)"
    ", or nothing at all where that is no rate.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="D",
    until="3.0.2",
)
def all_stable_debt_is_followed(change: ReserveChange) -> Verdict:
    """Replay the token's events; rates are weighed to the nearest, with nine digits more than a wei has."""
    before, after = change.before, change.after
    if not change.step.same_time or not (before.stable_principal or after.stable_principal):
        return None
    total = replayed(change)
    return all_of(
        (
            equal("stable debt, added up", after.stable, total.owed, Unit.WEI),
            equal("average rate, weighed", after.stable_rate, total.rate),
        )
    )


@law(
    "RND-15",
    "A debt at a stable rate has grown at its own rate and moves by exactly what is borrowed or repaid; a new part "
    "costs the present rate, the whole the average. A swap moves all of it, variable debt to the nearest share, and a "
    "rebalance moves nothing and gives it the present rate.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=calls_there_are(*BORROW, *REPAY, *REPAY_WITH_ATOKENS, *SWAP, *REBALANCE),
    source="D",
    alone=True,
    until="3.0.2",
)
def stable_debts_move_by_what_is_said(step: Step) -> Verdict:
    """Compare one debtor's both debts before and after."""
    asset, user = asset_of(step), _debtor(step)
    before, after = step.before.stable_debt(asset, user), step.after.stable_debt(asset, user)
    shares, left = step.before.debt_shares(asset, user), step.after.debt_shares(asset, user)
    if step.name in SWAP:
        return _swapped(step, asset, (before, after), (shares, left))
    if step.name in REBALANCE:
        moved, offer = 0, _average(0, 0, step.before.reserve(asset).stable_offer, before) if before else 0
    else:
        if step.arguments[2] != STABLE:
            return equal("stable debt after, before", after, before, Unit.WEI, asset) if before else None
        moved = step.arguments[1] if step.name in BORROW else -step.value
        offer = _own_rate(step, asset, user, before=True)
        if step.name in BORROW:
            offer = _average(offer, before, step.before.reserve(asset).stable_offer, moved)
    rate: Verdict = None
    if after:
        rate = equal("its rate, the average", _own_rate(step, asset, user, before=False), offer)
    return all_of(
        (
            equal("stable debt after, before and what moved", after, before + moved, Unit.WEI, asset),
            equal("variable debt after, before", left, shares, Unit.DEBT_SHARES, asset),
            rate,
        )
    )


def _debtor(step: Step) -> Address:
    return str(step.arguments[1]) if step.name in REBALANCE else credited(step)


def _own_rate(step: Step, asset: Address, user: Address, *, before: bool) -> int:
    token = step.census.homes[asset].stable_token
    rate: int = (step.before if before else step.after).entry(token.previous_indexes, user)
    return rate


def _swapped(step: Step, asset: Address, stable: tuple[int, int], shares: tuple[int, int]) -> Verdict:
    index = step.after.reserve(asset).borrow_index
    variable = half_up(shares[0], index, RAY)
    if step.arguments[1] == STABLE:
        due, due_shares = 0, shares[0] + half_up(stable[0], RAY, index)
    else:
        due, due_shares = stable[0] + variable, 0
    return all_of(
        (
            equal("stable debt after, due", stable[1], due, Unit.WEI, asset),
            equal("variable debt after, due", shares[1], due_shares, Unit.DEBT_SHARES, asset),
        )
    )
