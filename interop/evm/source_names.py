"""Names that the sources give the variables which the twin calls otherwise."""

from __future__ import annotations

from collections.abc import Mapping

SOURCE_NAMES: Mapping[str, tuple[str, ...]] = {
    "accrued": ("_assets",),
    "allowances": ("allowance",),
    "answer": ("_latestAnswer",),
    "asset_decimals": ("_assets",),
    "assets_count": ("_assetsList",),
    "available_rewards": ("_assets",),
    "available_rewards_count": ("_assets",),
    "average_stable_rate": ("_avgStableRate",),
    "balances": ("balanceOf",),
    "bridge_protocol_fee": ("__DEPRECATED_bridgeProtocolFee",),
    "changed_at": (
        "_timestampChangedStatus",
        "_timestampGotUp",
    ),
    "claimers": ("_authorizedClaimers",),
    "delegated_proposition": ("_delegatedState",),
    "delegated_voting": ("_delegatedState",),
    "delegation_modes": ("_userState",),
    "distribution_ends": ("_assets",),
    "domain": (
        "DOMAIN_SEPARATOR",
        "_domainSeparator",
    ),
    "e_modes": ("_eModeCategories",),
    "emissions_per_second": ("_assets",),
    "eth_usd_price": ("ethPriceUsd",),
    "fallback": ("_fallbackOracle",),
    "flash_loan_premium": ("_flashLoanPremiumTotal",),
    "flash_loan_premium_to_protocol": ("__DEPRECATED_flashLoanPremiumToProtocol",),
    "last_updates": ("_assets",),
    "left_rewards_controller": ("__deprecated_incentivesController",),
    "left_treasury": ("_deprecated_treasury",),
    "max_stable_rate_borrow_size_percent": ("__DEPRECATED_maxStableRateBorrowSizePercent",),
    "members": ("_roles",),
    "models": ("_interestRateData",),
    "nonces_used": ("_nonces",),
    "owner_address": ("_owner",),
    "position_managers": ("_positionManager",),
    "previous_indexes": ("_userState",),
    "proposition_delegatees": ("_propositionDelegatee",),
    "provider": ("_addressesProvider",),
    "proxy_admins": ("_proxyToAdmin",),
    "reward_enabled": ("_isRewardEnabled",),
    "reward_indexes": ("_assets",),
    "reward_oracles": ("_rewardOracle",),
    "rewards_controller": ("_incentivesController",),
    "rewards_count": ("_rewardsList",),
    "role_admins": ("_roles",),
    "scaled_balances": ("_userState",),
    "scaled_supply": ("_totalSupply",),
    "sources": ("assetsSources",),
    "stata_tokens_by_asset": ("_underlyingToStataToken",),
    "stata_tokens_count": ("_stataTokens",),
    "supply": ("_totalSupply",),
    "token_decimals": ("_decimals",),
    "token_name": ("_name",),
    "token_symbol": ("_symbol",),
    "transfer_strategies": ("_transferStrategy",),
    "underlying": ("_underlyingAsset",),
    "user_indexes": ("_assets",),
    "users_e_mode": ("_usersEModeCategory",),
    "voting_delegatees": ("_votingDelegatee",),
}
"""By the twin's name, of a struct's member that of its mapping: the sources' names, of all contracts and releases."""


def alike(label: str) -> str:
    """A name without what languages spell differently: `_usersConfig` and `users_config` are alike."""
    return label.replace("_", "").lower()


def called(name: str) -> frozenset[str]:
    """The names that the sources may have for a variable of the twin's, in the form of `alike`."""
    return frozenset(alike(label) for label in (name, *SOURCE_NAMES.get(name, ())))
