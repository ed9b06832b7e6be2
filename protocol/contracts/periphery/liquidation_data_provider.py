"""Amounts that a liquidation would take and bring. Solidity: `LiquidationDataProvider`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...address import Address
from ...errors import InvalidReserveIndex
from ...machine.function import view
from ...math.percentage import percent_mul
from ...math.uint import MAX_UINT256, add, div, mul, sub
from ...math.wad_ray import mul_div_ceil
from ...state import bitmaps
from .asking import Asking
from .ui_pool_data_provider import RESERVE_DATA

if TYPE_CHECKING:
    from ...chain import Chain


class UserPositionFullInfo(NamedTuple):
    """A user's position in base currency."""

    total_collateral_in_base_currency: int
    total_debt_in_base_currency: int
    available_borrows_in_base_currency: int
    current_liquidation_threshold: int
    ltv: int
    health_factor: int


class SideInfo(NamedTuple):
    """A user's claim or debt. Solidity: `CollateralFullInfo`, `DebtFullInfo`."""

    token: Address
    balance: int
    balance_in_base_currency: int
    price: int
    asset_unit: int


class Seizure(NamedTuple):
    """Amounts of one liquidation: collateral for the liquidator, debt, collateral for the treasury."""

    collateral: int
    debt: int
    protocol_fee: int


class LiquidationInfo(NamedTuple):
    """A position, both sides of a liquidation, and how much of them can be liquidated."""

    user_info: UserPositionFullInfo
    collateral_info: SideInfo
    debt_info: SideInfo
    max_collateral_to_liquidate: int
    max_debt_to_liquidate: int
    liquidation_protocol_fee: int
    amount_to_pass_to_liquidation_call: int


POSITION = "(uint256,uint256,uint256,uint256,uint256,uint256)"
SIDE = "(address,uint256,uint256,uint256,uint256)"
LIQUIDATION = f"({POSITION},{SIDE},{SIDE},uint256,uint256,uint256,uint256)"


class LiquidationDataProvider(Asking):
    """Views only. Nothing can be liquidated where all amounts are zero."""

    KIND = "LiquidationDataProvider"
    IMMUTABLES = ("pool", "provider")
    __slots__ = ("pool", "provider")

    pool: Address
    provider: Address

    def __init__(self, chain: Chain, at: Address, pool: Address, provider: Address) -> None:
        super().__init__(chain, at)
        self.initialise(pool=pool, provider=provider)

    # --- one side ---------------------------------------------------------------------------------------------------

    def _oracle(self) -> Address:
        oracle: Address = self.ask(self.provider, "getPriceOracle()", "address")
        return oracle

    def _position(self, user: Address) -> UserPositionFullInfo:
        return UserPositionFullInfo(*self.ask(self.pool, "getUserAccountData(address)", POSITION[1:-1], user))

    def _priced(self, asset: Address, oracle: Address) -> tuple[int, int]:
        unit = whole_token(self.ask(asset, "decimals()", "uint8"))
        return unit, self.ask(oracle, "getAssetPrice(address)", "uint256", asset)

    def _collateral(self, user: Address, asset: Address, oracle: Address) -> SideInfo:
        unit, price = self._priced(asset, oracle)
        token = self.ask(self.pool, "getReserveAToken(address)", "address", asset)
        balance = self.ask(token, "balanceOf(address)", "uint256", user)
        return SideInfo(token, balance, div(mul(balance, price), unit), price, unit)

    def _debt(self, user: Address, asset: Address, oracle: Address) -> SideInfo:
        unit, price = self._priced(asset, oracle)
        token = self.ask(self.pool, "getReserveVariableDebtToken(address)", "address", asset)
        balance = self.ask(token, "balanceOf(address)", "uint256", user)
        return SideInfo(token, balance, self.debt_value(balance, price, unit), price, unit)

    @staticmethod
    def debt_value(amount: int, price: int, unit: int) -> int:
        """The worth of a debt in base currency, rounded up."""
        return mul_div_ceil(amount, price, unit)

    # --- whether ----------------------------------------------------------------------------------------------------

    def may_liquidate(self, health_factor: int) -> bool:
        """Is the position unhealthy?"""
        return bool(health_factor < self.chain.revision.health_factor_liquidation_threshold)

    def is_ready(self, asset: Address, configuration: int, is_collateral: bool) -> bool:
        """Is the reserve active, not paused and past its grace period?"""
        grace = self.ask(self.pool, "getLiquidationGracePeriod(address)", "uint40", asset)
        over = bool(grace < self.chain.time)
        return bitmaps.is_active(configuration) and not bitmaps.is_paused(configuration) and over

    def _is_enabled(self, user: Address, reserve_id: int) -> bool:
        (flags,) = self.ask(self.pool, "getUserConfiguration(address)", "(uint256)", user)
        _check_index(reserve_id)
        return bitmaps.is_using_as_collateral(flags, reserve_id)

    # --- how much ---------------------------------------------------------------------------------------------------

    def _bonus(self, user: Address, reserve_id: int, configuration: int) -> int:
        """The liquidation bonus (bps): the e-mode's, where the collateral is in it."""
        category = self.ask(self.pool, "getUserEMode(address)", "uint256", user)
        signature = "getEModeCategoryCollateralBitmap(uint8)"
        bitmap = self.ask(self.pool, signature, "uint128", category & 0xFF)
        if category != 0:
            _check_index(reserve_id)
            if bitmaps.is_in_bitmap(bitmap, reserve_id):
                kinds = "(uint16,uint16,uint16,address,string)"
                data = self.ask(self.pool, "getEModeCategoryData(uint8)", kinds, category & 0xFF)
                return int(data[2])
        return bitmaps.liquidation_bonus(configuration)

    def _max_debt(self, position: UserPositionFullInfo, collateral: SideInfo, debt: SideInfo, wanted: int) -> int:
        """The debt that the close factor leaves to be liquidated, or what is wanted, whichever is less."""
        release, most = self.chain.revision, debt.balance
        large = release.min_base_for_close_factor
        if (
            collateral.balance_in_base_currency >= large
            and debt.balance_in_base_currency >= large
            and position.health_factor > release.close_factor_health_factor_threshold
        ):
            usual = percent_mul(position.total_debt_in_base_currency, release.close_factor)
            if debt.balance_in_base_currency > usual:
                most = div(mul(usual, debt.asset_unit), debt.price)
        return min(most, wanted)

    def _bought(self, collateral: SideInfo, debt: SideInfo, debt_amount: int) -> int:
        """The collateral that is worth an amount of debt, without a bonus."""
        numerator = mul(mul(debt.price, debt_amount), collateral.asset_unit)
        return div(numerator, mul(collateral.price, debt.asset_unit))

    def _needed(self, collateral: SideInfo, debt: SideInfo, collateral_amount: int, bonus: int) -> int:
        """The debt that an amount of collateral with its bonus costs."""
        numerator = mul(mul(collateral.price, collateral_amount), debt.asset_unit)
        worth = div(numerator, mul(debt.price, collateral.asset_unit))
        return int(self.chain.revision.needed_debt_percent_div(worth, bonus))

    def _with_fee(self, collateral: int, debt: int, bonus: int, fee_bps: int) -> Seizure:
        """Take the treasury's share of the bonus out of the collateral."""
        if fee_bps == 0:
            return Seizure(collateral, debt, 0)
        release = self.chain.revision
        bonus_part = sub(collateral, release.bonus_percent_div(collateral, bonus))
        fee = release.protocol_fee_percent_mul(bonus_part, fee_bps)
        return Seizure(sub(collateral, fee), debt, fee)

    def _available(self, most: int, bonus: int, collateral: SideInfo, debt: SideInfo, fee_bps: int) -> Seizure:
        wanted = self.chain.revision.seizure_percent_mul(self._bought(collateral, debt, most), bonus)
        if wanted > collateral.balance:
            wanted = collateral.balance
            most = self._needed(collateral, debt, wanted, bonus)
        return self._with_fee(wanted, most, bonus, fee_bps)

    def _without_dust(
        self, seizure: Seizure, bonus: int, collateral: SideInfo, debt: SideInfo, fee_bps: int
    ) -> Seizure:
        """Leave as much of both sides as the pool asks for, if anything is left of both."""
        least = self.chain.revision.min_leftover_base
        if add(seizure.collateral, seizure.protocol_fee) >= collateral.balance or seizure.debt >= debt.balance:
            return seizure
        left = sub(sub(collateral.balance, seizure.collateral), seizure.protocol_fee)
        collateral_left = div(mul(left, collateral.price), collateral.asset_unit)
        debt_left = self.debt_value(sub(debt.balance, seizure.debt), debt.price, debt.asset_unit)
        if collateral_left >= least and debt_left >= least:
            return seizure
        collateral_lacks, debt_lacks = max(least - collateral_left, 0), max(least - debt_left, 0)
        if collateral_lacks > debt_lacks:
            less = div(mul(collateral_lacks, collateral.asset_unit), collateral.price)
            amount = sub(seizure.collateral, less)
            debt_amount = self._needed(collateral, debt, amount, bonus)
        else:
            less = div(mul(debt_lacks, debt.asset_unit), debt.price)
            debt_amount = sub(seizure.debt, less)
            amount = self.chain.revision.seizure_percent_mul(self._bought(collateral, debt, debt_amount), bonus)
        if fee_bps == 0:
            return Seizure(amount, debt_amount, seizure.protocol_fee)
        return self._with_fee(amount, debt_amount, bonus, fee_bps)

    def takes_all(self, seizure: Seizure, collateral: SideInfo, debt: SideInfo) -> bool:
        """Is one side used up, so that a liquidator may just ask for everything?"""
        all_debt = seizure.debt != 0 and seizure.debt == debt.balance
        return all_debt or (seizure.collateral != 0 and seizure.collateral == collateral.balance)

    # --- the interface ----------------------------------------------------------------------------------------------

    @view("ADDRESSES_PROVIDER()", "address")
    def addresses_provider(self) -> Address:
        """The registry of the market."""
        return self.provider

    @view("POOL()", "address")
    def pool_address(self) -> Address:
        """The pool."""
        return self.pool

    @view("getUserPositionFullInfo(address)", POSITION)
    def get_user_position_full_info(self, user: Address) -> UserPositionFullInfo:
        """A user's position in base currency."""
        return self._position(user)

    @view("getCollateralFullInfo(address,address)", SIDE)
    def get_collateral_full_info(self, user: Address, collateral_asset: Address) -> SideInfo:
        """A user's claim on a reserve, priced."""
        return self._collateral(user, collateral_asset, self._oracle())

    @view("getDebtFullInfo(address,address)", SIDE)
    def get_debt_full_info(self, user: Address, debt_asset: Address) -> SideInfo:
        """A user's debt to a reserve, priced."""
        return self._debt(user, debt_asset, self._oracle())

    @view("getLiquidationInfo(address,address,address)", LIQUIDATION)
    def get_liquidation_info(self, user: Address, collateral_asset: Address, debt_asset: Address) -> LiquidationInfo:
        """The largest liquidation that is possible now."""
        return self._liquidation(user, collateral_asset, debt_asset, MAX_UINT256)

    @view("getLiquidationInfo(address,address,address,uint256)", LIQUIDATION)
    def get_liquidation_info_of_amount(
        self, user: Address, collateral_asset: Address, debt_asset: Address, debt_liquidation_amount: int
    ) -> LiquidationInfo:
        """The largest liquidation of up to this debt."""
        return self._liquidation(user, collateral_asset, debt_asset, debt_liquidation_amount)

    def _liquidation(
        self, user: Address, collateral_asset: Address, debt_asset: Address, wanted: int
    ) -> LiquidationInfo:
        position = self._position(user)
        oracle = self._oracle()
        collateral = self._collateral(user, collateral_asset, oracle)
        debt = self._debt(user, debt_asset, oracle)
        nothing = LiquidationInfo(position, collateral, debt, 0, 0, 0, 0)
        if debt.balance == 0 or not self.may_liquidate(position.health_factor):
            return nothing
        (configuration,), reserve_id = self._reserve(collateral_asset)
        (of_debt,), _ = self._reserve(debt_asset)
        if not self.is_ready(collateral_asset, configuration, True) or not self.is_ready(debt_asset, of_debt, False):
            return nothing
        if not self._is_enabled(user, reserve_id):
            return nothing
        bonus = self._bonus(user, reserve_id, configuration)
        most = self._max_debt(position, collateral, debt, wanted)
        fee_bps = bitmaps.liquidation_protocol_fee(configuration)
        seizure = self._available(most, bonus, collateral, debt, fee_bps)
        seizure = self._without_dust(seizure, bonus, collateral, debt, fee_bps)
        everything = self.takes_all(seizure, collateral, debt)
        return LiquidationInfo(position, collateral, debt, *seizure, MAX_UINT256 if everything else seizure.debt)

    def _reserve(self, asset: Address) -> tuple[tuple[int], int]:
        data = self.ask(self.pool, "getReserveData(address)", f"({RESERVE_DATA})", asset)
        return data[0], data[7]


def whole_token(decimals: int) -> int:
    """One whole token. Raises Panic(0x11) for more decimals than a number has digits."""
    return mul(10**decimals, 1)


def _check_index(reserve_id: int) -> None:
    if reserve_id >= bitmaps.MAX_RESERVES:
        raise InvalidReserveIndex()
