"""From v3.3 to v3.4: all reserves share a rate strategy, tokens have treasury and rewards controller in their code."""

from __future__ import annotations

from ..contracts.a_token import AToken
from ..contracts.variable_debt_token import VariableDebtToken
from ..market import Market
from ..releases.v3_4.release import V3_4
from ..state import bitmaps
from .renewal import UpgradeError, renew_data_provider, reserves_of

TOKENS = (AToken.KIND, VariableDebtToken.KIND)
"""The tokens of the next release; a stable debt token, left over from v3.0.2, is none of them."""


def prepare(market: Market) -> None:
    """Refuse GHO, unbacked amounts and balances beyond 120 bits; leave in storage what the tokens' code will say.

    The virtual balance moves into the slot of the unbacked amount; GHO had a migration of its own.
    """
    for asset, reserve in reserves_of(market):
        if not bitmaps.is_virtual_accounting_active(reserve.configuration):
            raise UpgradeError(f"{asset} has no virtual balance, which every reserve has from v3.4 on")
        if reserve.unbacked != 0:
            raise UpgradeError(f"{asset} has {reserve.unbacked} unbacked, for which v3.4 has no place")
        for token in (reserve.a_token, reserve.variable_debt_token):
            for user, balance in market.chain.at(token).scaled_balances.items():
                if balance >> V3_4.share_bits:
                    raise UpgradeError(f"{user} has {balance} of {token}, more than {V3_4.share_bits} bits")
    for contract in market.chain.contracts.values():
        if isinstance(contract, AToken):
            contract.left_treasury = contract.treasury
        if isinstance(contract, AToken | VariableDebtToken) and contract.KIND in TOKENS:
            contract.left_rewards_controller = contract.rewards_controller


def migrate(market: Market) -> None:
    """Let one strategy take over the parameters of all others, and bind a new data provider to the pool."""
    pool = market.pool
    shared = market.chain.at(pool.rate_strategy)
    for asset, reserve in reserves_of(market):
        if reserve.interest_rate_strategy != shared.address:
            shared.set_parameters(asset, market.chain.at(reserve.interest_rate_strategy).models[asset].bps)
    renew_data_provider(market)
