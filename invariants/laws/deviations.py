"""Formulas of what real releases are known to do against a law: a deviation excuses what follows its own, and no more.

Each function is told of a subject that broke a law, and says whether that is the deviation.
"""

from __future__ import annotations

from pooltwin.protocol.address import Address
from pooltwin.protocol.events import (
    BalanceTransfer,
    DeficitCovered,
    FlashLoan,
    LiquidationCall,
    Repay,
    ReserveDataUpdated,
    Transfer,
    Withdraw,
)

from ..reading.probe import Probe
from ..reading.step import ReserveChange, ReserveView, Step, UserChange
from ..reference import BPS, RAY, YEAR, ceil, half_up
from .accrual import accrual_due, expected_rates, lack_growth, stable_at_update, synced
from .conversions import premium_shares
from .stable_debts import replayed

# --- the treasury is credited twice -----------------------------------------------------------------------------------


def credited_twice(change: ReserveChange) -> int:
    """Count the treasury's shares that a same-asset liquidation after silence adds a second time. v3.5 and v3.6.

    Both references to the reserve are read before either is brought to now, so both find the same interest due.
    """
    before, after = change.before, change.after
    if before.last_update == after.last_update:
        return 0
    asset, calls = after.asset, change.step.events_of(LiquidationCall)
    return accrual_due(before) if any(e.collateral_asset == asset == e.debt_asset for e in calls) else 0


def accrued_twice(change: ReserveChange) -> bool:
    """Did the accrual grow by exactly what is due, twice, and premiums?"""
    before, after = change.before, change.after
    twice = credited_twice(change)
    return bool(twice) and after.accrued - before.accrued == 2 * twice + premium_shares(change)


def accrued_twice_in_call(step: Step) -> bool:
    """Did a same-asset liquidation accrue exactly twice, and leave the right rates?"""
    reserve = step.reserves[step.arguments[1]]
    view = reserve.after
    rates = (view.liquidity_rate, view.borrow_rate) == expected_rates(step, view)
    return rates and bool(credited_twice(reserve)) and accrued_twice(reserve)


def lost_what_was_accrued_twice(change: ReserveChange) -> bool:
    """Did the slack fall by no more than the shares credited twice, and two wei for rounding claims?"""
    twice = ceil(credited_twice(change), change.after.income, RAY)
    return twice != 0 and change.after.slack >= synced(change.before).slack - twice - 2


TWICE_SO_FAR = "credited twice"
"""What a step's memory calls it, by asset."""


def remember_twice(change: ReserveChange) -> None:
    """Add up what was credited twice (wei, rounded up): claims that nothing backs. SOL-1 knows what they earn."""
    twice = credited_twice(change)
    if twice:
        memory, key = change.step.memory, (TWICE_SO_FAR, change.after.asset)
        memory[key] = (memory[key] or 0) + ceil(twice, change.after.income, RAY)


def twice_so_far(change: ReserveChange) -> int:
    """Give what was credited twice so far (wei, rounded up)."""
    return change.step.memory[TWICE_SO_FAR, change.after.asset] or 0


# --- rates that do not fit the reserve --------------------------------------------------------------------------------

LEFT_RATES = "rates do not fit the reserve"
OVERPROMISED = "promised beyond what is paid"


def remember_left_rates(change: ReserveChange) -> None:
    """Remember whether rates in force do not fit the reserve, and what they promised too much.

    v3.0.2 sets the rates of a same-asset liquidation before the repaid underlying has arrived, and those of a
    withdrawal to the aToken itself as if it left, so for less liquidity than there is; and it sets none for a new
    reserve factor, which takes effect at once, back to the last update. Where so less is there than is owed, rates are
    set by what is there and paid on what is owed; a gift may hide that until the next update.
    """
    step, asset, memory = change.step, change.after.asset, change.step.memory
    if not step.census.own_rules.liquidity_is_what_is_held:
        return
    if change.before.last_update != change.after.last_update:
        before = change.before
        promised = _overpromised(change, before, before.time - before.last_update)
        if promised:
            memory[OVERPROMISED, asset] = (memory[OVERPROMISED, asset] or 0) + promised
    if change.before.reserve_factor != change.after.reserve_factor:
        memory[LEFT_RATES, asset] = True
    elif any(event.reserve == asset for event in step.events_of(ReserveDataUpdated)):
        calls, a_token = step.events_of(LiquidationCall), step.census.homes[asset].a_token.address
        left = any(e.collateral_asset == asset == e.debt_asset and not e.receive_a_token for e in calls)
        left = left or any(e.reserve == asset and e.to == a_token for e in step.events_of(Withdraw))
        left = left or change.after.slack < 0
        if left != bool(memory[LEFT_RATES, asset]):
            memory[LEFT_RATES, asset] = left


def _overpromised(change: ReserveChange, view: ReserveView, seconds: int) -> int:
    """Bound what lenders are promised over some time beyond their part of what borrowers pay, in 1 / RAY wei.

    Claims are as large as they have become, debts as small as they were at the last update: they grow faster. What
    claims earn that nothing backs is SOL-1's to allow, on every release.
    """
    if not change.step.memory[LEFT_RATES, view.asset]:
        return 0
    debt = view.scaled_debt * view.borrow_index // RAY
    paid = view.borrow_rate * debt * (BPS - view.reserve_factor)
    if view.stable_principal:
        paid += view.stable_rate * stable_at_update(view) * (BPS - view.reserve_factor)
    promised = (view.liquidity_rate * view.claims * BPS - paid) * seconds // (YEAR * BPS)
    return max(0, promised - lack_growth(view))


def overpromised_so_far(change: ReserveChange) -> int:
    """Reckon what left rates have promised beyond what is paid so far (wei, rounded up)."""
    after = change.after
    known: int = change.step.memory[OVERPROMISED, after.asset] or 0
    return ceil(known + _overpromised(change, after, after.time - after.last_update), 1, RAY)


def overpromised_in_step(change: ReserveChange) -> int:
    """Reckon what left rates promised too much since the last update (wei, rounded up)."""
    return ceil(_overpromised(change, change.before, change.after.time - change.before.last_update), 1, RAY)


# --- stable debts that are forgotten in the total ---------------------------------------------------------------------

DROPPED = "stable debt forgotten"


def dropped(change: ReserveChange) -> int:
    """Reckon how much stable debt (wei) was forgotten in a reserve's total, though debtors owe it still. v3.0.2."""
    return replayed(change).forgotten if change.before.stable_principal else 0


def remember_dropped(change: ReserveChange) -> None:
    """Add up the stable debt that was forgotten."""
    lost = dropped(change)
    if lost:
        memory, key = change.step.memory, (DROPPED, change.after.asset)
        memory[key] = (memory[key] or 0) + lost


def dropped_so_far(change: ReserveChange) -> int:
    """Give the stable debt that was forgotten so far (wei)."""
    return change.step.memory[DROPPED, change.after.asset] or 0


# --- probes -----------------------------------------------------------------------------------------------------------


def claims_were_credited_twice(probe: Probe) -> bool:
    """Has some reserve claims that nothing backs? SOL-1 says whether they are the shares that were credited twice."""
    return any(synced(probe.now.reserve(asset)).slack < 0 for asset in probe.assets)


# --- bits go by amounts -----------------------------------------------------------------------------------------------


def _is_new(change: UserChange, asset: Address, bit: int) -> bool:
    """Did the step bring a bit without what it stands for, which was not so before?"""
    step, user = change.step, change.after.user
    shares = step.before.debt_shares(asset, user) if bit == 1 else step.before.shares(asset, user)
    was = change.before.flags >> 2 * step.census.homes[asset].id & bit
    return not was or shares != 0


def borrow_bits_left(change: UserChange) -> bool:
    """Did a borrow bit stay where rounding took the last share of a debt, though not all of the amount was paid?

    Until v3.3 the bit goes by what is left of the amount, shares by half_up(x RAY / B).
    """
    for holding in change.after.holdings:
        if holding.borrow_bit == holding.owes:
            continue
        if not holding.borrow_bit or (_is_new(change, holding.asset, 1) and not _repaid_in_part(change, holding.asset)):
            return False
    return True


def _repaid_in_part(change: UserChange, asset: Address) -> bool:
    step, user = change.step, change.after.user
    paid = [e.amount for e in step.events_of(Repay) if (e.reserve, e.user) == (asset, user)]
    calls = step.events_of(LiquidationCall)
    paid += [e.debt_to_cover for e in calls if (e.debt_asset, e.user) == (asset, user)]
    owed = half_up(step.before.debt_shares(asset, user), step.before.reserve(asset).debt_index, RAY)
    owed += step.before.stable_debt(asset, user)
    return bool(paid) and (any(step.events_of(FlashLoan)) or sum(paid) != owed)


def collateral_bits_left(change: UserChange) -> bool:
    """Did a collateral bit stay where rounding took the last share, though not all of the amount was taken?

    Until v3.6 a liquidation compares what it seizes with the balance. Until v3.4 all operations compare amounts, and
    v3.0.2 never looks at the bit when debts are repaid with aTokens.
    """
    for holding in change.after.holdings:
        if not holding.collateral_bit or holding.scaled_supply:
            continue
        if _is_new(change, holding.asset, 2) and not _taken_in_part(change, holding.asset):
            return False
    return True


def _taken_in_part(change: UserChange, asset: Address) -> bool:
    step, user = change.step, change.after.user
    rules, view = step.census.rules, step.before.reserve(asset)
    balance = rules.down(step.before.shares(asset, user), view.income, RAY)
    in_a_loan = any(step.events_of(FlashLoan))
    for event in step.events_of(LiquidationCall):
        if event.collateral_asset == asset and user in (event.user, event.liquidator):
            return in_a_loan or event.user != user or _left_by_amount(step, event, balance)
    if rules.debts_round_up:
        return False
    if step.census.own_rules.bits_ignore_shares and _without_a_look_at_the_bit(change, asset):
        return True
    taken = _taken_by_amount(change, asset)
    return bool(taken) and (in_a_loan or sum(taken) != balance)


def _left_by_amount(step: Step, event: LiquidationCall, balance: int) -> bool:
    """Is what a liquidation leaves of a balance, by amounts and before its fee, no more than the fee and a share?

    The fee is at most the treasury's part of all that was seized.
    """
    view = step.before.reserve(event.collateral_asset)
    seized = event.liquidated_collateral_amount
    fee = ceil(seized, view.protocol_fee, BPS)
    return 0 < balance - seized <= fee + ceil(view.income, 1, RAY) + 1


def _taken_by_amount(change: UserChange, asset: Address) -> list[int]:
    """List the amounts that left a user's balance in withdrawals, repayments with aTokens, covers and transfers."""
    step, user = change.step, change.after.user
    a_token = step.census.homes[asset].a_token.address
    taken = [e.amount for e in step.events_of(Withdraw) if (e.reserve, e.user) == (asset, user)]
    repaid = (e for e in step.events_of(Repay) if e.use_a_tokens)
    taken += [e.amount for e in repaid if (e.reserve, e.repayer) == (asset, user)]
    taken += [e.amount_covered for e in step.events_of(DeficitCovered) if (e.reserve, e.caller) == (asset, user)]
    told = [event for where, event in step.events if where == a_token]
    to = {event.to for event in told if type(event) is BalanceTransfer and event.from_ == user}
    return taken + [e.value for e in told if type(e) is Transfer and e.from_ == user and e.to in to]


def _without_a_look_at_the_bit(change: UserChange, asset: Address) -> bool:
    """Did the user repay with aTokens, or get a transfer that moved no share? v3.0.2."""
    step, user = change.step, change.after.user
    a_token = step.census.homes[asset].a_token.address
    if any(e.use_a_tokens and e.repayer == user for e in step.events_of(Repay)):
        return True
    moves = (event for where, event in step.events if where == a_token and type(event) is BalanceTransfer)
    return any(event.to == user and event.value == 0 for event in moves)


def last_share_left_the_bit(step: Step) -> bool:
    """Did a liquidation leave the bit because the amount that it seized is not all of the balance?"""
    asset, borrower = step.arguments[0], step.arguments[2]
    event = next(step.events_of(LiquidationCall))
    view = step.before.reserve(asset)
    balance = step.census.rules.down(step.before.shares(asset, borrower), view.income, RAY)
    return _left_by_amount(step, event, balance)


def entered_unchecked(subject: UserChange | Step) -> bool:
    """Did the caller enter a category from none? v3.0.2."""
    step = subject if isinstance(subject, Step) else subject.step
    return step.name == "pool.setUserEMode" and step.before.position(step.sender).category_id == 0


def liquidated_by_itself(step: Step) -> bool:
    """Was it the borrower itself who liquidated?"""
    return bool(step.sender == step.arguments[2])


def pending_ltv_was_kept(step: Step) -> bool:
    """Was an asset frozen that lent nothing, and did its pending LTV stay what it was?"""
    asset = step.arguments[0]
    pending = step.census.market.configurator.pending_ltv
    return step.before.reserve(asset).ltv == 0 and pending[asset] == step.before.entry(pending, asset)
