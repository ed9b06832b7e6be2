"""A user's whole position at one moment, recomputed naively."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple, Protocol

from pooltwin.protocol.address import Address

from ..reference import BPS, NO_DEBT_HEALTH, RAY, WAD, half_up
from .census import Census
from .changes import Changes
from .views import ReserveView


class PricedState(Protocol):
    """The state at one time, as far as positions need it; a `Moment` is one."""

    census: Census
    changes: Changes

    def entry(self, ledger: Any, key: Any) -> Any:
        """Read an entry of a mapping."""

    def reserve(self, asset: Address) -> ReserveView:
        """Read a listed reserve."""

    def price(self, asset: Address) -> int:
        """Read an asset's price. Raises NoPriceError where it has none."""

    def ltv(self, asset: Address, category_id: int) -> int:
        """Give the loan to value (bps) of an asset for users of a category."""

    def threshold(self, asset: Address, category_id: int) -> int:
        """Give the liquidation threshold (bps) of an asset for users of a category."""


class Holding(NamedTuple):
    """A user's supply and debt in one reserve."""

    asset: Address
    id: int
    scaled_supply: int
    scaled_debt: int
    collateral_bit: bool
    borrow_bit: bool


class Position:
    """A user's whole position at one moment, recomputed naively: debts count whatever the borrow bits say."""

    def __init__(self, moment: PricedState, user: Address) -> None:
        self.moment = moment
        self.user = user
        self.flags: int = moment.entry(moment.census.pool.users_config, user)
        self.category_id: int = moment.entry(moment.census.pool.users_e_mode, user)

    @cached_property
    def holdings(self) -> list[Holding]:
        """Every reserve in which the user has shares, debt or a bit."""
        moment, user, flags = self.moment, self.user, self.flags
        entry = moment.entry if moment.changes else _present
        found = []
        for asset, home in moment.census.homes.items():
            supplied = entry(home.a_balances, user)
            owed = entry(home.debt_balances, user)
            bits = flags >> (home.id << 1) & 3
            if supplied or owed or bits:
                found.append(Holding(asset, home.id, supplied, owed, bool(bits & 2), bool(bits & 1)))
        return found

    @cached_property
    def sums(self) -> AccountSums:
        """Collateral, debt and what weighs on them in base currency. Raises NoPriceError where an asset has none."""
        return weigh(self.moment, self.category_id, self.holdings)

    @property
    def health(self) -> int:
        """The health factor (wad): 2**256 - 1 for a user whose debt is worth nothing."""
        return self.sums.health

    @property
    def priced(self) -> bool:
        """Has every asset of the position a price?"""
        try:
            _ = self.sums
        except NoPriceError:
            return False
        return True

    @property
    def indebted(self) -> bool:
        """Does the user owe anything?"""
        return any(holding.scaled_debt for holding in self.holdings)

    def ltv_of(self, asset: Address) -> int:
        """Give the loan to value (bps) that an asset has for this user's e-mode category."""
        return self.moment.ltv(asset, self.category_id)


def _present(ledger: Any, key: Any) -> Any:
    return ledger[key]


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
    for holding in holdings:
        if not (holding.collateral_bit or holding.scaled_debt):
            continue
        reserve = moment.reserve(holding.asset)
        price, unit = moment.price(holding.asset), reserve.unit
        if holding.collateral_bit:
            value = holding.scaled_supply * reserve.income // RAY * price // unit
            ltv = moment.ltv(holding.asset, category_id)
            collateral += value
            weighted_ltv += value * ltv
            weighted_threshold += value * moment.threshold(holding.asset, category_id)
            lends_nothing = lends_nothing or ltv == 0
        if holding.scaled_debt:
            owed = -(-holding.scaled_debt * reserve.debt_index // RAY)
            debt += -(-owed * price // unit)
    health = half_up(weighted_threshold, WAD, debt) // BPS if debt else NO_DEBT_HEALTH
    return AccountSums(collateral, debt, weighted_ltv, weighted_threshold, lends_nothing, health)
