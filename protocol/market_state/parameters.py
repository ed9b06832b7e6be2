"""Reading the parameters of a running market: the fields of a `MarketConfig`, asked of the contracts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..address import ZERO_ADDRESS, Address
from ..chain import Chain
from ..contracts.a_token_with_delegation import ATokenWithDelegation
from ..contracts.addresses_provider import (
    ACL_MANAGER,
    DATA_PROVIDER,
    POOL,
    POOL_CONFIGURATOR,
    PRICE_ORACLE,
    PRICE_ORACLE_SENTINEL,
    UMBRELLA,
)
from ..contracts.erc20 import WETH9
from ..contracts.l2_pool import L2Pool
from ..contracts.periphery.rewards.controller import RewardsController
from ..contracts.rate_strategy import RateStrategy
from ..contracts.tokens import CODE_OF_TOKENS
from ..models import RAY_PER_BPS
from ..state import bitmaps
from .homes import Home

Fields = dict[str, Any]
VARIABLE_RATES = {
    "optimal_usage": "optimal_usage_ratio",
    "base_rate": "base_variable_borrow_rate",
    "slope1": "variable_rate_slope1",
    "slope2": "variable_rate_slope2",
}
TOKEN_OF_CODE = {code: token for token, code in CODE_OF_TOKENS.items()}
STABLE_RATES = {
    "slope1": "stable_rate_slope1",
    "slope2": "stable_rate_slope2",
    "base_offset": "base_stable_rate_offset",
    "excess_offset": "stable_rate_excess_offset",
    "optimal_share": "optimal_stable_to_total_debt_ratio",
}
"""Figures of configurations, by the names that rate strategies have for them."""


class Parameters:
    """The reading of one market's parameters."""

    def __init__(self, chain: Chain, provider: Address, homes: Mapping[str, Home]) -> None:
        self.chain, self.homes, self.release = chain, homes, chain.revision
        self.provider = provider
        self.registry: Any = chain.at(provider)
        self.pool: Any = chain.at(self.registry.addresses[POOL])
        self.oracle: Any = chain.at(self.registry.addresses[PRICE_ORACLE])
        self.configurator: Any = chain.at(self.registry.addresses[POOL_CONFIGURATOR])
        self.summaries: Any = chain.contracts[self.registry.addresses[DATA_PROVIDER]]
        self.rewards = chain.contracts[next(iter(homes.values())).a_token.rewards_controller]
        self.strategy = None if self.release.stable_rates else self._common_strategy()

    def read(self) -> Fields:
        """Read the fields of a `MarketConfig`, without state."""
        split = self.release.flash_premium_is_split
        return {
            "name": self.registry.market_id,
            "revision": self.release.release,
            "chain_id": self.chain.chain_id,
            "flash_loan_premium_bps": self.pool.flash_loan_premium,
            "flash_loan_premium_to_protocol_bps": self.pool.flash_loan_premium_to_protocol if split else None,
            "base_currency_unit": self.oracle.base_currency_unit,
            "reserves_count": self.pool.reserves_count,
            "l2_pool": isinstance(self.pool, L2Pool),
            "rewards": isinstance(self.rewards, RewardsController),
            "libraries": dict(self.chain.libraries),
            **self._sentinel(),
            "addresses": self._addresses(),
            "reserves": [self._reserve(home) for home in self.homes.values()],
            "e_modes": [self._category(number) for number in sorted(self.pool.e_modes.written())],
        }

    def _common_strategy(self) -> Address:
        """The rate strategy of the market: one that no reserve has, where each has its own, or the one most have."""
        used = Counter(self.pool.strategy_of(home.record) for home in self.homes.values())
        unused = sorted(
            where
            for where, contract in self.chain.contracts.items()
            if isinstance(contract, RateStrategy) and contract.provider == self.provider and where not in used
        )
        return unused[0] if unused else used.most_common(1)[0][0]

    def _addresses(self) -> Fields:
        registered = self.registry.addresses
        first = next(iter(self.homes.values())).a_token
        found = {
            "provider": self.provider,
            "pool": registered[POOL],
            "configurator": registered[POOL_CONFIGURATOR],
            "acl_manager": registered[ACL_MANAGER],
            "oracle": registered[PRICE_ORACLE],
            "rate_strategy": self.strategy,
            "data_provider": registered[DATA_PROVIDER],
            "treasury": first.treasury,
            "admin": self.registry.owner_address,
            "umbrella": registered[UMBRELLA],
            "rewards_controller": first.rewards_controller,
        }
        sentinel = self.chain.contracts[registered[PRICE_ORACLE_SENTINEL]]
        if isinstance(self.rewards, RewardsController):
            found["emission_manager"] = self.rewards.emission_manager
        if sentinel is not None:
            found |= {"sentinel": sentinel.address, "sequencer_oracle": sentinel.sequencer_oracle}
        return {name: where for name, where in found.items() if where != ZERO_ADDRESS}

    def _sentinel(self) -> Fields:
        sentinel = self.chain.contracts[self.registry.addresses[PRICE_ORACLE_SENTINEL]]
        return {} if sentinel is None else {"sentinel_grace_period": sentinel.grace_period}

    # --- reserves -----------------------------------------------------------------------------------------------------

    def _reserve(self, home: Home) -> Fields:
        word, feed = home.record.configuration, self.chain.at(self.oracle.sources[home.asset])
        symbol = home.token.symbol()
        return {
            "symbol": symbol,
            "key": None if home.key == symbol else home.key,
            "id": home.id,
            "decimals": home.token.decimals(),
            "price": max(0, feed.latest_answer()),
            "price_feed": feed.address,
            **_from_word(word),
            **self._what_the_release_has(home, word),
            **self._rates(home),
            **self._tokens(home),
        }

    def _what_the_release_has(self, home: Home, word: int) -> Fields:
        release, record = self.release, home.record
        fields: Fields = {}
        if release.isolation_mode:
            fields |= {
                "debt_ceiling": bitmaps.debt_ceiling(word),
                "siloed_borrowing": bitmaps.is_siloed(word),
                "borrowable_in_isolation": bitmaps.is_borrowable_in_isolation(word),
            }
        if release.pending_ltv:
            pending = self.configurator.pending_ltv[home.asset]
            fields["pending_ltv_bps"] = pending if pending or bitmaps.is_frozen(word) else None
        if release.grace_periods:
            fields["grace_period_until"] = record.liquidation_grace_period_until
        if release.virtual_balances and release.virtual_balance_optional:
            fields["virtual_accounting"] = bitmaps.is_virtual_accounting_active(word)
        if release.stable_rates:
            *_, stable_borrowing, _, _ = self.summaries.get_reserve_configuration_data(home.asset)
            fields["stable_borrowing_enabled"] = stable_borrowing
        return fields

    def _rates(self, home: Home) -> Fields:
        where = self.pool.strategy_of(home.record)
        strategy: Any = self.chain.at(where)
        if self.release.stable_rates:
            stable = {name: getattr(strategy, there) for name, there in STABLE_RATES.items()}
            rates = {name: getattr(strategy, there) for name, there in VARIABLE_RATES.items()}
            return {"rates": _in_both_units(rates), "stable_rates": _in_both_units(stable), "rate_strategy": where}
        bps = strategy.models[home.asset].bps
        rates = {f"{name}_bps": getattr(bps, there) for name, there in VARIABLE_RATES.items()}
        return {"rates": rates, "rate_strategy": None if where == self.strategy else where}

    def _tokens(self, home: Home) -> Fields:
        wrapped = isinstance(home.token, WETH9)
        fields = {
            "token_kind": TOKEN_OF_CODE[home.token.KIND],
            "a_token_votes": isinstance(home.a_token, ATokenWithDelegation),
            "token_name": None if wrapped else home.token.name(),
            "underlying": home.asset,
        }
        for name, token in (
            ("a_token", home.a_token),
            ("variable_debt_token", home.debt_token),
            ("stable_debt_token", home.stable_debt_token),
        ):
            if token is not None:
                fields |= {name: token.address, f"{name}_name": token.name(), f"{name}_symbol": token.symbol()}
        return fields

    # --- e-mode -------------------------------------------------------------------------------------------------------

    def _category(self, number: int) -> Fields:
        category = self.pool.e_modes[number]
        fields = {
            "id": number,
            "label": category.label,
            "ltv_bps": category.ltv,
            "liquidation_threshold_bps": category.liquidation_threshold,
            "liquidation_bonus_bps": category.liquidation_bonus,
        }
        if self.release.e_modes_have_prices:
            return fields | self._members_by_their_own_word(number, category.price_source)
        return fields | {
            "isolated": bool(category.isolated),
            "collateral": self._in_bitmap(category.collateral_bitmap),
            "borrowable": self._in_bitmap(category.borrowable_bitmap),
            "ltv_zero": self._in_bitmap(category.ltvzero_bitmap),
        }

    def _in_bitmap(self, bitmap: int) -> tuple[str, ...]:
        return tuple(key for key, home in self.homes.items() if bitmaps.is_in_bitmap(bitmap, home.id))

    def _members_by_their_own_word(self, number: int, price_source: Address) -> Fields:
        """The members of a category whose assets say themselves where they belong. Until v3.0.2."""
        words = {key: home.record.configuration for key, home in self.homes.items()}
        category_of = self.summaries.get_reserve_e_mode_category
        members = tuple(key for key, home in self.homes.items() if category_of(home.asset) == number)
        source = next((key for key, home in self.homes.items() if home.asset == price_source), None)
        return {
            "borrowable": members,
            "collateral": tuple(key for key in members if bitmaps.liquidation_threshold(words[key])),
            "price_source": source,
        }


def _from_word(word: int) -> Fields:
    """What every release packs into a reserve's configuration."""
    return {
        "ltv_bps": bitmaps.ltv(word),
        "liquidation_threshold_bps": bitmaps.liquidation_threshold(word),
        "liquidation_bonus_bps": bitmaps.liquidation_bonus(word),
        "liquidation_protocol_fee_bps": bitmaps.liquidation_protocol_fee(word),
        "reserve_factor_bps": bitmaps.reserve_factor(word),
        "supply_cap": bitmaps.supply_cap(word),
        "borrow_cap": bitmaps.borrow_cap(word),
        "borrowing_enabled": bitmaps.is_borrowing_enabled(word),
        "flash_loan_enabled": bitmaps.is_flash_loan_enabled(word),
        "active": bitmaps.is_active(word),
        "frozen": bitmaps.is_frozen(word),
        "paused": bitmaps.is_paused(word),
    }


def _in_both_units(rates: Fields) -> Fields:
    """Figures in ray as basis points, and as they are where basis points cannot say them."""
    fields: Fields = {}
    for name, value in rates.items():
        fields[f"{name}_bps"] = value // RAY_PER_BPS
        if value % RAY_PER_BPS:
            fields[f"{name}_ray"] = value
    return fields
