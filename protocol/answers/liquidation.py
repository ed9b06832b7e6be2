"""A liquidation as it would go now: who pays what, who gets what, and what is left of the position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..address import Address, named_address
from ..errors import Revert
from ..events import DeficitCreated, LiquidationCall
from ..logic.reserve import unit_of
from ..math.uint import MAX_UINT256
from .health import Health
from .holdings import debt_of, supply_of
from .preview import Preview, preview
from .undone import Twin, name_of

LIQUIDATOR = named_address("answers/a liquidator")
"""Somebody thought up, with enough of the debt's asset, who takes the collateral out of the pool."""


@dataclass(frozen=True)
class LiquidationPreview:
    """The outcome of a liquidation that was undone: amounts in units of the assets, or with `_base` in base currency.

    Of a refused one only `refusal`, `before` and `after` say something.
    """

    refusal: Revert | None
    debt_covered: int
    """What the liquidator pays, in the debt's asset."""
    collateral_received: int
    """What the liquidator takes, in the collateral's asset."""
    protocol_fee: int
    """What the treasury gets as aTokens of the collateral."""
    debt_covered_base: int
    collateral_received_base: int
    protocol_fee_base: int
    deficits: Mapping[str, int]
    """By asset, the debt that nobody pays any more and the reserve counts as its deficit; from v3.3 on."""
    debt_left: int
    """What the borrower still owes of the debt's asset."""
    collateral_left: int
    before: Health | None
    after: Health | None

    @property
    def ok(self) -> bool:
        """Would the pool allow it?"""
        return self.refusal is None

    @property
    def bonus_base(self) -> int:
        """The liquidator's gain, before the costs of doing it: what is taken less what is paid."""
        return self.collateral_received_base - self.debt_covered_base

    @property
    def borrower_loss_base(self) -> int:
        """What it costs the borrower: the collateral that goes, fee included, less the debt that is covered."""
        return self.bonus_base + self.protocol_fee_base


def preview_liquidation(
    twin: Twin, user: Address, collateral: Address, debt: Address, amount: int = MAX_UINT256
) -> LiquidationPreview:
    """Liquidate a position and undo it: up to `amount` of the debt's asset, or as much as the pool allows.

    Values are at the oracle's prices, each rounded down.
    """
    pool = twin.pool
    a_token, left = pool.chain.at(pool.reserves[collateral].a_token), {}

    def liquidate() -> int:
        twin.fund(name_of(twin, debt), LIQUIDATOR, _enough(twin, user, debt))
        fee_before = a_token.balance_of(a_token.treasury)
        pool.liquidation_call(collateral, debt, user, amount, False, sender=LIQUIDATOR)
        left["debt"], left["collateral"] = debt_of(twin.pool, user, debt), supply_of(pool, user, collateral)
        fee: int = a_token.balance_of(a_token.treasury) - fee_before
        return fee

    played = preview(twin, liquidate, accounts=[user])
    return _told(twin, played, user, collateral, debt, left)


def _told(
    twin: Twin, played: Preview, user: Address, collateral: Address, debt: Address, left: dict[str, int]
) -> LiquidationPreview:
    before, after = played.before[user], played.after[user]
    if not played.ok:
        return LiquidationPreview(played.revert, 0, 0, 0, 0, 0, 0, MappingProxyType({}), 0, 0, before, after)
    call: Any = next(event for event in played.events if isinstance(event, LiquidationCall))
    covered, received = call.debt_to_cover, call.liquidated_collateral_amount
    deficits = {
        name_of(twin, event.debt_asset): event.amount_created
        for event in played.events
        if isinstance(event, DeficitCreated)
    }
    return LiquidationPreview(
        None,
        covered,
        received,
        played.value,
        worth(twin, debt, covered),
        worth(twin, collateral, received),
        worth(twin, collateral, played.value),
        MappingProxyType(deficits),
        left["debt"],
        left["collateral"],
        before,
        after,
    )


def worth(twin: Twin, asset: Address, amount: int) -> int:
    """An amount of an asset in base currency at the oracle's price, rounded down."""
    price: int = twin.oracle.price_of(asset)
    return amount * price // unit_of(twin.pool.reserves[asset].configuration)


def _enough(twin: Twin, user: Address, debt: Address) -> int:
    """As much of the debt's asset as a liquidation can cost, with room for a token that takes a fee."""
    return 2 * debt_of(twin.pool, user, debt) + 1
