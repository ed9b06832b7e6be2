"""The state of a market as its views show it: what recordings keep every fifty steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..address import Address
from ..chain import Chain
from ..contracts.addresses_provider import POOL
from ..errors import Revert


def read_out(
    chain: Chain, provider: Address, assets: Mapping[str, Address], users: Sequence[Address]
) -> dict[str, Any]:
    """Reserves by symbol and users by address, through the views; amounts as decimal strings.

    Null is what a view says that reverts, as those of a market do whose index comes near its limit.
    """
    pool = chain.at(chain.at(provider).addresses[POOL])
    return {
        "t": chain.time,
        "reserves": {symbol: _reserve(chain, pool, asset) for symbol, asset in assets.items()},
        "users": {user: _user(chain, pool, assets, user) for user in users},
    }


def _shown(view: Callable[..., Any], *arguments: Any) -> str | None:
    """A view's number in decimal, None if it reverts."""
    try:
        return str(view(*arguments))
    except Revert:
        return None


def _reserve(chain: Chain, pool: Any, asset: Address) -> dict[str, Any]:
    data = pool.get_reserve_data(asset)
    a_token, debt_token = chain.at(data.a_token_address), chain.at(data.variable_debt_token_address)
    return {
        "configuration": str(data.configuration[0]),
        "liquidityIndex": str(data.liquidity_index),
        "currentLiquidityRate": str(data.current_liquidity_rate),
        "variableBorrowIndex": str(data.variable_borrow_index),
        "currentVariableBorrowRate": str(data.current_variable_borrow_rate),
        "lastUpdateTimestamp": data.last_update_timestamp,
        "accruedToTreasury": str(data.accrued_to_treasury),
        "isolationModeTotalDebt": str(data.isolation_mode_total_debt),
        "virtualUnderlyingBalance": str(pool.reserves[asset].virtual_underlying_balance),
        "deficit": _shown(pool.get_reserve_deficit, asset) if chain.revision.deficits else "0",
        "aTokenScaledTotalSupply": _shown(a_token.scaled_total_supply),
        "vTokenScaledTotalSupply": _shown(debt_token.scaled_total_supply),
        "aTokenTotalSupply": _shown(a_token.total_supply),
        "vTokenTotalSupply": _shown(debt_token.total_supply),
        "underlyingInAToken": _shown(chain.at(asset).balance_of, data.a_token_address),
        "normalizedIncome": _shown(pool.get_reserve_normalized_income, asset),
        "normalizedDebt": _shown(pool.get_reserve_normalized_variable_debt, asset),
    }


def _user(chain: Chain, pool: Any, assets: Mapping[str, Address], user: Address) -> dict[str, Any]:
    try:
        account: list[str] | None = [str(value) for value in pool.get_user_account_data(user)]
    except Revert:
        account = None
    return {
        "config": str(pool.get_user_configuration(user)[0]),
        "eMode": pool.get_user_e_mode(user),
        "account": account,
        "balances": {symbol: _balances(chain, pool, asset, user) for symbol, asset in assets.items()},
    }


def _balances(chain: Chain, pool: Any, asset: Address, user: Address) -> list[str | None]:
    data = pool.get_reserve_data(asset)
    a_token, debt_token = chain.at(data.a_token_address), chain.at(data.variable_debt_token_address)
    return [
        _shown(a_token.scaled_balance_of, user),
        _shown(debt_token.scaled_balance_of, user),
        _shown(chain.at(asset).balance_of, user),
        _shown(a_token.balance_of, user),
        _shown(debt_token.balance_of, user),
    ]
