"""Interest of a reserve, and its rates. Solidity: `ReserveLogic`."""

from __future__ import annotations

from ..address import ZERO_ADDRESS, Address
from ..errors import PANIC_OVERFLOW, Panic, ReserveAlreadyInitialized
from ..events import ReserveDataUpdated
from ..math.interest import linear_interest
from ..math.percentage import percent_mul
from ..math.token_math import a_token_mint_scaled
from ..math.uint import MAX_UINT256, add128, sub, to_uint128
from ..math.wad_ray import RAY, ray_mul, ray_mul_floor
from ..state import bitmaps
from ..state.bitmaps import is_virtual_accounting_active as has_virtual_accounting
from ..state.records import Reserve
from .terms import Pool, ReserveCache

_UNITS: tuple[int, ...] = tuple(10**decimals & MAX_UINT256 for decimals in range(256))


def init(reserve: Reserve, a_token: Address, variable_debt_token: Address, strategy: Address) -> None:
    """Start a reserve: both indexes at one ray, rates and timestamp at zero. Solidity: `ReserveLogic.init`."""
    if reserve.a_token != ZERO_ADDRESS:
        raise ReserveAlreadyInitialized()
    reserve.liquidity_index = RAY
    reserve.variable_borrow_index = RAY
    reserve.a_token = a_token
    reserve.variable_debt_token = variable_debt_token
    reserve.interest_rate_strategy = strategy


def normalized_income(reserve: Reserve, now: int) -> int:
    """The liquidity index (ray) projected to now. Solidity: `getNormalizedIncome`."""
    elapsed = now - reserve.last_update_timestamp
    if elapsed == 0:
        return reserve.liquidity_index
    return ray_mul(linear_interest(reserve.current_liquidity_rate, elapsed), reserve.liquidity_index)


def normalized_debt(pool: Pool, reserve: Reserve) -> int:
    """The debt index (ray) projected to now, even where there is no debt. Solidity: `getNormalizedDebt`."""
    elapsed = pool.chain.time - reserve.last_update_timestamp
    if elapsed == 0:
        return reserve.variable_borrow_index
    growth = pool.chain.revision.compounded_interest(reserve.current_variable_borrow_rate, elapsed)
    return ray_mul(growth, reserve.variable_borrow_index)


def update_state(pool: Pool, reserve: Reserve, cache: ReserveCache) -> None:
    """Bring the indexes to now and accrue the treasury's share, once per timestamp. Solidity: `updateState`."""
    now = pool.chain.time
    if cache.last_update_timestamp == now:
        return
    _update_indexes(pool, reserve, cache, now)
    pool.revision.accrue_to_treasury(reserve, cache)
    reserve.last_update_timestamp = now
    cache.last_update_timestamp = now


def _update_indexes(pool: Pool, reserve: Reserve, cache: ReserveCache, now: int) -> None:
    elapsed = now - cache.last_update_timestamp
    if cache.liquidity_rate != 0:
        cache.next_liquidity_index = ray_mul(linear_interest(cache.liquidity_rate, elapsed), cache.liquidity_index)
        reserve.liquidity_index = to_uint128(cache.next_liquidity_index)
    if cache.scaled_debt != 0:  # without debt the debt index stands still, whatever its rate
        growth = pool.chain.revision.compounded_interest(cache.variable_borrow_rate, elapsed)
        cache.next_variable_borrow_index = ray_mul(growth, cache.variable_borrow_index)
        reserve.variable_borrow_index = to_uint128(cache.next_variable_borrow_index)


def accrue_to_treasury(reserve: Reserve, cache: ReserveCache) -> None:
    """Add the reserve factor's share of the new interest, in shares rounded down.

    The share itself is rounded half up. Solidity: `_accrueToTreasury`, from v3.5 on.
    """
    if cache.reserve_factor == 0:
        return
    index_growth = sub(cache.next_variable_borrow_index, cache.variable_borrow_index)
    treasury_share = percent_mul(ray_mul_floor(cache.scaled_debt, index_growth), cache.reserve_factor)
    if treasury_share != 0:
        scaled = to_uint128(a_token_mint_scaled(treasury_share, cache.next_liquidity_index))
        reserve.accrued_to_treasury = add128(reserve.accrued_to_treasury, scaled)


def update_rates(
    pool: Pool, reserve: Reserve, cache: ReserveCache, asset: Address, *, added: int = 0, taken: int = 0
) -> None:
    """Set the rates for the liquidity after this operation, in token units."""
    pool.chain.revision.update_rates(pool, reserve, cache, asset, added, taken)


def update_rates_and_virtual_balance(
    pool: Pool, reserve: Reserve, cache: ReserveCache, asset: Address, added: int, taken: int
) -> None:
    """Set the rates for the liquidity after this operation and book it in the virtual balance.

    Amounts are in token units. Raises Panic(0x11) when more is taken than there is.
    Solidity: `updateInterestRatesAndVirtualBalance`, from v3.1 on.
    """
    revision = pool.chain.revision
    total_debt = revision.debt_balance(cache.next_scaled_debt, cache.next_variable_borrow_index)
    has_virtual_balance = not revision.virtual_balance_optional or has_virtual_accounting(cache.configuration)
    liquidity_rate, variable_rate = pool.chain.at(pool.strategy_of(reserve)).rates_for(
        asset,
        unbacked=add128(reserve.unbacked, reserve.deficit),
        added=added,
        taken=taken,
        total_debt=total_debt,
        reserve_factor=cache.reserve_factor,
        virtual_balance=reserve.virtual_underlying_balance,
        has_virtual_balance=has_virtual_balance,
    )
    reserve.current_liquidity_rate = to_uint128(liquidity_rate)
    reserve.current_variable_borrow_rate = to_uint128(variable_rate)
    if added > 0 and has_virtual_balance:
        reserve.virtual_underlying_balance = add128(reserve.virtual_underlying_balance, to_uint128(added))
    if taken > 0 and has_virtual_balance:
        reserve.virtual_underlying_balance = sub(
            reserve.virtual_underlying_balance, to_uint128(taken), "more is taken than the reserve holds"
        )
    pool.emit(
        ReserveDataUpdated(
            asset, liquidity_rate, 0, variable_rate, cache.next_liquidity_index, cache.next_variable_borrow_index
        )
    )


def keeps_virtual_balance(pool: Pool, configuration: int) -> bool:
    """Does the pool track what the reserve holds? Always, from v3.4 on."""
    return not pool.revision.virtual_balance_optional or has_virtual_accounting(configuration)


def open_reserve(pool: Pool, asset: Address) -> tuple[Reserve, ReserveCache]:
    """Bring an asset's reserve to now. Returns it and its cache: nearly every operation begins so."""
    reserve = pool.reserves[asset]
    cache = ReserveCache(pool, reserve)
    update_state(pool, reserve, cache)
    return reserve, cache


def is_listed(pool: Pool, asset: Address) -> bool:
    """Has the asset an id in the list? Id 0 alone does not tell. Solidity: `id != 0 || reservesList[0] == asset`."""
    return pool.reserves[asset].id != 0 or pool.reserves_list[0] == asset


def unit_of(configuration: int) -> int:
    """One whole token in its smallest unit: 10 ** decimals, modulo 2**256 as the contracts compute it unchecked."""
    return _UNITS[configuration >> 48 & 0xFF]


def unit_of_checked(configuration: int) -> int:
    """One whole token in its smallest unit. Raises Panic(0x11) from 78 decimals on."""
    unit: int = 10 ** bitmaps.decimals(configuration)
    if unit > MAX_UINT256:
        raise Panic(PANIC_OVERFLOW)
    return unit
