"""Liquidation until v3.6: both reserves are read at once, and the collateral bit goes by amounts.

Solidity: `LiquidationLogic`, v3.5 and v3.6; the bit, from v3.3 on.
"""

from __future__ import annotations

from ...logic.reserve import update_state
from ...logic.supply import set_using_as_collateral
from ...logic.terms import Liquidation, Pool, ReserveCache
from ...math.uint import add, mul


def open_caches_together(pool: Pool, run: Liquidation) -> None:
    """Read both reserves, then bring both to now: a same-asset liquidation accrues to the treasury twice.

    Until v3.6.
    """
    run.debt_cache = ReserveCache(pool, run.debt_reserve)
    run.collateral_cache = ReserveCache(pool, run.collateral_reserve)
    update_state(pool, run.debt_reserve, run.debt_cache)
    update_state(pool, run.collateral_reserve, run.collateral_cache)


def release_by_amount(pool: Pool, run: Liquidation) -> bool:
    """Clear the collateral bit when the whole amount is seized. Returns whether no collateral is left, by value.

    The two are judged apart, so dust can be worthless and still flagged. Solidity: `executeLiquidationCall`, until
    v3.6.
    """
    seized = add(run.collateral_to_liquidate, run.protocol_fee)
    if seized == run.borrower_collateral:
        set_using_as_collateral(pool, run.collateral_reserve, run.collateral_asset, run.borrower, False)
    return mul(seized, run.collateral_price) // run.collateral_unit == run.total_collateral
