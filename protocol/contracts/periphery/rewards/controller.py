"""The rewards controller: told of every change of a balance, it pays what was earned. Solidity: `RewardsController`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ....address import ZERO_ADDRESS, Address
from ....errors import ErrorString
from ....events import ClaimerSet, RewardOracleUpdated, RewardsClaimed, TransferStrategyInstalled
from ....machine.contract import ledger_of
from ....machine.function import IN_MEMORY, external, view
from ....math.uint import add
from ....state.storage import Ledger
from .distributor import RewardsConfig, RewardsDistributor

if TYPE_CHECKING:
    from ....chain import Chain

REVISION = 1
CONFIG = "(uint88,uint256,uint32,address,address,address,address)"


class RewardsController(RewardsDistributor):
    """Claims, and what governance sets. Each reward is paid by a strategy of its own."""

    KIND = "RewardsController"
    STORAGE = {
        **RewardsDistributor.STORAGE,
        "claimers": ledger_of(ZERO_ADDRESS),
        "transfer_strategies": ledger_of(ZERO_ADDRESS),
        "reward_oracles": ledger_of(ZERO_ADDRESS),
    }
    __slots__ = ("claimers", "reward_oracles", "transfer_strategies")

    claimers: Ledger[Address, Address]
    transfer_strategies: Ledger[Address, Address]
    reward_oracles: Ledger[Address, Address]

    def __init__(self, chain: Chain, at: Address, emission_manager: Address, *, code_revision: int = REVISION) -> None:
        super().__init__(chain, at, code_revision)
        self.initialise(emission_manager=emission_manager)

    @external("initialize(address)")
    def initialize(self, unused: Address, *, sender: Address) -> None:
        """Set up the proxy."""
        self.begin_initialize()

    # --- for tokens -------------------------------------------------------------------------------------------------

    def on_balance_change(self, asset: Address, user: Address, supply_before: int, balance_before: int) -> None:
        """Book rewards of an asset of which a balance changes. Solidity: `handleAction`."""
        self.update(asset, user, balance_before, supply_before)

    @external("handleAction(address,uint256,uint256)")
    def handle_action(self, user: Address, total_supply: int, user_balance: int, *, sender: Address) -> None:
        """Book rewards of the caller, which is taken for an asset."""
        self.update(sender, user, user_balance, total_supply)

    # --- claims -----------------------------------------------------------------------------------------------------

    @external("claimRewards(address[],uint256,address,address)", "uint256", lazy={0: ()})
    def claim_rewards(
        self, assets: list[Address], amount: int, to: Address, reward: Address, *, sender: Address
    ) -> int:
        """Claim up to an amount of a reward. Returns what was paid."""
        _refuse_zero(to, "INVALID_TO_ADDRESS")
        return self._claim(assets, amount, sender, sender, to, reward)

    @external("claimRewardsOnBehalf(address[],uint256,address,address,address)", "uint256", lazy={0: ()})
    def claim_rewards_on_behalf(
        self, assets: list[Address], amount: int, user: Address, to: Address, reward: Address, *, sender: Address
    ) -> int:
        """Claim for a user whose claimer one is."""
        self._only_claimer(sender, user)
        _refuse_zero(user, "INVALID_USER_ADDRESS")
        _refuse_zero(to, "INVALID_TO_ADDRESS")
        return self._claim(assets, amount, sender, user, to, reward)

    @external("claimRewardsToSelf(address[],uint256,address)", "uint256", lazy={0: ()})
    def claim_rewards_to_self(self, assets: list[Address], amount: int, reward: Address, *, sender: Address) -> int:
        """Claim to oneself."""
        return self._claim(assets, amount, sender, sender, sender, reward)

    @external("claimAllRewards(address[],address)", "address[],uint256[]", lazy={0: ()})
    def claim_all_rewards(
        self, assets: list[Address], to: Address, *, sender: Address
    ) -> tuple[list[Address], list[int]]:
        """Claim everything of every reward. Returns the rewards and what was paid of each."""
        _refuse_zero(to, "INVALID_TO_ADDRESS")
        return self._claim_all(assets, sender, sender, to)

    @external("claimAllRewardsOnBehalf(address[],address,address)", "address[],uint256[]", lazy={0: ()})
    def claim_all_rewards_on_behalf(
        self, assets: list[Address], user: Address, to: Address, *, sender: Address
    ) -> tuple[list[Address], list[int]]:
        """Claim everything for a user whose claimer one is."""
        self._only_claimer(sender, user)
        _refuse_zero(user, "INVALID_USER_ADDRESS")
        _refuse_zero(to, "INVALID_TO_ADDRESS")
        return self._claim_all(assets, sender, user, to)

    @external("claimAllRewardsToSelf(address[])", "address[],uint256[]", lazy={0: ()})
    def claim_all_rewards_to_self(self, assets: list[Address], *, sender: Address) -> tuple[list[Address], list[int]]:
        """Claim everything to oneself."""
        return self._claim_all(assets, sender, sender, sender)

    def _only_claimer(self, claimer: Address, user: Address) -> None:
        if self.claimers[user] != claimer:
            raise ErrorString("CLAIMER_UNAUTHORIZED")

    def _book(self, assets: Sequence[Address], user: Address) -> None:
        for holding in self.holdings(assets, user):
            self.update(holding.asset, user, holding.balance, holding.total_supply)

    def _claim(
        self, assets: Sequence[Address], amount: int, claimer: Address, user: Address, to: Address, reward: Address
    ) -> int:
        if amount == 0:
            return 0
        self._book(assets, user)
        total = 0
        for asset in assets:
            key = asset, reward, user
            total = add(total, self.accrued[key])
            self.accrued[key] = max(total - amount, 0)
            if total > amount:
                total = amount
                break
        if total == 0:
            return 0
        self._pay_reward(to, reward, total)
        self.emit(RewardsClaimed(user, reward, to, claimer, total))
        return total

    def _claim_all(
        self, assets: Sequence[Address], claimer: Address, user: Address, to: Address
    ) -> tuple[list[Address], list[int]]:
        count = self.rewards_count
        self._book(assets, user)
        rewards = self.all_rewards()[:count] if len(assets) else [ZERO_ADDRESS] * count
        amounts = [0] * count
        for asset in assets:
            for number, reward in enumerate(rewards):
                key = asset, reward, user
                if self.accrued[key]:
                    amounts[number] = add(amounts[number], self.accrued[key])
                    self.accrued[key] = 0
        for reward, amount in zip(rewards, amounts, strict=True):
            self._pay_reward(to, reward, amount)
            self.emit(RewardsClaimed(user, reward, to, claimer, amount))
        return rewards, amounts

    def _pay_reward(self, to: Address, reward: Address, amount: int) -> None:
        """Have the reward's strategy pay. Raises a string error where it says that it did not."""
        strategy = self.transfer_strategies[reward]
        if not self.ask(strategy, "performTransfer(address,address,uint256)", "bool", to, reward, amount):
            raise ErrorString("TRANSFER_ERROR")

    # --- for the emission manager -----------------------------------------------------------------------------------

    @external(f"configureAssets({CONFIG}[])", lazy={0: IN_MEMORY})
    def configure_assets(
        self, config: list[tuple[int, int, int, Address, Address, Address, Address]], *, sender: Address
    ) -> None:
        """Start, change or end distributions. What a config says of the total supply is not believed."""
        self.only_emission_manager(sender)
        given = []
        for entry in map(RewardsConfig._make, config):
            supply = self.ask(entry.asset, "scaledTotalSupply()", "uint256")
            given.append(entry._replace(total_supply=supply))
            self._install(entry.reward, entry.transfer_strategy)
            self._set_oracle(entry.reward, entry.reward_oracle)
        self.configure(given)

    @external("setTransferStrategy(address,address)")
    def set_transfer_strategy(self, reward: Address, transfer_strategy: Address, *, sender: Address) -> None:
        """Say how a reward is paid."""
        self.only_emission_manager(sender)
        self._install(reward, transfer_strategy)

    @external("setRewardOracle(address,address)")
    def set_reward_oracle(self, reward: Address, reward_oracle: Address, *, sender: Address) -> None:
        """Say which feed tells a reward's price."""
        self.only_emission_manager(sender)
        self._set_oracle(reward, reward_oracle)

    @external("setClaimer(address,address)")
    def set_claimer(self, user: Address, caller: Address, *, sender: Address) -> None:
        """Say who may claim for a user."""
        self.only_emission_manager(sender)
        self.claimers[user] = caller
        self.emit(ClaimerSet(user, caller))

    def _install(self, reward: Address, strategy: Address) -> None:
        """Raises string errors for what is no contract."""
        _refuse_zero(strategy, "STRATEGY_CAN_NOT_BE_ZERO")
        if self.chain.contracts[strategy] is None:
            raise ErrorString("STRATEGY_MUST_BE_CONTRACT")
        self.transfer_strategies[reward] = strategy
        self.emit(TransferStrategyInstalled(reward, strategy))

    def _set_oracle(self, reward: Address, oracle: Address) -> None:
        """Raises a string error for a feed without a price."""
        if self.ask(oracle, "latestAnswer()", "int256") <= 0:
            raise ErrorString("ORACLE_MUST_RETURN_PRICE")
        self.reward_oracles[reward] = oracle
        self.emit(RewardOracleUpdated(reward, oracle))

    # --- views ------------------------------------------------------------------------------------------------------

    @view("REVISION()", "uint256")
    def revision_number(self) -> int:
        """The contract's revision number."""
        return REVISION

    @view("getClaimer(address)", "address")
    def get_claimer(self, user: Address) -> Address:
        """Who may claim for a user."""
        return self.claimers[user]

    @view("getRewardOracle(address)", "address")
    def get_reward_oracle(self, reward: Address) -> Address:
        """A reward's price feed."""
        return self.reward_oracles[reward]

    @view("getTransferStrategy(address)", "address")
    def get_transfer_strategy(self, reward: Address) -> Address:
        """How a reward is paid."""
        return self.transfer_strategies[reward]


def _refuse_zero(where: Address, why: str) -> None:
    if where == ZERO_ADDRESS:
        raise ErrorString(why)
