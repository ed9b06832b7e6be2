"""The checks before and after an operation, in the order the contracts make them. Solidity: `ValidationLogic`."""

from __future__ import annotations

from collections.abc import Sequence

from ..address import Address
from ..errors import (
    BorrowCapExceeded,
    BorrowingNotEnabled,
    CollateralCannotBeLiquidated,
    CollateralCannotCoverNewBorrow,
    EmptyRevert,
    FlashloanDisabled,
    HealthFactorLowerThanLiquidationThreshold,
    HealthFactorNotBelowThreshold,
    InconsistentEModeCategory,
    InconsistentFlashloanParams,
    InvalidAmount,
    InvalidCollateralInEmode,
    InvalidDebtInEmode,
    InvalidInterestRateModeSelected,
    LiquidationGraceSentinelCheckFailed,
    LtvValidationFailed,
    NoDebtOfSelectedType,
    NoExplicitAmountToRepayOnBehalf,
    NotBorrowableInEMode,
    NotEnoughAvailableUserBalance,
    ReserveFrozen,
    ReserveInactive,
    ReservePaused,
    SelfLiquidation,
    SpecifiedCurrencyNotBorrowedByUser,
    SupplyCapExceeded,
    SupplyToAToken,
)
from ..math.percentage import percent_div_ceil
from ..math.token_math import a_token_balance, debt_balance
from ..math.uint import MAX_UINT256, add, mul
from ..state import bitmaps
from ..state.records import Reserve
from .reserve import keeps_virtual_balance, normalized_income, unit_of, unit_of_checked
from .terms import AccountData, Pool, ReserveCache

VARIABLE_RATE_MODE = 2


def validate_active_unpaused(configuration: int) -> None:
    """Refuse an inactive or a paused reserve. Raises ReserveInactive, then ReservePaused."""
    if not bitmaps.is_active(configuration):
        raise ReserveInactive()
    if bitmaps.is_paused(configuration):
        raise ReservePaused()


def a_token_supply(pool: Pool, reserve: Reserve) -> int:
    """The aToken's total supply in underlying units, projected to now. Solidity: `AToken.totalSupply`."""
    a_token = pool.chain.contracts[reserve.a_token]
    if a_token is None:
        raise EmptyRevert("the asset is not listed")
    scaled: int = a_token.scaled_supply
    return pool.revision.a_token_balance(scaled, normalized_income(reserve, pool.chain.time))


def validate_supply(cache: ReserveCache, reserve: Reserve, scaled_amount: int, on_behalf_of: Address) -> None:
    """Check a supply. Raises InvalidAmount, the reserve's states, SupplyToAToken, SupplyCapExceeded.

    Solidity: `validateSupply`.
    """
    if scaled_amount == 0:
        raise InvalidAmount()
    configuration = cache.configuration
    validate_active_unpaused(configuration)
    if bitmaps.is_frozen(configuration):
        raise ReserveFrozen()
    if on_behalf_of == reserve.a_token:
        raise SupplyToAToken()
    cap = bitmaps.supply_cap(configuration)
    if cap != 0:
        scaled_supply = add(add(cache.a_token.scaled_supply, scaled_amount), reserve.accrued_to_treasury)
        supply = a_token_balance(scaled_supply, cache.next_liquidity_index)
        if supply > mul(cap, unit_of_checked(configuration)):
            raise SupplyCapExceeded()


def validate_withdraw(cache: ReserveCache, scaled_amount: int, scaled_balance: int) -> None:
    """Check a withdrawal. Raises InvalidAmount, NotEnoughAvailableUserBalance, the reserve's states.

    Solidity: `validateWithdraw`.
    """
    if scaled_amount == 0:
        raise InvalidAmount()
    if scaled_amount > scaled_balance:
        raise NotEnoughAvailableUserBalance()
    validate_active_unpaused(cache.configuration)


def validate_borrow(
    pool: Pool,
    reserve: Reserve,
    cache: ReserveCache,
    asset: Address,
    on_behalf_of: Address,
    scaled_amount: int,
    interest_rate_mode: int,
    category_id: int,
) -> None:
    """Check a borrow, in all that can be known before the debt exists. Solidity: `validateBorrow`, from v3.5 on."""
    if scaled_amount == 0:
        raise InvalidAmount()
    amount = debt_balance(scaled_amount, cache.next_variable_borrow_index)
    configuration = cache.configuration
    validate_active_unpaused(configuration)
    if bitmaps.is_frozen(configuration):
        raise ReserveFrozen()
    pool.revision.check_borrowable(pool, reserve, configuration, category_id)
    if pool.revision.a_token_supply(pool, reserve) < amount:
        raise InvalidAmount()
    pool.revision.check_borrow_sentinel(pool)
    check_variable_mode(interest_rate_mode)
    cap = bitmaps.borrow_cap(configuration)
    if cap != 0:
        total_debt = debt_balance(add(cache.scaled_debt, scaled_amount), cache.next_variable_borrow_index)
        if total_debt > cap * unit_of(configuration) & MAX_UINT256:
            raise BorrowCapExceeded()
    pool.revision.check_borrowable_in_e_mode(pool, reserve, category_id)
    pool.revision.check_siloed_borrowing(pool, asset, configuration, pool.users_config[on_behalf_of])


def check_variable_mode(interest_rate_mode: int) -> None:
    """Refuse other modes than the variable. Raises InvalidInterestRateModeSelected."""
    if interest_rate_mode != VARIABLE_RATE_MODE:
        raise InvalidInterestRateModeSelected()


def check_borrowable(pool: Pool, reserve: Reserve, configuration: int, category_id: int) -> None:
    """Let a category's bitmap decide what its users borrow, and the reserve's own flag outside. From v3.6 on."""
    if category_id != 0:
        check_borrowable_in_e_mode(pool, reserve, category_id)
    elif not bitmaps.is_borrowing_enabled(configuration):
        raise BorrowingNotEnabled()


def check_borrowable_in_e_mode(pool: Pool, reserve: Reserve, category_id: int) -> None:
    """Refuse a user of a category what is not in its bitmap. Raises NotBorrowableInEMode."""
    if category_id != 0 and not bitmaps.is_in_bitmap(pool.e_modes[category_id].borrowable_bitmap, reserve.id):
        raise NotBorrowableInEMode()


def validate_repay(
    cache: ReserveCache,
    user: Address,
    on_behalf_of: Address,
    amount: int,
    interest_rate_mode: int,
    debt: int,
) -> None:
    """Check a repayment; `debt` may be in shares or in underlying units. Solidity: `validateRepay`."""
    if amount == 0:
        raise InvalidAmount()
    if interest_rate_mode != VARIABLE_RATE_MODE:
        raise InvalidInterestRateModeSelected()
    if amount == MAX_UINT256 and user != on_behalf_of:
        raise NoExplicitAmountToRepayOnBehalf()
    validate_active_unpaused(cache.configuration)
    if debt == 0:
        raise NoDebtOfSelectedType()


def validate_flash_loan(pool: Pool, assets: Sequence[Address], amounts: Sequence[int]) -> None:
    """Check a flash loan. Raises InconsistentFlashloanParams for unequal lengths or a repeated asset.

    Solidity: `validateFlashloan`.
    """
    if len(assets) != len(amounts):
        raise InconsistentFlashloanParams()
    for index, asset in enumerate(assets):
        if asset in assets[index + 1 :] and not pool.revision.flash_loans_may_repeat_assets:
            raise InconsistentFlashloanParams()
        validate_flash_loan_simple(pool, pool.reserves[asset], amounts[index])


def validate_flash_loan_simple(pool: Pool, reserve: Reserve, amount: int) -> None:
    """Check one asset of a flash loan; a frozen reserve still lends. Solidity: `validateFlashloanSimple`."""
    configuration = reserve.configuration
    if bitmaps.is_paused(configuration):
        raise ReservePaused()
    if not bitmaps.is_active(configuration):
        raise ReserveInactive()
    if not bitmaps.is_flash_loan_enabled(configuration):
        raise FlashloanDisabled()
    if keeps_virtual_balance(pool, configuration) and pool.revision.a_token_supply(pool, reserve) < amount:
        raise InvalidAmount()


def validate_liquidation(
    pool: Pool,
    collateral_reserve: Reserve,
    debt_reserve: Reserve,
    debt_cache: ReserveCache,
    borrower: Address,
    liquidator: Address,
    total_debt: int,
    health_factor: int,
) -> None:
    """Check a liquidation; `total_debt` is what is owed of this reserve. Solidity: `validateLiquidationCall`."""
    if borrower == liquidator and not pool.revision.self_liquidation:
        raise SelfLiquidation()
    collateral, debt = collateral_reserve.configuration, debt_cache.configuration
    if not (bitmaps.is_active(collateral) and bitmaps.is_active(debt)):
        raise ReserveInactive()
    if bitmaps.is_paused(collateral) or bitmaps.is_paused(debt):
        raise ReservePaused()
    pool.revision.check_liquidation_sentinel(pool, health_factor)
    grace_until = max(collateral_reserve.liquidation_grace_period_until, debt_reserve.liquidation_grace_period_until)
    if grace_until >= pool.chain.time:
        raise LiquidationGraceSentinelCheckFailed()
    if health_factor >= pool.revision.health_factor_liquidation_threshold:
        raise HealthFactorNotBelowThreshold()
    if not (
        bitmaps.is_using_as_collateral(pool.users_config[borrower], collateral_reserve.id)
        and pool.revision.is_liquidatable(collateral)
    ):
        raise CollateralCannotBeLiquidated()
    if total_debt == 0:
        raise SpecifiedCurrencyNotBorrowedByUser()


def always_liquidatable(_configuration: int) -> bool:
    """Let all be seized that is flagged as collateral. From v3.6 on."""
    return True


def validate_health_factor(pool: Pool, user: Address, category_id: int) -> AccountData:
    """Refuse a position that could be liquidated. Raises HealthFactorLowerThanLiquidationThreshold.

    Solidity: `validateHealthFactor`.
    """
    revision = pool.revision
    account = revision.account_data(pool, user, category_id)
    if account.health_factor < revision.health_factor_liquidation_threshold:
        raise HealthFactorLowerThanLiquidationThreshold()
    return account


def validate_health_factor_and_ltv(pool: Pool, user: Address, category_id: int) -> None:
    """Check a position after a borrow: healthy, and covered at the average LTV. Solidity: `validateHFAndLtv`."""
    revision = pool.revision
    account = revision.account_data(pool, user, category_id)
    if account.average_ltv == 0:
        raise LtvValidationFailed()
    if account.health_factor < revision.health_factor_liquidation_threshold:
        raise HealthFactorLowerThanLiquidationThreshold()
    if account.total_collateral < percent_div_ceil(account.total_debt, account.average_ltv):
        raise CollateralCannotCoverNewBorrow()


def validate_health_factor_and_ltv_zero(pool: Pool, asset: Address, user: Address, category_id: int) -> None:
    """Check a position that collateral leaves: healthy, and what lends nothing must leave first.

    Solidity: `validateHFAndLtvzero`.
    """
    account = validate_health_factor(pool, user, category_id)
    if account.has_zero_ltv_collateral:
        category = pool.e_modes[category_id]
        if pool.revision.user_ltv(pool.reserves[asset], category, category_id) != 0:
            raise LtvValidationFailed()


def validate_set_user_e_mode(pool: Pool, user: Address, category_id: int) -> None:
    """Check that in the new category every debt may be borrowed and every collateral lends.

    Solidity: `validateSetUserEMode`, from v3.6 on.
    """
    category = pool.e_modes[category_id]
    if category_id != 0 and category.liquidation_threshold == 0:
        raise InconsistentEModeCategory()
    flags, reserve_id = pool.users_config[user], 0
    while flags:
        asset = pool.reserves_list[reserve_id]
        if flags & 1:
            borrowable = (
                bitmaps.is_in_bitmap(category.borrowable_bitmap, reserve_id)
                if category_id != 0
                else bitmaps.is_borrowing_enabled(pool.reserves[asset].configuration)
            )
            if not borrowable:
                raise InvalidDebtInEmode(asset, category_id)
        if flags & 2 and pool.revision.user_ltv(pool.reserves[asset], category, category_id) == 0:
            raise InvalidCollateralInEmode(asset, category_id)
        flags >>= 2
        reserve_id += 1
