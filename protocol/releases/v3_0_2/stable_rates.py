"""Stable rates in a reserve: what the pool keeps of stable debt, and how it counts in rates, interest and positions.

Solidity: `ReserveLogic`, `ValidationLogic`, `GenericLogic` and `Helpers`, v3.0.2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...errors import (
    AmountBiggerThanMaxLoanSizeStable,
    CollateralSameAsBorrowingCurrency,
    EmptyRevert,
    InvalidInterestRateModeSelected,
    StableBorrowingNotEnabled,
)
from ...events import ReserveDataUpdated
from ...logic.reserve import normalized_debt
from ...logic.terms import Pool, ReserveCache
from ...logic.validation import VARIABLE_RATE_MODE
from ...math.percentage import percent_mul
from ...math.uint import add, add128, mul, sub, to_uint128
from ...math.wad_ray import RAY, ray_div, ray_mul
from ...state import bitmaps
from ...state.records import Reserve
from ...state.storage import Journal
from ..v3_4.lending import variable_debt_of
from .stable_debt_token import StableDebtToken

STABLE_RATE_MODE = 1
STABLE_RATE_BORROWING = 1 << 59
"""Where a configuration enables stable rates."""


class StableDebt:
    """All stable debt of a reserve as it was when an operation began, and as it is after what the operation has done.

    Solidity: a part of `DataTypes.ReserveCache`, v3.0.2.
    """

    __slots__ = ("average_rate", "last_change", "next_average_rate", "next_total", "principal", "token", "total")

    def __init__(self, token: StableDebtToken) -> None:
        data = token.get_supply_data()
        self.token = token
        self.principal = data.principal
        self.last_change = data.last_change
        self.total = self.next_total = data.total
        self.average_rate = self.next_average_rate = data.average_rate


class ReserveWithStableDebt(Reserve):
    """A reserve that lends at stable rates too. Solidity: `DataTypes.ReserveData`, v3.0.2."""

    FIELDS = (*Reserve.FIELDS, "stable_debt_token", "current_stable_borrow_rate")
    ADDRESSES = (*Reserve.ADDRESSES, "stable_debt_token")
    __slots__ = ("current_stable_borrow_rate", "stable_debt_token")

    stable_debt_token: Address
    current_stable_borrow_rate: int
    """What a new stable debt costs (ray)."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self.initialise(stable_debt_token=ZERO_ADDRESS, current_stable_borrow_rate=0)

    def read_stable_debt(self, chain: Any) -> StableDebt:
        """Ask the stable debt token. Raises EmptyRevert where none is, or something else."""
        return StableDebt(stable_debt_token(chain, self))


def stable_debt_token(chain: Any, reserve: Reserve) -> StableDebtToken:
    """The stable debt token of a reserve. Raises EmptyRevert where none is, or something else."""
    token = chain.answering(stored(reserve).stable_debt_token)
    if not isinstance(token, StableDebtToken):
        raise EmptyRevert(f"{token!r} is no stable debt token")
    return token


def stored(reserve: Reserve) -> ReserveWithStableDebt:
    """The reserve with the fields that only this release stores."""
    assert isinstance(reserve, ReserveWithStableDebt)
    return reserve


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
    stable: StableDebt = cache.stable
    inputs = RateInputs(
        reserve.unbacked,
        added,
        taken,
        stable.next_total,
        ray_mul(cache.next_scaled_debt, cache.next_variable_borrow_index),
        stable.next_average_rate,
        cache.reserve_factor,
        asset,
        cache.a_token.address,
    )
    liquidity_rate, stable_rate, variable_rate = pool.chain.answering(reserve.interest_rate_strategy).rates(inputs)
    reserve.current_liquidity_rate = to_uint128(liquidity_rate)
    stored(reserve).current_stable_borrow_rate = to_uint128(stable_rate)
    reserve.current_variable_borrow_rate = to_uint128(variable_rate)
    indexes = cache.next_liquidity_index, cache.next_variable_borrow_index
    pool.emit(ReserveDataUpdated(asset, liquidity_rate, stable_rate, variable_rate, *indexes))


def accrue_to_treasury(reserve: Reserve, cache: ReserveCache) -> None:
    """Add the reserve factor's share of the growth of all debt, stable debt included. Solidity: `_accrueToTreasury`."""
    if cache.reserve_factor == 0:
        return
    stable: StableDebt = cache.stable
    variable_before = ray_mul(cache.scaled_debt, cache.variable_borrow_index)
    variable_now = ray_mul(cache.scaled_debt, cache.next_variable_borrow_index)
    elapsed = sub(cache.last_update_timestamp, stable.last_change)
    growth = stable.token.chain.revision.compounded_interest(stable.average_rate, elapsed) if elapsed else RAY
    stable_before = ray_mul(stable.principal, growth)
    accrued = sub(sub(add(variable_now, stable.total), variable_before), stable_before)
    treasury_share = percent_mul(accrued, cache.reserve_factor)
    if treasury_share != 0:
        scaled = to_uint128(ray_div(treasury_share, cache.next_liquidity_index))
        reserve.accrued_to_treasury = add128(reserve.accrued_to_treasury, scaled)


# --- debts ------------------------------------------------------------------------------------------------------------


def stable_debt(cache: ReserveCache) -> int:
    """All stable debt of a reserve (token units), as it was when the operation began."""
    total: int = cache.stable.total
    return total


def debts_of(cache: ReserveCache, user: Address) -> tuple[int, int]:
    """A user's stable and variable debt to a reserve (token units). Solidity: `getUserCurrentDebt`."""
    stable: StableDebt = cache.stable
    return stable.token.balance_of(user), variable_debt_of(cache, user)


def debt_of(cache: ReserveCache, user: Address) -> int:
    """A user's whole debt to a reserve (token units)."""
    return add(*debts_of(cache, user))


def debt_value(pool: Pool, user: Address, reserve: Reserve, price: int, unit: int) -> int:
    """The value of a user's whole debt in base currency, rounded down. Solidity: `_getUserDebtInBaseCurrency`."""
    scaled = pool.chain.contracts[reserve.variable_debt_token].scaled_balances[user]
    variable = ray_mul(scaled, normalized_debt(pool, reserve)) if scaled else 0
    return mul(price, add(variable, stable_debt_token(pool.chain, reserve).balance_of(user))) // unit


# --- checks -----------------------------------------------------------------------------------------------------------


def check_either_mode(interest_rate_mode: int) -> None:
    """Let a stable rate be asked for. Raises InvalidInterestRateModeSelected for no mode at all."""
    if interest_rate_mode not in (STABLE_RATE_MODE, VARIABLE_RATE_MODE):
        raise InvalidInterestRateModeSelected()


def check_stable_borrow(
    pool: Pool, reserve: Reserve, cache: ReserveCache, asset: Address, debtor: Address, amount: int, mode: int
) -> None:
    """Check what only a stable debt has to satisfy: it is allowed, not mostly backed by itself, and not too large.

    Raises StableBorrowingNotEnabled, CollateralSameAsBorrowingCurrency, AmountBiggerThanMaxLoanSizeStable.
    """
    if mode != STABLE_RATE_MODE:
        return
    check_stable_rate(pool, reserve, cache, debtor, amount)
    there = pool.chain.answering(asset).balance_of(reserve.a_token)
    storage: Any = pool
    if amount > percent_mul(there, storage.max_stable_rate_borrow_size_percent):
        raise AmountBiggerThanMaxLoanSizeStable()


def check_stable_rate(pool: Pool, reserve: Reserve, cache: ReserveCache, debtor: Address, debt: int) -> None:
    """Check that stable rates are enabled and the debtor supplies less of the asset than this debt, if it backs it."""
    if not cache.configuration & STABLE_RATE_BORROWING:
        raise StableBorrowingNotEnabled()
    is_backed = bitmaps.is_using_as_collateral(pool.users_config[debtor], reserve.id)
    if is_backed and bitmaps.ltv(cache.configuration) != 0 and debt <= cache.a_token.balance_of(debtor):
        raise CollateralSameAsBorrowingCurrency()
