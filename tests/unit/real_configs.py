"""Markets as real ones are: drawn with every field that a release has, and read back from the contracts' views."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pooltwin.protocol.address import ZERO_ADDRESS, named_address
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig, ReserveConfig, quiet_about_units
from pooltwin.protocol.revisions import Revision, revision_named

RAY = 10**27
BPS = RAY // 10_000
FEEDS = [named_address(f"feed {number}") for number in range(2)]
STRATEGY = named_address("a shared strategy")
HOUR = 3_600

# --- drawing ----------------------------------------------------------------------------------------------------------


def _rates(draw: st.DrawFn, release: Revision) -> dict[str, Any]:
    optimal = draw(st.sampled_from((0, 1, 100, 8_000, 9_900, 10_000)))
    slope1 = draw(st.sampled_from((0, 400)))
    rates = {"optimal_usage_bps": optimal, "slope1_bps": slope1, "slope2_bps": slope1 + draw(st.integers(0, 30_000))}
    if release.stable_rates and draw(st.booleans()):
        return {**rates, "base_rate_ray": str(draw(st.integers(0, 10**26)))}
    return {**rates, "base_rate_bps": draw(st.integers(0, 500))}


def _collateral(draw: st.DrawFn, release: Revision) -> dict[str, Any]:
    threshold = draw(st.sampled_from((0, 5_000, 8_300)))
    fields: dict[str, Any] = {"liquidation_threshold_bps": threshold}
    if threshold:
        fields["ltv_bps"] = draw(st.sampled_from((0, 1, threshold)))
        fields["liquidation_bonus_bps"] = draw(st.sampled_from((10_001, 10_500)))
    fields["frozen"] = draw(st.booleans())
    if release.pending_ltv and draw(st.booleans()):
        fields["pending_ltv_bps"] = draw(st.sampled_from((0, 7_777)))
    if release.grace_periods:
        fields["grace_period_until"] = draw(st.sampled_from((0, 2 * 10**9)))
    return fields


def _of_release(draw: st.DrawFn, release: Revision, number: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if release.isolation_mode:
        fields["debt_ceiling"] = draw(st.sampled_from((0, 5_000_000_00)))
        fields["siloed_borrowing"] = draw(st.booleans())
        fields["borrowable_in_isolation"] = draw(st.booleans())
    if release.virtual_balances and release.virtual_balance_optional:
        fields["virtual_accounting"] = draw(st.sampled_from((None, True, False)))
    if release.strategies_per_reserve and not release.stable_rates:
        fields["rate_strategy"] = draw(st.sampled_from((None, STRATEGY, named_address(f"strategy {number}"))))
    if release.stable_rates:
        fields["stable_rates"] = draw(st.sampled_from((None, {"slope1_bps": 50, "base_offset_ray": BPS + 1})))
        fields["stable_borrowing_enabled"] = draw(st.booleans())
        fields["stable_debt_token_name"] = draw(st.sampled_from((None, f"Aave Test Stable Debt {number}")))
    return fields


@st.composite
def _reserve(draw: st.DrawFn, release: Revision, number: int, price: int) -> dict[str, Any]:
    """A reserve whose symbol is another's too, now and then; its price is that of its feed."""
    return {
        "symbol": draw(st.sampled_from(("USDC", f"T{number}"))),
        "key": f"key {number}",
        "decimals": draw(st.one_of(st.integers(0, 36), st.sampled_from((2, 6, 18)))),
        "price": str(price),
        "price_feed": FEEDS[price % 2],
        "rates": _rates(draw, release),
        "reserve_factor_bps": draw(st.integers(0, 10_000)),
        "liquidation_protocol_fee_bps": draw(st.integers(0, 10_000)),
        "supply_cap": draw(st.integers(0, 2**36 - 1)),
        "borrow_cap": draw(st.integers(0, 2**36 - 1)),
        **{name: draw(st.booleans()) for name in ("borrowing_enabled", "flash_loan_enabled", "active", "paused")},
        "token_name": draw(st.sampled_from((None, "USD Coin"))),
        "a_token_name": draw(st.sampled_from((None, f"Aave Ethereum {number}"))),
        "a_token_symbol": draw(st.sampled_from((None, f"aEth{number}"))),
        "variable_debt_token_name": draw(st.sampled_from((None, f"Aave Ethereum Variable Debt {number}"))),
        "a_token": draw(st.sampled_from((None, named_address(f"aToken {number}")))),
        "variable_debt_token": draw(st.sampled_from((None, named_address(f"debt token {number}")))),
        **_collateral(draw, release),
        **_of_release(draw, release, number),
    }


def _category(draw: st.DrawFn, release: Revision, reserves: list[dict[str, Any]]) -> dict[str, Any]:
    keys = [reserve["key"] for reserve in reserves]
    some = st.lists(st.sampled_from(keys), unique=True)
    fields: dict[str, Any] = {"id": draw(st.integers(1, 255)), "label": "one", "liquidation_bonus_bps": 10_100}
    fields.update(ltv_bps=draw(st.integers(1, 9_000)), liquidation_threshold_bps=draw(st.integers(9_000, 9_500)))
    if release.e_modes_have_prices:
        members = draw(some)
        collateral = [each["key"] for each in reserves if each["liquidation_threshold_bps"] and each["key"] in members]
        return {**fields, "borrowable": members, "collateral": collateral, "price_source": draw(st.sampled_from(keys))}
    fields.update(collateral=draw(some), borrowable=draw(some))
    if release.ltv_zero_in_e_modes:
        fields["ltv_zero"] = fields["collateral"][:1]
    if release.isolated_e_modes:
        fields["isolated"] = draw(st.booleans())
    return fields


@st.composite
def real_configs(draw: st.DrawFn, revision: str) -> MarketConfig:
    """A market with gaps, shared feeds and strategies, odd decimals, and whatever else real ones have."""
    release = revision_named(revision)
    ids = draw(st.lists(st.integers(0, 9), unique=True, min_size=1, max_size=4))
    prices = [10**8 + draw(st.integers(0, 1)) for _ in ids]
    reserves = [draw(_reserve(release, number, price)) for number, price in enumerate(prices)]
    if draw(st.booleans()):
        reserves = [{**reserve, "id": number} for reserve, number in zip(reserves, ids, strict=True)]
    whole: dict[str, Any] = {
        "name": "drawn",
        "revision": revision,
        "chain_id": draw(st.sampled_from((1, 137))),
        "flash_loan_premium_bps": draw(st.integers(0, 100)),
        "base_currency_unit": draw(st.sampled_from((10**8, 10**18))),
        "reserves": reserves,
        "e_modes": [_category(draw, release, reserves)] if draw(st.booleans()) else [],
        "reserves_count": draw(st.sampled_from((None, 12))),
        "addresses": {"treasury": named_address("treasury of one's own"), "umbrella": named_address("umbrella")},
    }
    if draw(st.booleans()):
        whole["addresses"]["rewards_controller"] = named_address("rewards")
    if release.flash_premium_is_split:
        whole["flash_loan_premium_to_protocol_bps"] = draw(st.sampled_from((None, 0, 10_000, 3_000)))
    if release.isolation_mode and draw(st.booleans()):
        whole["sentinel_grace_period"] = HOUR
        whole["addresses"]["sentinel"] = named_address("sentinel")
    with quiet_about_units():
        return MarketConfig.model_validate(whole)


# --- reading back -----------------------------------------------------------------------------------------------------


def said(config: MarketConfig, reserve: ReserveConfig, release: Revision) -> dict[str, Any]:
    """What a configuration says of a reserve, in the terms of the views."""
    ltv, pending = reserve.ltv_bps, reserve.pending_ltv_bps
    if release.pending_ltv and pending is None:  # as freezing does it
        ltv, pending = (0, ltv) if reserve.frozen else (ltv, 0)
    rates = reserve.rates
    symbol = reserve.symbol
    return {
        "id": config.ids[config.reserves.index(reserve)],
        "token": (reserve.token_name or symbol, symbol, reserve.decimals),
        "a_token": (reserve.a_token_name or f"Aave {symbol}", reserve.a_token_symbol or f"a{symbol}", reserve.decimals),
        "debt_token": (reserve.variable_debt_token_name or f"Aave Variable Debt {symbol}", reserve.decimals),
        "configuration": (
            *(reserve.decimals, ltv, reserve.liquidation_threshold_bps, reserve.liquidation_bonus_bps),
            *(reserve.reserve_factor_bps, reserve.liquidation_threshold_bps > 0, reserve.borrowing_enabled),
            *(reserve.stable_borrowing_enabled, reserve.active, reserve.frozen),
        ),
        "caps": (reserve.borrow_cap, reserve.supply_cap),
        "paused": reserve.paused,
        "flash_loans": reserve.flash_loan_enabled,
        "fee": reserve.liquidation_protocol_fee_bps,
        "price": reserve.price,
        "feed": reserve.price_feed,
        "rates": tuple(rates.in_ray(name) for name in ("optimal_usage", "base_rate", "slope1", "slope2")),
        "treasury": config.addresses.treasury,
        "rewards": config.addresses.rewards_controller or ZERO_ADDRESS,
        **({"pending": pending} if release.pending_ltv else {}),
        **({"grace": reserve.grace_period_until} if release.grace_periods else {}),
        **({"isolation": _isolation(reserve)} if release.isolation_mode else {}),
        **({"virtual": reserve.virtual_accounting is not False} if release.virtual_balances else {}),
    }


def _isolation(reserve: ReserveConfig) -> tuple[int, bool, bool]:
    return reserve.debt_ceiling, reserve.siloed_borrowing, reserve.borrowable_in_isolation


def shown(market: Market, key: str, release: Revision) -> dict[str, Any]:
    """What the contracts' views say of a reserve."""
    asset = market.asset(key)
    data: Any = market.data_provider
    pool, token, a_token, debt = market.pool, market.erc20(key), market.a_token(key), market.debt_token(key)
    word = pool.get_configuration(asset)
    word = word if isinstance(word, int) else word[0]
    found = {
        "id": pool.reserves[asset].id,
        "token": (token.name(), token.symbol(), token.decimals()),
        "a_token": (a_token.name(), a_token.symbol(), a_token.decimals()),
        "debt_token": (debt.name(), debt.decimals()),
        "configuration": data.get_reserve_configuration_data(asset),
        "caps": data.get_reserve_caps(asset),
        "paused": data.get_paused(asset),
        "flash_loans": bool(word >> 63 & 1),
        "fee": data.get_liquidation_protocol_fee(asset),
        "price": market.oracle.get_asset_price(asset),
        "feed": market.oracle.get_source_of_asset(asset),
        "rates": _rates_shown(market, key),
        "treasury": a_token.reserve_treasury_address(),
        "rewards": a_token.get_incentives_controller(),
    }
    if release.pending_ltv:
        found["pending"] = market.configurator.get_pending_ltv(asset)
    if release.grace_periods:
        found["grace"] = pool.get_liquidation_grace_period(asset)
    if release.isolation_mode:
        silo, isolated = data.get_siloed_borrowing(asset), bool(word >> 61 & 1)
        found["isolation"] = (data.get_debt_ceiling(asset), silo, isolated)
    if release.virtual_balances:
        found["virtual"] = bool(word >> 252 & 1)
    return found


def _rates_shown(market: Market, key: str) -> tuple[int, ...]:
    strategy = market.rate_strategy_of(key)
    if market.chain.revision.stable_rates:
        slopes = strategy.get_variable_rate_slope1(), strategy.get_variable_rate_slope2()
        return strategy.optimal_usage(), strategy.get_base_variable_borrow_rate(), *slopes
    return tuple(strategy.get_interest_rate_data(market.asset(key)))
