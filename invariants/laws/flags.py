"""FLG: users' bits, configuration words and the list of reserves say what is so."""

from __future__ import annotations

from collections.abc import Callable

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.state import bitmaps

from ..law import Kind, Subject, Verdict, all_of, equal, law
from ..reading.probe import Probe
from ..reading.step import Step, UserChange
from .calls import (
    BORROW,
    COLLATERAL,
    COVER,
    E_MODE,
    FLASH,
    LIQUIDATE,
    MINT_TO_TREASURY,
    REPAY,
    REPAY_WITH_ATOKENS,
    SUPPLY,
    TRANSFER,
    WITHDRAW,
    asset_of,
    credited,
    transfer_parties,
    user_of_flags,
)
from .deviations import borrow_bits_left, collateral_bits_left
from .edges import positions
from .twins_code import TWINS_CODE, is_twins_code

LEFT_BITS = (
    "bits are cleared by comparing amounts, not shares: one stays where rounding takes the last share though not all "
    "of the amount went; a bit left in any other way is a violation"
)


@law(
    "FLG-1",
    "A user's borrow bit of a reserve is set if and only if the user owes it something.",
    kind=Kind.STATE,
    subject=Subject.USER,
    source="E",
    deviates=dict.fromkeys(("3.0.2", "3.2", "3.3"), LEFT_BITS),
    excuse=borrow_bits_left,
    edges=positions.FLG_1,
)
def borrow_bits_tell_debts(change: UserChange) -> Verdict:
    """Compare bits with debts; a single share counts."""
    holdings = change.after.holdings
    if not holdings and not change.after.flags:
        return None
    said = [holding.asset for holding in holdings if holding.borrow_bit]
    return equal("owed by the bits, owed", said, [holding.asset for holding in holdings if holding.owes])


@law(
    "FLG-2",
    "A user's collateral bit of a reserve is set only where the user has aTokens.",
    kind=Kind.STATE,
    subject=Subject.USER,
    source="E",
    deviates=dict.fromkeys(("3.0.2", "3.2", "3.3", "3.4", "3.5", "3.6"), LEFT_BITS),
    excuse=collateral_bits_left,
    edges=positions.FLG_2,
)
def collateral_bits_have_collateral(change: UserChange) -> Verdict:
    """Compare bits with shares; a single share suffices."""
    flagged = [holding for holding in change.after.holdings if holding.collateral_bit]
    if not flagged:
        return None
    return equal("flagged without shares, none", [h.asset for h in flagged if not h.scaled_supply], [])


def _new_collateral(change: UserChange) -> list[Address]:
    """List the assets whose collateral bit this step set."""
    set_now = change.after.flags & ~change.before.flags & bitmaps.COLLATERAL_MASK
    if not set_now:
        return []
    return [asset for asset, home in change.step.census.homes.items() if set_now >> (home.id << 1) & 2]


@law(
    "FLG-3",
    "A collateral bit is set only by an explicit call, or by a first supply, and only for an asset whose LTV is not "
    "zero for that user.",
    kind=Kind.STEP,
    subject=Subject.USER,
    source="D",
    alone=True,
    since="3.6",
    edges=positions.FLG_3,
)
def collateral_is_chosen_or_new(change: UserChange) -> Verdict:
    """Look at the bits newly set; in a flash loan's callback there may be either cause."""
    step = change.step
    assets = _new_collateral(change)
    if not assets:
        return None
    doors = (*SUPPLY, *COLLATERAL, *FLASH)
    lending = [asset for asset in assets if change.after.ltv_of(asset)]
    first = step.name not in SUPPLY or step.before.shares(step.arguments[0], change.after.user) == 0
    return all_of(
        (
            equal("call may set bits", step.name in doors, True),
            equal("assets flagged, assets with an LTV", assets, lending),
            equal("a supply that flags is a first one", first, True),
        )
    )


@law(
    "FLG-4",
    "A transfer of aTokens and a liquidation set nobody's collateral bit.",
    kind=Kind.STEP,
    subject=Subject.USER,
    source="D",
    alone=True,
    since="3.6",
)
def receiving_flags_nothing(change: UserChange) -> Verdict:
    """Look at the bits newly set: receiving shares is no choice."""
    if change.step.name not in (*TRANSFER, *LIQUIDATE):
        return None
    return equal("bits set, none", _new_collateral(change), [])


PARTY: dict[str, Callable[[Step], Address]] = {
    **dict.fromkeys((*SUPPLY, *BORROW, *REPAY, *WITHDRAW, *REPAY_WITH_ATOKENS), credited),
    **dict.fromkeys((*COLLATERAL, *E_MODE), user_of_flags),
    **dict.fromkeys(TRANSFER, lambda step: transfer_parties(step)[0]),
    **dict.fromkeys(LIQUIDATE, lambda step: str(step.arguments[2])),
    **dict.fromkeys((*COVER, *MINT_TO_TREASURY), lambda step: step.sender),
}


@law(
    "FLG-5",
    "An operation changes nobody's bits or e-mode but those of the user it is about.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=tuple(PARTY),
    source="C",
    alone=True,
    since="3.6",
)
def bits_of_others_stay(step: Step) -> Verdict:
    """Look at the bits of third parties; who supplies for another touches only the other's."""
    pool = step.census.pool
    changed: set[Address] = set()
    for ledger in (pool.users_config, pool.users_e_mode):
        written = step.changes.get(id(ledger))
        if written is not None:
            changed.update(user for user in written[1] if step.before.entry(ledger, user) != ledger[user])
    if not changed:
        return None
    return equal("users changed, the one it is about", sorted(changed), [PARTY[step.name](step)])


@law(
    "FLG-6",
    "Setting and reading one bit of a user's word affects that bit alone, and the tests for any and only one bit agree "
    "with counting.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="C",
    needs=TWINS_CODE,
    met=is_twins_code,
)
def user_words_are_bitmaps(probe: Probe) -> Verdict:
    """Try it on a random word."""
    if not is_twins_code(probe.market):
        return None
    rng = probe.rng
    word = rng.choice((0, 1 << rng.randrange(256), rng.getrandbits(256), 2**256 - 1))
    number, on = rng.randrange(128), rng.random() < 0.5
    bit = 1 << 2 * number
    pairs = ((word >> 2 * index & 1, word >> 2 * index + 1 & 1, index) for index in range(128))
    debts, collateral = [], []
    for debt, backed, index in pairs:
        debts += [index] * debt
        collateral += [index] * backed
    return all_of(
        (
            equal("with borrowing", bitmaps.with_borrowing(word, number, on), word | bit if on else word & ~bit),
            equal(
                "with collateral",
                bitmaps.with_using_as_collateral(word, number, on),
                word | bit << 1 if on else word & ~(bit << 1),
            ),
            equal("is borrowing", bitmaps.is_borrowing(word, number), number in debts),
            equal("is collateral", bitmaps.is_using_as_collateral(word, number), number in collateral),
            equal("borrows any", bitmaps.is_borrowing_any(word), bool(debts)),
            equal("has any collateral", bitmaps.is_using_as_collateral_any(word), bool(collateral)),
            equal("only debt", bitmaps.only_borrowed_id(word), debts[0] if len(debts) == 1 else None),
            equal("only collateral", bitmaps.only_collateral_id(word), collateral[0] if len(collateral) == 1 else None),
        )
    )


FIELDS = {
    "ltv": (0, 16),
    "liquidation_threshold": (16, 16),
    "liquidation_bonus": (32, 16),
    "decimals": (48, 8),
    "active": (56, 1),
    "frozen": (57, 1),
    "borrowing_enabled": (58, 1),
    "paused": (60, 1),
    "flash_loan_enabled": (63, 1),
    "reserve_factor": (64, 16),
    "borrow_cap": (80, 36),
    "supply_cap": (116, 36),
    "liquidation_protocol_fee": (152, 16),
    "debt_ceiling": (212, 40),
}
"""Field of the configuration word: first bit and width. Solidity: `ReserveConfiguration`."""


@law(
    "FLG-7",
    "Setting a field of a configuration word and reading it gives the value set, leaves every other bit, and refuses "
    "what does not fit.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="C",
    needs=TWINS_CODE,
    met=is_twins_code,
)
def configuration_words_have_fields(probe: Probe) -> Verdict:
    """Try a random field of a random word."""
    if not is_twins_code(probe.market):
        return None
    rng = probe.rng
    name, (start, width) = rng.choice(list(FIELDS.items()))
    word = rng.getrandbits(256)
    value = rng.choice((0, 1, 2**width - 1, rng.getrandbits(width)))
    setter = getattr(bitmaps, f"with_{name}")
    getter = getattr(bitmaps, name if width > 1 else f"is_{name}")
    mask = (2**width - 1) << start
    written = setter(word, value if width > 1 else bool(value))
    too_much = probe.value_of(setter, word, 2**width) if width > 1 else None
    return all_of(
        (
            equal(f"{name} set, read", int(getter(written)), value),
            equal(f"word after {name}, others kept", written & ~mask, word & ~mask),
            equal(f"{name} too large, refused", too_much, None),
        )
    )


@law(
    "FLG-8",
    "Every listed asset stands in the list at its id, no id is given twice, and from v3.7 on the list only grows.",
    kind=Kind.SEQUENCE,
    subject=Subject.STEP,
    source="C",
    edges=positions.FLG_8,
)
def the_list_of_reserves_is_sound(step: Step) -> Verdict:
    """Look whenever the list is written."""
    pool = step.census.pool
    written = step.changes.get(id(pool.reserves_list))
    if written is None:
        return None
    listed = {number: asset for number, asset in pool.reserves_list.items() if asset != ZERO_ADDRESS}
    ids = {number: pool.reserves[asset].id for number, asset in listed.items()}
    kept: Verdict = None
    if not step.census.chain.revision.isolation_mode:
        old = {number: step.before.entry(written[0], number) for number in written[1]}
        replaced = [number for number, asset in old.items() if asset not in (ZERO_ADDRESS, pool.reserves_list[number])]
        kept = equal("ids given again, none", replaced, [])
    return all_of(
        (
            equal("ids in the reserves, places", list(ids.values()), list(ids)),
            equal("listed, different assets", len(listed), len(set(listed.values()))),
            kept,
        )
    )


@law(
    "FLG-9",
    "Who supplies an asset with an LTV for the first time has it as collateral, even if somebody sent aTokens before.",
    kind=Kind.SEQUENCE,
    subject=Subject.STEP,
    on=("pool.supply", "pool.deposit"),
    source="A",
    alone=True,
    since="3.5",
    deviates=dict.fromkeys(
        ("3.6", "3.7"),
        "an outsider's dust makes the victim's first supply not the first; the law asks of such supplies alone, so "
        "there is no narrower formula",
    ),
)
def gifts_do_not_suppress_collateral(step: Step) -> Verdict:
    """Look where the shares before were somebody else's gift and the user has not chosen otherwise.

    In v3.5 the gift itself becomes collateral.
    """
    asset, _, user, _ = step.arguments
    if user != step.sender or not step.before.shares(asset, user):
        return None
    if step.memory["FLG-9", user, asset] != "gift" or not step.after.position(user).ltv_of(asset):
        return None
    here = next(holding for holding in step.after.position(user).holdings if holding.asset == asset)
    step.memory["FLG-9", user, asset] = "own"
    return equal("is collateral", here.collateral_bit, True)


@law(
    "FLG-10",
    "A user's position begins with whoever gives it its first shares, and ends when the last is gone.",
    kind=Kind.SEQUENCE,
    subject=Subject.USER,
    source="N",
    since="3.5",
    deviates={"3.5": LEFT_BITS, "3.6": LEFT_BITS},
    excuse=collateral_bits_left,
    remembers=True,
)
def beginnings_are_remembered(change: UserChange) -> Verdict:
    """Remember beginnings for FLG-9; what is checked is that bits are off where nothing is left.

    Who clears a bit has chosen, wherever in the step that was. Of a call inside which others were made, it cannot be
    told who gave the first shares: they count as the user's own, and the bits are FLG-2's business.
    """
    step, user = change.step, change.after.user
    verdict: Verdict = None
    _remember_choices(change)
    for asset in step.reserves:
        written = step.changes.get(id(step.census.homes[asset].a_balances))
        if written is None or user not in written[1]:
            continue
        before, after = step.before.shares(asset, user), step.after.shares(asset, user)
        if before == 0 < after:
            gift = step.name in TRANSFER or (step.name in SUPPLY and step.sender != user)
            gift = gift and not step.reentered
            step.memory["FLG-9", user, asset] = "gift" if gift and _may_suppress(change, asset) else "own"
        elif before > 0 == after and not step.reentered:
            bit = 2 << 2 * step.census.homes[asset].id
            verdict = equal("collateral bit of nothing, off", change.after.flags & bit, 0)
    if step.name in COLLATERAL and user == user_of_flags(step):
        step.memory["FLG-9", user, step.arguments[0]] = "own"
    return verdict


def _remember_choices(change: UserChange) -> None:
    """Take a gift whose collateral bit was cleared for the user's own."""
    step, user = change.step, change.after.user
    cleared = change.before.flags & ~change.after.flags & bitmaps.COLLATERAL_MASK
    for asset, home in step.census.homes.items() if cleared else ():
        if cleared >> 2 * home.id & 2 and step.memory["FLG-9", user, asset] == "gift":
            step.memory["FLG-9", user, asset] = "own"


def _may_suppress(change: UserChange, asset: Address) -> bool:
    """Could a gift keep a later supply from becoming collateral? In v3.5 it should be collateral itself, if it can."""
    after, user = change.step.after, change.after
    if change.step.census.rules.gifts_are_no_collateral:
        return not any(holding.collateral_bit for holding in user.holdings if holding.asset == asset)
    if any(after.reserve(holding.asset).debt_ceiling for holding in user.holdings):
        return False
    return after.reserve(asset).ltv != 0 != user.ltv_of(asset)


@law(
    "FLG-11",
    "A first supply of an asset that has an LTV for whom it is supplied becomes collateral.",
    kind=Kind.STEP,
    subject=Subject.STEP,
    on=SUPPLY,
    source="D",
    alone=True,
    since="3.6",
    edges=positions.FLG_11,
)
def first_supplies_become_collateral(step: Step) -> Verdict:
    """Look where nothing of the recipient's is isolated."""
    asset, user = asset_of(step), credited(step)
    here, after = step.users.get(user), step.after
    if here is None or step.before.shares(asset, user) or not here.after.ltv_of(asset):
        return None
    if any(after.reserve(holding.asset).debt_ceiling for holding in here.after.holdings):
        return None
    return equal("collateral bit, set", here.after.flags >> 2 * after.reserve(asset).id & 2, 2)
