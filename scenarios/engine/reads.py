"""Reading a world: balances, prices, positions and one row of measurements, by the keys of assets."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from pooltwin.protocol import Market, Position, UserAccountData
from pooltwin.protocol.address import Address
from pooltwin.protocol.answers.holdings import debt_of, supply_of
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.logic.reserve import keeps_virtual_balance
from pooltwin.protocol.state import bitmaps

from ..units import PRICE_UNIT, WAD
from .record import ReserveState

if TYPE_CHECKING:
    from ..books.placed import PlacedBook


class Reads:
    """The reading half of a world."""

    market: Market
    """The twin's market, for all its own reads and answers. What changes it belongs to hands."""
    book: PlacedBook | None = None
    """Everybody else, of whom those enter the market who may have to act."""

    @property
    def time(self) -> int:
        """The time of the block, in seconds since 1970."""
        return self.market.chain.time

    @property
    def block(self) -> int:
        """The number of the block."""
        return self.market.chain.number

    def decimals(self, asset: str) -> int:
        """Tell the decimals of an asset."""
        return bitmaps.decimals(self.market.pool.reserves[self.market.asset(asset)].configuration)

    def price(self, asset: str) -> int:
        """Tell what the pool goes by: dollars for one token, 8 decimals. Raises Revert where it has no price."""
        return self.market.oracle.price_of(self.market.asset(asset))

    def price_or_none(self, asset: str) -> int | None:
        """Tell the same; None where the pool has no price."""
        try:
            return self.price(asset)
        except Revert:
            return None

    def value(self, asset: str, amount: int) -> Fraction:
        """Tell what an amount is worth in dollars at the pool's price, exactly."""
        return Fraction(amount * self.price(asset), PRICE_UNIT * 10 ** self.decimals(asset))

    def balance(self, asset: str, who: Address) -> int:
        """Tell what an account has in its wallet."""
        return int(self.market.erc20(asset).balance_of(who))

    def supplied(self, asset: str, who: Address) -> int:
        """Tell what an account has supplied, with interest to now."""
        return supply_of(self.market.pool, who, self.market.asset(asset))

    def debt(self, asset: str, who: Address) -> int:
        """Tell what an account owes, with interest to now."""
        return debt_of(self.market.pool, who, self.market.asset(asset))

    def cash(self, asset: str) -> int:
        """Tell what can be withdrawn or borrowed at once: the virtual balance, or what is there without one."""
        pool = self.market.pool
        reserve = pool.reserves[self.market.asset(asset)]
        if pool.revision.virtual_balances and keeps_virtual_balance(pool, reserve.configuration):
            return reserve.virtual_underlying_balance
        return self.balance(asset, reserve.a_token)

    def owed(self, asset: str) -> int:
        """Tell what lenders are owed, with interest to now."""
        return int(self.market.a_token(asset).total_supply())

    def borrowed(self, asset: str) -> int:
        """Tell what borrowers owe, with interest to now."""
        debt = int(self.market.debt_token(asset).total_supply())
        if self.market.chain.revision.stable_rates:
            debt += int(self.market.stable_debt_token(asset).total_supply())
        return debt

    def deficit(self, asset: str) -> int:
        """Tell the bad debt that nobody owes any more; 0 until v3.2, which keeps no account of it."""
        return int(getattr(self.market.pool.reserves[self.market.asset(asset)], "deficit", 0))

    def health_factor(self, who: Address) -> int:
        """Tell the health factor of an account (wad); 2**256 - 1 without debt."""
        return self.account_data(who).health_factor

    def account_data(self, who: Address) -> UserAccountData:
        """Tell the six figures of `getUserAccountData`."""
        return self.market.pool.get_user_account_data(who)

    def positions(self) -> list[Position]:
        """List what everybody has in each reserve, by account and reserve."""
        return self.market.positions()

    def liquidatable(self) -> dict[Address, int]:
        """List the accounts with a health factor below 1, each with it, in the order of addresses.

        The rest of a book, which stands for all who have not entered, is not among them.
        """
        found = self.market.health_factors(below=WAD)
        if self.book is not None:
            found.pop(self.book.rest, None)
        return found

    def reserve_state(self, asset: str) -> ReserveState:
        """Measure one reserve."""
        cash, debt = self.cash(asset), self.borrowed(asset)
        usage = debt * WAD // (debt + cash) if debt + cash else 0
        return ReserveState(self.owed(asset), cash, debt, usage, self.deficit(asset))

    def uncovered(self) -> tuple[int, int, int]:
        """Count who is liquidatable, and measure the debt beyond collateral and the debt without any, in base currency.

        A debt larger than its collateral has a health factor below 1, so only those accounts are looked at.
        """
        near = self.liquidatable()
        uncovered = without_any = 0
        for data in self.market.account_data(near).values():
            uncovered += max(0, data.total_debt_base - data.total_collateral_base)
            if not data.total_collateral_base:
                without_any += data.total_debt_base
        return len(near), uncovered, without_any

    def deficits_base(self) -> int:
        """Measure all deficits at the pool's prices, in base currency; one without a price counts nothing."""
        total = Fraction(0)
        for asset in self.market.assets:
            deficit = self.deficit(asset)
            price = self.price_or_none(asset) if deficit else None
            if price is not None:
                total += Fraction(deficit * price, 10 ** self.decimals(asset))
        return int(total)
