"""Stable-rate borrowing in a market where it is enabled for no asset: its rate, and its refusals.

The twin does not lend at stable rates, so every stable debt is zero. The rate is computed and reported all the same.
Solidity: v3.0.2.
"""

from __future__ import annotations

from typing import NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...errors import (
    EmptyRevert,
    InterestRateRebalanceConditionsNotMet,
    InvalidAmount,
    InvalidInterestRateModeSelected,
    NoDebtOfSelectedType,
    NoExplicitAmountToRepayOnBehalf,
    NoOutstandingStableDebt,
    NoOutstandingVariableDebt,
    ReserveFrozen,
    StableBorrowingNotEnabled,
)
from ...events import ReserveDataUpdated
from ...logic.reserve import normalized_debt, open_reserve
from ...logic.terms import Pool, ReserveCache
from ...logic.validation import VARIABLE_RATE_MODE, validate_active_unpaused
from ...math.percentage import percent_mul
from ...math.uint import MAX_UINT256, to_uint128
from ...math.wad_ray import ray_mul
from ...state import bitmaps
from ...state.records import Reserve
from ...state.storage import Journal

STABLE_RATE_MODE = 1
REBALANCE_UP_LIQUIDITY_RATE_THRESHOLD = 9_000


class ReserveWithStableDebt(Reserve):
    """A reserve that could lend at stable rates too. Solidity: `DataTypes.ReserveData`, v3.0.2."""

    FIELDS = (*Reserve.FIELDS, "stable_debt_token", "current_stable_borrow_rate")
    ADDRESSES = (*Reserve.ADDRESSES, "stable_debt_token")
    __slots__ = ("current_stable_borrow_rate", "stable_debt_token")

    stable_debt_token: Address
    current_stable_borrow_rate: int
    """What a stable debt would cost (ray)."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self.initialise(stable_debt_token=ZERO_ADDRESS, current_stable_borrow_rate=0)


class RateInputs(NamedTuple):
    """The inputs of a rate strategy. Solidity: `DataTypes.CalculateInterestRatesParams`, v3.0.2."""

    unbacked: int
    liquidity_added: int
    liquidity_taken: int
    total_stable_debt: int
    total_variable_debt: int
    average_stable_borrow_rate: int
    reserve_factor: int
    reserve: Address
    a_token: Address


def update_rates(pool: Pool, reserve: Reserve, cache: ReserveCache, asset: Address, added: int, taken: int) -> None:
    """Set all three rates, for what the aToken holds, more and less these amounts. Solidity: `updateInterestRates`."""
    total_debt = ray_mul(cache.next_scaled_debt, cache.next_variable_borrow_index)
    inputs = RateInputs(
        reserve.unbacked, added, taken, 0, total_debt, 0, cache.reserve_factor, asset, cache.a_token.address
    )
    liquidity_rate, stable_rate, variable_rate = pool.chain.answering(reserve.interest_rate_strategy).rates(inputs)
    reserve.current_liquidity_rate = to_uint128(liquidity_rate)
    _stored(reserve).current_stable_borrow_rate = to_uint128(stable_rate)
    reserve.current_variable_borrow_rate = to_uint128(variable_rate)
    pool.emit(
        ReserveDataUpdated(
            asset,
            liquidity_rate,
            stable_rate,
            variable_rate,
            cache.next_liquidity_index,
            cache.next_variable_borrow_index,
        )
    )


def _stored(reserve: Reserve) -> ReserveWithStableDebt:
    assert isinstance(reserve, ReserveWithStableDebt)
    return reserve


def check_either_mode(interest_rate_mode: int) -> None:
    """Let a stable rate be asked for. Raises InvalidInterestRateModeSelected for no mode at all."""
    if interest_rate_mode not in (STABLE_RATE_MODE, VARIABLE_RATE_MODE):
        raise InvalidInterestRateModeSelected()


def refuse_stable_borrow(interest_rate_mode: int) -> None:
    """Refuse the stable mode, which no asset has enabled. Raises StableBorrowingNotEnabled."""
    if interest_rate_mode == STABLE_RATE_MODE:
        raise StableBorrowingNotEnabled()


def validate_repay(
    cache: ReserveCache, user: Address, on_behalf_of: Address, amount: int, interest_rate_mode: int, debt: int
) -> None:
    """Check a repayment: there must be debt of the mode, and there is no stable debt. Solidity: `validateRepay`."""
    if amount == 0:
        raise InvalidAmount()
    if amount == MAX_UINT256 and user != on_behalf_of:
        raise NoExplicitAmountToRepayOnBehalf()
    validate_active_unpaused(cache.configuration)
    if debt == 0 or interest_rate_mode != VARIABLE_RATE_MODE:
        raise NoDebtOfSelectedType()


def execute_swap_borrow_rate_mode(pool: Pool, user: Address, asset: Address, mode: int) -> None:
    """Refuse a debtor another kind of rate, for the first reason that applies.

    Solidity: `executeSwapBorrowRateMode`.
    """
    _, cache = open_reserve(pool, asset)
    validate_active_unpaused(cache.configuration)
    if bitmaps.is_frozen(cache.configuration):
        raise ReserveFrozen()
    if mode == STABLE_RATE_MODE:
        raise NoOutstandingStableDebt()
    if mode != VARIABLE_RATE_MODE:
        raise InvalidInterestRateModeSelected()
    if ray_mul(cache.debt_token.scaled_balances[user], cache.next_variable_borrow_index) == 0:
        raise NoOutstandingVariableDebt()
    raise StableBorrowingNotEnabled()


def execute_rebalance(pool: Pool, asset: Address) -> None:
    """Refuse to rebalance, unless lenders earn too little; then fail, as there is no stable debt to rebalance.

    Burning a debt of zero works, minting one divides by it. Solidity: `executeRebalanceStableBorrowRate`.
    """
    reserve, cache = open_reserve(pool, asset)
    validate_active_unpaused(cache.configuration)
    total_debt = ray_mul(cache.debt_token.scaled_supply, normalized_debt(pool, reserve))
    inputs = RateInputs(reserve.unbacked, 0, 0, 0, total_debt, 0, cache.reserve_factor, asset, cache.a_token.address)
    liquidity_rate, _, _ = pool.chain.answering(reserve.interest_rate_strategy).rates(inputs)
    if cache.liquidity_rate > percent_mul(liquidity_rate, REBALANCE_UP_LIQUIDITY_RATE_THRESHOLD):
        raise InterestRateRebalanceConditionsNotMet()
    raise EmptyRevert("there is no stable debt")
