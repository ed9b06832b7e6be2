"""Accounts in bulk: who has a position, and the position of each as `getUserAccountData` tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..address import Address, address
from ..contracts.pool_storage import UserAccountData
from .borrowers import borrowers_of
from .present import PoolNow, is_read_as_released, listings


def accounts_of(pool: Any) -> list[Address]:
    """List all who hold a share, a debt or a flag, in the order of their addresses."""
    found: set[Address] = {user for user, flags in pool.users_config.items() if flags}
    for listing in listings(pool):
        for ledger in listing.ledgers:
            found.update(ledger if all(ledger.values()) else [user for user, held in ledger.items() if held])
    return sorted(found)


def chosen(pool: Any, accounts: Iterable[Address] | None) -> list[Address]:
    """List the accounts asked for, in canonical spelling; all there are where nobody was named.

    Raises ValueError for what is no address, TypeError for one address in place of several.
    """
    if accounts is None:
        return accounts_of(pool)
    if isinstance(accounts, str):
        raise TypeError(f"{accounts!r} is one account: expected several, as [{accounts!r}]")
    return [address(account) for account in accounts]


def account_data_of(pool: Any, accounts: Iterable[Address] | None) -> dict[Address, UserAccountData]:
    """Tell each account's six figures. Reverts where one of them would."""
    users = chosen(pool, accounts)
    if not is_read_as_released(pool):
        return {user: pool.get_user_account_data(user) for user in users}
    now = PoolNow(pool)
    (function,) = type(pool).get_user_account_data.contract_functions
    return {user: function.body(now, user) for user in users}


def health_factors_of(pool: Any, accounts: Iterable[Address] | None) -> dict[Address, int]:
    """Tell each account's health factor (wad). Reverts where one of them would."""
    users = chosen(pool, accounts)
    if not is_read_as_released(pool):
        return {user: pool.get_user_account_data(user).health_factor for user in users}
    return _judged(PoolNow(pool), users)


def health_factors_below(pool: Any, limit: int, accounts: Iterable[Address] | None) -> dict[Address, int]:
    """Tell the health factors (wad) that are below a limit.

    Of all accounts, only those are computed that bounds on their shares do not rule out.
    """
    if accounts is not None or not is_read_as_released(pool):
        factors = health_factors_of(pool, accounts)
    else:
        now = PoolNow(pool)
        factors = _judged(now, sorted(borrowers_of(pool).perhaps_below(now, limit)))
    return {user: factor for user, factor in factors.items() if factor < limit}


def _judged(now: PoolNow, users: Iterable[Address]) -> dict[Address, int]:
    rule: Callable[[Any, Address, int], Any] = now.revision.account_data
    categories = now.users_e_mode
    return {user: rule(now, user, categories[user]).health_factor for user in users}
