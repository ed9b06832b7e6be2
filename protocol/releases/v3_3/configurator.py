"""The configurator as it was in v3.3: listing with strategies, the bridge's limits, a shared flash-loan premium.

Solidity: `PoolConfigurator`, v3.3.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ... import events
from ...address import Address
from ...errors import BridgeProtocolFeeInvalid, FlashloanPremiumInvalid
from ...logic.configurator import set_rate_data
from ...machine.function import external
from ...machine.lazy_calldata import struct_of
from ...math.percentage import PERCENTAGE_FACTOR
from ...state import bitmaps
from ..v3_5.configurator import PoolConfiguratorV35
from .listing import (
    InitReserveInput,
    UpdateATokenInput,
    UpdateDebtTokenInput,
    execute_init_reserve,
    execute_update_a_token,
    execute_update_variable_debt_token,
)

_INIT_RESERVE = "(address,address,bool,address,address,address,address,string,string,string,string,bytes,bytes)"
UPDATE_A_TOKEN = "(address,address,address,string,string,address,bytes)"
UPDATE_DEBT_TOKEN = "(address,address,string,string,address,bytes)"


class PoolConfiguratorV33(PoolConfiguratorV35):
    """Lists assets with a strategy, a treasury and a rewards controller each, and limits the bridge."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "initReserves((address,address,address,string,string,string,string,bytes,bytes)[])",
        "updateAToken((address,string,string,address,bytes))",
        "updateVariableDebtToken((address,string,string,address,bytes))",
        "updateFlashloanPremium(uint128)",
    )
    __slots__ = ()

    @external(f"initReserves({_INIT_RESERVE}[])", lazy={0: InitReserveInput._fields})
    def init_reserves_with_strategies(self, inputs: list[tuple[Any, ...]], *, sender: Address) -> None:
        """List assets, all or none."""
        self.only_asset_listing_or_pool_admins(sender)
        pool = self.get_pool()
        for values in inputs:
            listing = struct_of(InitReserveInput, values, whole=self.chain.revision.copies_listings)
            execute_init_reserve(self, pool, listing)
            self.emit(
                events.ReserveInterestRateDataChanged(
                    listing.underlying_asset, listing.interest_rate_strategy, listing.interest_rate_data
                )
            )

    @external(f"updateAToken({UPDATE_A_TOKEN})", lazy={0: UpdateATokenInput._fields})
    def update_original_a_token(self, update: tuple[Any, ...], *, sender: Address) -> None:
        """Upgrade an aToken."""
        self.only_pool_admin(sender)
        execute_update_a_token(self, self.get_pool(), struct_of(UpdateATokenInput, update))

    @external(
        f"updateVariableDebtToken({UPDATE_DEBT_TOKEN})",
        lazy={0: UpdateDebtTokenInput._fields},
    )
    def update_original_variable_debt_token(self, update: tuple[Any, ...], *, sender: Address) -> None:
        """Upgrade a debt token."""
        self.only_pool_admin(sender)
        execute_update_variable_debt_token(self, self.get_pool(), struct_of(UpdateDebtTokenInput, update))

    @external("setReserveInterestRateStrategyAddress(address,address,bytes)")
    def set_reserve_interest_rate_strategy_address(
        self, asset: Address, strategy: Address, rate_data: bytes, *, sender: Address
    ) -> None:
        """Another rate strategy with ABI-encoded parameters, in force from now on."""
        self.only_risk_or_pool_admins(sender)
        pool = self.get_pool()
        old_strategy = pool.strategy_of(pool.reserves[asset])
        pool.sync_indexes(self.address, asset)
        set_rate_data(self, strategy, asset, rate_data)
        self.emit(events.ReserveInterestRateDataChanged(asset, strategy, rate_data))
        if strategy != old_strategy:
            pool.write_strategy(self.address, asset, strategy)
            self.emit(events.ReserveInterestRateStrategyChanged(asset, old_strategy, strategy))
        pool.sync_rates(self.address, asset)

    @external("setUnbackedMintCap(address,uint256)")
    def set_unbacked_mint_cap(self, asset: Address, new_cap: int, *, sender: Address) -> None:
        """How much the bridge may mint ahead, in whole tokens. Raises InvalidUnbackedMintCap."""
        self.only_risk_or_pool_admins(sender)
        config = self.configuration(asset)
        self.write(asset, bitmaps.with_unbacked_mint_cap(config, new_cap))
        self.emit(events.UnbackedMintCapChanged(asset, bitmaps.unbacked_mint_cap(config), new_cap))

    @external("updateBridgeProtocolFee(uint256)")
    def update_bridge_protocol_fee(self, new_fee: int, *, sender: Address) -> None:
        """The treasury's share of bridge fees (bps). Raises BridgeProtocolFeeInvalid above 100%."""
        self.only_pool_admin(sender)
        if new_fee > PERCENTAGE_FACTOR:
            raise BridgeProtocolFeeInvalid()
        pool = self.get_pool()
        old_fee = pool.bridge_protocol_fee
        pool.write_bridge_protocol_fee(self.address, new_fee)
        self.emit(events.BridgeProtocolFeeUpdated(old_fee, new_fee))

    @external("updateFlashloanPremiumTotal(uint128)")
    def update_flashloan_premium_total(self, new_premium: int, *, sender: Address) -> None:
        """The flash-loan premium (bps). Raises FlashloanPremiumInvalid above 100%."""
        self.only_pool_admin(sender)
        if new_premium > PERCENTAGE_FACTOR:
            raise FlashloanPremiumInvalid()
        pool = self.get_pool()
        old_premium = pool.flash_loan_premium
        pool.write_flash_loan_premiums(self.address, new_premium, pool.flash_loan_premium_to_protocol)
        self.emit(events.FlashloanPremiumTotalUpdated(old_premium, new_premium))

    @external("updateFlashloanPremiumToProtocol(uint128)")
    def update_flashloan_premium_to_protocol(self, new_share: int, *, sender: Address) -> None:
        """The treasury's share of the premium (bps). Raises FlashloanPremiumInvalid above 100%."""
        self.only_pool_admin(sender)
        if new_share > PERCENTAGE_FACTOR:
            raise FlashloanPremiumInvalid()
        pool = self.get_pool()
        old_share = pool.flash_loan_premium_to_protocol
        pool.write_flash_loan_premiums(self.address, pool.flash_loan_premium, new_share)
        self.emit(events.FlashloanPremiumToProtocolUpdated(old_share, new_share))
