"""A user's whole position at one moment, recomputed naively."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from pooltwin.protocol.address import Address

from ..reference import BPS, NO_DEBT_HEALTH, RAY, WAD, half_up
from .census import Census
from .changes import Changes
from .once import once
from .views import CategoryView, ReserveView, ltv_in, threshold_in


class PricedState(Protocol):
    """The state at one time, as far as positions need it; a `Moment` is one."""

    census: Census
    changes: Changes
    time: int

    def entry(self, ledger: Any, key: Any) -> Any:
        """Read an entry of a mapping."""

    def holdings(self, user: Address, flags: int) -> list[Holding]:
        """List every reserve in which a user has shares, debt or one of these bits."""

    def reserve(self, asset: Address) -> ReserveView:
        """Read a listed reserve."""

    def price(self, asset: Address) -> int:
        """Read an asset's price. Raises NoPriceError where it has none."""

    def category(self, category_id: int) -> CategoryView:
        """Read an e-mode category; 0 is none."""

    def common_price(self, category_id: int) -> int:
        """Read the price that a category has for all its assets; 0 for none. Raises NoPriceError where it lacks it."""

    def ltv(self, asset: Address, category_id: int) -> int:
        """Give the loan to value (bps) of an asset for users of a category."""


class StableDebt(NamedTuple):
    """A user's debt at a rate of its own. v3.0.2."""

    principal: int
    rate: int
    since: int

    def owed(self, census: Census, time: int) -> int:
        """Reckon it at a time, in underlying units: it grows by itself, compounded since it last changed."""
        growth = census.own_rules.growth_of_debt(self.rate, time - self.since)
        return half_up(self.principal, growth, RAY)


class Holding(NamedTuple):
    """A user's supply and debt in one reserve."""

    asset: Address
    id: int
    scaled_supply: int
    scaled_debt: int
    collateral_bit: bool
    borrow_bit: bool
    stable: StableDebt | None = None
    """What the user owes at a rate of its own; None for nothing, as from v3.2 on."""

    @property
    def owes(self) -> bool:
        """Does the user owe anything here?"""
        return self.scaled_debt != 0 or self.stable is not None


_new_tuple: Any = tuple.__new__
"""Makes a named tuple without the function that it has for that: there are many holdings."""


class Position:
    """A user's whole position at one moment, recomputed naively: debts count whatever the borrow bits say."""

    def __init__(self, moment: PricedState, user: Address) -> None:
        self.moment = moment
        self.user = user
        self.flags: int = moment.entry(moment.census.pool.users_config, user)
        self.category_id: int = moment.entry(moment.census.pool.users_e_mode, user)

    @once
    def holdings(self) -> list[Holding]:
        """Every reserve in which the user has shares, debt or a bit."""
        return self.moment.holdings(self.user, self.flags)

    @once
    def sums(self) -> AccountSums:
        """Collateral, debt and what weighs on them in base currency. Raises NoPriceError where an asset has none."""
        return weigh(self.moment, self.category_id, self.holdings)

    @property
    def health(self) -> int:
        """The health factor (wad): 2**256 - 1 for a user whose debt is worth nothing."""
        return self.sums.health

    @once
    def priced(self) -> bool:
        """Has every asset of the position a price?"""
        try:
            _ = self.sums
        except NoPriceError:
            return False
        return True

    @once
    def indebted(self) -> bool:
        """Does the user owe anything?"""
        return any(holding.scaled_debt or holding.stable is not None for holding in self.holdings)

    def ltv_of(self, asset: Address) -> int:
        """Give the loan to value (bps) that an asset has for this user's e-mode category."""
        return self.moment.ltv(asset, self.category_id)

    def owed_in(self, asset: Address) -> int:
        """Reckon what the user owes in a reserve, as the release rounds it."""
        holding = next((holding for holding in self.holdings if holding.asset == asset), None)
        if holding is None:
            return 0
        moment = self.moment
        owed: int = moment.census.rules.up(holding.scaled_debt, moment.reserve(asset).debt_index, RAY)
        return owed if holding.stable is None else owed + holding.stable.owed(moment.census, moment.time)


def holdings_of(moment: PricedState, user: Address, flags: int) -> list[Holding]:
    """List every reserve in which a user has shares, debt or one of these bits."""
    changes, entry = moment.changes, moment.entry
    found = []
    for asset, number, supplies, debts, of_supplies, of_debts in moment.census.balances:
        supplied = entry(supplies, user) if of_supplies in changes else supplies.get(user, 0)
        owed = entry(debts, user) if of_debts in changes else debts.get(user, 0)
        bits = flags >> 2 * number & 3
        if supplied or owed or bits:
            found.append(_new_tuple(Holding, (asset, number, supplied, owed, bits > 1, bits & 1 == 1, None)))
    return _with_stable_debts(moment, user, found) if moment.census.stable_tokens else found


def stable_debt(moment: PricedState, asset: Address, user: Address) -> StableDebt | None:
    """Read a user's debt at a rate of its own in a reserve; None for nothing."""
    token = moment.census.homes[asset].stable_token
    principal = 0 if token is None else moment.entry(token.scaled_balances, user)
    if not principal:
        return None
    return StableDebt(principal, moment.entry(token.previous_indexes, user), moment.entry(token.timestamps, user))


def _with_stable_debts(moment: PricedState, user: Address, found: list[Holding]) -> list[Holding]:
    """Add what a user owes at stable rates: the borrow bit is set where anything is owed, but whatever it says."""
    known = {holding.asset: holding for holding in found}
    for asset, home in moment.census.homes.items():
        stable = stable_debt(moment, asset, user)
        if stable is not None:
            here = known.get(asset, Holding(asset, home.id, 0, 0, collateral_bit=False, borrow_bit=False))
            known[asset] = here._replace(stable=stable)
    return sorted(known.values(), key=lambda holding: list(moment.census.homes).index(holding.asset))


class NoPriceError(Exception):
    """An asset has no price: neither its feed nor the fallback oracle answers."""


class AccountSums(NamedTuple):
    """A position in base currency. Weighted sums are base currency times bps."""

    collateral: int
    debt: int
    weighted_ltv: int
    weighted_threshold: int
    lends_nothing: bool
    """Is an ltv-zero asset among the collateral?"""
    health: int
    """The health factor (wad), as the release reckons it."""
    fair_health: int
    """The same without averaging: until v3.4 the release takes the average threshold in whole basis points."""


def weigh(moment: PricedState, category_id: int, holdings: list[Holding]) -> AccountSums:
    """Value a set of holdings for a user of a category. Raises NoPriceError where an asset has no price."""
    rules = moment.census.rules
    if rules.health_is_averaged:
        return _weigh_to_the_nearest(moment, category_id, holdings)
    own_decides = rules.own_threshold_decides
    collateral = debt = weighted_ltv = weighted_threshold = 0
    lends_nothing = False
    category = moment.category(category_id)
    common = moment.common_price(category_id) if category_id and holdings else 0
    reserve_of, price_of = moment.reserve, moment.price
    for asset, _, scaled_supply, scaled_debt, is_collateral, borrow_bit, _ in holdings:
        if not (is_collateral or scaled_debt or borrow_bit):  # the pool asks for a price where a bit is set
            continue
        reserve = reserve_of(asset)
        price = common if common and reserve.category == category_id else price_of(asset)
        unit = reserve.unit
        threshold = reserve.threshold
        if is_collateral and (threshold or not own_decides):
            value = scaled_supply * reserve.income // RAY * price // unit
            ltv = own_ltv = reserve.ltv
            if category_id:
                ltv = ltv_in(category, reserve) if own_ltv or not own_decides else 0
                threshold = threshold_in(category, reserve)
            collateral += value
            weighted_ltv += value * ltv
            weighted_threshold += value * threshold
            lends_nothing = lends_nothing or ltv == 0
        if scaled_debt:
            owed = -(-scaled_debt * reserve.debt_index // RAY)
            debt += -(-owed * price // unit)
    health = half_up(weighted_threshold, WAD, debt) // BPS if debt else NO_DEBT_HEALTH
    return AccountSums(collateral, debt, weighted_ltv, weighted_threshold, lends_nothing, health, health)


def _weigh_to_the_nearest(moment: PricedState, category_id: int, holdings: list[Holding]) -> AccountSums:
    """Value holdings as releases until v3.4 do: amounts to the nearest, their values down, health from the average."""
    collateral = debt = weighted_ltv = weighted_threshold = 0
    lends_nothing = False
    category = moment.category(category_id)
    common = moment.common_price(category_id) if category_id and holdings else 0
    for holding in holdings:
        if not (holding.collateral_bit or holding.owes or holding.borrow_bit):
            continue
        reserve = moment.reserve(holding.asset)
        price = common if common and reserve.category == category_id else moment.price(holding.asset)
        if holding.collateral_bit and reserve.threshold:
            value = half_up(holding.scaled_supply, reserve.income, RAY) * price // reserve.unit
            ltv = ltv_in(category, reserve) if reserve.ltv else 0
            collateral += value
            weighted_ltv += value * ltv
            weighted_threshold += value * threshold_in(category, reserve)
            lends_nothing = lends_nothing or ltv == 0
        if holding.owes:
            owed = half_up(holding.scaled_debt, reserve.debt_index, RAY)
            if holding.stable is not None:
                owed += holding.stable.owed(moment.census, moment.time)
            debt += owed * price // reserve.unit
    health = fair_health = NO_DEBT_HEALTH
    if debt:
        average = weighted_threshold // collateral if collateral else 0
        health = half_up(half_up(collateral, average, BPS), WAD, debt)
        fair_health = half_up(weighted_threshold, WAD, debt) // BPS
    return AccountSums(collateral, debt, weighted_ltv, weighted_threshold, lends_nothing, health, fair_health)
