"""What a release decides by a number, a rounding or a yes or no: decisions that need to know no pool.

`terms.Revision` adds the decisions that do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..address import Address
from ..errors import CustomError, ErrorStyle
from ..state.records import EModeCategory, Reserve

Rounding = Callable[[int, int], int]


def nothing(*_: object) -> None:
    """A step that a release does not have."""


@dataclass(frozen=True, slots=True)
class PlainDecisions:
    """Names and numbers, what exists, and arithmetic."""

    # --- names and numbers ----------------------------------------------------------------------------------------

    name: str
    """The release, for instance "3.7"."""
    pool_revision: int
    """`POOL_REVISION` in the contract."""
    configurator_revision: int
    """`CONFIGURATOR_REVISION` in the contract."""
    token_revision: int
    """`ATOKEN_REVISION` and `DEBT_TOKEN_REVISION` in the contracts."""
    error_style: ErrorStyle
    """Custom errors or string codes."""
    collateral_refused: type[CustomError]
    """The error when an asset may not be enabled as collateral."""
    share_bits: int
    """How wide a token stores a user's shares."""

    # --- limits ---------------------------------------------------------------------------------------------------

    health_factor_liquidation_threshold: int
    """Below this health factor (wad) a position can be liquidated, and nothing may leave one (1e18 for 1)."""
    close_factor: int
    """The part (bps) of a borrower's debt that one liquidation may repay, where there is a limit at all."""
    close_factor_health_factor_threshold: int
    """The health factor (wad) above which the close factor limits; at or below it all of a debt may be repaid."""
    min_base_for_close_factor: int
    """The close factor limits where both sides of a liquidation are worth this (base currency, 8 decimals). From v3.3
    on."""
    min_leftover_base: int
    """What a liquidation must at least leave of debt and of collateral (base currency, 8 decimals), unless it clears
    one of them. From v3.3 on."""
    min_decimals: int
    """How many decimals an asset must have to be listed. From v3.1 on."""

    # --- what exists ----------------------------------------------------------------------------------------------

    modern_test_token: bool
    """Is the release's test token built on OpenZeppelin 5.1 (custom errors) or on its own old copy (strings)?"""
    isolation_mode: bool
    """Are there debt ceilings, siloed assets and `dropReserve`?"""
    isolated_e_modes: bool
    """Can an e-mode category be isolated?"""
    ltv_zero_in_e_modes: bool
    """Can an asset lose its LTV within an e-mode category?"""
    new_ltv_clears_pending: bool
    """Does a new LTV end what is pending?"""
    deficits: bool
    """Does bad debt become a deficit that the umbrella covers?"""
    returns_covered_deficit: bool
    """Does `eliminateReserveDeficit` return what it covered?"""
    whole_reserve_view: bool
    """Does the pool show a reserve as stored, instead of its tokens one by one?"""
    shows_mock_stable_debt: bool
    """Is a mock from the registry shown as stable debt token? From v3.2.1 on."""
    strategies_per_reserve: bool
    """Has each reserve a rate strategy of its own, or the pool one for all?"""
    virtual_balance_optional: bool
    """May a reserve be listed whose liquidity the pool does not track?"""
    unbacked_bridge: bool
    """May a bridge mint aTokens ahead of their underlying?"""
    flash_premium_is_split: bool
    """Is the share of the flash-loan premium that goes to the treasury a setting?"""
    flash_loans_may_repeat_assets: bool
    """May an asset be in a flash loan twice?"""
    position_managers: bool
    """Are there position managers and `multicall`?"""
    self_liquidation: bool
    """May a borrower liquidate itself?"""
    receipt_enables_collateral: bool
    """Does an aToken tell the pool what the recipient of a transfer had, so that a first receipt becomes collateral?"""
    tokens_take_shares: bool
    """Does the pool tell its tokens shares, or underlying amounts that they convert themselves?"""
    original_token_abi: bool
    """Do the tokens keep treasury and rewards controller in storage and have the functions of their first release?"""
    renounceable_allowances: bool
    """Can a spender give up an allowance?"""
    permits_may_fail: bool
    """Does a failing permit leave it to the allowance that is there?"""
    implementations_are_locked: bool
    """Does the constructor of an implementation break its initializer?"""
    data_provider_binds_pool: bool
    """Does the data provider remember the pool it was deployed for?"""
    copies_listings: bool
    """Does the configurator copy a listing for a library, so that first of all it must be well-formed?"""
    copies_categories: bool
    """Does the pool copy an e-mode category to memory, so that it must be well-formed before anyone is refused?"""
    stable_rates: bool
    """Has every asset a stable debt token and a strategy that computes stable rates? v3.0.2 only; it then also has the
    contracts of that release."""

    # --- arithmetic and rounding ----------------------------------------------------------------------------------

    recover_signer: Callable[[bytes, int, bytes, bytes], Address]
    """Digest and signature to signer."""
    compounded_interest: Callable[[int, int], int]
    """Rate (ray) and seconds to the growth of a debt (ray)."""
    user_ltv: Callable[[Reserve, EModeCategory, int], int]
    """What an asset lends to a user of a category (bps)."""
    is_liquidatable: Callable[[int], bool]
    """May an enabled collateral of this configuration be seized?"""
    a_token_balance: Rounding
    """Shares and liquidity index (ray) to underlying."""
    debt_balance: Rounding
    """Scaled debt and debt index (ray) to underlying."""
    credit_percent_mul: Rounding
    """Rounding of what a collateral would carry."""
    debt_value: Callable[[int, int, int], int]
    """Amount, price and unit to base currency, in liquidations."""
    needed_debt_percent_div: Rounding
    """Rounding of the debt that all of a collateral pays for."""
    seizure_percent_mul: Rounding
    """Rounding of collateral times bonus."""
    bonus_percent_div: Rounding
    """Rounding of the part of the seized collateral that is no bonus."""
    protocol_fee_percent_mul: Rounding
    """Rounding of the treasury's part of the bonus."""
    flash_premium_percent_mul: Rounding
    """Rounding of a flash-loan premium."""

    def has(self, features: str) -> bool:
        """Every one of the named features, and none that has `!` in front?"""
        return all(bool(getattr(self, name.lstrip("!"))) is not name.startswith("!") for name in features.split())
