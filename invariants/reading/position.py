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


class Holding(NamedTuple):
    """A user's supply and debt in one reserve."""

    asset: Address
    id: int
    scaled_supply: int
    scaled_debt: int
    collateral_bit: bool
    borrow_bit: bool


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
        return any(holding.scaled_debt for holding in self.holdings)

    def ltv_of(self, asset: Address) -> int:
        """Give the loan to value (bps) that an asset has for this user's e-mode category."""
        return self.moment.ltv(asset, self.category_id)


def holdings_of(moment: PricedState, user: Address, flags: int) -> list[Holding]:
    """List every reserve in which a user has shares, debt or one of these bits."""
    changes, entry = moment.changes, moment.entry
    found = []
    for asset, number, supplies, debts, of_supplies, of_debts in moment.census.balances:
        supplied = entry(supplies, user) if of_supplies in changes else supplies.get(user, 0)
        owed = entry(debts, user) if of_debts in changes else debts.get(user, 0)
        bits = flags >> 2 * number & 3
        if supplied or owed or bits:
            found.append(_new_tuple(Holding, (asset, number, supplied, owed, bits > 1, bits & 1 == 1)))
    return found


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


def weigh(moment: PricedState, category_id: int, holdings: list[Holding]) -> AccountSums:
    """Value a set of holdings for a user of a category. Raises NoPriceError where an asset has no price."""
    collateral = debt = weighted_ltv = weighted_threshold = 0
    lends_nothing = False
    category = moment.category(category_id)
    common = moment.common_price(category_id) if category_id and holdings else 0
    reserve_of, price_of = moment.reserve, moment.price
    for asset, _, scaled_supply, scaled_debt, is_collateral, _ in holdings:
        if not (is_collateral or scaled_debt):
            continue
        reserve = reserve_of(asset)
        price = common if common and reserve.category == category_id else price_of(asset)
        unit = reserve.unit
        if is_collateral:
            value = scaled_supply * reserve.income // RAY * price // unit
            ltv = ltv_in(category, reserve)
            collateral += value
            weighted_ltv += value * ltv
            weighted_threshold += value * threshold_in(category, reserve)
            lends_nothing = lends_nothing or ltv == 0
        if scaled_debt:
            owed = -(-scaled_debt * reserve.debt_index // RAY)
            debt += -(-owed * price // unit)
    health = half_up(weighted_threshold, WAD, debt) // BPS if debt else NO_DEBT_HEALTH
    return AccountSums(collateral, debt, weighted_ltv, weighted_threshold, lends_nothing, health)
