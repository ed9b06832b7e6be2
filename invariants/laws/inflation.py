"""INF: nobody profits within a block, from an empty market or from a donation."""

from __future__ import annotations

from pooltwin.protocol.events import MintedToTreasury

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import STRANGER, Probe
from ..reading.step import ReserveChange, ReserveView, Step
from ..reference import RAY, ceil
from ..worth import Unit
from .calls import BORROW, FLASH, USER_CALLS
from .conversions import premium_gain, rounding_gain
from .edges import amounts
from .indexes import GIFTS_ARE_LENT
from .round_trips import amount_to_try, round_trip_asset
from .stable_debts import honest_index, index_with_gifts


@law(
    "INF-1",
    "No operation at fixed time makes the users of a reserve together richer: what they hold outside, plus their "
    "claims, minus their debts, rises by no more than the debt that was written off as deficit; until v3.4 also by "
    "half a share, of aTokens or of debt, for each conversion.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="I",
    alone=True,
    bound="zero, in exact ray units before any rounding: underlying leaves the aToken, claims and debts are S * L and "
    "D * B. Until v3.4 n L / 2 + m B / 2 ray units for n conversions of aTokens and m of debt, each to the nearest; "
    "until v3.3 a premium may give lenders RAY p / T + S (L / RAY + 2) / 2 + RAY more than their part p of it, with T "
    "what lenders and treasury are owed: a rounding of the index and one of its growth",
    edges=amounts.INF_1,
)
def nobody_profits_within_a_block(change: ReserveChange) -> Verdict:
    """Compare what leaves the aToken with what users gain outside; the treasury's accrual is not theirs."""
    gain = _users_gain(change)
    if gain is None:
        return None
    most = rounding_gain(change, _half_a_share_as_it_is) + premium_gain(change, treasury=False)
    return at_most("users' gain, written off and rounded", gain, _written_off(change) + most, Unit.WEI, scale=RAY)


def _half_a_share_as_it_is(_step: Step, view: ReserveView) -> int:
    return (view.income + 1) // 2


def _written_off(change: ReserveChange) -> int:
    return (change.after.deficit - change.before.deficit) * RAY


def _users_gain(change: ReserveChange) -> int | None:
    """Reckon the gain of a reserve's users in ray wei; None for what is no operation of theirs."""
    before, after, step = change.before, change.after, change.step
    if step.name not in USER_CALLS or before.liquidity_index == 0:
        return None
    if step.name in FLASH and any(step.events_of(MintedToTreasury)):
        return None
    outside = (before.underlying - after.underlying) * RAY
    claims = after.scaled_supply * after.income - before.scaled_supply * before.income
    debt_index = after.debt_index if after.scaled_debt else before.debt_index
    debts = after.scaled_debt * debt_index - before.scaled_debt * before.debt_index + _stable_debt_moved(change) * RAY
    minted = (before.accrued - after.accrued) * after.income if step.name == "pool.mintToTreasury" else 0
    return outside + claims - debts - minted


def _stable_debt_moved(change: ReserveChange) -> int:
    """Add up by how much each debtor's stable debt moved (wei); their total is another figure. v3.0.2."""
    step, asset = change.step, change.after.asset
    token = step.census.homes[asset].stable_token
    written = None if token is None else step.changes.get(id(token.scaled_balances))
    users = [] if written is None else list(written[1])
    return sum(step.after.stable_debt(asset, user) - step.before.stable_debt(asset, user) for user in users)


@law(
    "INF-2",
    "A supplier, even to a reserve that somebody has donated to, loses at most ceil(L) wei to rounding.",
    kind=Kind.SEQUENCE,
    subject=Subject.PROBE,
    source="X",
)
def victims_of_inflation_lose_nothing(probe: Probe) -> Verdict:
    """Try a donation, then the victim's supply, and what it can withdraw at once."""
    asset = round_trip_asset(probe)
    if asset is None:
        return None
    home, amount, pool = probe.census.homes[asset], amount_to_try(probe, asset), probe.pool
    with probe.undone():
        probe.give(asset, STRANGER, 10**6 * amount)
        probe.census.chain.at(asset).transfer(home.a_token.address, 10**6 * amount - amount, sender=STRANGER)
        if not probe.attempt(pool.supply, asset, amount, STRANGER, 0, sender=STRANGER).ok:
            return None
        claim = home.a_token.balance_of(STRANGER)
        index = pool.get_reserve_normalized_income(asset)
    return at_least("claim, supplied less bound", claim, amount - ceil(index, 1, RAY), Unit.WEI, asset)


@law(
    "INF-3",
    "Nobody borrows or flash-borrows more of an asset than its aToken's supply; no flash loan names an asset twice.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=(*BORROW, *FLASH),
    source="A",
    since="3.4",
    edges=amounts.INF_3,
)
def nobody_borrows_more_than_is_supplied(step: Step) -> Verdict:
    """Compare with the supply before the call, projected to now."""
    if step.name in BORROW:
        asset, amount = step.arguments[:2]
        return at_most("borrowed, supply", amount, _supply(step, asset), Unit.WEI, asset)
    if step.name == "pool.flashLoanSimple":
        asset, amount = step.arguments[1:3]
        return at_most("lent, supply", amount, _supply(step, asset), Unit.WEI, asset)
    assets, amounts = step.arguments[1], step.arguments[2]
    return all_of(
        (
            equal("assets named, different ones", len(assets), len(set(assets))),
            *(
                at_most("lent, supply", amount, _supply(step, asset), Unit.WEI, asset)
                for asset, amount in zip(assets, amounts, strict=True)
            ),
        )
    )


def _supply(step: Step, asset: str) -> int:
    """Reckon an aToken's supply before the call, rounded as the release does."""
    view = step.before.reserve(asset)
    return view.rules.down(view.scaled_supply, view.income, RAY)


@law(
    "INF-4",
    "A listing gives an asset at least six decimals, and decimals are those of the token.",
    kind=Kind.STATE,
    subject=Subject.RESERVE,
    source="A",
    since="3.1",
)
def decimals_are_sane(change: ReserveChange) -> Verdict:
    """Look when the configuration changes."""
    if change.before.configuration == change.after.configuration:
        return None
    decimals = change.after.configuration >> 48 & 0xFF
    token = change.step.census.chain.at(change.after.asset)
    listed = change.before.configuration == 0 or change.before.configuration >> 48 & 0xFF != decimals
    checks = [at_least("decimals, 6", decimals, 6)] if listed else []  # what was listed before the rule stays
    return all_of((*checks, equal("decimals, the token's", decimals, token.decimals())))


def _half_a_share_dear_by_gifts(change: ReserveChange) -> bool:
    """Is it at most half a share for each conversion, as premiums for loans of gifts made it beside interest?"""
    gain = _users_gain(change)
    most = rounding_gain(change, index_with_gifts) + premium_gain(change, treasury=False)
    return gain is not None and gain <= _written_off(change) + most


@law(
    "INF-5",
    "No conversion gives the users of a reserve more than half an honest share: what an operation at fixed time makes "
    "them richer by, and is not written off, is at most B / RAY wei for each conversion of aTokens. B is the debt "
    "index, so what interest alone has made of a share.",
    kind=Kind.STEP,
    subject=Subject.RESERVE,
    source="I",
    alone=True,
    until="3.4",
    bound="half of the 2 B that IDX-15 allows a share to be worth, whatever it has become since; for a conversion of "
    "debt B / 2, and for premiums what INF-1 allows",
    deviates=GIFTS_ARE_LENT,
    excuse=_half_a_share_dear_by_gifts,
)
def no_conversion_gives_more_than_half_an_honest_share(change: ReserveChange) -> Verdict:
    """Compare as INF-1 does, but with what a share should be: where one became precious, half of it is a theft."""
    gain = _users_gain(change)
    if gain is None:
        return None
    most = rounding_gain(change, honest_index) + premium_gain(change, treasury=False)
    allowed = _written_off(change) + most
    return at_most("users' gain, half an honest share for each conversion", gain, allowed, Unit.WEI, scale=RAY)
