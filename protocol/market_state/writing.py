"""Writing what an account has into the contracts of a market, through the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..address import Address
from ..chain import Chain
from ..contracts.addresses_provider import POOL, PRICE_ORACLE
from ..errors import Revert
from ..logic.terms import ReserveCache
from ..models.state import AccountReserveState, AccountState
from .errors import StateError
from .homes import Home

Indexes = Mapping[str, tuple[int, int]]
"""By key, a reserve's liquidity index and variable borrow index (ray)."""


class Writer:
    """A market to write into."""

    def __init__(self, chain: Chain, homes: Mapping[str, Home], provider: Address) -> None:
        self.chain, self.homes = chain, homes
        registry = chain.at(provider)
        self.pool: Any = chain.at(registry.addresses[POOL])
        self.oracle: Any = chain.at(registry.addresses[PRICE_ORACLE])

    def write_account(self, where: Address, account: AccountState, indexes: Indexes) -> int:
        """Write an account, beside what it has; totals are left to the caller. Returns its flags.

        An account with shares that remembers no index remembers the reserve's of `indexes`.
        """
        flags = before = self.pool.users_config[where]
        for key, own in account.reserves.items():
            home = self.homes[key]
            owes = own.scaled_variable_debt > 0 or own.stable_debt > 0
            if owes if own.borrowing is None else own.borrowing:
                flags |= 1 << (home.id << 1)
            if own.collateral:
                flags |= 2 << (home.id << 1)
            if own.tokens:
                home.write_held(where, home.token.balances[where] + own.tokens)
            write_shares(home, where, own, *indexes[key])
            write_permissions(home, where, own)
            if home.stable_debt_token is not None:
                write_stable_debt(home, where, own)
        if flags != before:
            self.pool.users_config[where] = flags
        if account.e_mode:
            self.pool.users_e_mode[where] = account.e_mode
        for manager in account.position_managers:
            self.pool.position_managers[where, manager] = True
        if account.ether:
            self.chain.balances[where] += account.ether
        return int(flags)

    def derive_rates(self, home: Home) -> None:
        """Set the rates that a reserve's strategy answers for what is stored. Raises StateError where it refuses to."""
        pool, record = self.pool, home.record
        try:
            self.chain.revision.update_rates(pool, record, ReserveCache(pool, record), home.asset, 0, 0)
        except Revert as revert:
            raise StateError([f"{home.key}: the rate strategy answers nothing: {revert.describe()}"]) from revert
        finally:
            self.chain.logs = []  # nobody called: there is no receipt for the event


def write_shares(home: Home, where: Address, own: AccountReserveState, supply_index: int, debt_index: int) -> None:
    """Write an account's shares and the indexes (ray) that it remembers: these, where it says none."""
    for token, shares, remembered, index in (
        (home.a_token, own.scaled_supply, own.supply_index, supply_index),
        (home.debt_token, own.scaled_variable_debt, own.debt_index, debt_index),
    ):
        if shares:
            token.scaled_balances[where] = shares
        if remembered is None and shares:
            token.previous_indexes[where] = index
        elif remembered:
            token.previous_indexes[where] = remembered


def write_permissions(home: Home, where: Address, own: AccountReserveState) -> None:
    """Write what others may take or borrow, and how many signatures were used."""
    for spender, amount in own.token_allowances.items():
        home.token.allowances[where, spender] = amount
    for spender, amount in own.a_token_allowances.items():
        home.a_token.allowances[where, spender] = amount
    for delegatee, amount in own.delegations.items():
        home.debt_token.borrow_allowances[where, delegatee] = amount
    if own.token_nonce:
        home.token.nonces_used[where] = own.token_nonce
    if own.a_token_nonce:
        home.a_token.nonces_used[where] = own.a_token_nonce
    if own.debt_token_nonce:
        home.debt_token.nonces_used[where] = own.debt_token_nonce


def write_stable_debt(home: Home, where: Address, own: AccountReserveState) -> None:
    """Write an account's stable debt, and who may borrow in its name. Until v3.0.2."""
    token = home.stable_debt_token
    for ledger, value in (
        (token.scaled_balances, own.stable_debt),
        (token.previous_indexes, own.stable_rate),
        (token.timestamps, own.stable_since),
        (token.nonces_used, own.stable_debt_token_nonce),
    ):
        if value:
            ledger[where] = value
    for delegatee, amount in own.stable_delegations.items():
        token.borrow_allowances[where, delegatee] = amount
