"""The fields that a market of a release has, so that what a file does not say can be asked for.

Only what can change the outcome of a call is asked for. Addresses that are not said are derived from the market's name
when it is deployed, and names of tokens from the symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pooltwin.protocol.revisions import Revision

Has = Callable[[Revision], bool]


def _always(_: Revision) -> bool:
    return True


def _stable(release: Revision) -> bool:
    return release.stable_rates


def _isolation(release: Revision) -> bool:
    return release.isolation_mode


def _pending_ltv(release: Revision) -> bool:
    return release.has_function("PoolConfiguratorInstance", "getPendingLtv(address)")


def _grace(release: Revision) -> bool:
    return release.has_function("PoolInstance", "getLiquidationGracePeriod(address)")


MARKET: dict[str, Has] = {
    "chain_id": _always,
    "base_currency_unit": _always,
    "flash_loan_premium_bps": _always,
    "flash_loan_premium_to_protocol_bps": lambda release: release.flash_premium_is_split,
}
"""Fields of the market itself, and which releases have them."""

SENTINEL: dict[str, Has] = {"sentinel_grace_period": _isolation}
"""Fields of a market that has a price-oracle sentinel."""

RESERVE: dict[str, Has] = {
    **dict.fromkeys(("symbol", "decimals", "price"), _always),
    **dict.fromkeys(
        ("rates.optimal_usage_bps", "rates.base_rate_bps", "rates.slope1_bps", "rates.slope2_bps"), _always
    ),
    **dict.fromkeys(("ltv_bps", "liquidation_threshold_bps", "liquidation_bonus_bps"), _always),
    **dict.fromkeys(("liquidation_protocol_fee_bps", "reserve_factor_bps", "supply_cap", "borrow_cap"), _always),
    **dict.fromkeys(("borrowing_enabled", "flash_loan_enabled", "active", "frozen", "paused"), _always),
    **dict.fromkeys(("debt_ceiling", "siloed_borrowing", "borrowable_in_isolation"), _isolation),
    **dict.fromkeys(("stable_rates.slope1_bps", "stable_rates.slope2_bps", "stable_rates.base_offset_bps"), _stable),
    **dict.fromkeys(("stable_rates.excess_offset_bps", "stable_rates.optimal_share_bps"), _stable),
    "stable_borrowing_enabled": _stable,
    "virtual_accounting": lambda release: release.virtual_balances and release.virtual_balance_optional,
    "pending_ltv_bps": _pending_ltv,
    "grace_period_until": _grace,
}
"""Fields of a reserve."""

E_MODE: dict[str, Has] = {
    **dict.fromkeys(("label", "ltv_bps", "liquidation_threshold_bps", "liquidation_bonus_bps"), _always),
    **dict.fromkeys(("collateral", "borrowable"), _always),
    "ltv_zero": lambda release: release.ltv_zero_in_e_modes,
    "isolated": lambda release: release.isolated_e_modes,
    "price_source": lambda release: release.e_modes_have_prices,
}
"""Fields of an e-mode category."""

ADDRESSES: dict[str, Has] = {
    "stable_debt_token": _stable,
    "stable_debt_token_name": _stable,
    "stable_debt_token_symbol": _stable,
    "rate_strategy": lambda release: release.strategies_per_reserve,
}
"""Addresses and names of a reserve that only some releases have; never asked for."""


ADDRESSES_OF_MARKET: dict[str, Has] = {"sentinel": _isolation, "sequencer_oracle": _isolation}
"""Addresses of the market that only some releases have; never asked for."""

NEVER_ASKED = {
    **dict.fromkeys(("name", "revision", "reserves", "addresses", "state", "key"), "said otherwise"),
    **dict.fromkeys(("l2_pool", "rewards", "libraries", "token_kind", "a_token_votes"), "a kind of contract"),
    **dict.fromkeys(("id", "reserves_count"), "the order of the file, and a note"),
    **dict.fromkeys(("token_name", "a_token_name", "a_token_symbol"), "made of the symbol"),
    **dict.fromkeys(("variable_debt_token_name", "variable_debt_token_symbol"), "made of the symbol"),
    **dict.fromkeys(("underlying", "a_token", "variable_debt_token", "price_feed"), "an address"),
}
"""Fields that are not asked for where a file does not say them, and what stands for them; defaults may give them."""


def is_said(name: str, fields: Iterable[str]) -> bool:
    """Is a field said, in basis points or in ray?"""
    return name in fields or (name.endswith("_bps") and f"{name.removesuffix('_bps')}_ray" in fields)
