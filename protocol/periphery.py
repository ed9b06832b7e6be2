"""Handles of the contracts that stand around a market: encoders, views, gateways, rewards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .address import Address, address, named_address
from .chain import Chain
from .contracts.addresses_provider import POOL
from .contracts.periphery.l2_encoder import L2Encoder
from .contracts.periphery.liquidation_data_provider import LiquidationDataProvider
from .contracts.periphery.multicall3 import Multicall3
from .contracts.periphery.rewards.controller import RewardsController
from .contracts.periphery.rewards.emission_manager import EmissionManager
from .contracts.periphery.stata.factory import StataTokenFactory
from .contracts.periphery.stata.stata_token import StataToken
from .contracts.periphery.stata.transparent import TransparentProxyFactory
from .contracts.periphery.ui_incentive_data_provider import UiIncentiveDataProvider
from .contracts.periphery.ui_pool_data_provider import UiPoolDataProvider
from .contracts.periphery.wallet_balance_provider import WalletBalanceProvider
from .contracts.periphery.wrapped_token_gateway import WrappedTokenGateway
from .contracts.registry import construct


class Periphery:
    """Contracts around one market. None is there until it is deployed; handles follow forks and reverts.

    `market.periphery.deploy("UiPoolDataProviderV3")` puts one there, `market.periphery.ui_pool_data_provider` is it.
    """

    def __init__(self, chain: Chain, provider: Address) -> None:
        self._chain = chain
        self._provider = provider

    def deploy(self, kind: str, *arguments: Any, at: str | None = None) -> Any:
        """Deploy a contract by the name of its Solidity source. Returns it.

        Without arguments for its constructor it gets those that fit the market; without an address, one derived from
        market and kind. Raises ValueError for a kind that the release does not have, and for an address that is taken.
        """
        where = named_address(f"{self._provider}/{kind}") if at is None else address(at)
        usual = _ARGUMENTS.get(kind)
        if not arguments and usual is not None:
            arguments = tuple(usual(self))
        return construct(kind, self._chain, where, list(arguments))

    def _standing(self, kind: str, belongs: Callable[[Any], bool] = bool) -> Any:
        """The contract of a kind that belongs to the market. Raises LookupError where there is none."""
        for contract in self._chain.contracts.values():
            if contract is not None and kind == contract.KIND and belongs(contract):
                return contract
        raise LookupError(f"no {kind} stands beside this market; market.periphery.deploy({kind!r}) puts one there")

    @property
    def _pool(self) -> Any:
        return self._chain.at(self._chain.at(self._provider).addresses[POOL])

    def _first_feed(self) -> Address:
        pool = self._pool
        feed: Address = pool.oracle.get_source_of_asset(pool.reserves_list[0])
        return feed

    @property
    def l2_encoder(self) -> L2Encoder:
        """Packs arguments for the pool of a rollup."""
        pool = self._pool.address
        contract: L2Encoder = self._standing(L2Encoder.KIND, lambda encoder: bool(encoder.pool == pool))
        return contract

    @property
    def ui_pool_data_provider(self) -> UiPoolDataProvider:
        """The view of a whole market: `get_reserves_data(market.provider.address)`.

        Unless said otherwise when it is deployed, the first reserve's feed gives the price of the network's token.
        """
        contract: UiPoolDataProvider = self._standing(UiPoolDataProvider.KIND)
        return contract

    @property
    def liquidation_data_provider(self) -> LiquidationDataProvider:
        """The view of amounts that liquidations take and bring."""
        pool = self._pool.address
        contract: LiquidationDataProvider = self._standing(
            LiquidationDataProvider.KIND, lambda view: bool(view.pool == pool)
        )
        return contract

    @property
    def ui_incentive_data_provider(self) -> UiIncentiveDataProvider:
        """The view of all rewards of a market."""
        contract: UiIncentiveDataProvider = self._standing(UiIncentiveDataProvider.KIND)
        return contract

    @property
    def multicall3(self) -> Multicall3:
        """Many calls in one transaction; `deploy("Multicall3", at=...)` puts it where a chain has it."""
        contract: Multicall3 = self._standing(Multicall3.KIND)
        return contract

    @property
    def rewards_controller(self) -> RewardsController:
        """The rewards controller that the tokens tell of every change. Raises LookupError where they tell none."""
        pool = self._pool
        token = self._chain.at(pool.reserves[pool.reserves_list[0]].a_token)
        contract: RewardsController = self._standing(
            RewardsController.KIND, lambda controller: bool(controller.address == token.rewards_controller)
        )
        return contract

    @property
    def emission_manager(self) -> EmissionManager:
        """The contract that says who may configure which reward."""
        where = self.rewards_controller.emission_manager
        contract: EmissionManager = self._standing(EmissionManager.KIND, lambda one: bool(one.address == where))
        return contract

    @property
    def wrapped_token_gateway(self) -> WrappedTokenGateway:
        """The gateway between ether and the reserve of wrapped ether."""
        pool = self._pool.address
        contract: WrappedTokenGateway = self._standing(WrappedTokenGateway.KIND, lambda one: bool(one.pool == pool))
        return contract

    @property
    def stata_token_factory(self) -> StataTokenFactory:
        """The factory of this pool's vaults of aTokens."""
        pool = self._pool.address
        contract: StataTokenFactory = self._standing(StataTokenFactory.KIND, lambda one: bool(one.pool == pool))
        return contract

    def wrap(self, asset: str) -> StataToken:
        """The vault of an asset's aTokens (`StataTokenV2`), made now if there is none; from v3.4 on.

        The first one brings the factory with it, and rewards that nobody configured where the market has none. Raises
        ValueError for a release without vaults, NotListedUnderlying for an address that is no reserve.
        """
        try:
            factory = self.stata_token_factory
        except LookupError:
            factory = self.deploy(StataTokenFactory.KIND)
        (where,) = factory.create_stata_tokens([address(asset)], sender=factory.initial_owner)
        vault: StataToken = self._chain.at(where)
        return vault

    def _parts_of_vaults(self) -> list[Any]:
        """Pool, owner, what makes proxies, and the vaults' code."""
        pool = self._pool.address
        owner = self._chain.at(self._provider).get_acl_admin()
        try:
            controller = self.rewards_controller.address
        except LookupError:
            manager = self.deploy(EmissionManager.KIND, owner)
            controller = self.deploy(RewardsController.KIND, manager.address).address
        code = self.deploy(StataToken.KIND, pool, controller)
        return [pool, owner, self.deploy(TransparentProxyFactory.KIND).address, code.address]

    @property
    def wallet_balance_provider(self) -> WalletBalanceProvider:
        """The view of users' balances."""
        contract: WalletBalanceProvider = self._standing(WalletBalanceProvider.KIND)
        return contract


_ARGUMENTS: dict[str, Callable[[Periphery], list[Any]]] = {
    L2Encoder.KIND: lambda periphery: [periphery._pool.address],
    LiquidationDataProvider.KIND: lambda periphery: [periphery._pool.address, periphery._provider],
    StataTokenFactory.KIND: lambda periphery: periphery._parts_of_vaults(),
    UiPoolDataProvider.KIND: lambda periphery: [periphery._first_feed()] * 2,
}
"""What constructors get where nobody says otherwise."""
