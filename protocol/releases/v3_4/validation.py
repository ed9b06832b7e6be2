"""Checks of a borrow until v3.4: before the debt exists, with the new amount added to what is owed.

Solidity: `ValidationLogic`, v3.4.
"""

from __future__ import annotations

from functools import partial

from ...address import Address
from ...errors import (
    BorrowCapExceeded,
    CollateralBalanceIsZero,
    CollateralCannotCoverNewBorrow,
    HealthFactorLowerThanLiquidationThreshold,
    InvalidAmount,
    LtvValidationFailed,
    ReserveFrozen,
)
from ...logic import validation as newest
from ...logic.reserve import keeps_virtual_balance, unit_of
from ...logic.terms import Borrower, EarlierFlows, Pool, ReserveCache, Revision
from ...logic.validation import validate_active_unpaused
from ...math.percentage import percent_div
from ...math.uint import MAX_UINT256, add, mul
from ...math.wad_ray import ray_mul
from ...state import bitmaps
from ...state.records import Reserve


def a_token_supply(pool: Pool, reserve: Reserve) -> int:
    """The aToken's total supply in underlying units: without a share no index is asked for, and none can overflow.

    Solidity: `AToken.totalSupply`, v3.4.
    """
    a_token = pool.chain.contracts[reserve.a_token]
    return 0 if a_token is not None and a_token.scaled_supply == 0 else newest.a_token_supply(pool, reserve)


def earlier_flows(revision: Revision) -> EarlierFlows:
    """The decisions that only the flows until v3.4 ask for, of a release that has these flows."""
    assert revision.earlier is not None, f"revision {revision.name} does not decide what the flows until v3.4 ask for"
    return revision.earlier


def borrower_now(pool: Pool, user: Address) -> Borrower:
    """A user as the pool knows it when asked."""
    category_id = pool.users_e_mode[user]
    return Borrower(category_id, partial(pool.revision.account_data, pool, user, category_id))


def validate_borrow(
    pool: Pool,
    reserve: Reserve,
    cache: ReserveCache,
    asset: Address,
    on_behalf_of: Address,
    amount: int,
    interest_rate_mode: int,
    borrower: Borrower,
) -> None:
    """Check a borrow: the reserve first, then the position. Solidity: `validateBorrow`, until v3.4."""
    if amount == 0:
        raise InvalidAmount()
    revision, configuration = pool.revision, cache.configuration
    earlier = earlier_flows(revision)
    validate_active_unpaused(configuration)
    if bitmaps.is_frozen(configuration):
        raise ReserveFrozen()
    revision.check_borrowable(pool, reserve, configuration, borrower.category_id)
    if keeps_virtual_balance(pool, configuration) and a_token_supply(pool, reserve) < amount:
        raise InvalidAmount()
    revision.check_borrow_sentinel(pool)
    earlier.check_rate_mode(interest_rate_mode)
    cap = bitmaps.borrow_cap(configuration)
    if cap != 0:
        old_debt = add(earlier.stable_debt(cache), ray_mul(cache.scaled_debt, cache.next_variable_borrow_index))
        total_debt = add(old_debt, amount)
        if total_debt > cap * unit_of(configuration) & MAX_UINT256:
            raise BorrowCapExceeded()
    earlier.check_isolated_borrow(pool, configuration, on_behalf_of, amount)
    revision.check_borrowable_in_e_mode(pool, reserve, borrower.category_id)
    _validate_cover(pool, asset, configuration, amount, borrower)
    earlier.check_stable_borrow(pool, reserve, cache, asset, on_behalf_of, amount, interest_rate_mode)
    revision.check_siloed_borrowing(pool, asset, configuration, pool.users_config[on_behalf_of])


def _validate_cover(pool: Pool, asset: Address, configuration: int, amount: int, borrower: Borrower) -> None:
    """Check that the position is healthy, and its collateral covers the old debt and the new."""
    account = borrower.account()
    if account.total_collateral == 0:
        raise CollateralBalanceIsZero()
    if account.average_ltv == 0:
        raise LtvValidationFailed()
    if account.health_factor <= pool.revision.health_factor_liquidation_threshold:
        raise HealthFactorLowerThanLiquidationThreshold()
    price = earlier_flows(pool.revision).price_to_borrow(pool, asset, borrower.category_id)
    borrowed = mul(price, amount) // unit_of(configuration)
    if percent_div(add(account.total_debt, borrowed), account.average_ltv) > account.total_collateral:
        raise CollateralCannotCoverNewBorrow()


def own_price(pool: Pool, asset: Address, _category_id: int) -> int:
    """The price of a new debt: the asset's own, whatever the e-mode category. From v3.2 on."""
    price: int = pool.oracle.price_of(asset)
    return price


def no_stable_debt(_cache: ReserveCache) -> int:
    """No debt of a reserve is stable. From v3.2 on."""
    return 0
