"""Governance of the pool's parameters. Solidity: `PoolConfigurator`, `PoolConfiguratorInstance`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import events
from ..address import ZERO_ADDRESS, Address
from ..errors import (
    CallerNotAssetListingOrPoolAdmin,
    CallerNotPoolAdmin,
    CallerNotPoolOrEmergencyAdmin,
    CallerNotRiskOrPoolAdmin,
    CallerNotRiskOrPoolOrEmergencyAdmin,
    FlashloanPremiumInvalid,
    InvalidGracePeriod,
    InvalidLiquidationProtocolFee,
    InvalidReserveFactor,
    Panic,
    ReserveDebtNotZero,
    ReserveLiquidityNotZero,
)
from ..logic.configurator import (
    InitReserveInput,
    UpdateTokenInput,
    execute_init_reserve,
    execute_update_a_token,
    execute_update_variable_debt_token,
    set_rate_data,
)
from ..machine.contract import ledger_of
from ..machine.function import external, view
from ..machine.lazy_calldata import struct_of
from ..math.percentage import PERCENTAGE_FACTOR
from ..math.uint import MASK_40
from ..state import bitmaps
from ..state.storage import Ledger
from .addresses_provider import DATA_PROVIDER
from .proxy import Proxied, create_proxy, refuse_admin, upgrade_and_call

if TYPE_CHECKING:
    from ..chain import Chain

MAX_GRACE_PERIOD = 4 * 60 * 60
_INIT_RESERVE_INPUT = "(address,address,address,string,string,string,string,bytes,bytes)"
_UPDATE_TOKEN_INPUT = "(address,string,string,address,bytes)"


class ConfiguratorBase(Proxied):
    """Storage, roles and the checks that several setters share."""

    KIND = "PoolConfiguratorInstance"
    STORAGE = {**Proxied.STORAGE, "provider": ZERO_ADDRESS, "pool": ZERO_ADDRESS, "pending_ltv": ledger_of(0)}
    __slots__ = ("pending_ltv", "pool", "provider")

    provider: Address
    pool: Address
    pending_ltv: Ledger[Address, int]

    def __init__(self, chain: Chain, at: Address, code_revision: int | None = None) -> None:
        super().__init__(chain, at, chain.revision.configurator_revision if code_revision is None else code_revision)

    def get_pool(self) -> Any:
        """The pool it configures."""
        return self.chain.at(self.pool)

    def configuration(self, asset: Address) -> int:
        """The packed configuration of an asset."""
        config: int = self.get_pool().reserves[asset].configuration
        return config

    def write(self, asset: Address, configuration: int) -> None:
        """Write a packed configuration. Raises ZeroAddressNotValid, AssetNotListed."""
        self.get_pool().write_configuration(self.address, asset, configuration)

    def asked(self, where: Address) -> Any:
        """A contract that is going to be called. Raises a string error for a token proxy, which answers no admin."""
        contract = self.chain.answering(where)
        refuse_admin(contract, self.address)
        return contract

    def decimals_of(self, asset: Address) -> int:
        """What a token says. Raises a string error for an aToken or debt token of this market, whose admin asks."""
        decimals: int = self.asked(asset).decimals()
        return decimals

    # --- proxies of the tokens --------------------------------------------------------------------------------------

    def create_token_proxy(self, implementation: Address, data: bytes) -> Address:
        """A new token proxy of which this contract is admin."""
        return create_proxy(self.chain, self.address, implementation, data).address

    def upgrade_token_proxy(self, proxy: Address, implementation: Address, data: bytes) -> None:
        """New code behind a token proxy."""
        token = self.chain.at(proxy)
        upgrade_and_call(token, implementation, self.address, data)

    # --- roles ------------------------------------------------------------------------------------------------------

    def _acl(self) -> Any:
        return self.asked(self.chain.at(self.provider).acl_manager_address)

    def only_pool_admin(self, sender: Address) -> None:
        """Raises CallerNotPoolAdmin."""
        if not self._acl().is_pool_admin_(sender):
            raise CallerNotPoolAdmin()

    def only_emergency_or_pool_admin(self, sender: Address) -> None:
        """Raises CallerNotPoolOrEmergencyAdmin."""
        acl = self._acl()
        if not (acl.is_pool_admin_(sender) or acl.is_emergency_admin_(sender)):
            raise CallerNotPoolOrEmergencyAdmin()

    def only_asset_listing_or_pool_admins(self, sender: Address) -> None:
        """Raises CallerNotAssetListingOrPoolAdmin."""
        acl = self._acl()
        if not (acl.is_asset_listing_admin_(sender) or acl.is_pool_admin_(sender)):
            raise CallerNotAssetListingOrPoolAdmin()

    def only_risk_or_pool_admins(self, sender: Address) -> None:
        """Raises CallerNotRiskOrPoolAdmin."""
        acl = self._acl()
        if not (acl.is_risk_admin_(sender) or acl.is_pool_admin_(sender)):
            raise CallerNotRiskOrPoolAdmin()

    def only_risk_or_pool_or_emergency_admins(self, sender: Address) -> None:
        """Raises CallerNotRiskOrPoolOrEmergencyAdmin."""
        acl = self._acl()
        if not (acl.is_risk_admin_(sender) or acl.is_pool_admin_(sender) or acl.is_emergency_admin_(sender)):
            raise CallerNotRiskOrPoolOrEmergencyAdmin()

    # --- shared checks ----------------------------------------------------------------------------------------------

    def check_no_suppliers(self, asset: Address) -> None:
        """Raises ReserveLiquidityNotZero. Asks the data provider: without one it reverts without data."""
        accrued = self.get_pool().reserves[asset].accrued_to_treasury
        data_provider = self.asked(self.chain.at(self.provider).addresses[DATA_PROVIDER])
        if data_provider.a_token_total_supply(asset) != 0 or accrued != 0:
            raise ReserveLiquidityNotZero()

    def check_no_borrowers(self, asset: Address) -> None:
        """Raises ReserveDebtNotZero. Asks the data provider: without one it reverts without data."""
        if self.asked(self.chain.at(self.provider).addresses[DATA_PROVIDER]).total_debt(asset) != 0:
            raise ReserveDebtNotZero()


class ReserveSettings(ConfiguratorBase):
    """Listing, tokens and the settings of a single reserve."""

    __slots__ = ()

    @external("initialize(address)")
    def initialize(self, provider: Address, *, sender: Address) -> None:
        """Set up the proxy: remember the registry and its pool."""
        self.begin_initialize()
        self.provider = provider
        self.pool = self.chain.answering(provider).registered_pool

    @external(f"initReserves({_INIT_RESERVE_INPUT}[])", lazy={0: InitReserveInput._fields})
    def init_reserves(self, inputs: list[tuple[Any, ...]], *, sender: Address) -> None:
        """List assets, all or none."""
        self.only_asset_listing_or_pool_admins(sender)
        pool = self.get_pool()
        for values in inputs:
            listing = struct_of(InitReserveInput, values, whole=self.chain.revision.copies_listings)
            execute_init_reserve(self, pool, listing)
            self.emit(
                events.ReserveInterestRateDataChanged(
                    listing.underlying_asset, pool.rate_strategy, listing.interest_rate_data
                )
            )

    @external(f"updateAToken({_UPDATE_TOKEN_INPUT})", lazy={0: UpdateTokenInput._fields})
    def update_a_token(self, update: tuple[Any, ...], *, sender: Address) -> None:
        """Upgrade an aToken."""
        self.only_pool_admin(sender)
        execute_update_a_token(self, self.get_pool(), struct_of(UpdateTokenInput, update))

    @external(
        f"updateVariableDebtToken({_UPDATE_TOKEN_INPUT})",
        lazy={0: UpdateTokenInput._fields},
    )
    def update_variable_debt_token(self, update: tuple[Any, ...], *, sender: Address) -> None:
        """Upgrade a debt token."""
        self.only_pool_admin(sender)
        execute_update_variable_debt_token(self, self.get_pool(), struct_of(UpdateTokenInput, update))

    @external("setReserveBorrowing(address,bool)")
    def set_reserve_borrowing(self, asset: Address, enabled: bool, *, sender: Address) -> None:
        """Allow or forbid borrowing outside e-mode."""
        self.only_risk_or_pool_admins(sender)
        self.write(asset, bitmaps.with_borrowing_enabled(self.configuration(asset), enabled))
        self.emit(events.ReserveBorrowing(asset, enabled))

    @external("setReserveFlashLoaning(address,bool)")
    def set_reserve_flash_loaning(self, asset: Address, enabled: bool, *, sender: Address) -> None:
        """Allow or forbid flash loans."""
        self.only_risk_or_pool_admins(sender)
        self.write(asset, bitmaps.with_flash_loan_enabled(self.configuration(asset), enabled))
        self.emit(events.ReserveFlashLoaning(asset, enabled))

    @external("setReserveActive(address,bool)")
    def set_reserve_active(self, asset: Address, active: bool, *, sender: Address) -> None:
        """Deactivating takes that nobody supplies. Raises ReserveLiquidityNotZero."""
        self.only_pool_admin(sender)
        if not active:
            self.check_no_suppliers(asset)
        self.write(asset, bitmaps.with_active(self.configuration(asset), active))
        self.emit(events.ReserveActive(asset, active))

    @external("setReservePause(address,bool,uint40)", also="setReservePause(address,bool)")
    def set_reserve_pause(self, asset: Address, paused: bool, grace_period: int = 0, *, sender: Address) -> None:
        """Pause, or unpause with seconds of grace from liquidation. Raises InvalidGracePeriod above 4 hours."""
        self._set_reserve_pause(asset, paused, grace_period, sender)

    @external("setPoolPause(bool,uint40)", also="setPoolPause(bool)")
    def set_pool_pause(self, paused: bool, grace_period: int = 0, *, sender: Address) -> None:
        """The same for every listed asset."""
        self.only_emergency_or_pool_admin(sender)
        for asset in self.get_pool().get_reserves_list():
            self._set_reserve_pause(asset, paused, grace_period, sender)

    def _set_reserve_pause(self, asset: Address, paused: bool, grace_period: int, sender: Address) -> None:
        self.only_emergency_or_pool_admin(sender)
        if not paused and grace_period != 0:
            if grace_period > MAX_GRACE_PERIOD:
                raise InvalidGracePeriod()
            until = self.chain.time + grace_period
            if until > MASK_40:
                raise Panic()
            self.get_pool().write_grace_period(self.address, asset, until)
            self.emit(events.LiquidationGracePeriodChanged(asset, until))
        self.write(asset, bitmaps.with_paused(self.configuration(asset), paused))
        self.emit(events.ReservePaused(asset, paused))

    @external("disableLiquidationGracePeriod(address)")
    def disable_liquidation_grace_period(self, asset: Address, *, sender: Address) -> None:
        """Allow liquidations at once."""
        self.only_emergency_or_pool_admin(sender)
        self.get_pool().write_grace_period(self.address, asset, 0)
        self.emit(events.LiquidationGracePeriodDisabled(asset))

    @external("setReserveFactor(address,uint256)")
    def set_reserve_factor(self, asset: Address, new_reserve_factor: int, *, sender: Address) -> None:
        """The treasury's share of interest (bps), in force from now on. Raises InvalidReserveFactor."""
        self.only_risk_or_pool_admins(sender)
        if new_reserve_factor > PERCENTAGE_FACTOR:
            raise InvalidReserveFactor()
        pool = self.get_pool()
        pool.sync_indexes(self.address, asset)
        config = self.configuration(asset)
        self.write(asset, bitmaps.with_reserve_factor(config, new_reserve_factor))
        self.emit(events.ReserveFactorChanged(asset, bitmaps.reserve_factor(config), new_reserve_factor))
        pool.sync_rates(self.address, asset)

    @external("setReserveInterestRateData(address,bytes)")
    def set_reserve_interest_rate_data(self, asset: Address, rate_data: bytes, *, sender: Address) -> None:
        """ABI-encoded rate parameters, in force from now on."""
        self.only_risk_or_pool_admins(sender)
        pool = self.get_pool()
        strategy = pool.strategy_of(pool.reserves[asset])
        pool.sync_indexes(self.address, asset)
        set_rate_data(self, strategy, asset, rate_data)
        self.emit(events.ReserveInterestRateDataChanged(asset, strategy, rate_data))
        pool.sync_rates(self.address, asset)

    @external("setBorrowCap(address,uint256)")
    def set_borrow_cap(self, asset: Address, new_borrow_cap: int, *, sender: Address) -> None:
        """In whole tokens, 0 for none. Raises InvalidBorrowCap."""
        self.only_risk_or_pool_admins(sender)
        config = self.configuration(asset)
        self.write(asset, bitmaps.with_borrow_cap(config, new_borrow_cap))
        self.emit(events.BorrowCapChanged(asset, bitmaps.borrow_cap(config), new_borrow_cap))

    @external("setSupplyCap(address,uint256)")
    def set_supply_cap(self, asset: Address, new_supply_cap: int, *, sender: Address) -> None:
        """In whole tokens, 0 for none. Raises InvalidSupplyCap."""
        self.only_risk_or_pool_admins(sender)
        config = self.configuration(asset)
        self.write(asset, bitmaps.with_supply_cap(config, new_supply_cap))
        self.emit(events.SupplyCapChanged(asset, bitmaps.supply_cap(config), new_supply_cap))

    @external("setLiquidationProtocolFee(address,uint256)")
    def set_liquidation_protocol_fee(self, asset: Address, new_fee: int, *, sender: Address) -> None:
        """The treasury's share of the liquidation bonus (bps). Raises InvalidLiquidationProtocolFee."""
        self.only_risk_or_pool_admins(sender)
        if new_fee > PERCENTAGE_FACTOR:
            raise InvalidLiquidationProtocolFee()
        config = self.configuration(asset)
        self.write(asset, bitmaps.with_liquidation_protocol_fee(config, new_fee))
        old_fee = bitmaps.liquidation_protocol_fee(config)
        self.emit(events.LiquidationProtocolFeeChanged(asset, old_fee, new_fee))

    @external("updateFlashloanPremium(uint128)")
    def update_flashloan_premium(self, new_premium: int, *, sender: Address) -> None:
        """The flash-loan premium (bps). Raises FlashloanPremiumInvalid above 100%."""
        self.only_pool_admin(sender)
        if new_premium > PERCENTAGE_FACTOR:
            raise FlashloanPremiumInvalid()
        pool = self.get_pool()
        old_premium = pool.flash_loan_premium
        pool.write_flash_loan_premium(self.address, new_premium)
        self.emit(events.FlashloanPremiumTotalUpdated(old_premium, new_premium))

    @view("getPendingLtv(address)", "uint256")
    def get_pending_ltv(self, asset: Address) -> int:
        """The LTV (bps) a frozen or ltv-zero reserve would have otherwise."""
        return self.pending_ltv[asset]

    @view("MAX_GRACE_PERIOD()", "uint40")
    def max_grace_period(self) -> int:
        """Four hours."""
        return MAX_GRACE_PERIOD

    @view("CONFIGURATOR_REVISION()", "uint256")
    def configurator_revision(self) -> int:
        """The contract's revision number."""
        return self.chain.revision.configurator_revision
