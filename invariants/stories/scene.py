"""A scene: the state at one moment, kept by value, so that it can be compared with a later one.

What lenders and treasury are owed is backed by what the pool holds for them and by what borrowers owe as far as their
collateral covers it. The rest is missing.
"""

from __future__ import annotations

from typing import NamedTuple

from pooltwin.protocol.address import Address

from ..reading.appraisal import price_of
from ..reading.census import Census
from ..reading.moment import Moment
from ..reading.position import Position
from ..reading.views import ReserveView
from ..reference import RAY, ceil, floor


class Reserve(NamedTuple):
    """A reserve and its price; amounts in the asset's smallest unit."""

    view: ReserveView
    price: int | None
    there: int
    """What the pool holds for lenders: the virtual balance, or the underlying where a release has none."""

    @property
    def decimals(self) -> int:
        """The asset's decimals."""
        return self.view.bits(48, 8)

    @property
    def missing(self) -> int:
        """What lenders and treasury are owed beyond what is there and owed by borrowers."""
        return max(0, self.view.claims - self.there - self.view.debt)

    def value(self, amount: int) -> int | None:
        """Value an amount of the asset in base currency, rounded down; None without a price."""
        return None if self.price is None else floor(amount, self.price, self.view.unit)


class Scene:
    """The reserves and positions of a market at one moment."""

    def __init__(self, census: Census) -> None:
        if census.stale():
            census.take()
        self.census = census
        self.moment = Moment(census, {}, census.chain.time)
        self.reserves: dict[Address, Reserve] = {}
        for asset, home in census.homes.items():
            view = self.moment.reserve(asset)
            there = view.virtual if home.tracked else view.underlying
            self.reserves[asset] = Reserve(view, price_of(self.moment, asset), there)
        self.uncovered = self._uncovered()
        self.fortunes: dict[Address, int] = {}
        """By user, what each has, once they have been kept."""

    def position(self, user: Address) -> Position:
        """Read a user's position; its figures are kept once they have been read."""
        position = self.moment.position(user)
        _ = position.holdings, position.priced
        return position

    def health(self, user: Address) -> int | None:
        """Read a user's health factor (wad); None for who owes nothing, or where a price is missing."""
        position = self.position(user)
        return position.health if position.indebted and position.priced else None

    def fortune(self, user: Address) -> int:
        """Value what a user has in base currency: tokens and supplies less debts, of assets that have a price."""
        total = 0
        for asset, reserve in self.reserves.items():
            if reserve.price is None:
                continue
            view, home = reserve.view, self.census.homes[asset]
            supplied = self.moment.shares(asset, user) + (view.accrued if user == home.a_token.treasury else 0)
            owed = ceil(self.moment.debt_shares(asset, user), view.debt_index, RAY)
            owed += self.moment.stable_debt(asset, user)
            amount = self.moment.tokens(asset, user) + floor(supplied, view.income, RAY) - owed
            total += amount * reserve.price // view.unit
        return total

    def keep_fortunes(self) -> None:
        """Value what each named account has, and each that lends or owes, in base currency, as it is now."""
        census = self.census
        own = {home.a_token.address for home in census.homes.values()}
        users = dict.fromkeys((*census.names, *self._users()))
        self.fortunes = {user: self.fortune(user) for user in users if user not in own}

    def lost(self) -> int:
        """Value what lenders and treasury are owed and nothing backs, in base currency."""
        return sum(reserve.value(reserve.missing) or 0 for reserve in self.reserves.values()) + self.uncovered

    def _users(self) -> list[Address]:
        homes = self.census.homes.values()
        users = [user for home in homes for ledger in (home.a_balances, home.debt_balances) for user in ledger]
        return users + [user for token in self.census.stable_tokens for user in token.scaled_balances]

    def _uncovered(self) -> int:
        debtors = {user for home in self.census.homes.values() for user, owed in home.debt_balances.items() if owed}
        for token in self.census.stable_tokens:
            debtors.update(user for user, owed in token.scaled_balances.items() if owed)
        total = 0
        for user in sorted(debtors):
            position = self.position(user)
            if position.priced:
                total += max(0, position.sums.debt - position.sums.collateral)
        return total
