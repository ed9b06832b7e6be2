"""The most that a user can supply, borrow or withdraw now: the pool takes it, and refuses one unit more.

Found by trying on the pool itself, with everything undone. Where acceptance is not simply "up to a point" the
exceptions are known: amounts so small that they round to no share; the last of a balance, with which its collateral
flag goes; and a health factor that until v3.4 jumps up and down by a basis point of the average threshold while
collateral leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from ..address import Address, named_address
from ..errors import (
    InvalidAmount,
    InvalidBurnAmount,
    InvalidMintAmount,
    LtvValidationFailed,
    Revert,
)
from ..logic.terms import Pool
from ..math.uint import MAX_UINT256
from .health import Scale
from .holdings import COLLATERAL, Side, account_data, alone, sides_of, supply_of
from .reasons import reason_of
from .search import highest, last
from .undone import Twin, name_of, undone

VARIABLE_RATE = 2
_COLLATERAL_BITS = int("10" * 128, 2)
_LARGEST = MAX_UINT256 - 1
"""The largest amount that means itself: one more means everything."""

Attempt = Callable[[int], Revert | None]
"""Tries an amount and undoes it: None where the pool takes it, else its revert."""


class LargestAmount(int):
    """An amount in units of the asset, and what keeps it from being more.

    `limit` says it in words: "supply cap", "health factor", or the name of the revert. `refusal` is the revert of the
    next unit; of 0, that of the smallest amount that is worth a share.
    """

    limit: str
    refusal: Revert | None

    def __new__(cls, amount: int, limit: str = "", refusal: Revert | None = None) -> Self:
        made = super().__new__(cls, amount)
        made.limit, made.refusal = limit, refusal
        return made


class _Round:
    """One search: how an amount is tried, and which refusals only say that it is too small."""

    def __init__(
        self,
        twin: Twin,
        asset: Address,
        do: Callable[[int], object],
        too_small: tuple[type[Revert], ...],
        payer: Address | None = None,
    ) -> None:
        self.twin, self.asset, self.do, self.too_small, self.payer = twin, asset, do, too_small, payer

    def attempt(self, amount: int) -> Revert | None:
        """Try an amount."""
        with undone(self.twin.chain):
            try:
                self.do(amount)
            except Revert as revert:
                return revert
        return None

    def is_taken_or_too_small(self, amount: int) -> bool:
        """Would a larger amount be worth a try?"""
        refusal = self.attempt(amount)
        return refusal is None or isinstance(refusal, self.too_small)

    def answer(self, amount: int) -> LargestAmount:
        """The amount if it is taken, else nothing, with what refuses the next."""
        refusal = self.attempt(amount + 1)
        taken = amount > 0 and self.attempt(amount) is None
        return LargestAmount(amount if taken else 0, self.limit(amount + 1, refusal), refusal)

    def limit(self, amount: int, refusal: Revert | None) -> str:
        """Why an amount is refused, in words."""
        return "" if refusal is None else reason_of(self.twin, self.asset, amount, refusal, self.payer)


def max_supply(twin: Twin, asset: Address, user: Address | None) -> LargestAmount:
    """The most that a user can supply of what is in the wallet and approved; without a user, that anybody could.

    Without a user a newcomer is thought up who has as much as the token can create: what is left is the reserve's room.
    """
    pool, symbol = twin.pool, name_of(twin, asset)
    who = user or named_address("answers/a newcomer")

    def supply(amount: int) -> None:
        if user is None:
            twin.fund(symbol, who, amount)
        pool.supply(asset, amount, sender=who)

    run = _Round(twin, asset, supply, (InvalidAmount, InvalidMintAmount), payer=who)
    guess = min(_room_under_cap(pool, asset), _wallet(twin, asset, user))
    return run.answer(last(1, _LARGEST, run.is_taken_or_too_small, guess))


def max_borrow(twin: Twin, asset: Address, user: Address) -> LargestAmount:
    """The most that a user can borrow at the variable rate, against the user's own collateral."""
    pool = twin.pool
    run = _Round(twin, asset, lambda amount: pool.borrow(asset, amount, sender=user), (InvalidMintAmount,))
    return run.answer(last(1, _LARGEST, run.is_taken_or_too_small, _credit(twin, asset, user)))


def max_withdraw(twin: Twin, asset: Address, user: Address) -> LargestAmount:
    """The most that a user can withdraw: all of it, or what liquidity and the position let go."""
    pool = twin.pool
    balance = supply_of(pool, user, asset)
    run = _Round(twin, asset, lambda amount: pool.withdraw(asset, amount, sender=user), (InvalidBurnAmount,))

    def withdraw_without_debt(amount: int) -> None:
        pool.users_config[user] &= _COLLATERAL_BITS
        pool.withdraw(asset, amount, sender=user)

    free = _Round(twin, asset, withdraw_without_debt, run.too_small)
    liquid = last(1, balance, free.is_taken_or_too_small, balance)
    if liquid == 0 or run.attempt(liquid) is None:
        return run.answer(liquid)
    least = last(1, liquid, lambda amount: isinstance(free.attempt(amount), run.too_small)) + 1
    try:
        allowed = _Withdrawals(twin, asset, user, free).highest(least, liquid, run.attempt)
    except Revert:  # the pool cannot tell the position, and so lets no part of it go
        allowed = 0
    if allowed:
        return run.answer(allowed)
    refusal = run.attempt(least)
    return LargestAmount(0, run.limit(least, refusal), refusal)


class _NothingLeavesError(Exception):
    """Collateral that lends nothing must leave first, whatever the amount."""


class _Withdrawals:
    """A position as a function of how much of one collateral is withdrawn. Raises Revert where the pool cannot tell."""

    def __init__(self, twin: Twin, asset: Address, user: Address, free: _Round) -> None:
        pool = twin.pool
        self.pool, self.user, self.free = pool, user, free
        self.threshold = pool.chain.revision.health_factor_liquidation_threshold
        sides = sides_of(pool, user)
        self.debt = account_data(pool, user).total_debt
        self.others = [side for side in sides if not side.is_debt and side.asset != asset]
        self.own: Side | None = next((side for side in sides if not side.is_debt and side.asset == asset), None)
        thresholds = [side.threshold for side in self.others] + [self.own.threshold if self.own else 0]
        self.scale = Scale(thresholds, from_average=pool.chain.revision.earlier is not None)

    def values_after(self, amount: int) -> list[int] | None:
        """What each collateral is worth after a withdrawal; None where the pool cannot reckon with what is left."""
        own = 0
        with undone(self.pool.chain):
            self.free.do(amount)
            flags = self.pool.users_config[self.user]
            try:
                account_data(self.pool, self.user)
                if self.own and flags >> 2 * self.own.reserve_id & COLLATERAL:
                    own = alone(self.pool, self.user, self.own.reserve_id, COLLATERAL).total_collateral
            except Revert:
                return None
        return [side.value for side in self.others] + [own]

    def is_unhealthy_between(self, low: int, high: int) -> bool:
        """Is the position surely unhealthy, or more than the pool can reckon with, after each amount of a range?"""
        least, most = self.values_after(high), self.values_after(low)
        if least is None:
            return True
        if most is None:
            return False
        return self.scale.at_most(least, most, self.debt) < self.threshold

    def highest(self, low: int, high: int, attempt: Attempt) -> int:
        """The highest amount of a range that the pool lets go; 0 where it lets go none."""

        def is_let_go(amount: int) -> bool:
            refusal = attempt(amount)
            if isinstance(refusal, LtvValidationFailed):
                raise _NothingLeavesError
            return refusal is None

        try:
            return highest(low, high, is_let_go, self.is_unhealthy_between) or 0
        except _NothingLeavesError:
            return 0


def _wallet(twin: Twin, asset: Address, user: Address | None) -> int:
    if user is None:
        return _LARGEST
    balance: int = twin.chain.at(asset).balance_of(user)
    return balance


def _room_under_cap(pool: Pool, asset: Address) -> int:
    """About what the supply cap leaves: a guess to begin with."""
    configuration = pool.reserves[asset].configuration
    cap = (configuration >> 116 & (1 << 36) - 1) * 10 ** (configuration >> 48 & 0xFF)
    return cap - pool.revision.a_token_supply(pool, pool.reserves[asset]) if cap else 2**128 - 1


def _credit(twin: Twin, asset: Address, user: Address) -> int:
    """About what the position may borrow of an asset: a guess to begin with."""
    pool = twin.pool
    try:
        credit: int = pool.get_user_account_data(user).available_borrows_base
        unit: int = 10 ** (pool.reserves[asset].configuration >> 48 & 0xFF)
        price: int = twin.oracle.price_of(asset)
        return credit * unit // price
    except (Revert, ZeroDivisionError):
        return 1
