"""HF-4, HF-9, HF-11: what health factors say when gifts, borrows and prices are tried."""

from __future__ import annotations

from pooltwin.protocol.address import Address
from pooltwin.protocol.contracts.pool_storage import UserAccountData

from ..law import Kind, Subject, Verdict, all_of, at_least, at_most, equal, law
from ..reading.probe import Probe
from ..reading.step import Position
from ..reference import RAY, WAD, ceil
from ..worth import Unit
from .grain import averaging, base_grain
from .overflow import can_be_changed, may_be_indebted


def _reported(probe: Probe, user: Address) -> UserAccountData:
    account: UserAccountData = probe.pool.get_user_account_data(user)
    return account


@law(
    "HF-4",
    "A supply for a user, a repayment for a user and a gift of aTokens never lower the HF the pool reports for that "
    "user.",
    kind=Kind.STEP,
    subject=Subject.PROBE,
    source="C",
    bound="until v3.4 what less than a basis point of the average threshold is worth, and a share, a wei and two base "
    "units, over the debt",
)
def gifts_never_hurt(probe: Probe) -> Verdict:
    """Try small and ordinary amounts on a random debtor."""
    user = probe.pick(probe.borrowers(1))
    asset = probe.rng.choice(probe.assets)
    if user is None or not probe.now.position(user).priced:
        return None
    probe.now.price(asset)  # without one the law says nothing: a gift of it, as collateral, leaves the user no HF
    before = _reported(probe, user).health_factor
    bound = _bound_of_a_gift(probe, user, asset)
    amount = probe.rng.choice((1, 2, probe.rng.randrange(1, 100 * probe.now.reserve(asset).unit)))
    stranger = probe.stranger
    with probe.undone():
        probe.give(asset, stranger, 2 * amount)
        if probe.now.debt_shares(asset, user) and probe.rng.random() < 0.5:
            receipt = probe.attempt(probe.pool.repay, asset, amount, 2, user, sender=stranger)
        elif probe.rng.random() < 0.5:
            receipt = probe.attempt(probe.pool.supply, asset, amount, user, 0, sender=stranger)
        else:
            probe.attempt(probe.pool.supply, asset, 2 * amount, stranger, 0, sender=stranger)
            receipt = probe.attempt(probe.census.homes[asset].a_token.transfer, user, amount, sender=stranger)
        after = _reported(probe, user).health_factor
    return at_least("HF after, before", after, before - bound, Unit.HEALTH, user) if receipt.ok else None


def _bound_of_a_gift(probe: Probe, user: Address, asset: Address) -> int:
    """Bound by how much a gift may lower a reported HF: 0 from v3.5 on."""
    if probe.census.rules.debts_round_up:
        return 0
    now = probe.now
    position = now.position(user)
    sums = position.sums
    more = sums._replace(collateral=2 * sums.collateral)  # a gift may at most double it, or it raises the HF anyhow
    grain = base_grain(now, position, asset) + 1
    return averaging(more) + (ceil(grain, WAD + min(sums.health, 100 * WAD), sums.debt) if sums.debt else 0)


@law(
    "HF-9",
    "What the pool reports as available to borrow can be borrowed, and more cannot.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="A",
    bound="two base units, a wei and a share: debt is rounded up to a share, to a wei and to a base unit. "
    "What makes no share of debt, until v3.4 less than half of one, cannot be borrowed, nor what would not fit "
    "Solidity's types. Where a category has one price for all its assets, as in v3.0.2, a debt counts at that",
)
def available_borrows_are_tight(probe: Probe) -> Verdict:
    """Try an asset that the user may borrow and that has the liquidity."""
    user = probe.pick(probe.borrowers(1))
    if user is None or not probe.now.position(user).priced:
        return None
    available = _reported(probe, user).available_borrows_base
    asset = _borrowable(probe, probe.now.position(user), available)
    if asset is None or available < 10:
        return None
    view = probe.now.reserve(asset)
    price, unit, share = _price_of_a_debt(probe, user, asset), view.unit, ceil(view.debt_index, 1, RAY)
    less = (available - 2) * unit // price - 1 - share
    more = ceil(available + 2, unit, price) + 1 + share
    nothing = less <= 0 or view.rules.up(less, RAY, view.debt_index) == 0
    nothing = nothing or not may_be_indebted(probe.now, asset, user, ceil(less, RAY, view.debt_index))
    with probe.undone():
        sound = nothing or probe.attempt(probe.pool.borrow, asset, less, 2, 0, user, sender=user).ok
    with probe.undone():
        tight = not probe.attempt(probe.pool.borrow, asset, more, 2, 0, user, sender=user).ok
    return all_of((equal("available can be borrowed", sound, True), equal("more cannot", tight, True)))


def _price_of_a_debt(probe: Probe, user: Address, asset: Address) -> int:
    """Read the price at which a user's debt counts: the category's, where it has one for all its assets."""
    return probe.now.common_price(probe.now.position(user).category_id) or probe.now.price(asset)


def _borrowable(probe: Probe, position: Position, base: int) -> Address | None:
    found = []
    category = probe.now.category(position.category_id)
    for asset in probe.assets:
        view = probe.now.reserve(asset)
        allowed = category.borrowable_bitmap >> view.id & 1 if position.category_id else view.borrowing
        allowed = allowed and (view.borrowing or not probe.census.rules.own_threshold_decides)
        allowed = allowed and can_be_changed(probe.now, asset)
        usable = view.active and not (view.paused or view.frozen or view.borrow_cap)
        price = _price_of_a_debt(probe, position.user, asset)
        if allowed and usable and price and (base + 3) * view.unit // price + 3 <= min(view.virtual, view.supply):
            found.append(asset)
    isolated = any(probe.now.reserve(holding.asset).debt_ceiling for holding in position.holdings)
    return None if isolated else probe.pick(found)


@law(
    "HF-11",
    "The reported HF does not fall when the price of a collateral rises, nor rise when the price of a debt does. In "
    "v3.0.2 of users whose category has no price of its own.",
    kind=Kind.TWO_RUNS,
    subject=Subject.PROBE,
    source="N",
    bound="until v3.4 what less than a basis point of the average threshold is worth",
)
def health_is_monotone_in_prices(probe: Probe) -> Verdict:
    """Move prices of assets that are only collateral, or only debt."""
    user = probe.pick(probe.borrowers(1))
    if user is None or not probe.now.position(user).priced:
        return None
    held = [h for h in probe.now.position(user).holdings if (h.collateral_bit and h.scaled_supply > 0) != h.owes]
    holding = probe.pick(held)
    if probe.now.common_price(probe.now.position(user).category_id):
        return None
    if holding is None or not probe.has_feed(holding.asset):
        return None
    before = _reported(probe, user).health_factor
    sums = probe.now.position(user).sums
    bound = 0 if probe.census.rules.debts_round_up else 2 * averaging(sums._replace(collateral=2 * sums.collateral))
    with probe.undone():
        price = probe.now.price(holding.asset)
        probe.set_price(holding.asset, price + max(1, price * probe.rng.randrange(1, 100) // 100))
        after = _reported(probe, user).health_factor
    if not holding.owes:  # the collateral bit may be left over beside a debt
        return at_least("HF at a higher collateral price, before", after, before - bound, Unit.HEALTH, user)
    return at_most("HF at a higher debt price, before", after, before, Unit.HEALTH, user)
