"""The revisions of the protocol, each a frozen record of named decisions.

One engine runs them all: the rules ask for a decision, never for a version. A record is built from its neighbour by
naming what is different, so reading `V3_6` tells how it differs from `V3_7`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .address import Address
from .errors import CustomError, ErrorStyle, UserHasAssetWithZeroLtv, UserInIsolationModeOrLtvZero
from .logic import (
    a_token_transfer,
    allowances,
    borrow,
    flash_loan,
    generic,
    half_up,
    half_up_liquidation,
    half_up_tokens,
    isolation,
    liquidation,
    ltv_zero,
    pool,
    reserve,
    supply,
    validation,
)
from .math import percentage, token_math, wad_ray

if TYPE_CHECKING:
    from .logic.interfaces import AToken, DebtToken, Pool
    from .state.records import EModeCategory, Reserve

Rounding = Callable[[int, int], int]
CollateralRule = Callable[["Pool", "Reserve", int, Address, int], bool]
AutomaticCollateralRule = Callable[["Pool", "Reserve", int, Address, int, Address], bool]


def _nothing(*_: object) -> None:
    """A step that this revision does not have."""


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

    tokens_take_shares: bool
    """Does the pool tell its tokens shares, or underlying amounts that they convert themselves?"""
    share_bits: int
    """How wide a token stores a user's shares."""
    returns_covered_deficit: bool
    """Does `eliminateReserveDeficit` return what it covered?"""
    receipt_enables_collateral: bool
    """Do aTokens that arrive become collateral where a first supply would?"""
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
    book_flash_premium: Callable[[Pool, Reserve, reserve.ReserveCache, int], None]
    """Who gets the premium."""
    accrue_to_treasury: Callable[[Reserve, reserve.ReserveCache], None]
    """The treasury's share of new interest."""

    check_borrowable: Callable[[Pool, Reserve, int, int], None]
    """May the asset be borrowed by a user of the category? Early in the checks of a borrow."""
    check_borrowable_in_e_mode: Callable[[Pool, Reserve, int], None]
    """The same for categories only, late."""
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
    reduce_isolated_debt_in_liquidation: Callable[[Pool, Address, int, int, int], None]
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

    # Asked only by the flows until v3.4; the later ones decide as v3.4 did.

    counts_liquidity: Callable[[int], bool] = validation.always_counts_liquidity
    """May a reserve of this configuration lend no more than its aTokens claim?"""
    check_isolated_borrow: Callable[[Pool, int, Address, int], None] = _nothing
    """The checks of `increase_isolated_debt`, earlier."""
    has_borrowed: Callable[[Pool, Reserve, reserve.ReserveCache, Address], bool] = half_up.borrow_bit_is_set
    """Has the user's borrow bit been set already?"""
    is_debt_cleared: Callable[[bool, int], bool] = half_up.no_shares_left
    """By shares and amount left: is the borrow bit cleared?"""
    release_repaid_collateral: Callable[[Pool, Reserve, Address, Address], None] = half_up.release_collateral
    """What becomes of a supply that repaying has used up."""
    supplier_of_transfer: Callable[[Address, Address], Address] = half_up.sender_supplies
    """Of sender and aToken, who must have the role that makes an isolated asset collateral on receipt."""
    is_first_receipt: Callable[[liquidation.Liquidation, AToken], bool] = half_up_liquidation.has_no_shares
    """Does a liquidator who takes aTokens get collateral?"""


V3_7 = Revision(
    name="3.7",
    pool_revision=11,
    configurator_revision=8,
    token_revision=5,
    error_style=ErrorStyle.CUSTOM,
    modern_test_token=True,
    isolation_mode=False,
    isolated_e_modes=True,
    ltv_zero_in_e_modes=True,
    tokens_take_shares=True,
    share_bits=120,
    returns_covered_deficit=True,
    receipt_enables_collateral=False,
    renounceable_allowances=True,
    user_ltv=generic.user_ltv_with_isolated_categories,
    account_data=generic.account_data,
    may_collateralise=supply.may_collateralise,
    may_collateralise_automatically=supply.may_collateralise_automatically,
    collateral_refused=UserHasAssetWithZeroLtv,
    validate_set_user_e_mode=validation.validate_set_user_e_mode,
    freeze_ltv=ltv_zero.freeze_ltv,
    new_ltv_clears_pending=True,
    prepare_e_mode_collateral=ltv_zero.prepare_e_mode_collateral,
    is_collateral=ltv_zero.is_collateral_somewhere,
    spend_allowance=allowances.spend_allowance,
    spend_borrow_allowance=allowances.spend_borrow_allowance,
    execute_supply=supply.execute_supply,
    execute_withdraw=supply.execute_withdraw,
    execute_borrow=borrow.execute_borrow,
    execute_repay=borrow.execute_repay,
    execute_liquidation_call=liquidation.execute_liquidation_call,
    execute_eliminate_deficit=liquidation.execute_eliminate_deficit,
    execute_mint_to_treasury=pool.execute_mint_to_treasury,
    execute_finalize_transfer=supply.execute_finalize_transfer,
    transfer_a_tokens=a_token_transfer.transfer,
    transfer_a_tokens_from=a_token_transfer.transfer_from,
    a_token_balance=token_math.a_token_balance,
    debt_balance=token_math.debt_balance,
    credit_percent_mul=percentage.percent_mul_floor,
    debt_value=wad_ray.mul_div_ceil,
    needed_debt_percent_div=percentage.percent_div_ceil,
    flash_premium_percent_mul=percentage.percent_mul_ceil,
    book_flash_premium=flash_loan.book_premium,
    accrue_to_treasury=reserve.accrue_to_treasury,
    check_borrowable=validation.check_borrowable,
    check_borrowable_in_e_mode=_nothing,
    is_liquidatable=validation.always_liquidatable,
    check_borrow_sentinel=_nothing,
    check_liquidation_sentinel=_nothing,
    check_siloed_borrowing=_nothing,
    increase_isolated_debt=_nothing,
    reduce_isolated_debt=_nothing,
    reduce_isolated_debt_in_liquidation=_nothing,
    open_liquidation_caches=liquidation.open_caches_in_turn,
    release_seized_collateral=liquidation.release_by_shares,
    seizure_percent_mul=percentage.percent_mul_floor,
    bonus_percent_div=percentage.percent_div_floor,
    protocol_fee_percent_mul=percentage.percent_mul_ceil,
)

V3_6 = replace(
    V3_7,
    name="3.6",
    pool_revision=10,
    configurator_revision=7,
    modern_test_token=False,
    isolation_mode=True,
    isolated_e_modes=False,
    user_ltv=generic.user_ltv,
    may_collateralise=isolation.may_collateralise_isolated,
    may_collateralise_automatically=isolation.may_collateralise_isolated_automatically,
    collateral_refused=UserInIsolationModeOrLtvZero,
    check_borrow_sentinel=isolation.check_borrow_sentinel,
    check_liquidation_sentinel=isolation.check_liquidation_sentinel,
    check_siloed_borrowing=isolation.check_siloed_borrowing,
    increase_isolated_debt=isolation.increase_isolated_debt,
    reduce_isolated_debt=isolation.reduce_isolated_debt,
    reduce_isolated_debt_in_liquidation=isolation.reduce_isolated_debt_in_liquidation,
    open_liquidation_caches=liquidation.open_caches_together,
    release_seized_collateral=liquidation.release_by_amount,
    seizure_percent_mul=percentage.percent_mul,
    bonus_percent_div=percentage.percent_div,
    protocol_fee_percent_mul=percentage.percent_mul,
)

V3_5 = replace(
    V3_6,
    name="3.5",
    pool_revision=9,
    configurator_revision=6,
    token_revision=4,
    ltv_zero_in_e_modes=False,
    receipt_enables_collateral=True,
    renounceable_allowances=False,
    user_ltv=generic.base_ltv,
    account_data=generic.account_data_by_base_threshold,
    may_collateralise_automatically=isolation.may_collateralise_isolated_by_role,
    validate_set_user_e_mode=validation.validate_set_user_e_mode_for_debt,
    freeze_ltv=ltv_zero.swap_pending_ltv,
    new_ltv_clears_pending=False,
    prepare_e_mode_collateral=_nothing,
    is_collateral=ltv_zero.has_own_threshold,
    spend_allowance=allowances.spend_allowance_aloud,
    spend_borrow_allowance=allowances.spend_borrow_allowance_aloud,
    check_borrowable=validation.check_borrowing_enabled,
    check_borrowable_in_e_mode=validation.check_borrowable_in_e_mode,
    is_liquidatable=validation.has_threshold,
)

V3_4 = replace(
    V3_5,
    name="3.4",
    pool_revision=8,
    token_revision=3,
    tokens_take_shares=False,
    returns_covered_deficit=False,
    account_data=half_up.account_data,
    accrue_to_treasury=half_up.accrue_to_treasury,
    execute_supply=half_up.execute_supply,
    execute_withdraw=half_up.execute_withdraw,
    execute_borrow=half_up.execute_borrow,
    execute_repay=half_up.execute_repay,
    execute_liquidation_call=half_up_liquidation.execute_liquidation_call,
    execute_eliminate_deficit=half_up_liquidation.execute_eliminate_deficit,
    execute_mint_to_treasury=half_up.execute_mint_to_treasury,
    execute_finalize_transfer=half_up.execute_finalize_transfer,
    transfer_a_tokens=half_up_tokens.transfer,
    transfer_a_tokens_from=half_up_tokens.transfer_from,
    a_token_balance=wad_ray.ray_mul,
    debt_balance=wad_ray.ray_mul,
    credit_percent_mul=percentage.percent_mul,
    debt_value=liquidation.floor_value,
    needed_debt_percent_div=percentage.percent_div,
    flash_premium_percent_mul=percentage.percent_mul,
    book_flash_premium=flash_loan.book_premium_half_up,
)

REVISIONS = {revision.name: revision for revision in (V3_4, V3_5, V3_6, V3_7)}


def revision_named(name: str) -> Revision:
    """Raises ValueError, naming the revisions there are, for any other."""
    if name not in REVISIONS:
        raise ValueError(f"revision {name!r} is not known; known are {', '.join(REVISIONS)}")
    return REVISIONS[name]
