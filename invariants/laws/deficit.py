"""DEF, RND-6: bad debt, the treasury's share and flash loans are accounted for to the share."""

from __future__ import annotations

from pooltwin.protocol.events import (
    DeficitCovered,
    DeficitCreated,
    FlashLoan,
    LiquidationCall,
    MintedToTreasury,
    Transfer,
)

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.step import ReserveChange, Step
from ..reference import BPS, RAY, floor
from ..worth import Unit
from .accrual import expected_rates, synced
from .calls import COVER, FLASH, LIQUIDATE, MINT_TO_TREASURY
from .conversions import premium_shares, whole_premium_shares
from .deviations import accrued_twice
from .edges import interest, liquidations

TWICE = dict.fromkeys(
    ("3.5", "3.6"), "a same-asset liquidation credits the treasury twice for the same interest, exactly"
)


@law(
    "DEF-1",
    "A deficit rises only by a liquidation, and by exactly the debt that it leaves unpaid.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="E",
    alone=True,
    since="3.3",
    edges=interest.DEF_1,
)
def deficits_are_unpaid_debt(change: ReserveChange) -> Verdict:
    """Compare the rise with the borrower's debt before, as the release rounds it, less what the liquidator paid."""
    step, asset = change.step, change.after.asset
    risen = change.after.deficit - change.before.deficit
    if risen <= 0 or step.name in COVER:
        return None
    if step.name not in LIQUIDATE:
        if _inside_another(step):
            return True
        return equal("call, a liquidation", step.name, "pool.liquidationCall", Unit.WEI, amount=risen)
    owed = step.census.rules.up(step.before.debt_shares(asset, step.arguments[2]), change.before.debt_index, RAY)
    paid = next(step.events_of(LiquidationCall)).debt_to_cover if asset == step.arguments[1] else 0
    return equal("deficit risen, debt unpaid", risen, owed - paid, Unit.WEI)


def _inside_another(step: Step) -> bool:
    """Was there a liquidation in a flash loan's callback?"""
    return step.name in FLASH and any(step.events_of(LiquidationCall))


@law(
    "DEF-2",
    "A deficit falls only when the umbrella covers it, by min(x, F).",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="E",
    alone=True,
    since="3.3",
    edges=interest.DEF_2,
)
def deficits_are_covered_by_the_umbrella(change: ReserveChange) -> Verdict:
    """Compare the fall with what the umbrella covered; nothing else may lower a deficit."""
    step, before, after = change.step, change.before, change.after
    if step.name in COVER and step.arguments[0] == after.asset:
        left = before.deficit - min(step.arguments[1], before.deficit)
        return equal("F after, F less min(x, F)", after.deficit, left, Unit.WEI)
    if after.deficit >= before.deficit:
        return None
    inside = step.name in FLASH and any(step.events_of(DeficitCovered))
    if inside:
        return True
    fallen = before.deficit - after.deficit
    return equal("call, a cover", step.name, "pool.eliminateReserveDeficit", Unit.WEI, amount=fallen)


@law(
    "DEF-3",
    "A liquidation that writes debt off writes off all of it: the borrower owes nothing in any active reserve, and the "
    "deficits together rise by all that was owed and not paid.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="A",
    alone=True,
    since="3.3",
    edges=liquidations.DEF_3,
)
def bad_debt_is_complete(step: Step) -> Verdict:
    """Add up over all active reserves, paused and frozen ones included."""
    if not any(step.events_of(DeficitCreated)):
        return None
    borrower, debt_asset = step.arguments[2], step.arguments[1]
    paid = next(step.events_of(LiquidationCall)).debt_to_cover
    checks: list[Verdict] = []
    for holding in step.before.position(borrower).holdings:
        asset = holding.asset
        before, after = step.before.reserve(asset), step.after.reserve(asset)
        if after.active:
            debt = step.census.rules.up(holding.scaled_debt, before.debt_index, RAY)
            owed = debt - (paid if asset == debt_asset else 0)
            left, risen = step.after.debt_shares(asset, borrower), after.deficit - before.deficit
            checks.append(equal(f"{after.symbol} still owed, nothing", left, 0, Unit.DEBT_SHARES, asset))
            checks.append(equal(f"deficit of {after.symbol} risen, owed less paid", risen, owed, Unit.WEI, asset))
    return all_of(checks)


@law(
    "DEF-4",
    "Only a coverer without any debt covers a deficit, and only of an active reserve.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=COVER,
    source="E",
    since="3.3",
    reverted=True,
    edges=interest.DEF_4,
)
def coverers_owe_nothing(step: Step) -> Verdict:
    """Look at the coverer's debts before the cover; who owes and is refused exercises the law too."""
    if not step.ok:
        return True if step.before.position(step.sender).indebted else None
    return all_of(
        (
            equal("coverer owes, no", step.before.position(step.sender).indebted, False),
            equal("reserve is active", step.before.reserve(step.arguments[0]).active, True),
        )
    )


@law(
    "DEF-5",
    "A cover moves no underlying and no virtual balance, and burns the coverer's shares for it, rounded up; until v3.4 "
    "to the nearest.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=COVER,
    source="E",
    alone=True,
    since="3.3",
    edges=interest.DEF_5,
)
def covers_burn_shares(step: Step) -> Verdict:
    """Compare the fall of the supply with that of the coverer's balance."""
    asset = step.arguments[0]
    before, after = step.before.reserve(asset), step.after.reserve(asset)
    covered = sum(event.amount_covered for event in step.events_of(DeficitCovered) if event.reserve == asset)
    burned = step.census.rules.up(covered, RAY, before.income)
    coverer = step.before.shares(asset, step.sender) - step.after.shares(asset, step.sender)
    return all_of(
        (
            equal("U after, before", after.underlying, before.underlying, Unit.WEI, asset),
            equal("VB after, before", after.virtual, before.virtual, Unit.WEI, asset),
            equal("supply burned, due", before.scaled_supply - after.scaled_supply, burned, Unit.SHARES, asset),
            equal("coverer's shares burned, due", coverer, burned, Unit.SHARES, asset),
        )
    )


@law(
    "DEF-6",
    "When bad debt is written off no lender's balance moves: shares change hands only between borrower, liquidator and "
    "treasury, and the liquidity index not at all.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=LIQUIDATE,
    source="D",
    alone=True,
    since="3.3",
)
def lenders_do_not_pay_at_once(step: Step) -> Verdict:
    """Look for balances that moved: lenders are owed the same, and the deficit says that it is not there."""
    if not any(step.events_of(DeficitCreated)):
        return None
    asset = step.arguments[0]
    home = step.census.homes[asset]
    parties = {step.arguments[2], step.sender, home.a_token.treasury}
    checks: list[Verdict] = []
    for touched, reserve in step.reserves.items():
        written = step.changes.get(id(step.census.homes[touched].a_balances))
        for user in sorted(set(written[1]) - parties) if written is not None else ():
            moved = step.after.shares(touched, user) - step.before.shares(touched, user)
            if moved:
                checks.append(equal("others' shares moved, none", [user], [], Unit.SHARES, touched, amount=moved))
        index = reserve.after.income, reserve.before.income
        checks.append(equal("L after, before", *index, Unit.LIQUIDITY_INDEX, touched))
    return all_of(checks)


@law(
    "DEF-7",
    "Minting to the treasury turns its accrued shares into aTokens one for one: S' = S + A, A' = 0, slack unchanged.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=MINT_TO_TREASURY,
    source="A",
    alone=True,
    since="3.1",
    edges=interest.DEF_7,
)
def treasury_gets_what_was_accrued(step: Step) -> Verdict:
    """Look at the active reserves that are named; the others are passed over."""
    checks: list[Verdict] = []
    for asset in dict.fromkeys(step.arguments[0]):
        if asset not in step.census.homes:
            continue
        before, after = step.before.reserve(asset), step.after.reserve(asset)
        if not before.accrued:
            continue
        minted = before.accrued if before.active else 0
        treasury = step.census.homes[asset].a_token.treasury
        checks += [
            equal("supply minted, accrued", after.scaled_supply - before.scaled_supply, minted, Unit.SHARES, asset),
            equal("accrued left", after.accrued, before.accrued - minted, Unit.SHARES, asset),
            equal("slack after, before", after.slack, before.slack, Unit.WEI, asset),
            equal(
                "treasury's shares, accrued",
                step.after.shares(asset, treasury) - step.before.shares(asset, treasury),
                minted,
                Unit.SHARES,
                asset,
            ),
        ]
    return all_of(checks)


def _minted(change: ReserveChange) -> bool:
    return any(event.reserve == change.after.asset for event in change.step.events_of(MintedToTreasury))


@law(
    "DEF-8",
    "The treasury's accrual grows only by the reserve factor's share of the interest since the last update, once, and "
    "by premiums; it falls only when it is minted.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="A",
    deviates=TWICE,
    excuse=accrued_twice,
    edges=interest.DEF_8,
)
def treasury_accrues_once(change: ReserveChange) -> Verdict:
    """Compare to the share; RND-6 tells how it rounds."""
    before, after = change.before, change.after
    if before.liquidity_index == 0 or _minted(change):
        return None
    due = synced(before).due if before.last_update != after.last_update else 0
    grown, premiums = after.accrued - before.accrued, premium_shares(change)
    return equal("A grown, due and premiums", grown, due + premiums, Unit.SHARES)


@law(
    "DEF-9",
    "The treasury's shares of an accrual are worth at most the reserve factor's part of the borrowers' interest, and "
    "half a wei; until v3.4 half a share and the factor's part of a wei more.",
    kind=Kind.SEQUENCE,
    subject=Subject.RESERVE,
    source="A",
    since="3.1",
    bound="half a wei: the share itself is rounded to the nearest, all else down. Until v3.4 debts before and after "
    "are rounded to the nearest, which makes at most a wei of growth, and the shares too",
    deviates=TWICE,
    excuse=accrued_twice,
    edges=interest.DEF_9,
)
def treasury_takes_its_part(change: ReserveChange) -> Verdict:
    """Compare in exact units: shares * L * 10000 against interest * factor, both in ray; L before any premium."""
    before, after = change.before, change.after
    if before.last_update == after.last_update or before.liquidity_index == 0 or _minted(change):
        return None
    grown = after.accrued - before.accrued - premium_shares(change)
    if grown <= 0:
        return None
    interest = before.scaled_debt * (after.borrow_index - before.borrow_index)
    most = interest * before.reserve_factor + RAY * BPS // 2
    if not before.rules.treasury_accrual_rounds_down:
        most += RAY * before.reserve_factor + before.income * BPS // 2
    return at_most("treasury's part, due", grown * before.income * BPS, most, Unit.WEI, scale=RAY * BPS)


@law(
    "DEF-10",
    "Every flash loan that is not kept as debt has been paid back with its premium: a transfer of both to the aToken.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=FLASH,
    source="E",
    since="3.4",
    edges=interest.DEF_10,
)
def flash_loans_come_back(step: Step) -> Verdict:
    """Match each loan with an event of the token itself."""
    paid: dict[tuple[str, str, str, int], int] = {}
    for where, event in step.events:
        if type(event) is Transfer:
            key = (where, event.from_, event.to, event.value)
            paid[key] = paid.get(key, 0) + 1
    checks: list[Verdict] = []
    for event in step.events_of(FlashLoan):
        if event.interest_rate_mode == 0:
            a_token = step.census.homes[event.asset].a_token.address
            due = event.amount + event.premium
            key = (event.asset, event.target, a_token, due)
            checks.append(at_least("transfers back, 1", paid.get(key, 0), 1, Unit.WEI, event.asset, amount=due))
            paid[key] = paid.get(key, 0) - 1
    return all_of(checks)


@law(
    "DEF-11",
    "The whole premium of a flash loan goes to the treasury's accrual, in shares rounded down, in v3.4 to the nearest, "
    "and none to the index.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="A",
    since="3.4",
)
def premiums_go_to_the_treasury(change: ReserveChange) -> Verdict:
    """Compare where the loan is all that happened to the accrual."""
    if change.step.name not in FLASH or _minted(change) or any(change.step.events_of(LiquidationCall)):
        return None
    premium = whole_premium_shares(change)
    if not premium:
        return None
    before, after = change.before, change.after
    return equal("A grown past accrual, premium", after.accrued - synced(before).accrued, premium, Unit.SHARES)


@law(
    "DEF-12",
    "Whatever a flash loan's receiver does with the pool inside the callback, the rates afterwards are those of the "
    "reserve as it stands.",
    kind=Kind.SEQUENCE,
    subject=Subject.RESERVE,
    source="A",
    since="3.4",
)
def re_entry_leaves_rates_right(change: ReserveChange) -> Verdict:
    """Look at loans in whose callback the same reserve was used."""
    step, view = change.step, change.after
    if step.name not in FLASH or not any(event.asset == view.asset for event in step.events_of(FlashLoan)):
        return None
    updates = [e for _, e in step.events if type(e).__name__ == "ReserveDataUpdated" and e.reserve == view.asset]
    if len(updates) < 2:
        return None
    return equal("rates, by formula", (view.liquidity_rate, view.borrow_rate), expected_rates(step, view))


@law(
    "RND-6",
    "The treasury's accrual is share / L, its share the reserve factor of the growth of all debt, D * dB: growth and "
    "accrual rounded down, the share to the nearest. Until v3.4 growth is D * B' less D * B, each to the nearest, and "
    "the accrual goes to the nearest too.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="src",
    deviates=TWICE,
    excuse=accrued_twice,
    edges=interest.RND_6,
)
def treasury_accrual_is_rounded(change: ReserveChange) -> Verdict:
    """Reckon as DEF-8 does, from the side of rounding: never a share above the exact figure."""
    before, after = change.before, change.after
    if before.last_update == after.last_update or not synced(before).due or _minted(change):
        return None
    grown = after.accrued - before.accrued - premium_shares(change)
    if not before.rules.treasury_accrual_rounds_down:
        return equal("shares, share of growth / L", grown, synced(before).due, Unit.SHARES)
    growth = floor(before.scaled_debt, after.borrow_index - before.borrow_index, RAY)
    most = (2 * growth * before.reserve_factor + BPS) // (2 * BPS)
    return all_of(
        (
            at_most("shares * L, share of growth", grown * after.liquidity_index, most * RAY, Unit.WEI, scale=RAY),
            at_least("next share would exceed", (grown + 1) * after.liquidity_index, most * RAY, Unit.WEI, scale=RAY),
        )
    )
