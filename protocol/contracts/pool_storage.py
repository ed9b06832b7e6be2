"""The pool's storage and everything that only reads it. Solidity: `PoolStorage` and the getters of `Pool`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..address import ZERO_ADDRESS, Address
from ..errors import ZeroAddressNotValid
from ..logic.generic import available_borrows
from ..logic.reserve import normalized_debt, normalized_income
from ..machine.contract import ledger_of, records_of
from ..machine.function import view
from ..math.percentage import PERCENTAGE_FACTOR
from ..state import bitmaps
from ..state.records import EModeCategory, Reserve
from ..state.storage import Ledger, RecordMap
from .addresses_provider import MOCK_STABLE_DEBT, PRICE_ORACLE, PRICE_ORACLE_SENTINEL
from .proxy import Proxied

if TYPE_CHECKING:
    from ..chain import Chain
    from ..logic.terms import Revision


class UserAccountData(NamedTuple):
    """Amounts in base currency (8 decimals), ratios in basis points, the health factor a wad."""

    total_collateral_base: int
    total_debt_base: int
    available_borrows_base: int
    current_liquidation_threshold: int
    ltv: int
    health_factor: int


class ReserveDataLegacy(NamedTuple):
    """A reserve as stored, not projected to now. Solidity: `DataTypes.ReserveDataLegacy`."""

    configuration: tuple[int]
    liquidity_index: int
    current_liquidity_rate: int
    variable_borrow_index: int
    current_variable_borrow_rate: int
    current_stable_borrow_rate: int
    last_update_timestamp: int
    id: int
    a_token_address: Address
    stable_debt_token_address: Address
    variable_debt_token_address: Address
    interest_rate_strategy_address: Address
    accrued_to_treasury: int
    unbacked: int
    isolation_mode_total_debt: int


class EModeCategoryLegacy(NamedTuple):
    """Solidity: `DataTypes.EModeCategoryLegacy`."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int
    price_source: Address
    label: str


class CollateralConfig(NamedTuple):
    """Solidity: `DataTypes.CollateralConfig`."""

    ltv: int
    liquidation_threshold: int
    liquidation_bonus: int


class PoolStorage(Proxied):
    """The pool's storage, and its views."""

    KIND = "PoolInstance"
    FAMILY = "pool"
    STORAGE = {
        **Proxied.STORAGE,
        "reserves": records_of(Reserve),
        "reserves_list": ledger_of(ZERO_ADDRESS),
        "reserves_count": 0,
        "users_config": ledger_of(0),
        "users_e_mode": ledger_of(0),
        "e_modes": records_of(EModeCategory),
        "position_managers": ledger_of(False),
        "flash_loan_premium": 0,
        "flash_loan_premium_to_protocol": 0,
        "bridge_protocol_fee": 0,
        "max_stable_rate_borrow_size_percent": 0,
    }
    IMMUTABLES = (*Proxied.IMMUTABLES, "provider", "rate_strategy")
    __slots__ = (
        "bridge_protocol_fee",
        "e_modes",
        "flash_loan_premium",
        "flash_loan_premium_to_protocol",
        "max_stable_rate_borrow_size_percent",
        "position_managers",
        "provider",
        "rate_strategy",
        "reserves",
        "reserves_count",
        "reserves_list",
        "users_config",
        "users_e_mode",
    )

    provider: Address
    rate_strategy: Address
    reserves: RecordMap[Address, Reserve]
    reserves_list: Ledger[int, Address]
    reserves_count: int
    users_config: Ledger[Address, int]
    users_e_mode: Ledger[Address, int]
    e_modes: RecordMap[int, EModeCategory]
    position_managers: Ledger[tuple[Address, Address], bool]
    flash_loan_premium: int
    flash_loan_premium_to_protocol: int
    bridge_protocol_fee: int
    max_stable_rate_borrow_size_percent: int
    """Set by v3.0.2; later pools carry it along."""

    def __init__(
        self,
        chain: Chain,
        at: Address,
        provider: Address,
        rate_strategy: Address = ZERO_ADDRESS,
        *,
        code_revision: int | None = None,
    ) -> None:
        self.check_rate_strategy(rate_strategy)
        super().__init__(chain, at, chain.revision.pool_revision if code_revision is None else code_revision)
        self.initialise(provider=provider, rate_strategy=rate_strategy)

    @staticmethod
    def check_rate_strategy(rate_strategy: Address) -> None:
        """Raises ZeroAddressNotValid: the code of the pool names the one strategy of all reserves."""
        if rate_strategy == ZERO_ADDRESS:
            raise ZeroAddressNotValid()

    # --- for the rules and for other contracts ----------------------------------------------------------------------

    @property
    def revision(self) -> Revision:
        """The decisions in force."""
        return self.chain.revision

    @property
    def oracle(self) -> Any:
        """The price oracle. Reverts without data when there is none."""
        return self.chain.answering(self.chain.contracts[self.provider].addresses[PRICE_ORACLE])

    @property
    def sentinel(self) -> Any | None:
        """The price-oracle sentinel, or None."""
        where = self.chain.contracts[self.provider].addresses[PRICE_ORACLE_SENTINEL]
        return None if where == ZERO_ADDRESS else self.chain.at(where)

    def income_of(self, asset: Address) -> int:
        """The liquidity index (ray) of an asset now."""
        return normalized_income(self.reserves[asset], self.chain.time)

    def debt_index_of(self, asset: Address) -> int:
        """The debt index (ray) of an asset now."""
        return normalized_debt(self, self.reserves[asset])

    def strategy_of(self, reserve: Reserve) -> Address:
        """A reserve's rate strategy: the pool's, which serves them all."""
        return self.rate_strategy

    # --- reserves ---------------------------------------------------------------------------------------------------

    @view(
        "getReserveData(address)",
        "((uint256),uint128,uint128,uint128,uint128,uint128,uint40,uint16,address,address,address,address,uint128,"
        "uint128,uint128)",
    )
    def get_reserve_data(self, asset: Address) -> ReserveDataLegacy:
        """A reserve as stored, in the layout of old integrations."""
        return self.reserve_data(self.reserves[asset], 0, self.stable_debt_token())

    def reserve_data(self, reserve: Reserve, stable_rate: int, stable_debt_token: Address) -> ReserveDataLegacy:
        """The struct that tells of a reserve."""
        return ReserveDataLegacy(
            (reserve.configuration,),
            reserve.liquidity_index,
            reserve.current_liquidity_rate,
            reserve.variable_borrow_index,
            reserve.current_variable_borrow_rate,
            stable_rate,
            reserve.last_update_timestamp,
            reserve.id,
            reserve.a_token,
            stable_debt_token,
            reserve.variable_debt_token,
            self.strategy_of(reserve),
            reserve.accrued_to_treasury,
            reserve.unbacked,
            reserve.isolation_mode_total_debt,
        )

    def stable_debt_token(self) -> Address:
        """A mock for integrations that still ask for it."""
        mock: Address = self.chain.at(self.provider).addresses[MOCK_STABLE_DEBT]
        return mock

    @view("getConfiguration(address)", "(uint256)")
    def get_configuration(self, asset: Address) -> tuple[int]:
        """The packed configuration."""
        return (self.reserves[asset].configuration,)

    @view("getReserveNormalizedIncome(address)", "uint256")
    def get_reserve_normalized_income(self, asset: Address) -> int:
        """The liquidity index now (ray)."""
        return self.income_of(asset)

    @view("getReserveNormalizedVariableDebt(address)", "uint256")
    def get_reserve_normalized_variable_debt(self, asset: Address) -> int:
        """The debt index now (ray); it grows in this view even where nobody owes."""
        return self.debt_index_of(asset)

    @view("getVirtualUnderlyingBalance(address)", "uint128")
    def get_virtual_underlying_balance(self, asset: Address) -> int:
        """The liquidity the pool knows of; donations are not in it."""
        return self.reserves[asset].virtual_underlying_balance

    @view("getReserveDeficit(address)", "uint256")
    def get_reserve_deficit(self, asset: Address) -> int:
        """Bad debt not yet covered."""
        return self.reserves[asset].deficit

    @view("getReserveAToken(address)", "address")
    def get_reserve_a_token(self, asset: Address) -> Address:
        """The asset's aToken."""
        return self.reserves[asset].a_token

    @view("getReserveVariableDebtToken(address)", "address")
    def get_reserve_variable_debt_token(self, asset: Address) -> Address:
        """The asset's debt token."""
        return self.reserves[asset].variable_debt_token

    @view("getLiquidationGracePeriod(address)", "uint40")
    def get_liquidation_grace_period(self, asset: Address) -> int:
        """Until when (inclusive) the asset is safe from liquidations."""
        return self.reserves[asset].liquidation_grace_period_until

    @view("getReservesList()", "address[]")
    def get_reserves_list(self) -> list[Address]:
        """Listed assets by id, gaps left out."""
        slots = (self.reserves_list[reserve_id] for reserve_id in range(self.reserves_count))
        return [asset for asset in slots if asset != ZERO_ADDRESS]

    @view("getReservesCount()", "uint256")
    def get_reserves_count(self) -> int:
        """How many ids have been given out, gaps included."""
        return self.reserves_count

    @view("getReserveAddressById(uint16)", "address")
    def get_reserve_address_by_id(self, reserve_id: int) -> Address:
        """The asset with an id; zero for none."""
        return self.reserves_list[reserve_id]

    # --- users ------------------------------------------------------------------------------------------------------

    @view("getUserAccountData(address)", "uint256,uint256,uint256,uint256,uint256,uint256")
    def get_user_account_data(self, user: Address) -> UserAccountData:
        """A user's position in base currency. Mind the order: the threshold precedes the LTV."""
        account = self.chain.revision.account_data(self, user, self.users_e_mode[user])
        collateral, debt, ltv, threshold, health_factor, _ = account
        return UserAccountData(
            collateral, debt, available_borrows(self, collateral, debt, ltv), threshold, ltv, health_factor
        )

    @view("getUserConfiguration(address)", "(uint256)")
    def get_user_configuration(self, user: Address) -> tuple[int]:
        """A user's borrow and collateral bits."""
        return (self.users_config[user],)

    @view("getUserEMode(address)", "uint256")
    def get_user_e_mode(self, user: Address) -> int:
        """A user's e-mode category; 0 for none."""
        return self.users_e_mode[user]

    @view("isApprovedPositionManager(address,address)", "bool")
    def is_approved_position_manager(self, user: Address, position_manager: Address) -> bool:
        """May the manager set the user's e-mode and collateral flags?"""
        return self.position_managers[user, position_manager]

    # --- e-mode categories ------------------------------------------------------------------------------------------

    @view("getEModeCategoryData(uint8)", "(uint16,uint16,uint16,address,string)")
    def get_e_mode_category_data(self, category_id: int) -> EModeCategoryLegacy:
        """A category in the layout of old integrations."""
        category = self.e_modes[category_id]
        return EModeCategoryLegacy(
            category.ltv, category.liquidation_threshold, category.liquidation_bonus, ZERO_ADDRESS, category.label
        )

    @view("getEModeCategoryCollateralConfig(uint8)", "(uint16,uint16,uint16)")
    def get_e_mode_category_collateral_config(self, category_id: int) -> CollateralConfig:
        """LTV, threshold and bonus of a category (bps)."""
        category = self.e_modes[category_id]
        return CollateralConfig(category.ltv, category.liquidation_threshold, category.liquidation_bonus)

    @view("getEModeCategoryLabel(uint8)", "string")
    def get_e_mode_category_label(self, category_id: int) -> str:
        """A category's name."""
        return self.e_modes[category_id].label

    @view("getEModeCategoryCollateralBitmap(uint8)", "uint128")
    def get_e_mode_category_collateral_bitmap(self, category_id: int) -> int:
        """Which reserves have the category's parameters as collateral."""
        return self.e_modes[category_id].collateral_bitmap

    @view("getEModeCategoryBorrowableBitmap(uint8)", "uint128")
    def get_e_mode_category_borrowable_bitmap(self, category_id: int) -> int:
        """Which reserves may be borrowed in the category."""
        return self.e_modes[category_id].borrowable_bitmap

    @view("getEModeCategoryLtvzeroBitmap(uint8)", "uint128")
    def get_e_mode_category_ltvzero_bitmap(self, category_id: int) -> int:
        """Which of the category's collaterals lend nothing."""
        return self.e_modes[category_id].ltvzero_bitmap

    @view("getIsEModeCategoryIsolated(uint8)", "bool")
    def get_is_e_mode_category_isolated(self, category_id: int) -> bool:
        """Does only the category's collateral lend to its users?"""
        return self.e_modes[category_id].isolated

    # --- constants --------------------------------------------------------------------------------------------------

    @view("ADDRESSES_PROVIDER()", "address")
    def addresses_provider(self) -> Address:
        """The registry of the market."""
        return self.provider

    @view("RESERVE_INTEREST_RATE_STRATEGY()", "address")
    def reserve_interest_rate_strategy(self) -> Address:
        """The one rate strategy of all reserves."""
        return self.rate_strategy

    @view("FLASHLOAN_PREMIUM_TOTAL()", "uint128")
    def flashloan_premium_total(self) -> int:
        """The flash-loan premium (bps)."""
        return self.flash_loan_premium

    @view("FLASHLOAN_PREMIUM_TO_PROTOCOL()", "uint128")
    def flashloan_premium_to_protocol(self) -> int:
        """The treasury's share of it (bps): all."""
        return PERCENTAGE_FACTOR

    @view("MAX_NUMBER_RESERVES()", "uint16")
    def max_number_reserves(self) -> int:
        """128."""
        return bitmaps.MAX_RESERVES

    @view("POOL_REVISION()", "uint256")
    def pool_revision(self) -> int:
        """The contract's revision number."""
        return self.chain.revision.pool_revision

    @view("UMBRELLA()", "bytes32")
    def umbrella_id(self) -> bytes:
        """The id under which the registry knows the umbrella."""
        return b"UMBRELLA".ljust(32, b"\0")

    @view("getBorrowLogic()", "address")
    def get_borrow_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("BorrowLogic")

    @view("getFlashLoanLogic()", "address")
    def get_flash_loan_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("FlashLoanLogic")

    @view("getLiquidationLogic()", "address")
    def get_liquidation_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("LiquidationLogic")

    @view("getPoolLogic()", "address")
    def get_pool_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("PoolLogic")

    @view("getSupplyLogic()", "address")
    def get_supply_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("SupplyLogic")
