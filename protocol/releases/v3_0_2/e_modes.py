"""E-mode until v3.1: an asset is in one category at most, and a category may have a price of its own.

The price replaces those of the category's assets for its users, so that assets that should be worth the same are.
Solidity: `EModeLogic`, `GenericLogic`, `ValidationLogic` and `LiquidationLogic`, v3.0.2.
"""

from __future__ import annotations

from functools import partial

from ...address import ZERO_ADDRESS, Address
from ...errors import InconsistentEModeCategory
from ...events import UserEModeSet
from ...logic.liquidation import read_prices
from ...logic.reserve import unit_of
from ...logic.terms import NO_POSITION, AccountData, Borrower, Liquidation, Pool
from ...logic.validation import validate_health_factor
from ...math.uint import add, mul
from ...state import bitmaps
from ...state.records import EModeCategory, Reserve
from ...state.storage import Journal
from ..v3_4.lending import averaged_position, collateral_value
from ..v3_5.positions import used_reserves
from .stable_rates import debt_value

_CATEGORY = 168


class PricedEModeCategory(EModeCategory):
    """A category whose assets are listed in their own configuration. Solidity: `DataTypes.EModeCategory`, v3.0.2."""

    FIELDS = (*EModeCategory.FIELDS, "price_source")
    __slots__ = ("price_source",)

    price_source: Address
    """Whose price the oracle is asked for; zero for each asset's own."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self.initialise(price_source=ZERO_ADDRESS)


def category_of(configuration: int) -> int:
    """An asset's only category, bits 168-175; 0 for none."""
    return configuration >> _CATEGORY & 0xFF


def with_category(configuration: int, category_id: int) -> int:
    """A configuration with the asset in this category."""
    return configuration & ~(0xFF << _CATEGORY) | category_id << _CATEGORY


def price_source(category: EModeCategory) -> Address:
    """The asset or feed whose price counts for a whole category; the zero address if each has its own."""
    return category.price_source if isinstance(category, PricedEModeCategory) else ZERO_ADDRESS


def _common_price(pool: Pool, category_id: int) -> int:
    """The price of a user's category, 0 for none. Solidity: `getEModeConfiguration`."""
    source = price_source(pool.e_modes[category_id]) if category_id else ZERO_ADDRESS
    return 0 if source == ZERO_ADDRESS else pool.oracle.price_of(source)


def account_data(
    pool: Pool, user: Address, category_id: int, reserves_count: int = bitmaps.MAX_RESERVES
) -> AccountData:
    """A user's position in the first so many reserves; a category's price holds for its collateral and its debt.

    Solidity: v3.0.2.
    """
    flags = pool.users_config[user] & (1 << 2 * reserves_count) - 1
    if flags == 0:
        return NO_POSITION
    category, common_price = pool.e_modes[category_id], _common_price(pool, category_id)
    total_collateral = total_debt = weighted_ltv = weighted_threshold = 0
    has_zero_ltv = False
    for flag, _, asset in used_reserves(pool, flags):
        reserve = pool.reserves[asset]
        configuration = reserve.configuration
        unit, own_category = unit_of(configuration), category_of(configuration)
        price = common_price if common_price and own_category == category_id else pool.oracle.price_of(asset)
        own_threshold = bitmaps.liquidation_threshold(configuration)
        if flag & 2 and own_threshold != 0:
            value = collateral_value(pool, user, reserve, price, unit)
            total_collateral = add(total_collateral, value)
            in_category = category_id != 0 and own_category == category_id
            ltv = bitmaps.ltv(configuration)
            if ltv == 0:
                has_zero_ltv = True
            else:
                weighted_ltv = add(weighted_ltv, mul(value, category.ltv if in_category else ltv))
            threshold = category.liquidation_threshold if in_category else own_threshold
            weighted_threshold = add(weighted_threshold, mul(value, threshold))
        if flag & 1:
            total_debt = add(total_debt, debt_value(pool, user, reserve, price, unit))
    return averaged_position(total_collateral, total_debt, weighted_ltv, weighted_threshold, has_zero_ltv)


def borrower_before_callback(pool: Pool, user: Address) -> dict[str, Borrower]:
    """Remember category and number of reserves over a flash loan's callback. Solidity: `FlashloanParams`."""
    category_id = pool.users_e_mode[user]
    return {"borrower": Borrower(category_id, partial(account_data, pool, user, category_id, pool.reserves_count))}


def check_same_category(_pool: Pool, reserve: Reserve, category_id: int) -> None:
    """Refuse a user of a category what is not one of its assets. Raises InconsistentEModeCategory."""
    if category_id != 0 and category_of(reserve.configuration) != category_id:
        raise InconsistentEModeCategory()


def price_to_borrow(pool: Pool, asset: Address, category_id: int) -> int:
    """The price of a new debt: the category's if it has one, whichever asset it is."""
    source = price_source(pool.e_modes[category_id]) if category_id else ZERO_ADDRESS
    price: int = pool.oracle.price_of(asset if source == ZERO_ADDRESS else source)
    return price


def liquidation_bonus(pool: Pool, run: Liquidation) -> int:
    """The bonus (bps): the category's for collateral of the borrower's category, else the reserve's."""
    if run.category_id != 0 and category_of(run.collateral_configuration) == run.category_id:
        return pool.e_modes[run.category_id].liquidation_bonus
    return bitmaps.liquidation_bonus(run.collateral_configuration)


def read_liquidation_prices(pool: Pool, run: Liquidation) -> None:
    """Ask the oracle for both prices; the category's, if it has one, replaces those of its assets.

    The debt of a user in a category is always one of the category's assets, so its category is not looked at.
    Solidity: `_getConfigurationData`.
    """
    source = price_source(pool.e_modes[run.category_id]) if run.category_id else ZERO_ADDRESS
    if source == ZERO_ADDRESS:
        read_prices(pool, run)
        return
    in_category = category_of(run.collateral_configuration) == run.category_id
    run.collateral_price = pool.oracle.price_of(source if in_category else run.collateral_asset)
    run.debt_price = pool.oracle.price_of(source)


def execute_set_user_e_mode(pool: Pool, user: Address, category_id: int) -> None:
    """Enter, leave or change a category, even for the same one; only whoever leaves one must be healthy after.

    Raises InconsistentEModeCategory. Solidity: `executeSetUserEMode`, v3.0.2.
    """
    if category_id != 0 and pool.e_modes[category_id].liquidation_threshold == 0:
        raise InconsistentEModeCategory()
    if category_id != 0:
        for flag, _, asset in used_reserves(pool, pool.users_config[user]):
            if flag & 1:
                check_same_category(pool, pool.reserves[asset], category_id)
    previous = pool.users_e_mode[user]
    pool.users_e_mode[user] = category_id
    if previous != 0:
        validate_health_factor(pool, user, category_id)
    pool.emit(UserEModeSet(user, category_id))
