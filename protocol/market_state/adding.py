"""Adding accounts to a running market: their positions appear as they are, with the liquidity that belongs to them.

What they supply is lent to the reserve and what they owe has left it, so that nobody else's claim changes. Or they take
over shares of an account that has them already, and no total changes at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..address import Address
from ..chain import Chain
from ..logic.reserve import keeps_virtual_balance, open_reserve
from ..math.wad_ray import RAY
from ..models.state import AccountState
from ..state import bitmaps
from .check import AccountCheck
from .errors import StateError
from .homes import Home, homes_of
from .writing import Indexes, Writer


class AddedTotals(NamedTuple):
    """Totals of the added accounts in one reserve, beside those of the whole reserve (token units)."""

    reserve: str
    decimals: int
    accounts: int
    supplied: int
    borrowed: int
    lent: int
    """What the lender supplied so that borrowers could have what nobody else supplied."""
    supplied_in_all: int
    borrowed_in_all: int


@dataclass(slots=True)
class _Sums:
    accounts: int = 0
    supply: int = 0
    debt: int = 0
    supplied: int = 0
    borrowed: int = 0
    tokens: int = 0
    lent: int = 0


class Adding:
    """The adding of accounts to one market."""

    def __init__(self, chain: Chain, provider: Address, assets: Mapping[str, Address]) -> None:
        """Raises RuntimeError inside a transaction, and while somebody watches: laws judge calls, and this is none."""
        if chain.depth:
            raise RuntimeError("inside a transaction no accounts can be added")
        if chain.watcher is not None:
            raise RuntimeError("the market is watched: add accounts before a monitor is attached")
        self.chain, self.release = chain, chain.revision
        self.homes: dict[str, Home] = homes_of(chain, provider, assets)
        self.writer = Writer(chain, self.homes, provider)
        self.pool = self.writer.pool
        self.indexes: Indexes = {
            key: (self.pool.income_of(home.asset), self.pool.debt_index_of(home.asset))
            for key, home in self.homes.items()
        }

    def supply_shares(self, key: str, amount: int) -> int:
        """The shares whose balance is an amount (token units); the next below it where there is none."""
        index, balance = self.indexes[key][0], self.release.a_token_balance
        shares = amount * RAY // index
        while balance(shares + 1, index) <= amount:
            shares += 1
        while balance(shares, index) > amount:
            shares -= 1
        return shares

    def debt_shares(self, key: str, amount: int) -> int:
        """The shares of debt that owe an amount (token units); the next above it where there are none."""
        index, balance = self.indexes[key][1], self.release.debt_balance
        shares = amount * RAY // index
        while balance(shares, index) < amount:
            shares += 1
        while shares and balance(shares - 1, index) >= amount:
            shares -= 1
        return shares

    def add(
        self, accounts: Mapping[Address, AccountState], *, lender: Address | None, out_of: Address | None
    ) -> tuple[AddedTotals, ...]:
        """Add accounts, which may have nothing in the reserves where they get something.

        `lender` supplies what is owed beyond what is supplied. `out_of` is an account whose shares they take over
        instead: then not even interest is booked, so that all indexes go on as they would have gone. Raises StateError
        with every fault; nothing is changed then.
        """
        sums = self._add_up(accounts)
        faults = [*self._faults(accounts), *self._shortages(sums, lender, out_of)]
        if faults:
            raise StateError(faults)
        self.chain.begin_step()
        mark = self.chain.journal.position()
        try:
            if out_of is None:
                for key in sums:
                    open_reserve(self.pool, self.homes[key].asset)
            for where, account in accounts.items():
                flags = self.writer.write_account(where, account, self.indexes)
                self._count_isolated(account, flags)
            for key, total in sums.items():
                if out_of is None:
                    self._book(self.homes[key], total, lender)
                else:
                    self._hand_over(self.homes[key], total, out_of)
        except BaseException:
            self.chain.journal.unwind(mark)
            raise
        return tuple(self._told(key, total) for key, total in sums.items())

    # --- before anything is written -----------------------------------------------------------------------------------

    def _add_up(self, accounts: Mapping[Address, AccountState]) -> dict[str, _Sums]:
        sums: dict[str, _Sums] = {}
        credit, debt = self.release.a_token_balance, self.release.debt_balance
        for account in accounts.values():
            for key, own in account.reserves.items():
                if key not in self.homes:
                    continue  # told as a fault
                total = sums.setdefault(key, _Sums())
                supply_index, debt_index = self.indexes[key]
                total.accounts += 1
                total.supply += own.scaled_supply
                total.debt += own.scaled_variable_debt
                total.supplied += credit(own.scaled_supply, supply_index)
                total.borrowed += debt(own.scaled_variable_debt, debt_index)
                total.tokens += own.tokens
        return sums

    def _faults(self, accounts: Mapping[Address, AccountState]) -> Iterator[str]:
        categories = (number for number, category in self.pool.e_modes.items() if category.liquidation_threshold)
        check = AccountCheck(self.release, self.chain.time, categories, self.indexes)
        for where, account in accounts.items():
            yield from check.faults(where, account)
            for key, own in account.reserves.items():
                home = self.homes.get(key)
                if home is None:
                    continue
                if own.scaled_supply and home.a_token.scaled_balances[where]:
                    yield f"{where}, {key}: it has a supply there already"
                if own.scaled_variable_debt and home.debt_token.scaled_balances[where]:
                    yield f"{where}, {key}: it has a debt there already"
            category = self.pool.users_e_mode[where]
            if account.e_mode and category not in (0, account.e_mode):
                yield f"{where}: e_mode is {account.e_mode}, but it is in category {category} already"

        for key in {key: None for account in accounts.values() for key in account.reserves}:
            if key in self.homes and self.homes[key].is_rebased:
                yield f"{key}: its token was rebased: what an account added to it holds in shares cannot be said"

    def _shortages(self, sums: dict[str, _Sums], lender: Address | None, out_of: Address | None) -> Iterator[str]:
        for key, total in sums.items():
            home = self.homes[key]
            if out_of is not None:
                for name, token, shares in (
                    ("supply", home.a_token, total.supply),
                    ("debt", home.debt_token, total.debt),
                ):
                    if shares > token.scaled_balances[out_of]:
                        yield (
                            f"{key}: accounts have {shares} shares of {name}, but {out_of}, whose they are, has "
                            f"{token.scaled_balances[out_of]}"
                        )
                continue
            short = -(self._liquidity(home) + self._added_liquidity(home, total))
            if short > 0 and lender is None:
                yield f"{key}: {short} more is borrowed than is supplied and there: name a lender"
            elif short > 0:
                total.lent = short

    def _liquidity(self, home: Home) -> int:
        """What can be borrowed of a reserve (token units)."""
        if self.release.virtual_balances and keeps_virtual_balance(self.pool, home.record.configuration):
            return int(home.record.virtual_underlying_balance)
        return int(home.token.balances[home.a_token.address])

    def _added_liquidity(self, home: Home, total: _Sums) -> int:
        """What accounts bring, less what they owe: exactly what leaves everybody else's claims covered as before."""
        supply_index, debt_index = self.indexes[home.key]
        credit, debt = self.release.a_token_balance, self.release.debt_balance
        supply, owed = home.a_token.scaled_supply, home.debt_token.scaled_supply
        brought = credit(supply + total.supply, supply_index) - credit(supply, supply_index)
        taken = debt(owed + total.debt, debt_index) - debt(owed, debt_index)
        return brought - taken

    # --- writing ------------------------------------------------------------------------------------------------------

    def _count_isolated(self, account: AccountState, flags: int) -> None:
        """Count debts against the ceiling of an account's only collateral."""
        number = bitmaps.only_collateral_id(flags)
        if number is None or not self.release.isolation_mode:
            return
        record: Any = self.pool.reserves[self.pool.reserves_list[number]]
        if not bitmaps.debt_ceiling(record.configuration):
            return
        for key, own in account.reserves.items():
            decimals = bitmaps.decimals(self.homes[key].record.configuration)
            if own.scaled_variable_debt and decimals >= bitmaps.DEBT_CEILING_DECIMALS:
                owed = self.release.debt_balance(own.scaled_variable_debt, self.indexes[key][1])
                record.isolation_mode_total_debt += owed // 10 ** (decimals - bitmaps.DEBT_CEILING_DECIMALS)

    def _book(self, home: Home, total: _Sums, lender: Address | None) -> None:
        """Book the accounts' shares and liquidity in the totals, and the lender's where they are short."""
        if total.lent and lender is not None:
            shares = self.supply_shares(home.key, total.lent)
            index = self.indexes[home.key][0]
            shares += self.release.a_token_balance(shares, index) < total.lent
            home.a_token.scaled_balances[lender] += shares
            home.a_token.previous_indexes[lender] = index
            total.supply += shares
        added = self._added_liquidity(home, total)
        home.a_token.scaled_supply += total.supply
        home.debt_token.scaled_supply += total.debt
        if self.release.virtual_balances and keeps_virtual_balance(self.pool, home.record.configuration):
            home.record.virtual_underlying_balance += added
        held = home.token.balances[home.a_token.address] + added
        home.write_held(home.a_token.address, held)
        home.write_supply(home.token.total_supply() + added + total.tokens)
        self.writer.derive_rates(home)

    def _hand_over(self, home: Home, total: _Sums, giver: Address) -> None:
        """Take the accounts' shares from who had them."""
        flags = self.pool.users_config[giver]
        for token, shares, bit in ((home.a_token, total.supply, 2), (home.debt_token, total.debt, 1)):
            if shares:
                left = token.scaled_balances[giver] = token.scaled_balances[giver] - shares
                flags = flags if left else flags & ~(bit << (home.id << 1))
        self.pool.users_config[giver] = flags
        if total.tokens:
            home.write_supply(home.token.total_supply() + total.tokens)

    def _told(self, key: str, total: _Sums) -> AddedTotals:
        home = self.homes[key]
        decimals = bitmaps.decimals(home.record.configuration)
        in_all = home.a_token.total_supply(), home.debt_token.total_supply()
        return AddedTotals(key, decimals, total.accounts, total.supplied, total.borrowed, total.lent, *in_all)
