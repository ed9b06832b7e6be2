"""The sides of a position, measured at the pool: each asset alone, by what the pool says the user then has or owes.

Measured and not looked up, because releases differ in whose price and threshold counts. All of it writes flags and
prices, and so runs within `undone`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..address import ZERO_ADDRESS, Address
from ..contracts.oracle import MockAggregator
from ..contracts.pool import Pool
from ..errors import Revert
from ..logic.reserve import unit_of
from ..logic.terms import AccountData
from .undone import undone

COLLATERAL, DEBT = 2, 1
"""The bits of one reserve in a user's configuration."""


class Side(NamedTuple):
    """One asset that a user has as collateral, or owes."""

    asset: Address
    reserve_id: int
    is_debt: bool
    value: int
    """In base currency, as things stand."""
    threshold: int
    """The liquidation threshold (basis points) in the user's category; 0 of a debt."""


def account_data(pool: Pool, user: Address) -> AccountData:
    """The position as the pool reckons it, in the user's own category. Raises Revert, as when a price is missing."""
    return pool.chain.revision.account_data(pool, user, pool.users_e_mode[user])


def alone(pool: Pool, user: Address, reserve_id: int, bit: int) -> AccountData:
    """The position if the user had nothing but one side of one reserve. Writes the user's flags."""
    pool.users_config[user] = bit << 2 * reserve_id
    return account_data(pool, user)


def sides_of(pool: Pool, user: Address) -> list[Side]:
    """All sides of a position. Raises Revert where the pool cannot tell one of them."""
    sides: list[Side] = []
    flags = pool.users_config[user]
    with undone(pool.chain):
        for reserve_id in range(flags.bit_length() + 1 >> 1):
            asset = pool.reserves_list[reserve_id]
            if asset == ZERO_ADDRESS:
                continue
            for bit in (COLLATERAL, DEBT):
                if flags >> 2 * reserve_id & bit:
                    sides.append(_measured(pool, user, asset, reserve_id, bit))
    return sides


def _measured(pool: Pool, user: Address, asset: Address, reserve_id: int, bit: int) -> Side:
    account = alone(pool, user, reserve_id, bit)
    if bit == DEBT:
        return Side(asset, reserve_id, True, account.total_debt, 0)
    return Side(asset, reserve_id, False, account.total_collateral, account.average_liquidation_threshold)


class Moved(NamedTuple):
    """A side whose price is that of a feed: what the user has or owes in units, and what one token is of them."""

    balance: int
    unit: int
    threshold: int


def moved_by(pool: Pool, user: Address, side: Side, feed: MockAggregator) -> Moved | None:
    """The side as something that a feed's answer is worth; None where another price counts, or there is nothing.

    Writes flags and the feed's answer. Raises Revert where the pool cannot tell.
    """
    balance = debt_of(pool, user, side.asset) if side.is_debt else supply_of(pool, user, side.asset)
    if balance == 0:
        return None
    unit = unit_of(pool.reserves[side.asset].configuration)
    price = -(-unit // balance)  # the value is at least 1, and twice that at twice the price
    worth, threshold = _worth_at(pool, user, side, feed, price)
    return Moved(balance, unit, threshold) if _worth_at(pool, user, side, feed, 2 * price)[0] != worth else None


def supply_of(pool: Pool, user: Address, asset: Address) -> int:
    """A user's supply of an asset, interest included (units)."""
    balance: int = pool.chain.at(pool.reserves[asset].a_token).balance_of(user)
    return balance


def debt_of(pool: Pool, user: Address, asset: Address) -> int:
    """A user's debt in an asset, at the variable and, until v3.0.2, the stable rate (units)."""
    chain, reserve = pool.chain, pool.reserves[asset]
    debt: int = chain.at(reserve.variable_debt_token).balance_of(user)
    if chain.revision.stable_rates:
        stable_reserve: Any = reserve
        debt += chain.at(stable_reserve.stable_debt_token).balance_of(user)
    return debt


def _worth_at(pool: Pool, user: Address, side: Side, feed: MockAggregator, price: int) -> tuple[int, int]:
    feed.set_answer(price)
    account = alone(pool, user, side.reserve_id, DEBT if side.is_debt else COLLATERAL)
    return (
        (account.total_debt, 0) if side.is_debt else (account.total_collateral, account.average_liquidation_threshold)
    )


def is_readable(pool: Pool, user: Address) -> bool:
    """Can the pool tell the user's position?"""
    try:
        account_data(pool, user)
    except Revert:
        return False
    return True
