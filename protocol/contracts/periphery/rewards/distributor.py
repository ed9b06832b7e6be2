"""The books of rewards: indexes of assets and users, and what users are owed. Solidity: `RewardsDistributor`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ....address import ZERO_ADDRESS, Address
from ....errors import ErrorString
from ....events import Accrued, AssetConfigUpdated
from ....logic import rewards as rules
from ....logic.rewards import Emission
from ....machine.contract import ledger_of
from ....machine.function import external, view
from ....math.uint import add, to_uint
from ....state.storage import Ledger
from ...proxy import Proxied
from ..asking import Asking

if TYPE_CHECKING:
    from ....chain import Chain

Reward = tuple[Address, Address]
"""An asset and one of its rewards."""


class Holding(NamedTuple):
    """A user's shares of an asset, and all shares. Solidity: `UserAssetBalance`."""

    asset: Address
    balance: int
    total_supply: int


class RewardsConfig(NamedTuple):
    """Solidity: `RewardsDataTypes.RewardsConfigInput`."""

    emission_per_second: int
    total_supply: int
    distribution_end: int
    asset: Address
    reward: Address
    transfer_strategy: Address
    reward_oracle: Address


class RewardsDistributor(Proxied, Asking):
    """Views, and what changes the books. Each reward of each asset has an index of its own."""

    STORAGE = {
        **Proxied.STORAGE,
        "reward_indexes": ledger_of(0),
        "emissions_per_second": ledger_of(0),
        "last_updates": ledger_of(0),
        "distribution_ends": ledger_of(0),
        "user_indexes": ledger_of(0),
        "accrued": ledger_of(0),
        "available_rewards": ledger_of(ZERO_ADDRESS),
        "available_rewards_count": ledger_of(0),
        "asset_decimals": ledger_of(0),
        "reward_enabled": ledger_of(False),
        "rewards_list": ledger_of(ZERO_ADDRESS),
        "rewards_count": 0,
        "assets_list": ledger_of(ZERO_ADDRESS),
        "assets_count": 0,
    }
    IMMUTABLES = (*Proxied.IMMUTABLES, "emission_manager")
    __slots__ = (
        "accrued",
        "asset_decimals",
        "assets_count",
        "assets_list",
        "available_rewards",
        "available_rewards_count",
        "distribution_ends",
        "emission_manager",
        "emissions_per_second",
        "last_updates",
        "reward_enabled",
        "reward_indexes",
        "rewards_count",
        "rewards_list",
        "user_indexes",
    )

    chain: Chain

    emission_manager: Address
    reward_indexes: Ledger[Reward, int]
    emissions_per_second: Ledger[Reward, int]
    last_updates: Ledger[Reward, int]
    distribution_ends: Ledger[Reward, int]
    user_indexes: Ledger[tuple[Address, Address, Address], int]
    accrued: Ledger[tuple[Address, Address, Address], int]
    """What a user is owed, by asset, reward and user, as of the user's index."""
    available_rewards: Ledger[tuple[Address, int], Address]
    available_rewards_count: Ledger[Address, int]
    asset_decimals: Ledger[Address, int]
    reward_enabled: Ledger[Address, bool]
    rewards_list: Ledger[int, Address]
    rewards_count: int
    assets_list: Ledger[int, Address]
    assets_count: int

    def only_emission_manager(self, sender: Address) -> None:
        """Raises a string error."""
        if sender != self.emission_manager:
            raise ErrorString("ONLY_EMISSION_MANAGER")

    # --- the books --------------------------------------------------------------------------------------------------

    def emission(self, asset: Address, reward: Address) -> Emission:
        """How a reward of an asset is given."""
        key = asset, reward
        return Emission(
            self.reward_indexes[key],
            self.emissions_per_second[key],
            self.last_updates[key],
            self.distribution_ends[key],
        )

    def rewards_of(self, asset: Address) -> Iterator[Address]:
        """The rewards of an asset, in the order in which they came."""
        return (self.available_rewards[asset, number] for number in range(self.available_rewards_count[asset]))

    def all_rewards(self) -> list[Address]:
        """Every reward of any asset."""
        return [self.rewards_list[number] for number in range(self.rewards_count)]

    def update_index(self, asset: Address, reward: Address, total_supply: int, share: int) -> tuple[int, bool]:
        """Bring a reward's index up to now. Returns it, and whether it grew. Solidity: `_updateRewardData`."""
        emission = self.emission(asset, reward)
        index = rules.next_index(emission, total_supply, share, self.chain.time)
        if index != emission.stored_index:
            self.reward_indexes[asset, reward] = rules.check_index(index)
        self.last_updates[asset, reward] = to_uint(32, self.chain.time)
        return index, index != emission.stored_index

    def _update_user(self, asset: Address, reward: Address, user: Address, balance: int, index: int, share: int) -> int:
        """Book what a user has earned since the last time. Returns it. Solidity: `_updateUserData`."""
        key = asset, reward, user
        user_index = self.user_indexes[key]
        self.user_indexes[key] = index
        if balance == 0:
            return 0
        reward_earned = rules.earned(balance, index, user_index, share)
        self.accrued[key] = rules.accrue(self.accrued[key], reward_earned)
        return reward_earned

    def update(self, asset: Address, user: Address, balance: int, total_supply: int) -> None:
        """Book all rewards of an asset for a user, with what both had until now. Solidity: `_updateData`."""
        share = rules.whole_share_wrapped(self.asset_decimals[asset])
        for reward in list(self.rewards_of(asset)):
            index, grew = self.update_index(asset, reward, total_supply, share)
            earned, differs = 0, self.user_indexes[asset, reward, user] != index
            if differs:
                earned = self._update_user(asset, reward, user, balance, index, share)
            if grew or differs:
                self.emit(Accrued(asset, reward, user, index, index, earned))

    def holdings(self, assets: Sequence[Address], user: Address) -> list[Holding]:
        """A user's shares of assets, asked of each. Solidity: `_getUserAssetBalances`."""
        signature = "getScaledUserBalanceAndSupply(address)"
        asked = ((asset, self.ask(asset, signature, "uint256,uint256", user)) for asset in assets)
        return [Holding(asset, *shares) for asset, shares in asked]

    def pending(self, user: Address, reward: Address, holding: Holding) -> int:
        """What a user has earned of an asset since it was last booked. Solidity: `_getPendingRewards`."""
        share = rules.whole_share(self.asset_decimals[holding.asset])
        emission = self.emission(holding.asset, reward)
        index = rules.next_index(emission, holding.total_supply, share, self.chain.time)
        return rules.earned(holding.balance, index, self.user_indexes[holding.asset, reward, user], share)

    def configure(self, given: Sequence[RewardsConfig]) -> None:
        """Start, change or end distributions. Solidity: `_configureAssets`."""
        for config in given:
            asset, reward = config.asset, config.reward
            if self.asset_decimals[asset] == 0:
                self.assets_list[self.assets_count] = asset
                self.assets_count += 1
            decimals = self.ask(asset, "decimals()", "uint8")
            self.asset_decimals[asset] = decimals
            if self.last_updates[asset, reward] == 0:
                self.available_rewards[asset, self.available_rewards_count[asset]] = reward
                self.available_rewards_count[asset] += 1
            if not self.reward_enabled[reward]:
                self.reward_enabled[reward] = True
                self.rewards_list[self.rewards_count] = reward
                self.rewards_count += 1
            index, _ = self.update_index(asset, reward, config.total_supply, rules.whole_share(decimals))
            self._set_emission(asset, reward, config.emission_per_second, config.distribution_end, index)

    def _set_emission(self, asset: Address, reward: Address, per_second: int, end: int, index: int) -> None:
        old = self.emission(asset, reward)
        self.emissions_per_second[asset, reward] = per_second
        self.distribution_ends[asset, reward] = end
        self.emit(AssetConfigUpdated(asset, reward, old.per_second, per_second, old.end, end, index))

    # --- for the emission manager -----------------------------------------------------------------------------------

    @external("setDistributionEnd(address,address,uint32)")
    def set_distribution_end(
        self, asset: Address, reward: Address, new_distribution_end: int, *, sender: Address
    ) -> None:
        """Say when a reward ends. Nothing is booked first: a later end may pay for time that has passed."""
        self.only_emission_manager(sender)
        emission = self.emission(asset, reward)
        self._set_emission(asset, reward, emission.per_second, new_distribution_end, emission.stored_index)

    @external("setEmissionPerSecond(address,address[],uint88[])", lazy={1: (), 2: ()})
    def set_emission_per_second(
        self, asset: Address, rewards: list[Address], new_emissions_per_second: list[int], *, sender: Address
    ) -> None:
        """Say how much of each reward an asset's holders get in a second. Raises string errors."""
        self.only_emission_manager(sender)
        if len(rewards) != len(new_emissions_per_second):
            raise ErrorString("INVALID_INPUT")
        for number in range(len(rewards)):
            reward = rewards[number]
            decimals = self.asset_decimals[asset]
            if decimals == 0 or self.last_updates[asset, reward] == 0:
                raise ErrorString("DISTRIBUTION_DOES_NOT_EXIST")
            supply = self.ask(asset, "scaledTotalSupply()", "uint256")
            index, _ = self.update_index(asset, reward, supply, rules.whole_share(decimals))
            end = self.distribution_ends[asset, reward]
            self._set_emission(asset, reward, new_emissions_per_second[number], end, index)

    # --- views ------------------------------------------------------------------------------------------------------

    @view("EMISSION_MANAGER()", "address")
    def emission_manager_address(self) -> Address:
        """Who may configure rewards."""
        return self.emission_manager

    @view("getEmissionManager()", "address")
    def get_emission_manager(self) -> Address:
        """Who may configure rewards."""
        return self.emission_manager

    @view("getRewardsData(address,address)", "uint256,uint256,uint256,uint256")
    def get_rewards_data(self, asset: Address, reward: Address) -> Emission:
        """Index, emission in a second, time of the last update, end."""
        return self.emission(asset, reward)

    @view("getAssetIndex(address,address)", "uint256,uint256")
    def get_asset_index(self, asset: Address, reward: Address) -> tuple[int, int]:
        """The index as it is stored, and now."""
        supply = self.ask(asset, "scaledTotalSupply()", "uint256")
        share = rules.whole_share(self.asset_decimals[asset])
        emission = self.emission(asset, reward)
        return emission.stored_index, rules.next_index(emission, supply, share, self.chain.time)

    @view("getDistributionEnd(address,address)", "uint256")
    def get_distribution_end(self, asset: Address, reward: Address) -> int:
        """When a reward ends."""
        return self.distribution_ends[asset, reward]

    @view("getRewardsByAsset(address)", "address[]")
    def get_rewards_by_asset(self, asset: Address) -> list[Address]:
        """The rewards of an asset."""
        return list(self.rewards_of(asset))

    @view("getRewardsList()", "address[]")
    def get_rewards_list(self) -> list[Address]:
        """Every reward of any asset."""
        return self.all_rewards()

    @view("getUserAssetIndex(address,address,address)", "uint256")
    def get_user_asset_index(self, user: Address, asset: Address, reward: Address) -> int:
        """The index up to which a user's reward is booked."""
        return self.user_indexes[asset, reward, user]

    @view("getUserAccruedRewards(address,address)", "uint256")
    def get_user_accrued_rewards(self, user: Address, reward: Address) -> int:
        """What is booked for a user in all assets."""
        total = 0
        for number in range(self.assets_count):
            total = add(total, self.accrued[self.assets_list[number], reward, user])
        return total

    @view("getUserRewards(address[],address,address)", "uint256", lazy={0: ()})
    def get_user_rewards(self, assets: list[Address], user: Address, reward: Address) -> int:
        """What a user is owed of a reward in some assets now. An asset named twice counts twice."""
        total = 0
        for holding in self.holdings(assets, user):
            booked = self.accrued[holding.asset, reward, user]
            pending = self.pending(user, reward, holding) if holding.balance else 0
            total = add(total, add(pending, booked))
        return total

    @view("getAllUserRewards(address[],address)", "address[],uint256[]", lazy={0: ()})
    def get_all_user_rewards(self, assets: list[Address], user: Address) -> tuple[list[Address], list[int]]:
        """Every reward, and what a user is owed of each in some assets now; no rewards are named for no assets."""
        holdings = self.holdings(assets, user)
        rewards = self.all_rewards()
        amounts = [0] * len(rewards)
        for holding in holdings:
            for number, reward in enumerate(rewards):
                amounts[number] = add(amounts[number], self.accrued[holding.asset, reward, user])
                if holding.balance:
                    amounts[number] = add(amounts[number], self.pending(user, reward, holding))
        return (rewards if holdings else [ZERO_ADDRESS] * len(rewards)), amounts

    @view("getAssetDecimals(address)", "uint8")
    def get_asset_decimals(self, asset: Address) -> int:
        """Decimals of an asset with rewards."""
        return self.asset_decimals[asset]
