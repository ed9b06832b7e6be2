"""The state of a market as its views show it: what recordings keep every fifty steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..address import Address
from ..chain import Chain
from ..contracts.addresses_provider import POOL
from ..errors import Revert


def read_out(
    chain: Chain, provider: Address, assets: Mapping[str, Address], users: Sequence[Address]
) -> dict[str, Any]:
    """Reserves by symbol and users by address, through the views; amounts as decimal strings."""
    pool = chain.at(chain.at(provider).addresses[POOL])
    return {
        "t": chain.time,
        "reserves": {symbol: _reserve(chain, pool, asset) for symbol, asset in assets.items()},
        "users": {user: _user(chain, pool, assets, user) for user in users},
    }


def _reserve(chain: Chain, pool: Any, asset: Address) -> dict[str, Any]:
    data = pool.get_reserve_data(asset)
    a_token, debt_token = chain.at(data.a_token_address), chain.at(data.variable_debt_token_address)
    values = {
        "configuration": data.configuration[0],
        "liquidityIndex": data.liquidity_index,
        "currentLiquidityRate": data.current_liquidity_rate,
        "variableBorrowIndex": data.variable_borrow_index,
        "currentVariableBorrowRate": data.current_variable_borrow_rate,
        "accruedToTreasury": data.accrued_to_treasury,
        "isolationModeTotalDebt": data.isolation_mode_total_debt,
        "virtualUnderlyingBalance": pool.reserves[asset].virtual_underlying_balance,
        "deficit": pool.get_reserve_deficit(asset) if chain.revision.deficits else 0,
        "aTokenScaledTotalSupply": a_token.scaled_total_supply(),
        "vTokenScaledTotalSupply": debt_token.scaled_total_supply(),
        "aTokenTotalSupply": a_token.total_supply(),
        "vTokenTotalSupply": debt_token.total_supply(),
        "underlyingInAToken": chain.at(asset).balance_of(data.a_token_address),
        "normalizedIncome": pool.get_reserve_normalized_income(asset),
        "normalizedDebt": pool.get_reserve_normalized_variable_debt(asset),
    }
    return {name: str(value) for name, value in values.items()} | {"lastUpdateTimestamp": data.last_update_timestamp}


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


def _balances(chain: Chain, pool: Any, asset: Address, user: Address) -> list[str]:
    data = pool.get_reserve_data(asset)
    a_token, debt_token = chain.at(data.a_token_address), chain.at(data.variable_debt_token_address)
    balances = (
        a_token.scaled_balance_of(user),
        debt_token.scaled_balance_of(user),
        chain.at(asset).balance_of(user),
        a_token.balance_of(user),
        debt_token.balance_of(user),
    )
    return [str(balance) for balance in balances]
