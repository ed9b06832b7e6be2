"""IDX: interest accrues once, by formula, and never backwards."""

from __future__ import annotations

from pooltwin.protocol.events import BackUnbacked, FlashLoan, MintedToTreasury
from pooltwin.protocol.math import percentage, wad_ray

from ..law import Broken, Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import Probe
from ..reading.step import ReserveChange, Step
from ..reference import BPS, RAY, WAD, YEAR, ceil, floor, half_up
from ..worth import Unit
from .calls import BORROW, COVER, LIQUIDATE, REPAY, REPAY_WITH_ATOKENS, SUPPLY, WITHDRAW, only_counts
from .conversions import premiums_shared
from .edges import interest
from .stable_debts import honest_index, index_with_gifts
from .twins_code import TWINS_CODE, is_twins_code

PREMIUM = dict.fromkeys(
    ("3.0.2", "3.2", "3.3"),
    "the lenders' part p of a flash loan's premium, or of a bridge's fee, takes L to half_up(L (RAY + half_up(p RAY / "
    "T))), with T what lenders and treasury are owed; any other move is a violation",
)
GIFTS_ARE_LENT = {
    "3.0.2": "what is given to the aToken is lent too, and those who own anything share the premium, be they ever so "
    "few: the part p of it that is for gifts, which lay there before the step, may take L to L (1 + p / T + 1 / RAY), "
    "with T what lenders and treasury are owed"
}
FASTEST = 10 * RAY
"""1000% a year, the highest rate the strategy accepts."""


def _paid_by_premiums(change: ReserveChange) -> bool:
    """Is every move of the index that of a premium, and did nothing else move that the laws of indexes look at?"""
    before, after = change.before, change.after
    debt_stood = before.last_update != after.time or after.borrow_index == before.borrow_index
    admissible = before.income - before.liquidity_index <= _most_growth(change)
    return debt_stood and admissible and premiums_shared(change) is not None


def _most_growth(change: ReserveChange) -> int:
    """Bound the growth of the liquidity index (ray) by the highest rate there may be."""
    before, after = change.before, change.after
    elapsed = after.last_update - before.last_update
    return before.liquidity_index * FASTEST * elapsed // (YEAR * RAY) + 1 if elapsed else 0


@law(
    "IDX-1",
    "The stored indexes never fall and are at least one ray. (The projected debt index may fall where nobody owes.)",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="E",
)
def indexes_never_fall(change: ReserveChange) -> Verdict:
    """Compare stored indexes: without debt the projected debt index is dropped at the next update."""
    before, after = change.before, change.after
    return all_of(
        (
            at_least("L after, before", after.liquidity_index, max(before.liquidity_index, RAY), Unit.LIQUIDITY_INDEX),
            at_least("B after, before", after.borrow_index, max(before.borrow_index, RAY), Unit.DEBT_INDEX),
        )
    )


@law(
    "IDX-2",
    "A reserve that was updated at this very time keeps its indexes.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="C",
    deviates=PREMIUM,
    excuse=_paid_by_premiums,
)
def no_time_no_interest(change: ReserveChange) -> Verdict:
    """Compare whatever is done to the reserve, a premium or a donation included."""
    before, after = change.before, change.after
    if not change.step.same_time or before.last_update != after.time:
        return None
    return all_of(
        (
            equal("L after, before", after.liquidity_index, before.liquidity_index, Unit.LIQUIDITY_INDEX),
            equal("B after, before", after.borrow_index, before.borrow_index, Unit.DEBT_INDEX),
        )
    )


@law(
    "IDX-3",
    "The pool's views of the normalised income and debt are the stored indexes projected to now by the definitions of "
    "linear and compound interest.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="C",
    over_time=True,
)
def views_project_the_indexes(change: ReserveChange) -> Verdict:
    """Compare both views; right after an update they are the stored indexes."""
    view = change.after
    income, debt_index = change.step.indexes_of(view.asset)
    if income == view.income and debt_index == view.debt_index:
        return True
    return all_of(
        (
            equal("normalised income, L", income, view.income, Unit.LIQUIDITY_INDEX),
            equal("normalised debt, B", debt_index, view.debt_index, Unit.DEBT_INDEX),
        )
    )


@law(
    "IDX-4",
    "A second update at the same time changes neither indexes nor the treasury's accrual.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="A",
    alone=True,
)
def second_update_is_nothing(change: ReserveChange) -> Verdict:
    """Compare all but what premiums, fees of the bridge and the treasury's mint change by right."""
    before, after, step = change.before, change.after, change.step
    if not step.same_time or before.last_update != after.time or not step.name.startswith("pool."):
        return None
    if any(any(step.events_of(kind)) for kind in (FlashLoan, BackUnbacked, MintedToTreasury)):
        return None
    return equal("A after, before", after.accrued, before.accrued, Unit.SHARES)


@law(
    "IDX-5",
    "The liquidity index changes only by an update, and then to L * (1 + rate * time) exactly; nothing else moves it. "
    "(Until v3.3 the lenders' part of a premium moves it, and has to: see the deviation.)",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="I",
    deviates=PREMIUM,
    excuse=_paid_by_premiums,
    edges=interest.IDX_5,
)
def income_follows_its_formula(change: ReserveChange) -> Verdict:
    """Recompute it: neither premiums nor donations nor liquidations are paid out through the index."""
    before, after = change.before, change.after
    if before.liquidity_index == 0 or not change.step.same_time:
        return None
    updated = before.last_update != after.last_update
    due = before.income if updated else before.liquidity_index
    if after.liquidity_index == due and premiums_shared(change) is None:
        return Broken("L after a premium for lenders must be raised", after.liquidity_index, due)
    return equal("L after, by formula", after.liquidity_index, due, Unit.LIQUIDITY_INDEX)


@law(
    "IDX-6",
    "The debt index moves only where somebody owes.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="src",
    edges=interest.IDX_6,
)
def debt_index_needs_debt(change: ReserveChange) -> Verdict:
    """Look at the debt before the step."""
    before, after = change.before, change.after
    if before.scaled_debt or before.borrow_index == 0:
        return None
    return equal("B after, before", after.borrow_index, before.borrow_index, Unit.DEBT_INDEX)


@law(
    "IDX-7",
    "Where somebody owes, an update after time with a rate makes the debt index grow, whatever the reserve factor.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="I",
    edges=interest.IDX_7,
)
def debt_index_grows(change: ReserveChange) -> Verdict:
    """Look where at least one ray unit of growth is due: rate times seconds over a year."""
    before, after = change.before, change.after
    elapsed = after.last_update - before.last_update
    if not before.scaled_debt or before.borrow_rate * elapsed < YEAR:
        return None
    return at_least("B after, B before and one", after.borrow_index, before.borrow_index + 1, Unit.DEBT_INDEX)


@law(
    "IDX-8",
    "No reserve was updated in the future.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="C",
)
def updates_lie_in_the_past(change: ReserveChange) -> Verdict:
    """Compare the time of the last update with now."""
    return at_most("last update, now", change.after.last_update, change.after.time)


ONE_RESERVE = (*SUPPLY, *WITHDRAW, *BORROW, *REPAY, *REPAY_WITH_ATOKENS, *COVER)


@law(
    "IDX-9",
    "Only the reserves a call is about are updated: the one it names, or in a liquidation the two it names and those "
    "the borrower owes.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*ONE_RESERVE, *LIQUIDATE),
    source="E",
    alone=True,
    edges=interest.IDX_9,
)
def other_reserves_are_not_updated(step: Step) -> Verdict:
    """Count a reserve as updated when anything in its struct is another than before, but for its count of debts."""
    named = {step.arguments[0]}
    if step.name in LIQUIDATE:
        named.add(step.arguments[1])
        named.update(holding.asset for holding in step.before.position(step.arguments[2]).holdings)
    homes, changed = step.census.homes, step.changed_places
    updated = {asset for asset in step.touched if id(homes[asset].reserve) in changed}
    unnamed = sorted(asset for asset in updated - named if not only_counts(step, asset))
    return equal("updated but not named, none", unnamed, [])


@law(
    "IDX-10",
    "The liquidity index grows by no more than the highest admissible rate allows: L' - L <= L * 1000% * time, and a "
    "ray unit once time has passed.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="N",
    bound="one ray unit for the index's rounding to the nearest",
    deviates=PREMIUM,
    excuse=_paid_by_premiums,
    edges=interest.IDX_10,
)
def growth_is_bounded(change: ReserveChange) -> Verdict:
    """Compare with the bound: nothing but interest can be paid out through the index."""
    before, after = change.before, change.after
    if before.liquidity_index == 0 or before.last_update == 0:
        return None
    grown = after.liquidity_index - before.liquidity_index
    return at_most("growth of L, highest", grown, _most_growth(change), Unit.LIQUIDITY_INDEX)


@law(
    "IDX-11",
    "Updating a reserve on the way gives lenders no less than not updating it: L split >= L whole.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
    since="3.5",
    bound="3 + 3 L / RAY ray units: each of three growth factors is rounded down by less than a unit, which weighs "
    "L / RAY, and each of three indexes to the nearest",
)
def splitting_time_never_hurts_lenders(probe: Probe) -> Verdict:
    """Poke on the way, by setting the reserve factor to what it is: accrue, then set rates."""
    asset = probe.pick([asset for asset in probe.assets if probe.now.reserve(asset).slack >= 0])
    if asset is None or not probe.now.reserve(asset).liquidity_rate:
        return None
    span = probe.rng.choice((12, 3_600, 86_400, 30 * 86_400))
    with probe.undone():
        if not probe.poke(asset):
            return None
        with probe.undone():
            probe.census.chain.advance(2 * span)
            whole = probe.pool.get_reserve_normalized_income(asset)
        probe.census.chain.advance(span)
        if not probe.poke(asset):
            return None
        probe.census.chain.advance(span)
        split = probe.pool.get_reserve_normalized_income(asset)
    return at_least("L split, L whole less bound", split, whole - 3 - 3 * whole // RAY, Unit.LIQUIDITY_INDEX, asset)


@law(
    "IDX-12",
    "Ray, wad and percentage operations equal integer arithmetic with the rounding their names say, and revert where "
    "an intermediate product leaves 256 bits or the divisor is zero.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="C",
    since="3.5",
    needs=TWINS_CODE,
    met=is_twins_code,
)
def arithmetic_is_integer_arithmetic(probe: Probe) -> Verdict:
    """Try figures of every size."""
    if not is_twins_code(probe.market):
        return None
    a, b = (_figure(probe) for _ in range(2))
    cases = (
        ("ray_mul", wad_ray.ray_mul, half_up, (a, b, RAY), a * b + RAY // 2),
        ("ray_mul_floor", wad_ray.ray_mul_floor, floor, (a, b, RAY), a * b),
        ("ray_mul_ceil", wad_ray.ray_mul_ceil, ceil, (a, b, RAY), a * b),
        ("ray_div", wad_ray.ray_div, half_up, (a, RAY, b), a * RAY + b // 2),
        ("ray_div_floor", wad_ray.ray_div_floor, floor, (a, RAY, b), a * RAY),
        ("ray_div_ceil", wad_ray.ray_div_ceil, ceil, (a, RAY, b), a * RAY),
        ("wad_div", wad_ray.wad_div, half_up, (a, WAD, b), a * WAD + b // 2),
        ("percent_mul", percentage.percent_mul, half_up, (a, b, BPS), a * b + BPS // 2),
        ("percent_mul_floor", percentage.percent_mul_floor, floor, (a, b, BPS), a * b),
        ("percent_mul_ceil", percentage.percent_mul_ceil, ceil, (a, b, BPS), a * b),
        ("percent_div", percentage.percent_div, half_up, (a, BPS, b), a * BPS + b // 2),
        ("percent_div_floor", percentage.percent_div_floor, floor, (a, BPS, b), a * BPS),
        ("percent_div_ceil", percentage.percent_div_ceil, ceil, (a, BPS, b), a * BPS),
    )
    name, operation, reference, figures, product = probe.rng.choice(cases)
    fits = product < 2**256 and (figures[2] != 0)
    expected = reference(*figures) if fits else None
    return equal(f"{name}({a}, {b}), reference", probe.value_of(operation, a, b), expected)


def _figure(probe: Probe) -> int:
    rng = probe.rng
    edges = (0, 1, BPS, WAD, RAY - 1, RAY, RAY + 1, 2**128 - 1, 2**256 // RAY, 2**256 // RAY + 1, 2**256 - 1)
    return rng.choice(edges) if rng.random() < 0.3 else rng.getrandbits(rng.choice((8, 16, 64, 90, 128, 200, 256)))


@law(
    "IDX-13",
    "Where somebody owes, an update takes the debt index to B * compound(rate, time) exactly.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="src",
    edges=interest.IDX_13,
)
def debt_follows_its_formula(change: ReserveChange) -> Verdict:
    """Recompute it; between updates the index stands still."""
    before, after = change.before, change.after
    if before.borrow_index == 0 or not change.step.same_time:
        return None
    grows = before.last_update != after.last_update and before.scaled_debt != 0
    due = before.debt_index if grows else before.borrow_index
    return equal("B after, by formula", after.borrow_index, due, Unit.DEBT_INDEX)


@law(
    "IDX-14",
    "A call to the pool that changes a reserve's supply, debt or liquidity leaves it updated to now; in v3.0.2, where "
    "gifts are liquidity, its supply or debt.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="N",
    alone=True,
)
def changes_leave_a_reserve_updated(change: ReserveChange) -> Verdict:
    """Look at the last update; minting to the treasury is excepted: it uses the projected index, writes none."""
    before, after, step = change.before, change.after, change.step
    stands = (
        before.scaled_supply == after.scaled_supply
        and before.scaled_debt == after.scaled_debt
        and (before.virtual == after.virtual or step.census.own_rules.liquidity_is_what_is_held)
    )
    if stands or not step.name.startswith("pool."):
        return None
    if any(event.reserve == after.asset for event in step.events_of(MintedToTreasury)):
        return None
    return equal("last update, now", after.last_update, after.time)


def _dear_by_gifts_lent(change: ReserveChange) -> bool:
    """Is a share worth at most twice what interest and the premiums for loans of gifts made of it?"""
    return change.after.income <= 2 * index_with_gifts(change.step, change.after)


@law(
    "IDX-15",
    "A share is worth at most twice what interest alone makes of it: L <= 2 B, both projected. In v3.0.2 what stable "
    "debts paid beyond B is counted in.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="I",
    over_time=True,
    bound="twice, which is a choice. Lenders' rate is at most the borrowers', and linear growth at most the compound, "
    "so interest alone keeps L at or below B; only what is paid through the index, as premiums until v3.3, takes it "
    "higher, by the loan of a whole reserve at 9 bps 0.09% at most. Where nobody has ever borrowed, B is a ray, and "
    "premiums alone may double a share before the law speaks",
    deviates=GIFTS_ARE_LENT,
    excuse=_dear_by_gifts_lent,
)
def shares_are_worth_what_interest_made_of_them(change: ReserveChange) -> Verdict:
    """Look at the state, so that a monitor that comes too late hears it too."""
    view = change.after
    if view.liquidity_index == 0:
        return None
    honest = honest_index(change.step, view)
    return at_most("L, twice B", view.income, 2 * honest, Unit.LIQUIDITY_INDEX)
