"""Rewards of what a vault holds, handed on to the holders of its shares. Solidity: `ERC20AaveLMUpgradeable`."""

from __future__ import annotations

from ....address import ZERO_ADDRESS, Address
from ....events import RewardTokenRegistered
from ....machine.contract import ledger_of
from ....machine.function import IN_MEMORY, external, view
from ....math.uint import MAX_UINT256, add, div, mul, sub, to_uint, to_uint128
from ....state.storage import Ledger
from .errors import InvalidClaimer, RewardNotInitialized
from .shares import Shares

Account = tuple[Address, Address]
"""A user and a reward."""


class MiningShares(Shares):
    """Shares that earn. A reward has to be registered before it is counted; what came earlier is nobody's."""

    STORAGE = {
        **Shares.STORAGE,
        "reference_asset": ZERO_ADDRESS,
        "rewards_list": ledger_of(ZERO_ADDRESS),
        "rewards_count": 0,
        "is_registered": ledger_of(False),
        "start_indexes": ledger_of(0),
        "user_indexes": ledger_of(0),
        "unclaimed": ledger_of(0),
    }
    IMMUTABLES = (*Shares.IMMUTABLES, "incentives_controller")
    __slots__ = (
        "incentives_controller",
        "is_registered",
        "reference_asset",
        "rewards_count",
        "rewards_list",
        "start_indexes",
        "unclaimed",
        "user_indexes",
    )

    incentives_controller: Address
    reference_asset: Address
    rewards_list: Ledger[int, Address]
    rewards_count: int
    is_registered: Ledger[Address, bool]
    start_indexes: Ledger[Address, int]
    user_indexes: Ledger[Account, int]
    """A reward's index when a user's balance was last looked at; zero for never."""
    unclaimed: Ledger[Account, int]

    # --- the books --------------------------------------------------------------------------------------------------

    def before_update(self, from_: Address, to: Address) -> None:
        """Book what both sides of a transfer have earned of each registered reward."""
        for number in range(self.rewards_count):
            reward = self.rewards_list[number]
            index = self.current_index(reward)
            if from_ != ZERO_ADDRESS:
                self._update_user(from_, index, reward)
            if to not in (ZERO_ADDRESS, from_):
                self._update_user(to, index, reward)

    def _update_user(self, user: Address, index: int, reward: Address) -> None:
        balance = self.balances[user]
        if balance > 0:
            self.unclaimed[user, reward] = to_uint128(self._claimable(user, reward, balance, index))
        self.user_indexes[user, reward] = to_uint128(index)

    def current_index(self, reward: Address) -> int:
        """What a reward's index would be now; zero for the zero address."""
        if reward == ZERO_ADDRESS:
            return 0
        signature = "getAssetIndex(address,address)"
        _, index = self.ask(self.incentives_controller, signature, "uint256,uint256", self.reference_asset, reward)
        return int(index)

    def _claimable(self, user: Address, reward: Address, balance: int, index: int) -> int:
        """What a user could claim. Raises RewardNotInitialized for a reward that nobody registered."""
        if not self.is_registered[reward]:
            raise RewardNotInitialized(reward)
        since = self.user_indexes[user, reward] or self.start_indexes[reward]
        return add(self.unclaimed[user, reward], self._pending(balance, since, index))

    def _pending(self, balance: int, since: int, index: int) -> int:
        if balance == 0:
            return 0
        earned = mul(balance, sub(index, since))
        return div(earned, to_uint256_power(self.token_decimals))

    def claim(self, owner: Address, receiver: Address, rewards: list[Address]) -> None:
        """Pay what is owed of each reward, as far as there is any. Raises EnforcedPause, RewardNotInitialized."""
        self.refuse_paused()
        for reward in rewards:
            if reward != ZERO_ADDRESS:
                self._claim_one(owner, receiver, reward)

    def _claim_one(self, owner: Address, receiver: Address, reward: Address) -> None:
        index = self.current_index(reward)
        owed = self._claimable(owner, reward, self.balances[owner], index)
        held = self.ask(reward, "balanceOf(address)", "uint256", self.address)
        if owed > held:
            held = add(held, self._collect(reward))
        paid = min(owed, held)
        if paid > 0:
            self.unclaimed[owner, reward] = to_uint128(owed - paid)
            self.user_indexes[owner, reward] = to_uint128(index)
            self.safely(reward, "transfer(address,uint256)", receiver, paid)

    def _collect(self, reward: Address) -> int:
        if reward == ZERO_ADDRESS:
            return 0
        signature = "claimRewards(address[],uint256,address,address)"
        arguments = [self.reference_asset], MAX_UINT256, self.address, reward
        return int(self.ask(self.incentives_controller, signature, "uint256", *arguments))

    def refresh(self) -> None:
        """Register the rewards that the controller gives for what the vault holds."""
        rewards = self.ask(self.incentives_controller, "getRewardsByAsset(address)", "address[]", self.reference_asset)
        for reward in rewards:
            if not self.is_registered[reward]:
                self._register(reward)

    def _register(self, reward: Address) -> None:
        index = self.current_index(reward)
        self.rewards_list[self.rewards_count] = reward
        self.rewards_count += 1
        self.is_registered[reward] = True
        self.start_indexes[reward] = to_uint(248, index)
        self.emit(RewardTokenRegistered(reward, index))

    # --- the interface ----------------------------------------------------------------------------------------------

    @external("claimRewardsOnBehalf(address,address,address[])", lazy={2: IN_MEMORY})
    def claim_rewards_on_behalf(
        self, on_behalf_of: Address, receiver: Address, rewards: list[Address], *, sender: Address
    ) -> None:
        """Claim for a user who is the caller, or whose claimer the caller is. Raises InvalidClaimer."""
        if sender != on_behalf_of:
            claimer = self.ask(self.incentives_controller, "getClaimer(address)", "address", on_behalf_of)
            if sender != claimer:
                raise InvalidClaimer(sender)
        self.claim(on_behalf_of, receiver, rewards)

    @external("claimRewards(address,address[])", lazy={1: IN_MEMORY})
    def claim_rewards(self, receiver: Address, rewards: list[Address], *, sender: Address) -> None:
        """Claim to somebody."""
        self.claim(sender, receiver, rewards)

    @external("claimRewardsToSelf(address[])", lazy={0: IN_MEMORY})
    def claim_rewards_to_self(self, rewards: list[Address], *, sender: Address) -> None:
        """Claim to oneself."""
        self.claim(sender, sender, rewards)

    @external("refreshRewardTokens()")
    def refresh_reward_tokens(self, *, sender: Address) -> None:
        """Register new rewards, for anybody."""
        self.refresh()

    @external("collectAndUpdateRewards(address)", "uint256")
    def collect_and_update_rewards(self, reward: Address, *, sender: Address) -> int:
        """Have the controller pay the vault. Returns what came."""
        return self._collect(reward)

    @view("isRegisteredRewardToken(address)", "bool")
    def is_registered_reward_token(self, reward: Address) -> bool:
        """Whether a reward is counted."""
        return self.is_registered[reward]

    @view("getCurrentRewardsIndex(address)", "uint256")
    def get_current_rewards_index(self, reward: Address) -> int:
        """What a reward's index would be now."""
        return self.current_index(reward)

    @view("getTotalClaimableRewards(address)", "uint256")
    def get_total_claimable_rewards(self, reward: Address) -> int:
        """What the vault has of a reward, and could collect."""
        if reward == ZERO_ADDRESS:
            return 0
        signature = "getUserRewards(address[],address,address)"
        arguments = [self.reference_asset], self.address, reward
        fresh = self.ask(self.incentives_controller, signature, "uint256", *arguments)
        return add(self.ask(reward, "balanceOf(address)", "uint256", self.address), fresh)

    @view("getClaimableRewards(address,address)", "uint256")
    def get_claimable_rewards(self, user: Address, reward: Address) -> int:
        """What a user could claim now."""
        index = self.current_index(reward)
        return self._claimable(user, reward, self.balances[user], index)

    @view("getUnclaimedRewards(address,address)", "uint256")
    def get_unclaimed_rewards(self, user: Address, reward: Address) -> int:
        """What was booked for a user."""
        return self.unclaimed[user, reward]

    @view("getReferenceAsset()", "address")
    def get_reference_asset(self) -> Address:
        """The aToken that earns the rewards."""
        return self.reference_asset

    @view("rewardTokens()", "address[]")
    def reward_tokens(self) -> list[Address]:
        """Every registered reward."""
        return [self.rewards_list[number] for number in range(self.rewards_count)]

    @view("INCENTIVES_CONTROLLER()", "address")
    def incentives_controller_address(self) -> Address:
        """The rewards controller."""
        return self.incentives_controller


def to_uint256_power(decimals: int) -> int:
    """Ten to the power of the decimals. Raises Panic(0x11) above 77."""
    power = 1
    for _ in range(decimals):
        power = mul(power, 10)
    return power
