"""Isolation mode: rules that ended with v3.6.

An isolated collateral has a debt ceiling; a user whose only collateral it is may borrow approved assets up to the
ceiling. Debt against a ceiling is counted in cents, without interest. Solidity: `IsolationModeLogic` and the parts of
`UserConfiguration`, `ValidationLogic` and `LiquidationLogic` that go with it.
"""

from __future__ import annotations

from ...address import Address
from ...errors import (
    AssetNotBorrowableInIsolation,
    DebtCeilingExceeded,
    DebtCeilingNotZero,
    Panic,
)
from ...events import IsolationModeTotalDebtUpdated
from ...logic.terms import Pool
from ...math.uint import MAX_UINT256, add128, sub, to_uint128
from ...state import bitmaps
from ...state.records import Reserve


def isolated_collateral(pool: Pool, user_config: int) -> tuple[Address, int] | None:
    """The user's isolated collateral and its debt ceiling, or None. Solidity: `getIsolationModeState`."""
    reserve_id = bitmaps.only_collateral_id(user_config)
    if reserve_id is None:
        return None
    asset = pool.reserves_list[reserve_id]
    ceiling = bitmaps.debt_ceiling(pool.reserves[asset].configuration)
    return (asset, ceiling) if ceiling != 0 else None


def isolated_debt_units(configuration: int, amount: int) -> int:
    """An amount of the borrowed asset in the units of debt ceilings, rounded down.

    Raises Panic(0x11) for less than 2 decimals, which only v3.0.2 lists, and for too many.
    """
    unit: int = 10 ** sub(bitmaps.decimals(configuration), bitmaps.DEBT_CEILING_DECIMALS)
    if unit > MAX_UINT256:
        raise Panic()
    return to_uint128(amount // unit)


def set_isolated_debt(pool: Pool, asset: Address, total: int) -> None:
    """Write the debt counted against a ceiling and say so. Solidity: `setIsolationModeTotalDebt`."""
    pool.reserves[asset].isolation_mode_total_debt = total
    pool.emit(IsolationModeTotalDebtUpdated(asset, total))


def increase_isolated_debt(pool: Pool, configuration: int, user: Address, amount: int) -> None:
    """Count a borrow against an isolated collateral: approved asset, within the ceiling.

    Solidity: `increaseIsolatedDebtIfIsolated`.
    """
    increased = check_isolated_borrow(pool, configuration, user, amount)
    if increased is not None:
        set_isolated_debt(pool, *increased)


def check_isolated_borrow(pool: Pool, configuration: int, user: Address, amount: int) -> tuple[Address, int] | None:
    """Check without counting. Returns the isolated collateral and the debt to be counted against it, if any."""
    isolated = isolated_collateral(pool, pool.users_config[user])
    if isolated is None:
        return None
    asset, ceiling = isolated
    if not bitmaps.is_borrowable_in_isolation(configuration):
        raise AssetNotBorrowableInIsolation()
    total = add128(pool.reserves[asset].isolation_mode_total_debt, isolated_debt_units(configuration, amount))
    if total > ceiling:
        raise DebtCeilingExceeded()
    return asset, total


def reduce_isolated_debt(pool: Pool, configuration: int, user: Address, amount: int) -> None:
    """Count a repayment by a user whose collateral is isolated. Solidity: `reduceIsolatedDebtIfIsolated`."""
    isolated = isolated_collateral(pool, pool.users_config[user])
    if isolated is not None:
        subtract_isolated_debt(pool, configuration, isolated[0], amount)


def subtract_isolated_debt(pool: Pool, configuration: int, collateral_asset: Address, amount: int) -> None:
    """Subtract from the debt counted, down to zero: interest was not counted. Solidity: `updateIsolatedDebt`."""
    total = pool.reserves[collateral_asset].isolation_mode_total_debt
    set_isolated_debt(pool, collateral_asset, max(0, total - isolated_debt_units(configuration, amount)))


def reduce_isolated_debt_in_liquidation(
    pool: Pool,
    _borrower: Address,
    collateral_asset: Address,
    collateral_configuration: int,
    debt_configuration: int,
    amount: int,
) -> None:
    """Count what a liquidation repays, but not what becomes bad debt.

    Decided by the collateral's ceiling, not by the borrower's flags. Solidity: `executeLiquidationCall`, v3.3 to v3.6.
    """
    if bitmaps.debt_ceiling(collateral_configuration) != 0:
        subtract_isolated_debt(pool, debt_configuration, collateral_asset, amount)


def may_collateralise(pool: Pool, reserve: Reserve, configuration: int, user: Address, category_id: int) -> bool:
    """May this asset be collateral? An isolated one only as the first, and nothing can join it.

    Solidity: `validateUseAsCollateral`, v3.6.
    """
    if pool.revision.user_ltv(reserve, pool.e_modes[category_id], category_id) == 0:
        return False
    user_config = pool.users_config[user]
    if not bitmaps.is_using_as_collateral_any(user_config):
        return True
    return isolated_collateral(pool, user_config) is None and bitmaps.debt_ceiling(configuration) == 0


def may_collateralise_automatically(
    pool: Pool, reserve: Reserve, configuration: int, user: Address, category_id: int, _supplier: Address
) -> bool:
    """May a first supply enable the asset? Never an isolated one. Solidity: `validateAutomaticUseAsCollateral`."""
    return bitmaps.debt_ceiling(configuration) == 0 and may_collateralise(
        pool, reserve, configuration, user, category_id
    )


def execute_reset_isolated_debt(pool: Pool, asset: Address) -> None:
    """Forget the debt counted against a ceiling that is gone. Solidity: `executeResetIsolationModeTotalDebt`."""
    if bitmaps.debt_ceiling(pool.reserves[asset].configuration) != 0:
        raise DebtCeilingNotZero()
    set_isolated_debt(pool, asset, 0)
