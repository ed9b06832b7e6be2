"""The revisions of the protocol, each a frozen record of named decisions.

One engine runs them all: the rules ask for a decision, never for a version. A record is built from its neighbour by
naming what is different, so reading `V3_6` tells how it differs from `V3_7`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .address import Address
from .errors import CustomError, ErrorStyle, UserHasAssetWithZeroLtv, UserInIsolationModeOrLtvZero
from .logic import generic, isolation, liquidation, reserve, supply
from .math import percentage, token_math

if TYPE_CHECKING:
    from .logic.interfaces import Pool
    from .state.records import EModeCategory, Reserve

Rounding = Callable[[int, int], int]
CollateralRule = Callable[["Pool", "Reserve", int, Address, int], bool]


def _nothing(*_: object) -> None:
    """A step that this revision does not have."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a revision decides differently from its neighbours."""

    name: str
    """The release, for instance "3.7"."""
    pool_revision: int
    """`POOL_REVISION` in the contract."""
    configurator_revision: int
    """`CONFIGURATOR_REVISION` in the contract."""
    token_revision: int
    """`ATOKEN_REVISION` and `DEBT_TOKEN_REVISION` in the contracts."""
    error_style: ErrorStyle
    """Custom errors or string codes."""
    modern_test_token: bool
    """Is the release's test token built on OpenZeppelin 5.1 (custom errors) or on its own old copy (strings)?"""

    isolation_mode: bool
    """Are there debt ceilings, siloed assets and `dropReserve`?"""
    isolated_e_modes: bool
    """Can an e-mode category be isolated?"""
    ltv_zero_in_e_modes: bool
    """Can an asset lose its LTV within an e-mode category?"""

    user_ltv: Callable[[Reserve, EModeCategory, int], int]
    """What an asset lends to a user of a category (bps)."""
    account_data: Callable[[Pool, Address, int], generic.AccountData]
    """A user's position."""
    may_collateralise: CollateralRule
    """May the user enable the asset as collateral?"""
    may_collateralise_automatically: CollateralRule
    """Does a first supply enable the asset as collateral?"""
    collateral_refused: type[CustomError]
    """The error when it may not be enabled."""

    debt_balance: Rounding
    """Scaled debt and index to underlying, as the rate strategy is told."""
    accrue_to_treasury: Callable[[Reserve, reserve.ReserveCache], None]
    """The treasury's share of new interest."""

    check_borrow_sentinel: Callable[[Pool], None]
    """Does the price-oracle sentinel allow borrowing?"""
    check_liquidation_sentinel: Callable[[Pool, int], None]
    """Does it allow a liquidation at this health factor (wad)?"""
    check_siloed_borrowing: Callable[[Pool, Address, int, int], None]
    """Siloed assets are their borrowers' only debt."""
    increase_isolated_debt: Callable[[Pool, int, Address, int], None]
    """Count a borrow against the ceiling of an isolated collateral."""
    reduce_isolated_debt: Callable[[Pool, int, Address, int], None]
    """Count a repayment."""
    reduce_isolated_debt_in_liquidation: Callable[[Pool, Address, int, int, int], None]
    """Count what a liquidation repays."""

    open_liquidation_caches: Callable[[Pool, liquidation.Liquidation], None]
    """In which order a liquidation reads and updates its two reserves."""
    release_seized_collateral: Callable[[Pool, liquidation.Liquidation], bool]
    """When a liquidation clears the collateral bit, and when no collateral is left."""
    seizure_percent_mul: Rounding
    """Rounding of collateral times bonus."""
    bonus_percent_div: Rounding
    """Rounding of the part of the seized collateral that is no bonus."""
    protocol_fee_percent_mul: Rounding
    """Rounding of the treasury's part of the bonus."""


V3_7 = Revision(
    name="3.7",
    pool_revision=11,
    configurator_revision=8,
    token_revision=5,
    error_style=ErrorStyle.CUSTOM,
    modern_test_token=True,
    isolation_mode=False,
    isolated_e_modes=True,
    ltv_zero_in_e_modes=True,
    user_ltv=generic.user_ltv_with_isolated_categories,
    account_data=generic.account_data,
    may_collateralise=supply.may_collateralise,
    may_collateralise_automatically=supply.may_collateralise,
    collateral_refused=UserHasAssetWithZeroLtv,
    debt_balance=token_math.debt_balance,
    accrue_to_treasury=reserve.accrue_to_treasury,
    check_borrow_sentinel=_nothing,
    check_liquidation_sentinel=_nothing,
    check_siloed_borrowing=_nothing,
    increase_isolated_debt=_nothing,
    reduce_isolated_debt=_nothing,
    reduce_isolated_debt_in_liquidation=_nothing,
    open_liquidation_caches=liquidation.open_caches_in_turn,
    release_seized_collateral=liquidation.release_by_shares,
    seizure_percent_mul=percentage.percent_mul_floor,
    bonus_percent_div=percentage.percent_div_floor,
    protocol_fee_percent_mul=percentage.percent_mul_ceil,
)

V3_6 = replace(
    V3_7,
    name="3.6",
    pool_revision=10,
    configurator_revision=7,
    modern_test_token=False,
    isolation_mode=True,
    isolated_e_modes=False,
    user_ltv=generic.user_ltv,
    may_collateralise=isolation.may_collateralise_isolated,
    may_collateralise_automatically=isolation.may_collateralise_isolated_automatically,
    collateral_refused=UserInIsolationModeOrLtvZero,
    check_borrow_sentinel=isolation.check_borrow_sentinel,
    check_liquidation_sentinel=isolation.check_liquidation_sentinel,
    check_siloed_borrowing=isolation.check_siloed_borrowing,
    increase_isolated_debt=isolation.increase_isolated_debt,
    reduce_isolated_debt=isolation.reduce_isolated_debt,
    reduce_isolated_debt_in_liquidation=isolation.reduce_isolated_debt_in_liquidation,
    open_liquidation_caches=liquidation.open_caches_together,
    release_seized_collateral=liquidation.release_by_amount,
    seizure_percent_mul=percentage.percent_mul,
    bonus_percent_div=percentage.percent_div,
    protocol_fee_percent_mul=percentage.percent_mul,
)

REVISIONS = {revision.name: revision for revision in (V3_6, V3_7)}


def revision_named(name: str) -> Revision:
    """Raises ValueError, naming the revisions there are, for any other."""
    if name not in REVISIONS:
        raise ValueError(f"revision {name!r} is not known; known are {', '.join(REVISIONS)}")
    return REVISIONS[name]
