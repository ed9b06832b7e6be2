"""RAT: rates are always those of the two-slope formula for the reserve as it stands."""

from __future__ import annotations

from pooltwin.protocol.events import FlashLoan

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import Probe
from ..reading.step import ReserveChange, ReserveView, Step
from ..reference import BPS, RAY, floor
from ..worth import Unit
from .accrual import expected_rates, is_fresh, synced
from .calls import COVER, FLASH, REPAY_WITH_ATOKENS, TRANSFER
from .deviations import twice_so_far
from .edges import interest

SETTINGS = ("configurator.setReserveFactor", "configurator.setReserveInterestRateData")


@law(
    "RAT-1",
    "Whenever a step changes a reserve's virtual balance, debt, deficit, reserve factor or rate parameters, or lends "
    "it for an instant, the stored rates afterwards are strategy(VB', ceil(D' * B'), F', reserve factor').",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="A",
    since="3.4",
    edges=interest.RAT_1,
)
def rates_are_up_to_date(change: ReserveChange) -> Verdict:
    """Recompute the rates by the law's own formula."""
    step, after = change.step, change.after
    lent = step.name in FLASH and any(event.asset == after.asset for event in step.events_of(FlashLoan))
    if not (is_fresh(change) or lent or (step.name in SETTINGS and step.arguments[0] == after.asset)):
        return None
    return _rates_match(step, after)


def _rates_match(step: Step, view: ReserveView) -> Verdict:
    liquidity_rate, borrow_rate = expected_rates(step, view)
    if view.liquidity_rate == liquidity_rate and view.borrow_rate == borrow_rate:
        return True
    return all_of(
        (
            equal("borrow rate, by formula", view.borrow_rate, borrow_rate),
            equal("liquidity rate, by formula", view.liquidity_rate, liquidity_rate),
        )
    )


def _most_promised(change: ReserveChange) -> int:
    view = change.after
    short = 3 + (change.step.memory["SOL-1", view.asset] or 0) // RAY
    return view.borrow_rate * (view.debt + short) + 6 * view.claims


def _promised_what_was_credited_twice(change: ReserveChange) -> bool:
    view = change.after
    return view.liquidity_rate * (view.claims - twice_so_far(change)) <= _most_promised(change)


@law(
    "RAT-2",
    "Lenders are promised no more than borrowers pay: LR * claims <= BR * debt, after every update of rates.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="E",
    since="3.5",
    bound="6 claims + 3 BR, in wei ray: three roundings to the nearest make LR at most 6 rays more than BR v / T (see "
    "accrual_loss), and slack may be as low as SOL-1 lets it, two wei for a fresh reserve",
    deviates=dict.fromkeys(("3.5", "3.6"), "after a double accrual the claims exceed what backs them, by so much"),
    excuse=_promised_what_was_credited_twice,
    edges=interest.RAT_2,
)
def lenders_earn_what_borrowers_pay(change: ReserveChange) -> Verdict:
    """Compare both; it fails where claims outgrow what backs them."""
    view = change.after
    if not is_fresh(change) or not view.scaled_debt:
        return None
    return at_most("LR * claims, BR * debt and bound", view.liquidity_rate * view.claims, _most_promised(change))


@law(
    "RAT-3",
    "Once set, the borrow rate lies between the base rate and base + slope1 + slope2, which is at most 1000%.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="src",
    since="3.1",
    edges=interest.RAT_3,
)
def borrow_rate_lies_on_its_curve(change: ReserveChange) -> Verdict:
    """Compare with the curve; a reserve nobody has touched yet has no rate."""
    view = change.after
    if view.last_update == 0 or view.borrow_rate == 0:
        return None
    _, base, slope1, slope2 = change.step.census.curve(view.asset)
    top = base + slope1 + slope2
    return all_of(
        (
            at_least("borrow rate, base", view.borrow_rate, base),
            at_most("borrow rate, top of curve", view.borrow_rate, top),
            at_most("top of curve, 1000%", top, 10 * RAY),
        )
    )


def _curve(probe: Probe, asset: str, *, virtual: int, debt: int, deficit: int = 0, factor: int = 0) -> tuple[int, int]:
    return probe.census.asked_rates(asset, virtual, debt, deficit, factor)


def _size(probe: Probe) -> int:
    return probe.rng.randrange(1, 10 ** probe.rng.randrange(1, 34))


@law(
    "RAT-4",
    "Both rates rise, or stay, when more is owed and as much liquidity is left.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
)
def rates_are_monotone(probe: Probe) -> Verdict:
    """Ask the strategy for random figures."""
    asset = probe.rng.choice(probe.assets)
    virtual, debt, more = _size(probe), _size(probe), _size(probe)
    low, high = (_curve(probe, asset, virtual=virtual, debt=owed) for owed in (debt, debt + more))
    return all_of((at_least("LR owing more, less", high[0], low[0]), at_least("BR owing more, less", high[1], low[1])))


@law(
    "RAT-5",
    "Where nobody owes, lenders earn nothing and the borrow rate is the base rate.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="src",
    since="3.1",
)
def no_debt_no_yield(change: ReserveChange) -> Verdict:
    """Look after any change of liquidity, debt or deficit."""
    view = change.after
    if view.scaled_debt or not is_fresh(change):
        return None
    base = change.step.census.curve(view.asset)[1]
    return all_of((equal("LR, 0", view.liquidity_rate, 0), equal("BR, base", view.borrow_rate, base)))


@law(
    "RAT-6",
    "With a reserve factor of 100% lenders earn nothing.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="src",
    since="3.1",
)
def whole_reserve_factor_no_yield(change: ReserveChange) -> Verdict:
    """Look after any change of liquidity, debt or factor."""
    view = change.after
    if view.reserve_factor != BPS or not is_fresh(change):
        return None
    return equal("LR, 0", view.liquidity_rate, 0)


@law(
    "RAT-7",
    "Repaying with aTokens, covering a deficit and transferring aTokens leave the virtual balance as it is.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="E",
    alone=True,
    since="3.1",
)
def shares_are_no_liquidity(change: ReserveChange) -> Verdict:
    """Compare the virtual balance: no underlying moves in these calls."""
    if change.step.name not in (*REPAY_WITH_ATOKENS, *COVER, *TRANSFER):
        return None
    return equal("VB after, before", change.after.virtual, change.before.virtual, Unit.WEI)


@law(
    "RAT-8",
    "A deficit lowers the liquidity rate, or leaves it, and does not touch the borrow rate.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="A",
    since="3.3",
)
def deficit_lowers_yield_alone(probe: Probe) -> Verdict:
    """Ask the strategy for random figures, and check that the pool passes its deficit on."""
    asset = probe.rng.choice(probe.assets)
    virtual, debt, deficit = _size(probe), _size(probe), _size(probe)
    without = _curve(probe, asset, virtual=virtual, debt=debt)
    with_deficit = _curve(probe, asset, virtual=virtual, debt=debt, deficit=deficit)
    return all_of(
        (
            at_most("LR with deficit, without", with_deficit[0], without[0]),
            equal("BR with deficit, without", with_deficit[1], without[1]),
        )
    )


@law(
    "RAT-9",
    "A flash loan in whose callback the pool is left alone is an update with the premium added: VB + premium, and the "
    "premium in shares to the treasury.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=("pool.flashLoanSimple",),
    source="A",
    since="3.5",
)
def idle_flash_loan_is_an_update(step: Step) -> Verdict:
    """Look at idle loans: lent once, and supply, debt and deficit are what they were."""
    loans = list(step.events_of(FlashLoan))
    asset = step.arguments[1]
    before, after = step.before.reserve(asset), step.after.reserve(asset)
    idle = (before.scaled_supply, before.scaled_debt, before.deficit) == (
        after.scaled_supply,
        after.scaled_debt,
        after.deficit,
    )
    updates = sum(1 for _, event in step.events if type(event).__name__ == "ReserveDataUpdated")
    if len(loans) != 1 or updates != 1 or not idle:
        return None
    premium, brought = loans[0].premium, synced(before)
    accrued = brought.accrued + floor(premium, RAY, brought.income)
    return all_of(
        (
            equal("VB after, VB and premium", after.virtual, before.virtual + premium, Unit.WEI, asset),
            equal("A after, accrued and premium", after.accrued, accrued, Unit.SHARES, asset),
            equal("L after, updated", after.liquidity_index, brought.income, Unit.LIQUIDITY_INDEX, asset),
            equal("B after, updated", after.borrow_index, brought.debt_index, Unit.DEBT_INDEX, asset),
        )
    )


@law(
    "RAT-10",
    "A new reserve factor or rate curve applies from now on: what is due is accrued by the old one first, and the new "
    "rates are in force afterwards.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=SETTINGS,
    source="D",
    since="3.4",
)
def settings_do_not_reach_back(step: Step) -> Verdict:
    """Compare debts and claims: none changes when parameters do."""
    asset = step.arguments[0]
    before, after = step.before.reserve(asset), step.after.reserve(asset)
    brought = synced(before)
    accrued: Verdict = None
    if before.rules.treasury_accrual_rounds_down == step.census.own_rules.treasury_accrual_rounds_down:
        accrued = equal("A after, accrued on old parameters", after.accrued, brought.accrued, Unit.SHARES, asset)
    indexes = (
        ("L after, accrued on old parameters", after.liquidity_index, brought.income, Unit.LIQUIDITY_INDEX),
        ("B after, accrued on old parameters", after.borrow_index, brought.debt_index, Unit.DEBT_INDEX),
    )
    return all_of(
        (
            *(equal(*index, asset) for index in indexes),
            accrued,
            equal("last update, now", after.last_update, after.time),
            _rates_match(step, after),
        )
    )


@law(
    "RAT-11",
    "The borrow curve has no jump at its kink: one ray unit of utilisation more costs next to nothing.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="N",
    bound="2 + RAY / optimal + slope2 / (RAY - optimal) + slope2 / RAY: the rounding of slope1 * usage before it is "
    "divided by the optimum, and slope2 times one unit of excess, itself rounded to the nearest",
)
def the_kink_is_continuous(probe: Probe) -> Verdict:
    """Ask the strategy at the kink and one unit beyond."""
    asset = probe.rng.choice(probe.assets)
    optimal, _, _, slope2 = probe.census.curve(asset)
    at = _curve(probe, asset, virtual=RAY - optimal, debt=optimal)[1]
    beyond = _curve(probe, asset, virtual=RAY - optimal - 1, debt=optimal + 1)[1]
    bound = 2 + RAY // optimal + slope2 // (RAY - optimal) + slope2 // RAY
    return all_of((at_least("rate beyond, at", beyond, at - bound), at_most("jump, bound", beyond - at, bound)))
