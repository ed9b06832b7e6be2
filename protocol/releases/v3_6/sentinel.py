"""The price-oracle sentinel: no borrowing, no liquidation while the sequencer is down. Until v3.6.

Solidity: `ValidationLogic`.
"""

from __future__ import annotations

from ...errors import PriceOracleSentinelCheckFailed
from ...logic.terms import Pool

MINIMUM_HEALTH_FACTOR_LIQUIDATION_THRESHOLD = 95 * 10**16


def check_borrow_sentinel(pool: Pool) -> None:
    """Refuse a borrow while the sequencer is down or has just come back. Solidity: `validateBorrow`, until v3.6."""
    sentinel = pool.sentinel
    if sentinel is not None and not sentinel.is_borrow_allowed():
        raise PriceOracleSentinelCheckFailed()


def check_liquidation_sentinel(pool: Pool, health_factor: int) -> None:
    """Refuse a liquidation likewise, unless the position is far under water. Solidity: `validateLiquidationCall`."""
    sentinel = pool.sentinel
    if sentinel is None or health_factor < MINIMUM_HEALTH_FACTOR_LIQUIDATION_THRESHOLD:
        return
    if not sentinel.is_liquidation_allowed():
        raise PriceOracleSentinelCheckFailed()
