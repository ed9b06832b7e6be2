"""SOL-1 to SOL-4, SOL-10 to SOL-12: what lenders are owed is there or owed to the pool, and they can leave with it."""

from __future__ import annotations

from pooltwin.protocol.address import ZERO_ADDRESS

from ..law import Kind, Subject, Verdict, at_least, equal, law
from ..reading.probe import Probe
from ..reading.step import Holding, Position, ReserveChange, ReserveView, Step, weigh
from ..reference import RAY
from ..worth import Unit
from .accrual import accrual_loss, lack_at_update, lack_growth, synced
from .calls import WITHDRAW, is_everything
from .conversions import half_a_share, premium_gain, remember_gifts_lent, rounding_gain
from .deviations import (
    claims_were_credited_twice,
    dropped,
    dropped_so_far,
    lost_what_was_accrued_twice,
    overpromised_in_step,
    overpromised_so_far,
    remember_dropped,
    remember_left_rates,
    remember_twice,
    twice_so_far,
)
from .edges import amounts
from .overflow import has_outgrown, rates_can_be_set, rewards_fit
from .stable_debts import remember_stable_interest

BEGINNING = 1_647_388_800
"""When Aave v3 began: 16 March 2022."""
LEAVING = 3
"""So many lenders leave in one order and the other."""
DOUBLE_ACCRUAL = dict.fromkeys(
    ("3.5", "3.6"),
    "a same-asset liquidation after silence credits the treasury twice for the same interest: so much, and what it "
    "earns, may be missing",
)
LEFT_RATES = {
    "3.0.2": "a same-asset liquidation paid in underlying and a withdrawal to the aToken itself set the rates for less "
    "liquidity than there is, and a new reserve factor sets none and reaches back: until the next update, and as "
    "long as less is there than is owed, lenders and treasury are promised more than is paid; so much may be missing"
}
DROPPED = (
    "where a stable debt dearer than most is repaid, the average rate of what is left may come out as nothing or less: "
    "then all of it is forgotten in the total, though debtors owe it still"
)
CANNOT_REMEMBER = dict.fromkeys(
    ("3.5", "3.6"),
    "what was credited twice is missing in the end. A probe remembers nothing, so any reserve that lacks something by "
    "its slack excuses it; how much may lack is SOL-1's business",
)


def _lacks_what_is_known(change: ReserveChange) -> bool:
    known = twice_so_far(change) + overpromised_so_far(change) + dropped_so_far(change)
    return change.after.slack >= _least_slack(change) - known


@law(
    "SOL-1",
    "The slack of a reserve, ceil(D * B) + VB + F - floor((S + A) * L), is at least minus what the roundings of all "
    "accruals so far, and until v3.4 of all conversions and premiums, may have cost. Until v3.3 what the bridge minted "
    "unbacked counts as there, in v3.0.2 U stands for VB. What lacks when a reserve is first seen is no break, nor is "
    "the interest that such claims earn.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="C+E",
    over_time=True,
    bound="the sum of SOL-3's bounds over the accruals seen, below one wei each for ordinary reserves, and two wei for "
    "the rounding of claims and debts themselves; until v3.4 also the sum of SOL-2's over the operations seen; where "
    "claims exceed what backs them, as much of L's growth as falls to the excess",
    deviates={**DOUBLE_ACCRUAL, "3.0.2": f"{LEFT_RATES['3.0.2']}; {DROPPED}"},
    excuse=_lacks_what_is_known,
    remembers=True,
    edges=amounts.SOL_1,
)
def slack_is_not_negative(change: ReserveChange) -> Verdict:
    """Keep the allowance from step to step, starting at what the monitor found."""
    before, after, memory = change.before, change.after, change.step.memory
    key = ("SOL-1", after.asset)
    if change.step.census.own_rules.liquidity_is_what_is_held:
        remember_gifts_lent(change)
    remembered = memory[key]
    allowance = _lack_found(before) if remembered is None else remembered
    if before.last_update != after.last_update:
        allowance += accrual_loss(before, before.time - before.last_update) + lack_growth(before)
        remember_twice(change)
    if change.step.same_time:
        allowance += _operation_loss(change)
    if allowance != remembered:
        memory[key] = allowance
    remember_left_rates(change)
    if before.stable_principal:
        remember_dropped(change)
        remember_stable_interest(change)
    if after.slack >= 0:
        return True  # whatever may lack
    return at_least("slack, bound", after.slack, _least_slack(change), Unit.WEI)


def _least_slack(change: ReserveChange) -> int:
    """Bound a reserve's slack by the allowance that is remembered and what the time since the last update may cost."""
    after = change.after
    seconds, loss = after.time - after.last_update, int(change.step.memory["SOL-1", after.asset])
    if seconds > 0:
        loss += accrual_loss(after, seconds) + lack_growth(after)
    return -2 - loss // RAY


def _lack_found(view: ReserveView) -> int:
    """Reckon what a reserve lacked at its last update when it is first seen, in 1 / RAY wei; 0 if nothing.

    Where it lacks more by now than that and what it earns, that is what it lacked.
    """
    return max(lack_at_update(view), -view.slack * RAY - lack_growth(view))


def _lost_what_is_known(change: ReserveChange) -> bool:
    lost = dropped(change)
    if lost:
        return change.after.slack >= _slack_kept(change) - lost
    return lost_what_was_accrued_twice(change)


@law(
    "SOL-2",
    "An operation at fixed time never lowers the slack of a reserve below what it was once the interest due had been "
    "accrued: tolerance zero. Until v3.4 by no more than its roundings.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="C+A",
    bound="zero. Until v3.4, where something is converted or a premium is paid, half a share for each conversion, of "
    "aTokens at most half an honest one, B / RAY wei, in v3.0.2 as dear as loans of gifts made it (IDX-15); for "
    "premiums as in INF-1, and half a share of the treasury's; "
    "three wei for the rounding of claims and debts; and where interest was accrued, a share and two wei for the "
    "treasury's",
    deviates={**DOUBLE_ACCRUAL, "3.0.2": DROPPED},
    excuse=_lost_what_is_known,
    edges=amounts.SOL_2,
)
def operations_never_lower_slack(change: ReserveChange) -> Verdict:
    """Compare both: rounding always favours the pool, shares down, debts up."""
    before, after = change.before, change.after
    if before.liquidity_index == 0 or not change.step.name.startswith(("pool.", "aToken.", "token.")):
        return None
    return at_least("slack after, slack before", after.slack, _slack_kept(change), Unit.WEI)


def _slack_kept(change: ReserveChange) -> int:
    """Reckon what an operation must leave of the slack, but for what its roundings may cost."""
    before, moved = change.before, change.before.last_update != change.after.last_update
    return (synced(before).slack if moved else before.slack) - _operation_loss(change) // RAY


def _operation_loss(change: ReserveChange) -> int:
    """Bound the slack, in units of 1 / RAY wei, that the conversions and premiums of a step may cost: SOL-2's bound."""
    before, after = change.before, change.after
    if before.rules.debts_round_up:
        return 0
    loss = rounding_gain(change) + premium_gain(change, treasury=True)
    accrued = before.last_update != after.last_update and before.scaled_debt + before.stable != 0
    if loss == 0 and not accrued:
        return 0
    return loss + 3 * RAY + (2 * half_a_share(change.step, after) + 2 * RAY if accrued else 0)


def _lost_by_left_rates(change: ReserveChange) -> bool:
    return synced(change.after).slack >= _slack_due(change) - overpromised_in_step(change)


@law(
    "SOL-3",
    "Time alone lowers the slack, the treasury's due share counted, by no more than its roundings.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="N",
    over_time=True,
    bound="6 T t + 2 r t + S + A + c + D + (4 + 4 r t) v ray wei and half a wei, t in years, and two wei for the "
    "rounding of claims and debts; where something was due before, its own rounding too, two wei and a share; until "
    "v3.4 two shares and four wei more, for the treasury's. Derived with `accrual_loss`",
    deviates=LEFT_RATES,
    excuse=_lost_by_left_rates,
    edges=amounts.SOL_3,
)
def time_costs_no_slack(change: ReserveChange) -> Verdict:
    """Compare only where the slack was not negative: with less than is owed, lenders' interest outgrows debts'."""
    before = change.before
    if change.step.same_time or not (before.scaled_debt or before.stable):
        return None
    had, has = synced(before).slack, synced(change.after).slack
    if had < 0:
        return None
    return has >= had or at_least("slack after, slack before less bound", has, _slack_due(change), Unit.WEI)


def _slack_due(change: ReserveChange) -> int:
    before, after = change.before, change.after
    loss = accrual_loss(before, after.time - before.last_update)
    if before.time != before.last_update:
        loss += 2 * RAY + before.income
    return synced(before).slack - 2 - loss // RAY


@law(
    "SOL-4",
    "Whatever the schedule of updates over a stretch of time, the slack falls by no more than the roundings of the "
    "accruals.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="N",
    since="3.1",
    bound="SOL-3's for each accrual, in sum, and two wei for the rounding of claims and debts at either end",
)
def no_schedule_of_updates_costs_slack(probe: Probe) -> Verdict:
    """Poke a few times at random moments, by setting the reserve factor to what it is."""
    views = [probe.now.reserve(asset) for asset in probe.assets]
    asset = probe.pick([view.asset for view in views if view.scaled_debt and synced(view).slack >= 0])
    if asset is None:
        return None
    loss = 0
    with probe.undone():
        if not probe.poke(asset):
            return None
        start = probe.now.reserve(asset).slack
        for _ in range(probe.rng.randrange(1, 6)):
            before = probe.now.reserve(asset)
            probe.census.chain.advance(probe.rng.choice((1, 12, 3_600, 86_400, 20 * 86_400)))
            loss += accrual_loss(before, probe.census.chain.time - before.last_update)
            if not probe.poke(asset):
                return None
        end = probe.now.reserve(asset).slack
    return at_least("slack after, slack before less bound", end, start - 2 - loss // RAY, Unit.WEI, asset)


@law(
    "SOL-10",
    "withdraw(x) succeeds if and only if 0 < x <= balance and x <= VB, the reserve is active and not paused, its "
    "indexes and the treasury's accrual, brought to now, fit 128 bits, the recipient can receive, and the position "
    "left is healthy and keeps the ltv-zero order. Until v3.5 of users without debt; until v3.4 the balance is S L to "
    "the nearest, and x moves a share to the nearest; in v3.0.2 U stands for VB. Of reserves whose "
    "rates and rewards can be reckoned: no ratio leaves 256 bits, no index of rewards 104.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=WITHDRAW,
    source="N",
    alone=True,
    reverted=True,
    edges=amounts.SOL_10,
)
def withdraw_succeeds_iff_it_may(step: Step) -> Verdict:
    """Predict from the state before, then compare with what happened."""
    rules, user = step.census.rules, step.sender
    if not rules.gifts_are_no_collateral and step.before.position(user).indebted:
        return None
    if rules.a_tokens_may_receive and _is_kept(step):
        return None
    asset, amount, _ = step.arguments
    if asset in step.census.homes and not (
        rates_can_be_set(step.before.reserve(asset)) and rewards_fit(step.census, asset)
    ):
        return None
    if is_everything(amount):
        amount = step.value if step.ok else _claim_of(step)
    return equal("withdrawal succeeded, may succeed", step.ok, may_withdraw(step), Unit.WEI, asset, amount=amount)


def _claim_of(step: Step) -> int:
    """Reckon what all shares of the caller are worth, in wei; 0 of an asset that is not listed."""
    asset = step.arguments[0]
    if asset not in step.census.homes:
        return 0
    return step.census.rules.down(step.before.shares(asset, step.sender), step.before.reserve(asset).income, RAY)


def _is_kept(step: Step) -> bool:
    """Is the recipient the aToken itself? v3.0.2 does not mind."""
    home = step.census.homes.get(step.arguments[0])
    return home is not None and step.arguments[2] == home.a_token.address


def may_withdraw(step: Step) -> bool:
    """Would the rules let this withdrawal through?"""
    asset, amount, to = step.arguments
    home = step.census.homes.get(asset)
    if home is None or to in (home.a_token.address, ZERO_ADDRESS):
        return False
    view, user, rules = step.before.reserve(asset), step.sender, step.census.rules
    shares = step.before.shares(asset, user)
    balance = rules.down(shares, view.income, RAY)
    paid = balance if is_everything(amount) else amount
    all_at_once = is_everything(amount) and rules.debts_round_up
    burned = shares if all_at_once else rules.up(paid, RAY, view.income)
    if not 0 < burned <= shares or paid > view.virtual or not view.active or view.paused:
        return False
    if has_outgrown(view) or (not rules.debts_round_up and not 0 < paid <= balance):
        return False
    return may_leave(step, asset, user, burned)


def may_leave(step: Step, asset: str, user: str, shares: int) -> bool:
    """May these shares of a user's collateral go? Healthy afterwards, and ltv-zero collateral leaves first."""
    position = step.before.position(user)
    here = next((holding for holding in position.holdings if holding.asset == asset), None)
    if here is None or not here.collateral_bit or not any(holding.borrow_bit for holding in position.holdings):
        return True
    left = here.scaled_supply - shares
    kept = [holding for holding in position.holdings if holding.asset != asset]
    rest = here._replace(scaled_supply=left, collateral_bit=left > 0)
    return is_sound_without(position, [*kept, rest], asset)


def is_sound_without(position: Position, holdings: list[Holding], asset: str) -> bool:
    """Is a position healthy, and is its ltv-zero order kept by the asset that left?"""
    sums = weigh(position.moment, position.category_id, holdings)
    if sums.health < position.moment.census.rules.health_threshold:
        return False
    return not sums.lends_nothing or position.ltv_of(asset) == 0


@law(
    "SOL-11",
    "Once all debt is repaid and no deficit is left, every lender and the treasury can exit in full, unless no more "
    "lacks than accruals may have cost by rounding.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="E",
    since="3.5",
    bound="8 T ray wei for each second since Aave v3 began: SOL-3's for an accrual of a second, which is S + A + c + D "
    "+ 4 v and less than T more; T is what is there now, or a hundred times what exists of the token, which is as far "
    "as loops at an LTV of 99% go. Less than a wei for five thousand million USDC",
    deviates=CANNOT_REMEMBER,
    excuse=claims_were_credited_twice,
)
def everybody_can_exit(probe: Probe) -> Verdict:
    """Try a reserve without deficit, in a random order, after a stranger has repaid the debts."""
    asset = probe.pick([asset for asset in probe.assets if probe.census.homes[asset].reserve.deficit == 0])
    if asset is None:
        return None
    may_lack = _lost_by_accruals(probe, asset)
    lenders = {user for user, shares in probe.census.homes[asset].a_balances.items() if shares}
    with probe.undone():
        if not probe.settle_everything(asset, lenders):
            return None
        there = probe.now.reserve(asset)
        if 0 < there.claims - there.virtual <= may_lack or not rewards_fit(probe.census, asset):
            return None
        stuck = probe.exits(asset, probe.lenders(asset))[1]
        left = sum(probe.now.shares(asset, user) for user in stuck)
        return equal("lenders left inside, 0", len(stuck), 0, Unit.SHARES, asset, amount=left)


def _lost_by_accruals(probe: Probe, asset: str) -> int:
    """Bound what roundings of accruals may have cost a reserve since it began (wei), had there been one each second."""
    view, exists = probe.now.reserve(asset), probe.answer(asset, "totalSupply()") or 0
    age = view.time - BEGINNING if view.time > BEGINNING else view.time
    return int(8 * max(view.virtual + view.debt, 100 * exists) * age // RAY)


@law(
    "SOL-12",
    "The order in which lenders exit does not change what each is paid.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
)
def order_of_exits_does_not_matter(probe: Probe) -> Verdict:
    """Compare exactly, of some lenders and the reverse of their order: at fixed time the index stands still."""
    asset = probe.pick(probe.assets)
    if asset is None:
        return None
    lenders = probe.lenders(asset)[:LEAVING]
    with probe.undone():
        if not probe.settle_everything(asset, lenders):
            return None
        with probe.undone():
            forwards, stuck = probe.exits(asset, lenders)
        backwards, stuck_too = probe.exits(asset, lenders[::-1])
    if stuck or stuck_too or not lenders:
        return None  # SOL-11's business
    apart = sum(abs(paid - backwards.get(user, 0)) for user, paid in forwards.items())
    return equal("paid in one order, in the other", forwards, backwards, Unit.WEI, asset, amount=apart)
