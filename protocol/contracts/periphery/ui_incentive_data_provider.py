"""Views of all rewards of a market, and of a user's. Solidity: `UiIncentiveDataProviderV3`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ...address import ZERO_ADDRESS, Address
from ...errors import PANIC_INDEX, Panic
from ...machine.function import view
from .asking import Asking
from .ui_pool_data_provider import RESERVE_DATA


class RewardInfo(NamedTuple):
    """How one reward of a token is given."""

    reward_token_symbol: str
    reward_token_address: Address
    reward_oracle_address: Address
    emission_per_second: int
    incentives_last_update_timestamp: int
    token_incentives_index: int
    emission_end_timestamp: int
    reward_price_feed: int
    reward_token_decimals: int
    precision: int
    price_feed_decimals: int


class UserRewardInfo(NamedTuple):
    """Booked amount of one reward of a user."""

    reward_token_symbol: str
    reward_oracle_address: Address
    reward_token_address: Address
    user_unclaimed_rewards: int
    token_incentives_user_index: int
    reward_price_feed: int
    price_feed_decimals: int
    reward_token_decimals: int


class IncentiveData(NamedTuple):
    """A token, its rewards controller, and its rewards. Solidity: `IncentiveData`, `UserIncentiveData`."""

    token_address: Address
    incentive_controller_address: Address
    rewards: list[Any]


class ReserveIncentiveData(NamedTuple):
    """Rewards for lenders and for borrowers of an asset."""

    underlying_asset: Address
    a_incentive_data: IncentiveData
    v_incentive_data: IncentiveData


_NOTHING = IncentiveData(ZERO_ADDRESS, ZERO_ADDRESS, [])
REWARD = "(string,address,address,uint256,uint256,uint256,uint256,int256,uint8,uint8,uint8)"
USER_REWARD = "(string,address,address,uint256,uint256,int256,uint8,uint8)"
RESERVES = f"(address,(address,address,{REWARD}[]),(address,address,{REWARD}[]))[]"
USER_RESERVES = f"(address,(address,address,{USER_REWARD}[]),(address,address,{USER_REWARD}[]))[]"


class _Priced(NamedTuple):
    """A reward's token and feed."""

    decimals: int
    symbol: str
    oracle: Address
    feed_decimals: int
    price: int


class UiIncentiveDataProvider(Asking):
    """Views only; each is given the market's registry."""

    KIND = "UiIncentiveDataProviderV3"
    __slots__ = ()

    def _reserves(self, provider: Address) -> tuple[Address, list[Address]]:
        pool = self.ask(provider, "getPool()", "address")
        return pool, self.ask(pool, "getReservesList()", "address[]")

    def _tokens(self, pool: Address, asset: Address) -> tuple[Address, Address]:
        data = self.ask(pool, "getReserveData(address)", f"({RESERVE_DATA})", asset)
        return data[8], data[10]

    def _controller(self, token: Address) -> Address:
        controller: Address = self.ask(token, "getIncentivesController()", "address")
        return controller

    def _priced(self, controller: Address, reward: Address) -> _Priced:
        decimals = self.ask(reward, "decimals()", "uint8")
        symbol = self.ask(reward, "symbol()", "string")
        oracle = self.ask(controller, "getRewardOracle(address)", "address", reward)
        feed_decimals = self.ask(oracle, "decimals()", "uint8")
        return _Priced(decimals, symbol, oracle, feed_decimals, self.ask(oracle, "latestAnswer()", "int256"))

    def _reward(self, controller: Address, token: Address, reward: Address) -> RewardInfo:
        kinds = "uint256,uint256,uint256,uint256"
        given = self.ask(controller, "getRewardsData(address,address)", kinds, token, reward)
        index, per_second, updated, end = given
        precision = self.ask(controller, "getAssetDecimals(address)", "uint8", token)
        priced = self._priced(controller, reward)
        return RewardInfo(
            priced.symbol,
            reward,
            priced.oracle,
            per_second,
            updated,
            index,
            end,
            priced.price,
            priced.decimals,
            precision,
            priced.feed_decimals,
        )

    def _user_reward(self, controller: Address, token: Address, reward: Address, user: Address) -> UserRewardInfo:
        signature = "getUserAssetIndex(address,address,address)"
        index = self.ask(controller, signature, "uint256", user, token, reward)
        unclaimed = self.ask(controller, "getUserAccruedRewards(address,address)", "uint256", user, reward)
        priced = self._priced(controller, reward)
        return UserRewardInfo(
            priced.symbol,
            priced.oracle,
            reward,
            unclaimed,
            index,
            priced.price,
            priced.feed_decimals,
            priced.decimals,
        )

    def _each(self, controller: Address, token: Address, tell: Callable[[Address], Any]) -> list[Any]:
        if controller == ZERO_ADDRESS:
            return []
        return [tell(reward) for reward in self.ask(controller, "getRewardsByAsset(address)", "address[]", token)]

    def _of_market(self, provider: Address) -> list[ReserveIncentiveData]:
        pool, assets = self._reserves(provider)
        return [self._of_reserve(asset, self._tokens(pool, asset)) for asset in assets]

    def _of_reserve(self, asset: Address, tokens: tuple[Address, Address]) -> ReserveIncentiveData:
        sides = []
        for token in tokens:
            controller = self._controller(token)
            rewards = self._each(controller, token, lambda reward, c=controller, t=token: self._reward(c, t, reward))  # type: ignore[misc]
            sides.append(IncentiveData(token, controller, rewards))
        return ReserveIncentiveData(asset, *sides)

    def _of_user(self, provider: Address, user: Address) -> list[ReserveIncentiveData]:
        pool, assets = self._reserves(provider)
        found = []
        for asset in assets:
            a_token, debt_token = self._tokens(pool, asset)
            if user == ZERO_ADDRESS:
                raise Panic(PANIC_INDEX)
            of_lender = self._controller(a_token)
            lender = self._user_side(a_token, of_lender, of_lender, user)
            of_borrower = self._controller(debt_token)
            shown = self.controller_shown_for_debt(of_lender, of_borrower)
            found.append(ReserveIncentiveData(asset, lender, self._user_side(debt_token, of_borrower, shown, user)))
        return found

    def _user_side(self, token: Address, controller: Address, shown: Address, user: Address) -> IncentiveData:
        if controller == ZERO_ADDRESS:
            return _NOTHING
        rewards = self._each(controller, token, lambda reward: self._user_reward(controller, token, reward, user))
        return IncentiveData(token, shown, rewards)

    def controller_shown_for_debt(self, of_lender: Address, of_borrower: Address) -> Address:
        """The controller that a user's debt shows: its own."""
        return of_borrower

    # --- the interface ----------------------------------------------------------------------------------------------

    @view("getReservesIncentivesData(address)", RESERVES)
    def get_reserves_incentives_data(self, provider: Address) -> list[ReserveIncentiveData]:
        """The rewards of every reserve."""
        return self._of_market(provider)

    @view("getUserReservesIncentivesData(address,address)", USER_RESERVES)
    def get_user_reserves_incentives_data(self, provider: Address, user: Address) -> list[ReserveIncentiveData]:
        """What a user is owed, as it is booked. Raises Panic(0x32) for the zero address."""
        return self._of_user(provider, user)

    @view("getFullReservesIncentiveData(address,address)", f"{RESERVES},{USER_RESERVES}")
    def get_full_reserves_incentive_data(
        self, provider: Address, user: Address
    ) -> tuple[list[ReserveIncentiveData], list[ReserveIncentiveData]]:
        """Both of these."""
        return self._of_market(provider), self._of_user(provider, user)
