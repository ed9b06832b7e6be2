"""LIQ-5 to LIQ-15: what a liquidation takes from whom, and what it leaves behind."""

from __future__ import annotations

from typing import NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.events import DeficitCreated, LiquidationCall

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import STRANGER, Probe
from ..reading.step import Step, UserChange
from ..reference import BPS, RAY, WAD, ceil, floor, half_up
from ..worth import Unit
from .accrual import expected_rates, synced
from .calls import LIQUIDATE
from .deviations import accrued_twice_in_call, last_share_left_the_bit, liquidated_by_itself
from .edges import liquidations
from .liquidation_terms import Terms, event_of, expected_outcome, terms_of


def _fee_shares(step: Step, terms: Terms) -> int:
    """Count the shares that the treasury was paid as protocol fee."""
    treasury = step.census.homes[terms.collateral_asset].a_token.treasury
    asset = terms.collateral_asset
    return step.after.shares(asset, treasury) - step.before.shares(asset, treasury)


@law(
    "LIQ-5",
    "What is seized, fee included, is at most the repaid value times the bonus, rounded down, until v3.6 to nearest. "
    "Where the collateral runs out, the debt it pays for may be a wei short, until v3.4 one and a half.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="D",
    alone=True,
    bound="where the collateral caps the liquidation the debt needed is floored before it is divided by the bonus "
    "(a known quirk of the contracts), so it may pay for one wei of debt more than it repays; until v3.4 it is divided "
    "to the nearest, which is half a wei more",
    edges=liquidations.LIQ_5,
)
def seizure_is_bounded(step: Step) -> Verdict:
    """Reckon with the bonus of the borrower's own category."""
    terms = terms_of(step)
    due, event = expected_outcome(step, terms), event_of(step)
    repaid = event.debt_to_cover
    capped = due.seized == terms.collateral
    short = 2 if step.census.rules.debts_round_up else 3  # half wei
    base = terms.debt_price * (2 * repaid + short) * terms.collateral_unit if capped else 0
    floor_base = terms.debt_price * repaid * terms.collateral_unit // (terms.collateral_price * terms.debt_unit)
    to_collateral = floor if step.census.rules.seizures_round_for_the_pool else half_up
    most = to_collateral(floor_base, terms.bonus, BPS)
    if capped:
        most = max(most, ceil(base * terms.bonus, 1, 2 * terms.collateral_price * terms.debt_unit * BPS))
    taken = event.liquidated_collateral_amount + due.fee
    return at_most("seized with fee, repaid with bonus", taken, most, Unit.WEI, terms.collateral_asset)


@law(
    "LIQ-6",
    "What is seized, fee included, is worth at least what is repaid, to one unit of collateral.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="C",
    alone=True,
    bound="one unit of collateral, for the rounding down of the conversion",
    edges=liquidations.LIQ_6,
)
def liquidators_do_not_lose(step: Step) -> Verdict:
    """Compare both at the oracle's prices."""
    terms = terms_of(step)
    event = event_of(step)
    taken = event.liquidated_collateral_amount + expected_outcome(step, terms).fee
    seized_value = (taken + 1) * terms.collateral_price * terms.debt_unit
    repaid_value = event.debt_to_cover * terms.debt_price * terms.collateral_unit
    grain = terms.debt_unit * terms.collateral_unit
    return at_least("seized value, repaid value", seized_value, repaid_value, Unit.BASE, scale=grain)


@law(
    "LIQ-7",
    "The treasury's fee is its percentage of the bonus part of what is seized, rounded up, and never more than that "
    "part; it is paid in shares, as many as are left at most.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="D",
    alone=True,
    bound="until v3.6 all three roundings are to the nearest, until v3.4 that to shares too",
    edges=liquidations.LIQ_7,
)
def fee_is_part_of_the_bonus(step: Step) -> Verdict:
    """Reckon the fee; what the liquidator gets is the rest."""
    terms = terms_of(step)
    asset, due, event = terms.collateral_asset, expected_outcome(step, terms), event_of(step)
    treasury = step.census.homes[asset].a_token.treasury
    if treasury in (terms.borrower, step.sender):
        return None
    index = step.before.reserve(asset).income
    shares, up = step.before.shares(asset, terms.borrower), step.census.rules.up
    to_oneself = terms.receives_shares and step.sender == terms.borrower  # then the liquidator's part goes nowhere
    left = shares if to_oneself else shares - up(due.seized - due.fee, RAY, index)
    part = due.seized - floor(due.seized, BPS, terms.bonus)
    most = part if step.census.rules.seizures_round_for_the_pool else part + 1
    taken, rest = event.liquidated_collateral_amount, due.seized - due.fee
    fee, fee_due = _fee_shares(step, terms), min(up(due.fee, RAY, index), left)
    return all_of(
        (
            equal("liquidator's collateral, seized less fee", taken, rest, Unit.WEI, asset),
            equal("fee in shares, due", fee, fee_due, Unit.SHARES, asset),
            at_most("fee, bonus part", due.fee, most, Unit.WEI, asset),
        )
    )


@law(
    "LIQ-8",
    "A liquidation moves exactly what it says: the debt paid into the virtual balance, the collateral out of it or in "
    "shares to the liquidator, and the borrower's shares down by both parts, each rounded up (until v3.4 half up). "
    "In v3.0.2 with U for VB.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="E",
    alone=True,
    edges=liquidations.LIQ_8,
)
def liquidation_moves_what_it_says(step: Step) -> Verdict:
    """Compare every leg where borrower, liquidator and treasury are three different accounts."""
    terms = terms_of(step)
    event, asset = event_of(step), terms.collateral_asset
    home = step.census.homes[asset]
    if len({home.a_token.treasury, terms.borrower, step.sender}) < 3:
        return None
    index = step.before.reserve(asset).income
    paid_out = 0 if terms.receives_shares else event.liquidated_collateral_amount
    shares = step.census.rules.up(event.liquidated_collateral_amount, RAY, index)
    same = asset == terms.debt_asset
    debt_before, debt_after = step.before.reserve(terms.debt_asset), step.after.reserve(terms.debt_asset)
    booked = event.debt_to_cover - (paid_out if same else 0)
    checks: list[Verdict] = [
        equal("VB of the debt asset", debt_after.virtual - debt_before.virtual, booked, Unit.WEI, terms.debt_asset),
        equal(
            "borrower's shares gone, liquidator's and fee's",
            step.before.shares(asset, terms.borrower) - step.after.shares(asset, terms.borrower),
            shares + _fee_shares(step, terms),
            Unit.SHARES,
            asset,
        ),
    ]
    if not same:
        before, after = step.before.reserve(asset), step.after.reserve(asset)
        checks.append(equal("VB of the collateral asset", before.virtual - after.virtual, paid_out, Unit.WEI, asset))
    gained = step.after.shares(asset, step.sender) - step.before.shares(asset, step.sender)
    due = shares if terms.receives_shares else 0
    checks.append(equal("liquidator's shares", gained, due, Unit.SHARES, asset))
    return all_of(checks)


@law(
    "LIQ-9",
    "A liquidation raises the borrower's HF where the HF is at least threshold times bonus of what is seized; below "
    "that it may fall.",
    kind=Kind.STEP,
    subject=Subject.USER,
    source="N",
    alone=True,
    bound="(4 + 2 g) / remaining debt, in base units, where g is what a share of the collateral and a share of the "
    "debt are worth, a wei at the least: each leg is rounded to shares, to wei and to a base unit",
    edges=liquidations.LIQ_9,
)
def liquidation_heals_where_it_can(change: UserChange) -> Verdict:
    """Compare HF = W / D: taking r of debt and r * bonus raises it iff W / D >= bonus * threshold."""
    step = change.step
    if step.name not in LIQUIDATE or step.arguments[2] != change.after.user:
        return None
    terms, before, after = terms_of(step), change.before.sums, change.after.sums
    had, has = before.fair_health, after.fair_health
    threshold = step.before.threshold(terms.collateral_asset, change.before.category_id)
    if had * BPS * BPS < threshold * terms.bonus * WAD or after.debt == 0:
        return None
    seized, repaid = step.after.reserve(terms.collateral_asset), step.after.reserve(terms.debt_asset)
    grain = ceil(terms.collateral_price, ceil(seized.income, 1, RAY), terms.collateral_unit)
    grain += ceil(terms.debt_price, ceil(repaid.debt_index, 1, RAY), terms.debt_unit)
    return at_least("HF after, before less bound", has, had - (4 + 2 * grain) * WAD // after.debt - 1, Unit.HEALTH)


@law(
    "LIQ-10",
    "Paid out in aTokens, a liquidation leaves the collateral's underlying and virtual balance as they are.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="N",
    alone=True,
)
def shares_leave_liquidity_alone(step: Step) -> Verdict:
    """Compare both where the collateral is another asset than the debt."""
    collateral_asset, debt_asset, _, _, receives_shares = step.arguments
    if not receives_shares or collateral_asset == debt_asset:
        return None
    before, after = step.before.reserve(collateral_asset), step.after.reserve(collateral_asset)
    return all_of(
        (
            equal("U after, before", after.underlying, before.underlying, Unit.WEI, collateral_asset),
            equal("VB after, before", after.virtual, before.virtual, Unit.WEI, collateral_asset),
        )
    )


@law(
    "LIQ-11",
    "A borrower whose last share of a collateral is seized has its collateral bit cleared.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="A",
    alone=True,
    since="3.3",
    deviates=dict.fromkeys(
        ("3.3", "3.4", "3.5", "3.6"),
        "the bit is cleared by comparing amounts; rounding the shares may take the last, where at most a share is left "
        "by the amount",
    ),
    excuse=last_share_left_the_bit,
    edges=liquidations.LIQ_11,
)
def the_last_share_clears_the_bit(step: Step) -> Verdict:
    """Look at shares, not amounts."""
    asset, borrower = step.arguments[0], step.arguments[2]
    if step.after.shares(asset, borrower) or not step.before.shares(asset, borrower):
        return None
    bit = step.after.flags(borrower) >> 2 * step.after.reserve(asset).id & 2
    return equal("collateral bit, 0", bit, 0)


@law(
    "LIQ-12",
    "Liquidating one asset for itself accrues its interest once and sets its rates for the debt that is left.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="A",
    alone=True,
    since="3.5",
    deviates=dict.fromkeys(
        ("3.5", "3.6"), "the treasury is credited twice for the same interest, exactly; the rates are right"
    ),
    excuse=accrued_twice_in_call,
    edges=liquidations.LIQ_12,
)
def same_asset_accrues_once(step: Step) -> Verdict:
    """Recompute accrual and rates; RAT-1 looks at the rates of every reserve too."""
    collateral_asset, debt_asset = step.arguments[:2]
    if collateral_asset != debt_asset:
        return None
    before, after = step.before.reserve(debt_asset), step.after.reserve(debt_asset)
    return all_of(
        (
            equal("A after, accrued once", after.accrued, synced(before).accrued, Unit.SHARES, debt_asset),
            equal("rates, by formula", (after.liquidity_rate, after.borrow_rate), expected_rates(step, after)),
        )
    )


@law(
    "LIQ-13",
    "A liquidator who repays the same debt in two parts gets no more collateral than at once, to a wei a part; until "
    "v3.4, where it takes all of the collateral, to a share and a wei more.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
    bound="a division by the price rounded down gives parts no more than the whole; the seizure, the bonus in it and "
    "the fee of that are rounded once more for a part more, two wei in sum. Until v3.4 the shares of the first part, "
    "and of its fee, go to the nearest: so the second part may find a share more, and half a wei of each balance",
)
def splitting_seizes_no_more(probe: Probe) -> Verdict:
    """Compare where both parts go through and repay the same in sum."""
    for user in probe.borrowers():
        position = probe.now.position(user)
        if not position.priced or position.health >= probe.census.rules.health_threshold:
            continue
        collateral = probe.pick([h.asset for h in position.holdings if h.collateral_bit and h.scaled_supply])
        debt = probe.pick([h.asset for h in position.holdings if h.scaled_debt])
        if collateral is None or debt is None:
            continue
        owed = probe.census.homes[debt].debt_token.balance_of(user)
        whole = probe.rng.randrange(1, owed + 1)
        apart = probe.rng.randrange(whole + 1)
        first = tried_in_parts(probe, collateral, debt, user, (whole,))
        second = tried_in_parts(probe, collateral, debt, user, (apart, whole - apart))
        if first is not None and second is not None and first.repaid == second.repaid:
            most = first.seized + most_found_by_parts(probe, collateral, second)
            return at_most("seized in parts, at once", second.seized, most, Unit.WEI, collateral)
    return None


class Tried(NamedTuple):
    """Totals of liquidations that were tried: repaid and seized (wei), and whether they left at most a share."""

    repaid: int
    seized: int
    all_taken: bool


def most_found_by_parts(probe: Probe, collateral: Address, parts: Tried) -> int:
    """Bound what two parts seize more than the whole (wei): roundings, and until v3.4 a share at the end."""
    view = probe.now.reserve(collateral)
    to_nearest = parts.all_taken and not view.rules.debts_round_up
    return 2 + (ceil(view.income, 1, RAY) + 1 if to_nearest else 0)


def tried_in_parts(
    probe: Probe, collateral: Address, debt: Address, user: Address, parts: tuple[int, ...]
) -> Tried | None:
    """Try liquidations of these amounts; None if one reverts."""
    repaid = seized = 0
    with probe.undone():
        probe.give(debt, STRANGER, 2 * sum(parts) + 10)
        for part in parts:
            call = probe.pool.liquidation_call
            receipt = probe.attempt(call, collateral, debt, user, part, True, sender=STRANGER)
            if not receipt.ok:
                return None
            event = next(event for event in receipt.events if type(event) is LiquidationCall)
            repaid += event.debt_to_cover
            seized += event.liquidated_collateral_amount
        all_taken = probe.now.shares(collateral, user) <= 1
    return Tried(repaid, seized, all_taken)


@law(
    "LIQ-14",
    "A liquidation that leaves a borrower no collateral in base currency leaves no debt in any active reserve, unless "
    "it only cleared this debt and what is left is worth less than a base unit.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="A",
    alone=True,
    since="3.3",
    deviates=dict.fromkeys(
        ("3.3", "3.4", "3.5", "3.6"),
        "whether collateral is left is judged by amounts; where rounding takes the last share, and by the amount at "
        "most a share is left, other debts stay",
    ),
    excuse=last_share_left_the_bit,
    edges=liquidations.LIQ_14,
)
def nobody_owes_without_collateral(step: Step) -> Verdict:
    """Look at the debts, whatever the bits say of worthless leftovers."""
    position = step.after.position(step.arguments[2])
    if position.sums.collateral:
        return None
    owed = [h.asset for h in position.holdings if h.owes and step.after.reserve(h.asset).active]
    if owed and any(h.collateral_bit and h.scaled_supply for h in position.holdings):
        before = step.before.position(step.arguments[2]).sums.collateral
        terms = terms_of(step)
        if before != 0 and expected_outcome(step, terms).seized < terms.collateral:
            return None
    return equal("owed in active reserves, nothing", owed, [], Unit.BASE, amount=position.sums.debt)


@law(
    "LIQ-15",
    "Debt is written off only where the liquidation leaves no collateral worth a base unit.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="N",
    alone=True,
    since="3.3",
    deviates={"3.3": "who liquidates oneself is forgiven the rest and gets the collateral back"},
    excuse=liquidated_by_itself,
    edges=liquidations.LIQ_15,
)
def only_the_hopeless_are_forgiven(step: Step) -> Verdict:
    """Look whenever a deficit is created."""
    if not any(step.events_of(DeficitCreated)):
        return None
    left = step.after.position(step.arguments[2]).sums.collateral
    return equal("collateral left, 0", left, 0, Unit.BASE)
