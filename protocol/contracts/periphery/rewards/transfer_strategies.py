"""How rewards are paid: out of a vault. Solidity: `PullRewardsTransferStrategy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....address import Address
from ....errors import CustomError
from ....events import EmergencyWithdrawal
from ....logic.erc20 import safe_transfer, safe_transfer_from
from ....machine.function import external, view
from ..asking import Asking

if TYPE_CHECKING:
    from ....chain import Chain


class CallerNotIncentivesController(CustomError):  # noqa: N818 - Solidity's name
    """Somebody else than the rewards controller asks for a payment; a string in revisions before v3.4."""

    code = "CALLER_NOT_INCENTIVES_CONTROLLER"


class OnlyRewardsAdmin(CustomError):  # noqa: N818 - Solidity's name
    """Somebody else than the admin of the strategy takes tokens out; a string in revisions before v3.4."""

    code = "ONLY_REWARDS_ADMIN"


class PullRewardsTransferStrategy(Asking):
    """Pays out of a vault that allows it to."""

    KIND = "PullRewardsTransferStrategy"
    IMMUTABLES = ("incentives_controller", "rewards_admin", "rewards_vault")
    __slots__ = ("incentives_controller", "rewards_admin", "rewards_vault")

    incentives_controller: Address
    rewards_admin: Address
    rewards_vault: Address

    def __init__(
        self, chain: Chain, at: Address, incentives_controller: Address, rewards_admin: Address, rewards_vault: Address
    ) -> None:
        super().__init__(chain, at)
        self.initialise(
            incentives_controller=incentives_controller, rewards_admin=rewards_admin, rewards_vault=rewards_vault
        )

    @external("performTransfer(address,address,uint256)", "bool")
    def perform_transfer(self, to: Address, reward: Address, amount: int, *, sender: Address) -> bool:
        """Pay, for the controller only. Raises CallerNotIncentivesController."""
        if sender != self.incentives_controller:
            raise CallerNotIncentivesController()
        safe_transfer_from(self, reward, self.rewards_vault, to, amount)
        return True

    @external("emergencyWithdrawal(address,address,uint256)")
    def emergency_withdrawal(self, token: Address, to: Address, amount: int, *, sender: Address) -> None:
        """Take tokens out that were sent here. Raises OnlyRewardsAdmin."""
        if sender != self.rewards_admin:
            raise OnlyRewardsAdmin()
        safe_transfer(self.chain, token, self.address, to, amount)
        self.emit(EmergencyWithdrawal(sender, token, to, amount))

    @view("getIncentivesController()", "address")
    def get_incentives_controller(self) -> Address:
        """The controller that it pays for."""
        return self.incentives_controller

    @view("getRewardsAdmin()", "address")
    def get_rewards_admin(self) -> Address:
        """Who may take tokens out."""
        return self.rewards_admin

    @view("getRewardsVault()", "address")
    def get_rewards_vault(self) -> Address:
        """Where it pays from."""
        return self.rewards_vault
