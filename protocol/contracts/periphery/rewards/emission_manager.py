"""Admins of rewards, and what they may configure. Solidity: `EmissionManager`."""

from __future__ import annotations

from ....address import ZERO_ADDRESS, Address
from ....errors import ErrorString
from ....events import EmissionAdminUpdated
from ....machine.contract import ledger_of
from ....machine.function import IN_MEMORY, external, view
from ....state.storage import Ledger
from ...ownable import Ownable
from ..asking import Asking
from .controller import CONFIG
from .distributor import RewardsConfig


class EmissionManager(Ownable, Asking):
    """Each reward has an admin; what is for nobody's reward in particular, the owner does."""

    KIND = "EmissionManager"
    STORAGE = {**Ownable.STORAGE, "emission_admins": ledger_of(ZERO_ADDRESS), "rewards_controller": ZERO_ADDRESS}
    __slots__ = ("emission_admins", "rewards_controller")

    emission_admins: Ledger[Address, Address]
    rewards_controller: Address

    def _only_admin(self, reward: Address, sender: Address) -> None:
        if self.emission_admins[reward] != sender:
            raise ErrorString("ONLY_EMISSION_ADMIN")

    @external(f"configureAssets({CONFIG}[])", lazy={0: IN_MEMORY})
    def configure_assets(
        self, config: list[tuple[int, int, int, Address, Address, Address, Address]], *, sender: Address
    ) -> None:
        """Start, change or end distributions of rewards whose admin one is."""
        for entry in map(RewardsConfig._make, config):
            self._only_admin(entry.reward, sender)
        self.tell(self.rewards_controller, f"configureAssets({CONFIG}[])", config)

    @external("setTransferStrategy(address,address)")
    def set_transfer_strategy(self, reward: Address, transfer_strategy: Address, *, sender: Address) -> None:
        """Say how a reward is paid."""
        self._only_admin(reward, sender)
        self.tell(self.rewards_controller, "setTransferStrategy(address,address)", reward, transfer_strategy)

    @external("setRewardOracle(address,address)")
    def set_reward_oracle(self, reward: Address, reward_oracle: Address, *, sender: Address) -> None:
        """Say which feed tells a reward's price."""
        self._only_admin(reward, sender)
        self.tell(self.rewards_controller, "setRewardOracle(address,address)", reward, reward_oracle)

    @external("setDistributionEnd(address,address,uint32)")
    def set_distribution_end(
        self, asset: Address, reward: Address, new_distribution_end: int, *, sender: Address
    ) -> None:
        """Say when a reward ends."""
        self._only_admin(reward, sender)
        signature = "setDistributionEnd(address,address,uint32)"
        self.tell(self.rewards_controller, signature, asset, reward, new_distribution_end)

    @external("setEmissionPerSecond(address,address[],uint88[])", lazy={1: (), 2: ()})
    def set_emission_per_second(
        self, asset: Address, rewards: list[Address], new_emissions_per_second: list[int], *, sender: Address
    ) -> None:
        """Say how much of each reward is given in a second. Anybody may say so of no rewards at all."""
        for number in range(len(rewards)):
            self._only_admin(rewards[number], sender)
        given = [new_emissions_per_second[number] for number in range(len(new_emissions_per_second))]
        known = [rewards[number] for number in range(len(rewards))]
        self.tell(self.rewards_controller, "setEmissionPerSecond(address,address[],uint88[])", asset, known, given)

    @external("setClaimer(address,address)")
    def set_claimer(self, user: Address, claimer: Address, *, sender: Address) -> None:
        """Say who may claim for a user, for the owner only."""
        self.only_owner(sender)
        self.tell(self.rewards_controller, "setClaimer(address,address)", user, claimer)

    @external("setEmissionAdmin(address,address)")
    def set_emission_admin(self, reward: Address, admin: Address, *, sender: Address) -> None:
        """Appoint the admin of a reward, for the owner only."""
        self.only_owner(sender)
        old = self.emission_admins[reward]
        self.emission_admins[reward] = admin
        self.emit(EmissionAdminUpdated(reward, old, admin))

    @external("setRewardsController(address)")
    def set_rewards_controller(self, controller: Address, *, sender: Address) -> None:
        """Say which controller is managed, for the owner only."""
        self.only_owner(sender)
        self.rewards_controller = controller

    @view("getRewardsController()", "address")
    def get_rewards_controller(self) -> Address:
        """The managed controller."""
        return self.rewards_controller

    @view("getEmissionAdmin(address)", "address")
    def get_emission_admin(self, reward: Address) -> Address:
        """The admin of a reward."""
        return self.emission_admins[reward]
