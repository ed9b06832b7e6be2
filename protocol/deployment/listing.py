"""The listing of the reserves: their tokens, feeds, strategies and parameters, as the configurator takes them."""

from __future__ import annotations

from typing import Any

from ..address import Address, created_address
from ..contracts.erc20 import WETH9
from ..contracts.tokens import CODE_OF_TOKENS
from ..machine.abi import encode_values
from ..models import RateParameters, ReserveConfig, StableRateParameters
from . import planting
from .site import Site

_NO_STABLE_RATES = StableRateParameters()


def list_reserve(site: Site, reserve: ReserveConfig) -> None:
    """Put token and feed there, list the asset, and set its parameters."""
    where = reserve.underlying or site.derived(reserve.handle)
    asset = _underlying(site, reserve, where)
    feed = reserve.price_feed or site.derived(f"{reserve.handle} feed")
    site.shared("MockAggregator", feed, [reserve.price])
    site.oracle.set_asset_sources([asset], [feed], sender=site.admin)
    _choose_addresses(site, reserve)
    _init_reserve(site, reserve, asset)
    site.assets[reserve.handle] = asset
    planting.plant_decimals(site, asset, reserve.decimals)
    planting.plant_rates(site, asset, reserve.rates)
    _set_risk_parameters(site, asset, reserve)


def _underlying(site: Site, reserve: ReserveConfig, where: Address) -> Address:
    """The token: one with fewer decimals than listings take gets them once it is listed."""
    kind = CODE_OF_TOKENS[reserve.token_kind]
    if kind == WETH9.KIND:
        return site.construct(kind, where, [])
    decimals = max(reserve.decimals, site.release.min_decimals)
    name = reserve.token_name or reserve.symbol
    return site.construct(kind, where, [name, reserve.symbol, decimals, site.admin])


def _choose_addresses(site: Site, reserve: ReserveConfig) -> None:
    """Have the configurator create the tokens where they are wanted, by the numbers that are free."""
    stable = (reserve.stable_debt_token,) if site.release.stable_rates else ()
    chain, creator = site.chain, site.configurator
    nonce = chain.nonces[creator] or 1
    for wanted in (reserve.a_token, *stable, reserve.variable_debt_token):
        if wanted is not None:
            chain.preset_address(creator, nonce, wanted)
        else:
            while chain.contracts[created_address(creator, nonce)] is not None:
                nonce += 1
        nonce += 1


def _init_reserve(site: Site, reserve: ReserveConfig, asset: Address) -> None:
    """The listing itself; until v3.3 it names the reserve's own strategy, treasury and rewards controller."""
    release, configurator = site.release, site.governed
    names = _names(reserve)
    a_token = site.voting_a_token_code() if reserve.a_token_votes else site.a_token_code
    debt_token = site.debt_token_code
    owners = (site.treasury, site.rewards_controller)
    data = rate_data(planting.listed(reserve.rates))
    if release.stable_rates:
        code = (a_token, site.stable_debt_token_code, debt_token)
        settings = (reserve.decimals, _own_strategy(site, reserve), asset, *owners)
        listing: tuple[Any, ...] = (*code, *settings, *names, *_stable_names(reserve), b"")
    elif release.strategies_per_reserve:
        tracked = reserve.virtual_accounting is not False
        strategy = _strategy(site, reserve)
        listing = (a_token, debt_token, tracked, strategy, asset, *owners, *names, b"", data)
    else:
        listing = (a_token, debt_token, asset, *names, b"", data)
    many = configurator.init_reserves_with_strategies if release.strategies_per_reserve else configurator.init_reserves
    many([listing], sender=site.admin)


def _names(reserve: ReserveConfig) -> tuple[str, str, str, str]:
    """Name and symbol of the aToken and of the variable debt token."""
    symbol = reserve.symbol
    return (
        reserve.a_token_name or f"Aave {symbol}",
        reserve.a_token_symbol or f"a{symbol}",
        reserve.variable_debt_token_name or f"Aave Variable Debt {symbol}",
        reserve.variable_debt_token_symbol or f"variableDebt{symbol}",
    )


def _stable_names(reserve: ReserveConfig) -> tuple[str, str]:
    """Name and symbol of the stable debt token. Until v3.0.2."""
    symbol = reserve.symbol
    return (
        reserve.stable_debt_token_name or f"Aave Stable Debt {symbol}",
        reserve.stable_debt_token_symbol or f"stableDebt{symbol}",
    )


def rate_data(rates: RateParameters) -> bytes:
    """Encode rate parameters as listings name them. From v3.2 on."""
    return encode_values(
        ("uint16", "uint32", "uint32", "uint32"),
        (rates.optimal_usage_bps, rates.base_rate_bps, rates.slope1_bps, rates.slope2_bps),
    )


def _strategy(site: Site, reserve: ReserveConfig) -> Address:
    """The strategy that a reserve names, or else the market's. In v3.2 and v3.3."""
    if reserve.rate_strategy is None:
        return site.strategy
    kind = "DefaultReserveInterestRateStrategyV2"
    return site.shared(kind, reserve.rate_strategy, [site.provider_address])


def _own_strategy(site: Site, reserve: ReserveConfig) -> Address:
    """A reserve's own rate strategy, in ray; of a fixed rate, the one that GHO had. Until v3.0.2."""
    where = reserve.rate_strategy or site.derived(f"{reserve.handle} rates")
    rates, stable = reserve.rates, reserve.stable_rates or _NO_STABLE_RATES
    figures = [rates.in_ray(name) for name in ("optimal_usage", "base_rate", "slope1", "slope2")]
    figures += [stable.in_ray(name) for name in ("slope1", "slope2", "base_offset", "excess_offset", "optimal_share")]
    if not any((*figures[:1], *figures[2:])):
        return site.shared("GhoInterestRateStrategy", where, [site.provider_address, figures[1]])
    return site.shared("DefaultReserveInterestRateStrategy", where, [site.provider_address, *figures])


def _set_risk_parameters(site: Site, asset: Address, reserve: ReserveConfig) -> None:
    configurator, admin = site.governed, site.admin
    configurator.set_reserve_factor(asset, reserve.reserve_factor_bps, sender=admin)
    configurator.set_liquidation_protocol_fee(asset, reserve.liquidation_protocol_fee_bps, sender=admin)
    configurator.set_supply_cap(asset, reserve.supply_cap, sender=admin)
    configurator.set_borrow_cap(asset, reserve.borrow_cap, sender=admin)
    configurator.set_reserve_borrowing(asset, reserve.borrowing_enabled, sender=admin)
    if reserve.stable_borrowing_enabled:
        planting.enable_stable_borrowing(site, asset, reserve)
    configurator.set_reserve_flash_loaning(asset, reserve.flash_loan_enabled, sender=admin)
    if reserve.liquidation_threshold_bps:
        limits = (reserve.ltv_bps, reserve.liquidation_threshold_bps, reserve.liquidation_bonus_bps)
        configurator.configure_reserve_as_collateral(asset, *limits, sender=admin)
    if reserve.debt_ceiling:
        configurator.set_debt_ceiling(asset, reserve.debt_ceiling, sender=admin)
    if reserve.siloed_borrowing:
        configurator.set_siloed_borrowing(asset, True, sender=admin)
    if reserve.borrowable_in_isolation:
        configurator.set_borrowable_in_isolation(asset, True, sender=admin)
