"""From v3.0.2 to v3.2, as governance went in two steps: over v3.1 and at once on, within one block.

v3.1 gave each reserve a balance of its own that donations do not change, and one contract for everybody's rates; v3.2
took away what was left of stable rates, and let an asset be in several e-mode categories.
"""

from __future__ import annotations

from ..address import ZERO_ADDRESS, Address
from ..contracts.rate_strategy import BPS_TO_RAY, RateData
from ..errors import Revert
from ..logic.reserve import open_reserve
from ..market import Market
from ..math.uint import add, sub, to_uint128
from ..math.wad_ray import ray_mul
from ..releases.v3_0_2.borrowing import swap_to_variable
from ..releases.v3_0_2.e_modes import category_of, price_source
from ..releases.v3_0_2.rate_strategy import RateStrategyV302
from ..releases.v3_0_2.stable_rates import stable_debt_token
from ..releases.v3_2.pool import L2PoolV32, PoolV32
from ..releases.v3_3.configurator import PoolConfiguratorV33
from ..state import bitmaps
from ..state.records import Reserve
from .renewal import UpgradeError, deploy, renew_as, renew_data_provider, reserves_of


def prepare(market: Market) -> None:
    """Refuse categories with a price of their own, whose place goes to a bitmap; end stable debts, count liquidity."""
    e_modes = market.pool.e_modes
    for category_id in sorted(e_modes):
        source = price_source(e_modes[category_id])
        if source != ZERO_ADDRESS:
            raise UpgradeError(f"e-mode category {category_id} has the price of {source}, for which v3.2 has no place")
    for asset, _ in reserves_of(market):
        _end_stable_debts(market, asset)
        try:
            _count_liquidity(market, asset)
        except Revert as revert:
            raise UpgradeError(f"the liquidity of {asset} cannot be counted: {revert}") from revert
    _renew_contracts(market)


def _end_stable_debts(market: Market, asset: Address) -> None:
    """Turn every stable debt of a reserve into variable debt of the same amount, as anybody could for others in v3.1.

    Raises UpgradeError where the reserve does not let it be. v3.2 has no place for stable debt.
    """
    pool = market.pool
    token = stable_debt_token(market.chain, pool.reserves[asset])
    for debtor in [user for user, principal in token.scaled_balances.items() if principal != 0]:
        try:
            swap_to_variable(pool, debtor, asset)
        except Revert as revert:
            raise UpgradeError(f"{debtor}'s stable debt of {asset} cannot become variable: {revert}") from revert


def _count_liquidity(market: Market, asset: Address) -> None:
    """Give a reserve a balance of its own: what is claimed beyond what is owed, as far as it is there.

    Raises Panic where more is owed. Source: `PoolRevisionFourInitialize` in the payload of v3.1.
    """
    pool, chain = market.pool, market.chain
    reserve, cache = open_reserve(pool, asset)
    there = chain.at(asset).balance_of(reserve.a_token)
    claimed = chain.at(reserve.a_token).total_supply()
    treasury = ray_mul(reserve.accrued_to_treasury, cache.next_liquidity_index)
    owed = chain.at(reserve.variable_debt_token).total_supply()
    reserve.virtual_underlying_balance = to_uint128(min(sub(add(claimed, treasury), owed), there))
    reserve.configuration = bitmaps.with_virtual_accounting(reserve.configuration)


def _renew_contracts(market: Market) -> None:
    """Have pool and configurator store everything as v3.2 does."""
    renew_as(market, market.pool, L2PoolV32 if market.pool.KIND == L2PoolV32.KIND else PoolV32)
    renew_as(market, market.configurator, PoolConfiguratorV33)


def migrate(market: Market) -> None:
    """Go by the new rules: rates to the shared strategy, members of categories to bitmaps, no LTV where frozen.

    Source: the payloads of v3.1 and v3.2.
    """
    renew_data_provider(market)
    strategy = deploy(market, "DefaultReserveInterestRateStrategyV2", [market.provider.address])
    pool, configurator, admin = market.pool, market.configurator, market.admin
    for asset in pool.get_reserves_list():
        reserve = pool.reserves[asset]
        if bitmaps.is_frozen(reserve.configuration) and bitmaps.ltv(reserve.configuration) != 0:
            configurator.set_reserve_freeze(asset, False, sender=admin)
            configurator.set_reserve_freeze(asset, True, sender=admin)
        category_id = category_of(reserve.configuration)
        if category_id != 0:
            configurator.set_asset_collateral_in_e_mode(asset, category_id, True, sender=admin)
            configurator.set_asset_borrowable_in_e_mode(asset, category_id, True, sender=admin)
        data = b"".join(value.to_bytes(32, "big") for value in _rates(market, reserve))
        configurator.set_reserve_interest_rate_strategy_address(asset, strategy, data, sender=admin)


def _rates(market: Market, reserve: Reserve) -> RateData:
    """A reserve's own parameters in basis points, cut to the width of the new ones."""
    own: RateStrategyV302 = market.chain.at(reserve.interest_rate_strategy)
    rays = (
        own.optimal_usage_ratio,
        own.base_variable_borrow_rate,
        own.variable_rate_slope1,
        own.variable_rate_slope2,
    )
    optimal, *others = (ray // BPS_TO_RAY for ray in rays)
    return RateData(optimal & 0xFFFF, *(rate & 0xFFFFFFFF for rate in others))
