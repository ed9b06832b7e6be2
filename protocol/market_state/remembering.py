"""Reading the state of a running market: every record, balance, flag and permission, by key and account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..address import Address
from ..chain import Chain
from ..contracts.addresses_provider import POOL, PRICE_ORACLE
from ..contracts.erc20 import WETH9
from ..models.state import MarketState
from .homes import Home

Fields = dict[str, Any]


def state_of(chain: Chain, provider: Address, homes: Mapping[str, Home]) -> Fields:
    """The state of a market as the data of a `MarketState`, complete: every figure is given."""
    pool: Any = chain.at(chain.at(provider).addresses[POOL])
    accounts = _Accounts()
    for home in homes.values():
        accounts.read_shares(home)
        accounts.read_tokens(home)
        if home.stable_debt_token is not None:
            accounts.read_stable_debt(home)
    accounts.read_flags(pool.users_config.written(), homes)
    accounts.read_rest(chain, pool, homes)
    return {
        "time": chain.time,
        "number": chain.number,
        "reserves": {key: _reserve_state(home) | _odd_price(chain, provider, home) for key, home in homes.items()},
        "accounts": accounts.data,
        "nonces": dict(chain.nonces.written()),
    }


def as_state(fields: Fields) -> MarketState:
    """The model of what was read."""
    return MarketState.model_validate(fields)


def _reserve_state(home: Home) -> Fields:
    record, stable = home.record, home.stable_debt_token
    fields = {
        "liquidity_index": record.liquidity_index,
        "variable_borrow_index": record.variable_borrow_index,
        "liquidity_rate": record.current_liquidity_rate,
        "variable_borrow_rate": record.current_variable_borrow_rate,
        "last_update_timestamp": record.last_update_timestamp,
        "accrued_to_treasury": record.accrued_to_treasury,
        "deficit": record.deficit,
        "isolation_mode_total_debt": record.isolation_mode_total_debt,
        "unbacked": record.unbacked,
        "virtual_underlying_balance": record.virtual_underlying_balance,
        "underlying_balance": home.token.balances[home.a_token.address],
        "scaled_supply": home.a_token.scaled_supply,
        "scaled_variable_debt": home.debt_token.scaled_supply,
    }
    if stable is not None:
        fields["stable_debt"] = {
            "borrow_rate": record.current_stable_borrow_rate,
            "average_rate": stable.average_stable_rate,
            "principal": stable.scaled_supply,
            "last_change_timestamp": stable.total_supply_timestamp,
        }
    return fields


def _odd_price(chain: Chain, provider: Address, home: Home) -> Fields:
    """A feed's answer below zero, which the parameters of a reserve do not say."""
    oracle: Any = chain.at(chain.at(provider).addresses[PRICE_ORACLE])
    answer = chain.at(oracle.sources[home.asset]).latest_answer()
    return {"price": answer} if answer < 0 else {}


class _Accounts:
    """Accounts as data, gathered ledger by ledger; what is as it is by itself is left out."""

    def __init__(self) -> None:
        self.data: dict[Address, Fields] = {}

    def _of(self, where: Address) -> Fields:
        account = self.data.get(where)
        if account is None:
            account = self.data[where] = {"reserves": {}}
        return account

    def _in(self, where: Address, key: str) -> Fields:
        reserves: dict[str, Fields] = self._of(where)["reserves"]
        own = reserves.get(key)
        if own is None:
            own = reserves[key] = {}
        return own

    def read_shares(self, home: Home) -> None:
        """Read shares of supply and debt, and the indexes that accounts remember where they are not the reserve's."""
        sides = (
            ("scaled_supply", "supply_index", home.a_token, home.record.liquidity_index),
            ("scaled_variable_debt", "debt_index", home.debt_token, home.record.variable_borrow_index),
        )
        for name, index_name, token, index in sides:
            remembered = token.previous_indexes.written()
            for where, shares in token.scaled_balances.written().items():
                own = self._in(where, home.key)
                own[name] = shares
                known = remembered.pop(where, 0)
                if known != index:
                    own[index_name] = known
            for where, known in remembered.items():
                self._in(where, home.key)[index_name] = known

    def read_tokens(self, home: Home) -> None:
        """Read who holds the underlying, allowances, delegations and used signatures."""
        key, held = home.key, home.token.balances.written()
        held.pop(home.a_token.address, None)
        plain = [("tokens", held.items())]
        for name, token in (
            ("token_nonce", home.token),
            ("a_token_nonce", home.a_token),
            ("debt_token_nonce", home.debt_token),
        ):
            if hasattr(type(token), "nonces_used"):
                plain.append((name, token.nonces_used.written().items()))
        for name, entries in plain:
            for where, value in entries:
                self._in(where, key)[name] = value
        self._read_pairs(key, "token_allowances", home.token.allowances.written().items())
        self._read_pairs(key, "a_token_allowances", home.a_token.allowances.written().items())
        self._read_pairs(key, "delegations", home.debt_token.borrow_allowances.written().items())

    def _read_pairs(self, key: str, name: str, entries: Iterable[tuple[tuple[Address, Address], int]]) -> None:
        for (owner, other), amount in entries:
            self._in(owner, key).setdefault(name, {})[other] = amount

    def read_stable_debt(self, home: Home) -> None:
        """Read debts at stable rates. Until v3.0.2."""
        token = home.stable_debt_token
        for name, ledger in (
            ("stable_debt", token.scaled_balances),
            ("stable_rate", token.previous_indexes),
            ("stable_since", token.timestamps),
            ("stable_debt_token_nonce", token.nonces_used),
        ):
            for where, value in ledger.written().items():
                self._in(where, home.key)[name] = value
        self._read_pairs(home.key, "stable_delegations", token.borrow_allowances.written().items())

    def read_flags(self, flags: Mapping[Address, int], homes: Mapping[str, Home]) -> None:
        """Read flags: collateral, and where it does not follow from what is owed, borrowing."""
        by_id = {home.id: key for key, home in homes.items()}
        for where, word in flags.items():
            left = word
            while left:
                low = (left & -left).bit_length() - 1
                left &= left - 1
                key = by_id.get(low >> 1)
                if key is not None:  # of a dropped reserve nothing can be said: the proof notices
                    self._in(where, key)["collateral" if low & 1 else "borrowing"] = True
        for account in self.data.values():
            for own in account["reserves"].values():
                flagged = own.pop("borrowing", False)
                if flagged is not ("scaled_variable_debt" in own or "stable_debt" in own):
                    own["borrowing"] = flagged

    def read_rest(self, chain: Chain, pool: Any, homes: Mapping[str, Home]) -> None:
        """Read e-modes, position managers and ether; that of wrapped ether follows from who holds it."""
        wrapped = {home.asset for home in homes.values() if isinstance(home.token, WETH9)}
        for where, category in pool.users_e_mode.written().items():
            self._of(where)["e_mode"] = category
        for where, manager in pool.position_managers.written():
            self._of(where).setdefault("position_managers", []).append(manager)
        for where, wei in chain.balances.written().items():
            if where not in wrapped:
                self._of(where)["ether"] = wei
