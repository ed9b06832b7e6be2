"""The wrapped aToken: a vault with permits, rewards, a pause and a rescuer. Solidity: `StataTokenV2`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....address import ZERO_ADDRESS, Address
from ....errors import Revert
from ....events import ERC20Rescued, NativeTokensRescued
from ....machine.function import external, view
from ....math.uint import MAX_UINT256
from ....math.wad_ray import RAY
from .errors import (
    EthTransferFailed,
    OnlyPauseGuardian,
    OnlyRescueGuardian,
    ZeroIncentivesControllerIsForbidden,
)
from .rounding import mul_div_ceil
from .vault import Vault

if TYPE_CHECKING:
    from ....chain import Chain

REVISION = 1


class StataToken(Vault):
    """aTokens whose balance stays and whose worth grows, for whoever cannot hold balances that grow by themselves."""

    KIND = "StataTokenV2"
    __slots__ = ()

    def __init__(
        self,
        chain: Chain,
        at: Address,
        pool: Address,
        incentives_controller: Address,
        provider: Address = ZERO_ADDRESS,
        *,
        code_revision: int = REVISION,
    ) -> None:
        super().__init__(chain, at, code_revision)
        if incentives_controller == ZERO_ADDRESS:
            raise ZeroIncentivesControllerIsForbidden()
        self.initialise(incentives_controller=incentives_controller, pool=pool)
        self.initialise(provider=provider)
        if provider == ZERO_ADDRESS:  # code, not a proxy of it
            self.initialise(provider=self.ask(pool, "ADDRESSES_PROVIDER()", "address"))
            self.lock()

    @external("initialize(address,string,string)")
    def initialize(
        self, a_token: Address, static_a_token_name: str, static_a_token_symbol: str, *, sender: Address
    ) -> None:
        """Set up the proxy: names, the rewards there are, the aToken. Raises InvalidInitialization."""
        self.begin_initialize()
        self.name_shares(static_a_token_name, static_a_token_symbol)
        self.reference_asset = a_token
        self.refresh()
        self.open_vault(a_token)
        self.is_paused = False
        self.end_initialize()

    @external("setPaused(bool)")
    def set_paused(self, paused: bool, *, sender: Address) -> None:
        """Pause or go on, for emergency admins. Raises OnlyPauseGuardian, EnforcedPause, ExpectedPause."""
        if not self.can_pause(sender):
            raise OnlyPauseGuardian(sender)
        if paused:
            self.pause(sender)
        else:
            self.unpause(sender)

    # --- for the rescuer --------------------------------------------------------------------------------------------

    @external("emergencyTokenTransfer(address,address,uint256)")
    def emergency_token_transfer(self, token: Address, to: Address, amount: int, *, sender: Address) -> None:
        """Take tokens out that were sent here; of the aTokens, what no share needs. Raises OnlyRescueGuardian."""
        self._only_rescuer(sender)
        amount = min(amount, self.max_rescue(token))
        self.safely(token, "transfer(address,uint256)", to, amount)
        self.emit(ERC20Rescued(sender, token, to, amount))

    @external("emergencyEtherTransfer(address,uint256)")
    def emergency_ether_transfer(self, to: Address, amount: int, *, sender: Address) -> None:
        """Take ether out. Raises OnlyRescueGuardian, EthTransferFailed."""
        self._only_rescuer(sender)
        try:
            self.chain.nested(self.address, to, b"", amount)
        except Revert:
            raise EthTransferFailed() from None
        self.emit(NativeTokensRescued(sender, to, amount))

    def _only_rescuer(self, sender: Address) -> None:
        if sender != self.who_can_rescue():
            raise OnlyRescueGuardian()

    # --- views ------------------------------------------------------------------------------------------------------

    @view("whoCanRescue()", "address")
    def who_can_rescue(self) -> Address:
        """The admin of the market's roles."""
        rescuer: Address = self.ask(self.provider, "getACLAdmin()", "address")
        return rescuer

    @view("maxRescue(address)", "uint256")
    def max_rescue(self, asset: Address) -> int:
        """What may be taken out: of the aTokens, what all shares together leave; of anything else, all."""
        if asset != self.a_token_address:
            return MAX_UINT256
        needed = mul_div_ceil(self.supply, self.rate(), RAY)
        held = self.ask(asset, "balanceOf(address)", "uint256", self.address)
        return int(max(held - needed, 0))

    @view("canPause(address)", "bool")
    def can_pause(self, actor: Address) -> bool:
        """Whether somebody is an emergency admin of the market."""
        acl = self.ask(self.provider, "getACLManager()", "address")
        return bool(self.ask(acl, "isEmergencyAdmin(address)", "bool", actor))
