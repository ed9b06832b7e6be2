"""Borrowing at either rate, repaying, changing the rate, and rebalancing debts that cost too little.

Solidity: `BorrowLogic`, v3.0.2.
"""

from __future__ import annotations

from ...address import Address
from ...errors import (
    InterestRateRebalanceConditionsNotMet,
    InvalidAmount,
    InvalidInterestRateModeSelected,
    NoDebtOfSelectedType,
    NoExplicitAmountToRepayOnBehalf,
    NoOutstandingStableDebt,
    NoOutstandingVariableDebt,
    ReserveFrozen,
)
from ...events import Borrow, Repay
from ...logic.borrow import set_borrowing
from ...logic.erc20 import safe_transfer_from
from ...logic.reserve import normalized_debt, open_reserve, update_rates
from ...logic.terms import Borrower, Liquidation, Pool, ReserveCache
from ...logic.validation import VARIABLE_RATE_MODE, validate_active_unpaused
from ...math.percentage import percent_mul
from ...math.uint import MAX_UINT256, add, sub
from ...math.wad_ray import ray_mul
from ...state import bitmaps
from ...state.records import Reserve
from ..v3_4.lending import variable_debt_of
from ..v3_4.token_rules import burn_a_tokens, burn_debt, mint_debt
from ..v3_4.validation import borrower_now, earlier_flows, validate_borrow
from .events import RebalanceStableBorrowRate, SwapBorrowRateMode
from .stable_rates import STABLE_RATE_MODE, RateInputs, StableDebt, check_stable_rate, debts_of, stored

REBALANCE_UP_LIQUIDITY_RATE_THRESHOLD = 9_000


def execute_borrow(
    pool: Pool,
    user: Address,
    asset: Address,
    amount: int,
    interest_rate_mode: int,
    referral_code: int,
    on_behalf_of: Address,
    *,
    release_underlying: bool = True,
    borrower: Borrower | None = None,
) -> None:
    """Give `user` `amount` of underlying against debt of `on_behalf_of`, at the rate of the mode.

    Solidity: `executeBorrow`, v3.0.2.
    """
    borrower = borrower or borrower_now(pool, on_behalf_of)
    reserve, cache = open_reserve(pool, asset)
    validate_borrow(pool, reserve, cache, asset, on_behalf_of, amount, interest_rate_mode, borrower)
    stable_rate = stored(reserve).current_stable_borrow_rate
    if interest_rate_mode == STABLE_RATE_MODE:
        had_debt = not _mint_stable(cache, user, on_behalf_of, amount, stable_rate)
    else:
        had_debt = earlier_flows(pool.revision).has_borrowed(pool, reserve, cache, on_behalf_of)
        _mint_variable(cache, user, on_behalf_of, amount)
    if not had_debt:
        set_borrowing(pool, reserve, on_behalf_of, True)
    pool.revision.increase_isolated_debt(pool, cache.configuration, on_behalf_of, amount)
    update_rates(pool, reserve, cache, asset, taken=amount if release_underlying else 0)
    if release_underlying:
        cache.a_token.pool_transfer_underlying_to(user, amount)
    rate = stable_rate if interest_rate_mode == STABLE_RATE_MODE else reserve.current_variable_borrow_rate
    pool.emit(Borrow(asset, user, on_behalf_of, amount, interest_rate_mode, rate, referral_code))


def execute_repay(
    pool: Pool,
    user: Address,
    asset: Address,
    amount: int,
    interest_rate_mode: int,
    on_behalf_of: Address,
    *,
    use_a_tokens: bool = False,
) -> int:
    """Repay debt of a mode of `on_behalf_of` with underlying or with aTokens of `user`. Returns the amount.

    Solidity: `executeRepay`, v3.0.2.
    """
    earlier = earlier_flows(pool.revision)
    reserve, cache = open_reserve(pool, asset)
    stable, variable = debts_of(cache, on_behalf_of)
    debt = stable if interest_rate_mode == STABLE_RATE_MODE else variable
    _validate_repay(cache, user, on_behalf_of, amount, interest_rate_mode, debt)
    if use_a_tokens and amount == MAX_UINT256:
        amount = ray_mul(cache.a_token.scaled_balances[user], cache.next_liquidity_index)
    amount = min(amount, debt)
    nothing_left = False
    if interest_rate_mode == STABLE_RATE_MODE:
        _burn_stable(cache, on_behalf_of, amount)
    else:
        nothing_left = _burn_variable(cache, on_behalf_of, amount)
    update_rates(pool, reserve, cache, asset, added=0 if use_a_tokens else amount)
    if earlier.is_debt_cleared(nothing_left, sub(add(stable, variable), amount)):
        set_borrowing(pool, reserve, on_behalf_of, False)
    pool.revision.reduce_isolated_debt(pool, cache.configuration, on_behalf_of, amount)
    if use_a_tokens:
        burn_a_tokens(cache.a_token, user, reserve.a_token, amount, cache.next_liquidity_index)
        if cache.a_token.scaled_balances[user] == 0:
            earlier.release_repaid_collateral(pool, reserve, asset, user)
    else:
        safe_transfer_from(pool, asset, user, reserve.a_token, amount)
    pool.emit(Repay(asset, on_behalf_of, user, amount, use_a_tokens))
    return amount


def _validate_repay(
    cache: ReserveCache, user: Address, on_behalf_of: Address, amount: int, interest_rate_mode: int, debt: int
) -> None:
    """Check a repayment: there must be debt of the mode. Solidity: `validateRepay`, v3.0.2."""
    if amount == 0:
        raise InvalidAmount()
    if amount == MAX_UINT256 and user != on_behalf_of:
        raise NoExplicitAmountToRepayOnBehalf()
    validate_active_unpaused(cache.configuration)
    if debt == 0 or interest_rate_mode not in (STABLE_RATE_MODE, VARIABLE_RATE_MODE):
        raise NoDebtOfSelectedType()


def execute_swap_borrow_rate_mode(pool: Pool, user: Address, asset: Address, mode: int) -> None:
    """Turn the whole debt of a mode into debt of the other mode. Solidity: `executeSwapBorrowRateMode`."""
    reserve, cache = open_reserve(pool, asset)
    stable, variable = debts_of(cache, user)
    _validate_swap(pool, reserve, cache, user, mode, stable, variable)
    if mode == STABLE_RATE_MODE:
        _burn_stable(cache, user, stable)
        _mint_variable(cache, user, user, stable)
    else:
        _burn_variable(cache, user, variable)
        _mint_stable(cache, user, user, variable, stored(reserve).current_stable_borrow_rate)
    update_rates(pool, reserve, cache, asset)
    pool.emit(SwapBorrowRateMode(asset, user, mode))


def swap_to_variable(pool: Pool, debtor: Address, asset: Address) -> None:
    """Turn somebody's whole stable debt into variable debt. Solidity: `swapToVariable`, v3.1, for the upgrade."""
    reserve, cache = open_reserve(pool, asset)
    validate_active_unpaused(cache.configuration)
    stable, _ = debts_of(cache, debtor)
    _burn_stable(cache, debtor, stable)
    _mint_variable(cache, debtor, debtor, stable)
    update_rates(pool, reserve, cache, asset)
    pool.emit(SwapBorrowRateMode(asset, debtor, STABLE_RATE_MODE))


def _validate_swap(
    pool: Pool, reserve: Reserve, cache: ReserveCache, user: Address, mode: int, stable: int, variable: int
) -> None:
    """Check a change of the mode. Solidity: `validateSwapRateMode`."""
    validate_active_unpaused(cache.configuration)
    if bitmaps.is_frozen(cache.configuration):
        raise ReserveFrozen()
    if mode == STABLE_RATE_MODE:
        if stable == 0:
            raise NoOutstandingStableDebt()
        return
    if mode != VARIABLE_RATE_MODE:
        raise InvalidInterestRateModeSelected()
    if variable == 0:
        raise NoOutstandingVariableDebt()
    check_stable_rate(pool, reserve, cache, user, add(stable, variable))


def execute_rebalance(pool: Pool, asset: Address, user: Address) -> None:
    """Let a stable debt cost the present rate, where lenders earn too little because of all stable debt.

    Fails, dividing by nothing, for somebody without stable debt. Solidity: `executeRebalanceStableBorrowRate`.
    """
    reserve, cache = open_reserve(pool, asset)
    _validate_rebalance(pool, reserve, cache, asset)
    token = cache.stable.token
    debt = token.balance_of(user)
    _burn_stable(cache, user, debt)
    _mint_stable(cache, user, user, debt, stored(reserve).current_stable_borrow_rate)
    update_rates(pool, reserve, cache, asset)
    pool.emit(RebalanceStableBorrowRate(asset, user))


def _validate_rebalance(pool: Pool, reserve: Reserve, cache: ReserveCache, asset: Address) -> None:
    """Compare what lenders earn with what they would, were all debt variable.

    Solidity: `validateRebalanceStableBorrowRate`.
    """
    validate_active_unpaused(cache.configuration)
    variable = ray_mul(cache.debt_token.scaled_supply, normalized_debt(pool, reserve))
    total = add(cache.stable.token.total_supply(), variable)
    inputs = RateInputs(reserve.unbacked, 0, 0, 0, total, 0, cache.reserve_factor, asset, cache.a_token.address)
    liquidity_rate, _, _ = pool.chain.answering(reserve.interest_rate_strategy).rates(inputs)
    if cache.liquidity_rate > percent_mul(liquidity_rate, REBALANCE_UP_LIQUIDITY_RATE_THRESHOLD):
        raise InterestRateRebalanceConditionsNotMet()


def burn_liquidated_debt(run: Liquidation) -> None:
    """Burn the debt that a liquidation repays, the variable debt first. Solidity: `_burnDebtTokens`, v3.0.2."""
    cache, repaid = run.debt_cache, run.debt_to_liquidate
    variable = variable_debt_of(cache, run.borrower)
    if variable >= repaid:
        _burn_variable(cache, run.borrower, repaid)
        return
    if variable != 0:
        _burn_variable(cache, run.borrower, variable)
    _burn_stable(cache, run.borrower, repaid - variable)


def _mint_stable(cache: ReserveCache, user: Address, on_behalf_of: Address, amount: int, rate: int) -> bool:
    """Add stable debt, and take note of what there is then. Returns whether the debtor had none."""
    stable: StableDebt = cache.stable
    is_first, stable.next_total, stable.next_average_rate = stable.token.pool_mint_stable(
        user, on_behalf_of, amount, rate
    )
    return is_first


def _burn_stable(cache: ReserveCache, user: Address, amount: int) -> None:
    stable: StableDebt = cache.stable
    stable.next_total, stable.next_average_rate = stable.token.pool_burn_stable(user, amount)


def _mint_variable(cache: ReserveCache, user: Address, on_behalf_of: Address, amount: int) -> None:
    index = cache.next_variable_borrow_index
    cache.next_scaled_debt = mint_debt(cache.debt_token, user, on_behalf_of, amount, index)


def _burn_variable(cache: ReserveCache, user: Address, amount: int) -> bool:
    """Take variable debt away. Returns whether none is left."""
    index = cache.next_variable_borrow_index
    nothing_left, cache.next_scaled_debt = burn_debt(cache.debt_token, user, amount, index)
    return nothing_left
