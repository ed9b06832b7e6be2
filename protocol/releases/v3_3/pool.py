"""The pool as it was in v3.3: the bridge, a strategy per reserve, a shared flash-loan premium.

Mainnet's GHO is left out: its own aToken minted and burned GHO, its own debt token gave discounts.
Solidity: `Pool`, v3.3.
"""

from __future__ import annotations

from typing import ClassVar

from ...address import ZERO_ADDRESS, Address
from ...contracts.l2_pool import L2Pool
from ...errors import AssetNotListed, CallerNotBridge, ZeroAddressNotValid
from ...logic.reserve import is_listed
from ...machine.function import external, view
from ...state.records import Reserve
from ..v3_4.pool import PoolV34
from .bridge import execute_back_unbacked, execute_mint_unbacked


class PoolV33(PoolV34):
    """Knows a bridge and a strategy for each reserve, and neither position managers nor `multicall`."""

    ABSENT: ClassVar[tuple[str, ...]] = (
        "setUserUseReserveAsCollateralOnBehalfOf(address,bool,address)",
        "setUserEModeOnBehalfOf(uint8,address)",
        "approvePositionManager(address,bool)",
        "renouncePositionManagerRole(address)",
        "isApprovedPositionManager(address,address)",
        "multicall(bytes[])",
        "initReserve(address,address,address)",
        "updateFlashloanPremium(uint128)",
        "RESERVE_INTEREST_RATE_STRATEGY()",
    )
    __slots__ = ()

    @staticmethod
    def check_rate_strategy(rate_strategy: Address) -> None:
        """Accept any: the code of the pool names no strategy."""

    def strategy_of(self, reserve: Reserve) -> Address:
        """A reserve's own rate strategy."""
        return reserve.interest_rate_strategy

    def only_bridge(self, sender: Address) -> None:
        """Raises CallerNotBridge."""
        acl = self.chain.at(self.chain.at(self.provider).acl_manager_address)
        if not acl.is_bridge_(sender):
            raise CallerNotBridge()

    # --- the bridge -------------------------------------------------------------------------------------------------

    @external("mintUnbacked(address,uint256,address,uint16)")
    def mint_unbacked(
        self, asset: Address, amount: int, on_behalf_of: Address, referral_code: int, *, sender: Address
    ) -> None:
        """Mint aTokens whose underlying is on its way. Raises CallerNotBridge, UnbackedMintCapExceeded."""
        self.only_bridge(sender)
        execute_mint_unbacked(self, sender, asset, amount, on_behalf_of, referral_code)

    @external("backUnbacked(address,uint256,uint256)", "uint256")
    def back_unbacked(self, asset: Address, amount: int, fee: int, *, sender: Address) -> int:
        """Bring the underlying and a fee. Raises CallerNotBridge. Returns what was backed."""
        self.only_bridge(sender)
        return execute_back_unbacked(self, sender, asset, amount, fee)

    @external("updateBridgeProtocolFee(uint256)")
    def update_bridge_protocol_fee(self, fee_bps: int, *, sender: Address) -> None:
        """For the configurator."""
        self.write_bridge_protocol_fee(sender, fee_bps)

    def write_bridge_protocol_fee(self, sender: Address, fee_bps: int) -> None:
        """Set the treasury's share of bridge fees."""
        self.only_pool_configurator(sender)
        self.bridge_protocol_fee = fee_bps

    @view("BRIDGE_PROTOCOL_FEE()", "uint256")
    def bridge_protocol_fee_bps(self) -> int:
        """The treasury's share of bridge fees (bps)."""
        return self.bridge_protocol_fee

    @view("getBridgeLogic()", "address")
    def get_bridge_logic(self) -> Address:
        """Where the library is linked."""
        return self.chain.library("BridgeLogic")

    # --- for the configurator ---------------------------------------------------------------------------------------

    @external("initReserve(address,address,address,address)")
    def init_reserve_with_strategy(
        self, asset: Address, a_token: Address, variable_debt_token: Address, strategy: Address, *, sender: Address
    ) -> None:
        """For the configurator."""
        self.list_reserve(sender, asset, a_token, variable_debt_token, strategy)

    @external("setReserveInterestRateStrategyAddress(address,address)")
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

    @external("updateFlashloanPremiums(uint128,uint128)")
    def update_flashloan_premiums(self, premium_bps: int, treasury_share_bps: int, *, sender: Address) -> None:
        """For the configurator."""
        self.write_flash_loan_premiums(sender, premium_bps, treasury_share_bps)

    def write_flash_loan_premiums(self, sender: Address, premium_bps: int, treasury_share_bps: int) -> None:
        """Set the flash-loan premium and the treasury's share of it."""
        self.only_pool_configurator(sender)
        self.flash_loan_premium = premium_bps
        self.flash_loan_premium_to_protocol = treasury_share_bps

    @view("FLASHLOAN_PREMIUM_TO_PROTOCOL()", "uint128")
    def flashloan_premium_to_protocol(self) -> int:
        """The treasury's share of the flash-loan premium (bps)."""
        return self.flash_loan_premium_to_protocol


class L2PoolV33(L2Pool, PoolV33):
    """The same on a rollup. Solidity: `L2PoolInstance`."""

    __slots__ = ()
