"""Claims on a reserve: who has lent how much, and how much of it the lender's own debts let go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.answers.search import last
from pooltwin.protocol.answers.undone import undone
from pooltwin.protocol.errors import InvalidBurnAmount, Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.market_state.adding import Adding
from pooltwin.protocol.math.uint import MAX_UINT256
from pooltwin.protocol.models.state import AccountReserveState, AccountState
from pooltwin.protocol.state import bitmaps

from ..books.figures import figures_of
from ..units import BPS, WAD, ceil_div

HELPER = named_address("exits: whoever lends so that liquidity limits nobody")


@dataclass(frozen=True)
class Claim:
    """Claim of one lender, in units of the asset."""

    account: Address
    name: str
    claim: int
    """What it has supplied, interest included."""
    free: int
    """What it may take out as far as its own debts are concerned, if the reserve had it."""

    @property
    def is_bound(self) -> bool:
        """Do its debts hold back a part of it?"""
        return self.free < self.claim


def claims_on(market: Market, symbol: str, accounts: Iterable[tuple[Address, str]]) -> tuple[Claim, ...]:
    """Read what accounts claim of a reserve, the largest first; those without a supply are left out.

    What is free is found on a fork in which the reserve has enough for everybody, so that only health factors and the
    rules of collateral decide. It does not depend on who leaves before.
    """
    a_token, named = market.a_token(symbol), dict(accounts)
    supplied = {account: int(a_token.balance_of(account)) for account in named}
    supplied = {account: balance for account, balance in supplied.items() if balance}
    free = _Free(_with_enough(market, symbol, sum(supplied.values())), symbol)
    claims = [
        Claim(account, named[account], balance, free.of(account, balance)) for account, balance in supplied.items()
    ]
    return tuple(sorted(claims, key=lambda one: (-one.claim, one.account)))


def _with_enough(market: Market, symbol: str, amount: int) -> Market:
    """Fork a market, and have somebody lend so much."""
    deep = market.fork()
    if amount:
        adding = Adding(deep.chain, deep.provider.address, deep.assets)
        own = {symbol: AccountReserveState(scaled_supply=adding.supply_shares(symbol, amount) + 2)}
        adding.add({HELPER: AccountState(reserves=own)}, lender=None, out_of=None)
    return deep


class _Free:
    """What lenders may take out of a reserve that has enough for everybody."""

    def __init__(self, deep: Market, symbol: str) -> None:
        self.market, self.symbol, self.asset = deep, symbol, deep.asset(symbol)
        self.figures = figures_of(deep)
        self.reserve = self.figures.reserves[symbol]
        self.number = deep.pool.reserves[self.asset].id

    def of(self, account: Address, balance: int) -> int:
        """What one lender may take out."""
        flags = self.market.pool.users_config[account]
        if not (flags & bitmaps.BORROWING_MASK and flags >> (2 * self.number) & 2):
            return balance  # nothing is owed, or not on this
        if self.market.chain.revision.earlier is not None:
            return int(self.market.max_withdraw(self.symbol, account))  # health factors jump: only a search finds it
        if self._is_taken(account, MAX_UINT256):
            return balance
        most = last(1, balance - 1, lambda amount: self._is_taken(account, amount), self._guess(account, balance))
        return most if most and self._is_taken(account, most, shares=True) else 0

    def _is_taken(self, account: Address, amount: int, *, shares: bool = False) -> bool:
        """Does the pool let an amount go? One that is worth no share counts as taken, unless `shares` are asked for."""
        with undone(self.market.chain):
            try:
                self.market.pool.withdraw(self.asset, amount, account, sender=account)
            except InvalidBurnAmount:
                return not shares
            except Revert:
                return False
        return True

    def _guess(self, account: Address, balance: int) -> int:
        """About what takes the health factor to one: a place to begin the search at."""
        try:
            told = self.market.pool.get_user_account_data(account)
        except Revert:
            return 1
        reserve, debt = self.reserve, told.total_debt_base
        threshold = self.figures.threshold(self.symbol, int(self.market.pool.get_user_e_mode(account)))
        if not threshold or not reserve.price:
            return balance
        spare = max(0, told.health_factor * debt // WAD - debt) * BPS // threshold
        kept = balance * reserve.price // reserve.unit - spare
        return balance - ceil_div(kept * reserve.unit, reserve.price) if kept > 0 else balance
