"""What revisions of the protocol decide differently: the fields of a revision's record.

A constant is a value field, a formula a function field, an optional step a function field that may do nothing, a
rewritten flow two whole functions, and what decides whether an external function exists is a boolean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .address import Address
from .errors import CustomError, ErrorStyle
from .logic import generic, liquidation, reserve, supply, validation
from .releases.v3_0_2 import e_modes as priced_e_modes
from .releases.v3_2 import liquidation as close_factor
from .releases.v3_4 import lending as half_up
from .releases.v3_4 import liquidation as half_up_liquidation
from .releases.v3_4 import token_rules as half_up_tokens
from .releases.v3_4 import validation as half_up_validation

if TYPE_CHECKING:
    from .logic.terms import AToken, DebtToken, Pool
    from .state.records import EModeCategory, Reserve

Rounding = Callable[[int, int], int]
CollateralRule = Callable[["Pool", "Reserve", int, Address, int], bool]
AutomaticCollateralRule = Callable[["Pool", "Reserve", int, Address, int, Address], bool]


def nothing(*_: object) -> None:
    """A step that a revision does not have."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a revision decides differently from its neighbours."""

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
    modern_test_token: bool
    """Is the release's test token built on OpenZeppelin 5.1 (custom errors) or on its own old copy (strings)?"""

    isolation_mode: bool
    """Are there debt ceilings, siloed assets and `dropReserve`?"""
    isolated_e_modes: bool
    """Can an e-mode category be isolated?"""
    ltv_zero_in_e_modes: bool
    """Can an asset lose its LTV within an e-mode category?"""

    deficits: bool
    """Does bad debt become a deficit that the umbrella covers?"""
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
    position_managers: bool
    """Are there position managers and `multicall`?"""
    self_liquidation: bool
    """May a borrower liquidate itself?"""
    original_token_abi: bool
    """Do the tokens keep treasury and rewards controller in storage and have the functions of their first release?"""
    implementations_are_locked: bool
    """Does the constructor of an implementation break its initializer?"""
    data_provider_binds_pool: bool
    """Does the data provider remember the pool it was deployed for?"""
    recover_signer: Callable[[bytes, int, bytes, bytes], Address]
    """Digest and signature to signer."""
    compounded_interest: Callable[[int, int], int]
    """Rate (ray) and seconds to the growth of a debt (ray)."""
    tokens_take_shares: bool
    """Does the pool tell its tokens shares, or underlying amounts that they convert themselves?"""
    share_bits: int
    """How wide a token stores a user's shares."""
    returns_covered_deficit: bool
    """Does `eliminateReserveDeficit` return what it covered?"""
    receipt_enables_collateral: bool
    """Do aTokens that arrive become collateral where a first supply would?"""
    copies_listings: bool
    """Does the configurator copy a listing for a library, so that first of all it must be well-formed?"""
    renounceable_allowances: bool
    """Can a spender give up an allowance?"""

    user_ltv: Callable[[Reserve, EModeCategory, int], int]
    """What an asset lends to a user of a category (bps)."""
    account_data: Callable[[Pool, Address, int], generic.AccountData]
    """A user's position."""
    may_collateralise: CollateralRule
    """May the user enable the asset as collateral?"""
    may_collateralise_automatically: AutomaticCollateralRule
    """Does a first supply, by the last argument, enable the asset as collateral?"""
    collateral_refused: type[CustomError]
    """The error when it may not be enabled."""

    execute_supply: Callable[[Pool, Address, Address, int, Address, int], None]
    execute_withdraw: Callable[[Pool, Address, Address, int, Address], int]
    execute_borrow: Callable[..., None]
    execute_repay: Callable[..., int]
    execute_liquidation_call: Callable[[Pool, Address, Address, Address, Address, int, bool], None]
    execute_eliminate_deficit: Callable[[Pool, Address, Address, int], int]
    execute_use_reserve_as_collateral: Callable[[Pool, Address, Address, bool], None]
    execute_mint_to_treasury: Callable[[Pool, Sequence[Address]], None]
    execute_finalize_transfer: Callable[[Pool, Address, Address, Address, int, int, int], None]
    transfer_a_tokens: Callable[[AToken, Address, Address, Address, int], None]
    transfer_a_tokens_from: Callable[[AToken, Address, Address, Address, int], None]
    """The flows themselves."""

    validate_set_user_e_mode: Callable[[Pool, Address, int], None]
    """May the user enter the category?"""
    freeze_ltv: Callable[[Any, Address, Reserve, int, bool], int]
    """What freezing and unfreezing do to an asset's LTV."""
    new_ltv_clears_pending: bool
    """Does a new LTV end what is pending?"""
    prepare_e_mode_collateral: Callable[[Any, Address, Reserve, int, bool], None]
    """What must hold, and happen, before an asset joins or leaves a category as collateral."""
    is_collateral: Callable[[Any, Reserve], bool]
    """Does giving an asset a debt ceiling concern its suppliers?"""

    spend_allowance: Callable[[AToken, Address, Address, int, int], None]
    """Owner, spender, the amount asked and the owner's loss."""
    spend_borrow_allowance: Callable[[DebtToken, Address, Address, int, int, int], None]
    """Delegator, delegatee, the amount asked, in shares, and the debt index."""

    a_token_balance: Rounding
    """Shares and liquidity index to underlying."""
    debt_balance: Rounding
    """Scaled debt and debt index to underlying."""
    credit_percent_mul: Rounding
    """Rounding of what a collateral would carry."""
    debt_value: Callable[[int, int, int], int]
    """Amount, price and unit to base currency, in liquidations."""
    needed_debt_percent_div: Rounding
    """Rounding of the debt that all of a collateral pays for."""
    flash_premium_percent_mul: Rounding
    """Rounding of a flash-loan premium."""
    book_flash_premium: Callable[[Pool, Reserve, reserve.ReserveCache, int, int], None]
    """Who gets a premium; the last argument is the treasury's share (bps)."""
    accrue_to_treasury: Callable[[Reserve, reserve.ReserveCache], None]
    """The treasury's share of new interest."""

    check_borrowable: Callable[[Pool, Reserve, int, int], None]
    """May the asset be borrowed by a user of the category? Early in the checks of a borrow."""
    is_liquidatable: Callable[[int], bool]
    """May an enabled collateral of this configuration be seized?"""
    check_borrow_sentinel: Callable[[Pool], None]
    """Does the price-oracle sentinel allow borrowing?"""
    check_liquidation_sentinel: Callable[[Pool, int], None]
    """Does it allow a liquidation at this health factor (wad)?"""
    check_siloed_borrowing: Callable[[Pool, Address, int, int], None]
    """Siloed assets are their borrowers' only debt."""
    increase_isolated_debt: Callable[[Pool, int, Address, int], None]
    """Count a borrow against the ceiling of an isolated collateral."""
    reduce_isolated_debt: Callable[[Pool, int, Address, int], None]
    """Count a repayment."""
    reduce_isolated_debt_in_liquidation: Callable[[Pool, Address, Address, int, int, int], None]
    """Count what a liquidation repays."""

    open_liquidation_caches: Callable[[Pool, liquidation.Liquidation], None]
    """In which order a liquidation reads and updates its two reserves."""
    release_seized_collateral: Callable[[Pool, liquidation.Liquidation], bool]
    """When a liquidation clears the collateral bit, and when no collateral is left."""
    seizure_percent_mul: Rounding
    """Rounding of collateral times bonus."""
    bonus_percent_div: Rounding
    """Rounding of the part of the seized collateral that is no bonus."""
    protocol_fee_percent_mul: Rounding
    """Rounding of the treasury's part of the bonus."""

    update_rates: Callable[[Pool, Reserve, reserve.ReserveCache, Address, int, int], None] = (
        reserve.update_rates_and_virtual_balance
    )
    """Set a reserve's rates for liquidity added and taken."""
    execute_set_user_e_mode: Callable[[Pool, Address, int], None] = supply.execute_set_user_e_mode
    check_borrowable_in_e_mode: Callable[[Pool, Reserve, int], None] = validation.check_borrowable_in_e_mode
    """The same for categories only, late; from v3.6 on `check_borrowable` has said it already."""
    copies_categories: bool = False
    """Does the pool copy an e-mode category to memory, so that it must be well-formed before anyone is refused?"""
    permits_may_fail: bool = True
    """Does a failing permit leave it to the allowance that is there?"""
    flash_loans_may_repeat_assets: bool = False
    """May an asset be in a flash loan twice?"""
    stable_rates: bool = False
    """Has every asset a stable debt token and a strategy that computes stable rates? v3.0.2 only; it then also has the
    contracts of that release."""

    # Asked only by the flows until v3.4; the later ones decide as v3.4 did.

    check_isolated_borrow: Callable[[Pool, int, Address, int], object] = nothing
    """The checks of `increase_isolated_debt`, earlier."""
    has_borrowed: Callable[[Pool, Reserve, reserve.ReserveCache, Address], bool] = half_up.borrow_bit_is_set
    """Has the user's borrow bit been set already?"""
    is_debt_cleared: Callable[[bool, int], bool] = half_up.no_shares_left
    """By shares and amount left: is the borrow bit cleared?"""
    release_repaid_collateral: Callable[[Pool, Reserve, Address, Address], None] = half_up.release_collateral
    """What becomes of a supply that repaying has used up."""
    supplier_of_transfer: Callable[[Address, Address], Address] = half_up.sender_supplies
    """Of sender and aToken, who must have the role that makes an isolated asset collateral on receipt."""
    is_first_receipt: Callable[[liquidation.Liquidation, AToken], bool] = (
        half_up_liquidation.has_no_balance_or_takes_all_of_own
    )
    """Does a liquidator who takes aTokens get collateral?"""
    liquidation_terms: Callable[[Pool, liquidation.Liquidation], int] = close_factor.liquidation_terms
    """The prices of a liquidation, and its bonus (bps). Until v3.2."""
    a_tokens_may_receive: bool = False
    """May an aToken be supplied for, or withdrawn to?"""
    is_empty_transfer: Callable[[Pool, Reserve, int], bool] = half_up_tokens.moves_no_shares
    """Does a transfer of this amount leave positions alone?"""
    check_rate_mode: Callable[[int], None] = validation.check_variable_mode
    """Which interest-rate modes can be asked for."""
    check_stable_borrow: Callable[[int], None] = nothing
    """May the mode be stable?"""
    known_borrower: Callable[[Pool, Address], dict[str, half_up_validation.Borrower]] = (
        priced_e_modes.borrower_after_callback
    )
    """What a flash loan that becomes debt knows of the borrower before its callback."""
    price_to_borrow: Callable[[Pool, Address, int], int] = priced_e_modes.own_price
    """What an asset is valued at when a user of a category borrows it."""
    validate_repay: Callable[[reserve.ReserveCache, Address, Address, int, int, int], None] = validation.validate_repay
    """May this amount of this mode be repaid?"""

    def has(self, features: str) -> bool:
        """Every one of the named features, and none that has `!` in front?"""
        return all(bool(getattr(self, name.lstrip("!"))) is not name.startswith("!") for name in features.split())
