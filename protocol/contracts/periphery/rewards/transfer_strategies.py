"""Strategies of paying rewards: out of a vault, or staked. Solidity: `PullRewardsTransferStrategy` and its sibling."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ....address import Address
from ....errors import CustomError, ErrorString
from ....events import EmergencyWithdrawal
from ....logic.erc20 import safe_transfer, safe_transfer_from
from ....machine.function import external, view
from ....math.uint import MAX_UINT256
from ..asking import Asking

if TYPE_CHECKING:
    from ....chain import Chain


class CallerNotIncentivesController(CustomError):  # noqa: N818 - Solidity's name
    """Somebody else than the rewards controller asks for a payment; a string in revisions before v3.4."""

    code = "CALLER_NOT_INCENTIVES_CONTROLLER"


class OnlyRewardsAdmin(CustomError):  # noqa: N818 - Solidity's name
    """Somebody else than the admin of the strategy takes tokens out; a string in revisions before v3.4."""

    code = "ONLY_REWARDS_ADMIN"


class TransferStrategy(Asking):
    """Strategy of payment: a controller may ask for payments, an admin may take tokens out.

    Solidity: `TransferStrategyBase`.
    """

    IMMUTABLES: ClassVar[tuple[str, ...]] = ("incentives_controller", "rewards_admin")
    __slots__ = ("incentives_controller", "rewards_admin")

    incentives_controller: Address
    rewards_admin: Address

    def only_controller(self, sender: Address) -> None:
        """Raises CallerNotIncentivesController."""
        if sender != self.incentives_controller:
            raise CallerNotIncentivesController()

    def only_admin(self, sender: Address) -> None:
        """Raises OnlyRewardsAdmin."""
        if sender != self.rewards_admin:
            raise OnlyRewardsAdmin()

    @external("emergencyWithdrawal(address,address,uint256)")
    def emergency_withdrawal(self, token: Address, to: Address, amount: int, *, sender: Address) -> None:
        """Take tokens out that were sent here. Raises OnlyRewardsAdmin."""
        self.only_admin(sender)
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


class PullRewardsTransferStrategy(TransferStrategy):
    """Pays out of a vault that allows it to."""

    KIND = "PullRewardsTransferStrategy"
    IMMUTABLES = (*TransferStrategy.IMMUTABLES, "rewards_vault")
    __slots__ = ("rewards_vault",)

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
        self.only_controller(sender)
        safe_transfer_from(self, reward, self.rewards_vault, to, amount)
        return True

    @view("getRewardsVault()", "address")
    def get_rewards_vault(self) -> Address:
        """Where it pays from."""
        return self.rewards_vault


class StakedTokenTransferStrategy(TransferStrategy):
    """Stakes what it holds for whoever claims, and so pays in the staking contract's token."""

    KIND = "StakedTokenTransferStrategy"
    IMMUTABLES = (*TransferStrategy.IMMUTABLES, "stake_contract", "underlying_token")
    __slots__ = ("stake_contract", "underlying_token")

    stake_contract: Address
    underlying_token: Address

    def __init__(
        self, chain: Chain, at: Address, incentives_controller: Address, rewards_admin: Address, stake_token: Address
    ) -> None:
        super().__init__(chain, at)
        self.initialise(incentives_controller=incentives_controller, rewards_admin=rewards_admin)
        underlying = self.ask(stake_token, "STAKED_TOKEN()", "address")
        self.initialise(stake_contract=stake_token, underlying_token=underlying)
        self._approve(0)
        self._approve(MAX_UINT256)

    def _approve(self, amount: int) -> None:
        self.ask(self.underlying_token, "approve(address,uint256)", "bool", self.stake_contract, amount)

    @external("performTransfer(address,address,uint256)", "bool")
    def perform_transfer(self, to: Address, reward: Address, amount: int, *, sender: Address) -> bool:
        """Stake for the claimer. Raises CallerNotIncentivesController, a string error for another reward."""
        self.only_controller(sender)
        if reward != self.stake_contract:
            raise ErrorString("REWARD_TOKEN_NOT_STAKE_CONTRACT")
        self.tell(self.stake_contract, "stake(address,uint256)", to, amount)
        return True

    @external("renewApproval()")
    def renew_approval(self, *, sender: Address) -> None:
        """Let the staking contract take everything again. Raises OnlyRewardsAdmin."""
        self.only_admin(sender)
        self._approve(0)
        self._approve(MAX_UINT256)

    @external("dropApproval()")
    def drop_approval(self, *, sender: Address) -> None:
        """Let the staking contract take nothing. Raises OnlyRewardsAdmin."""
        self.only_admin(sender)
        self._approve(0)

    @view("getStakeContract()", "address")
    def get_stake_contract(self) -> Address:
        """The staking contract, whose token is the reward."""
        return self.stake_contract

    @view("getUnderlyingToken()", "address")
    def get_underlying_token(self) -> Address:
        """What is staked."""
        return self.underlying_token
