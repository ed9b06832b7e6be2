"""What the pool had until v3.3: the bridge, a strategy per reserve, a shared flash-loan premium.

Mainnet's GHO is left out: its own aToken minted and burned GHO, its own debt token gave discounts.
Solidity: `Pool`, v3.3.
"""

from __future__ import annotations

from typing import NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...contracts.pool_administration import PoolAdministration
from ...errors import AssetNotListed, CallerNotBridge, ZeroAddressNotValid
from ...logic.reserve import is_listed
from ...machine.function import external, view
from .bridge import execute_back_unbacked, execute_mint_unbacked


class WholeReserve(NamedTuple):
    """Solidity: `DataTypes.ReserveData`, v3.2."""

    configuration: tuple[int]
    liquidity_index: int
    current_liquidity_rate: int
    variable_borrow_index: int
    current_variable_borrow_rate: int
    current_stable_borrow_rate: int
    last_update_timestamp: int
    id: int
    liquidation_grace_period_until: int
    a_token_address: Address
    stable_debt_token_address: Address
    variable_debt_token_address: Address
    interest_rate_strategy_address: Address
    accrued_to_treasury: int
    unbacked: int
    isolation_mode_total_debt: int
    virtual_underlying_balance: int


class LegacyPool(PoolAdministration):
    """Functions that later pools lack."""

    __slots__ = ()

    def only_bridge(self, sender: Address) -> None:
        """Raises CallerNotBridge."""
        acl = self.chain.at(self.chain.at(self.provider).acl_manager_address)
        if not acl.is_bridge_(sender):
            raise CallerNotBridge()

    # --- the bridge -------------------------------------------------------------------------------------------------

    @external("mintUnbacked(address,uint256,address,uint16)", when="unbacked_bridge")
    def mint_unbacked(
        self, asset: Address, amount: int, on_behalf_of: Address, referral_code: int, *, sender: Address
    ) -> None:
        """Mint aTokens whose underlying is on its way. Raises CallerNotBridge, UnbackedMintCapExceeded."""
        self.only_bridge(sender)
        execute_mint_unbacked(self, sender, asset, amount, on_behalf_of, referral_code)

    @external("backUnbacked(address,uint256,uint256)", "uint256", when="unbacked_bridge")
    def back_unbacked(self, asset: Address, amount: int, fee: int, *, sender: Address) -> int:
        """Bring the underlying and a fee. Raises CallerNotBridge. Returns what was backed."""
        self.only_bridge(sender)
        return execute_back_unbacked(self, sender, asset, amount, fee)

    @external("updateBridgeProtocolFee(uint256)", when="unbacked_bridge")
    def update_bridge_protocol_fee(self, fee_bps: int, *, sender: Address) -> None:
        """For the configurator."""
        self.write_bridge_protocol_fee(sender, fee_bps)

    def write_bridge_protocol_fee(self, sender: Address, fee_bps: int) -> None:
        """Set the treasury's share of bridge fees."""
        self.only_pool_configurator(sender)
        self.bridge_protocol_fee = fee_bps

    @view("BRIDGE_PROTOCOL_FEE()", "uint256", when="unbacked_bridge")
    def bridge_protocol_fee_bps(self) -> int:
        """The treasury's share of bridge fees (bps)."""
        return self.bridge_protocol_fee

    @view("getBridgeLogic()", "address", when="unbacked_bridge")
    def get_bridge_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("BridgeLogic")

    # --- for the configurator ---------------------------------------------------------------------------------------

    @external("initReserve(address,address,address,address)", when="strategies_per_reserve")
    def init_reserve_with_strategy(
        self, asset: Address, a_token: Address, variable_debt_token: Address, strategy: Address, *, sender: Address
    ) -> None:
        """For the configurator."""
        self.list_reserve(sender, asset, a_token, variable_debt_token, strategy)

    @external("setReserveInterestRateStrategyAddress(address,address)", when="strategies_per_reserve")
    def set_reserve_interest_rate_strategy_address(self, asset: Address, strategy: Address, *, sender: Address) -> None:
        """For the configurator."""
        self.write_strategy(sender, asset, strategy)

    def write_strategy(self, sender: Address, asset: Address, strategy: Address) -> None:
        """Raises ZeroAddressNotValid, AssetNotListed."""
        self.only_pool_configurator(sender)
        if asset == ZERO_ADDRESS:
            raise ZeroAddressNotValid()
        if not is_listed(self, asset):
            raise AssetNotListed()
        self.reserves[asset].interest_rate_strategy = strategy

    @external("updateFlashloanPremiums(uint128,uint128)", when="flash_premium_is_split")
    def update_flashloan_premiums(self, premium_bps: int, treasury_share_bps: int, *, sender: Address) -> None:
        """For the configurator."""
        self.write_flash_loan_premiums(sender, premium_bps, treasury_share_bps)

    def write_flash_loan_premiums(self, sender: Address, premium_bps: int, treasury_share_bps: int) -> None:
        """Set the flash-loan premium and the treasury's share of it."""
        self.only_pool_configurator(sender)
        self.flash_loan_premium = premium_bps
        self.flash_loan_premium_to_protocol = treasury_share_bps

    # --- v3.2 -------------------------------------------------------------------------------------------------------

    @view(
        "getReserveDataExtended(address)",
        "((uint256),uint128,uint128,uint128,uint128,uint128,uint40,uint16,uint40,address,address,address,address,"
        "uint128,uint128,uint128,uint128)",
        when="whole_reserve_view",
    )
    def get_reserve_data_extended(self, asset: Address) -> WholeReserve:
        """A reserve as stored."""
        reserve = self.reserves[asset]
        return WholeReserve(
            (reserve.configuration,),
            reserve.liquidity_index,
            reserve.current_liquidity_rate,
            reserve.variable_borrow_index,
            reserve.current_variable_borrow_rate,
            0,
            reserve.last_update_timestamp,
            reserve.id,
            reserve.liquidation_grace_period_until,
            reserve.a_token,
            ZERO_ADDRESS,
            reserve.variable_debt_token,
            reserve.interest_rate_strategy,
            reserve.accrued_to_treasury,
            reserve.unbacked,
            reserve.isolation_mode_total_debt,
            reserve.virtual_underlying_balance,
        )
