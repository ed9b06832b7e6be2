"""Contracts by the name of their Solidity source, as recordings and saved states call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..address import Address
from .a_token import AToken
from .acl_manager import ACLManager
from .addresses_provider import AddressesProvider
from .base import Contract
from .data_provider import DataProvider
from .erc20 import WETH9, LegacyTestnetERC20, TestnetERC20
from .foreign import AlwaysTrueReceiver
from .oracle import AaveOracle, MockAggregator, PriceOracle, PriceOracleSentinel, SequencerOracle
from .pool import Pool
from .pool_configurator import PoolConfigurator
from .rate_strategy import RateStrategy
from .variable_debt_token import VariableDebtToken

if TYPE_CHECKING:
    from ..chain import Chain


def _test_token(chain: Chain, at: Address, *args: Any) -> Contract:
    token = TestnetERC20 if chain.revision.modern_test_token else LegacyTestnetERC20
    return token(chain, at, *args)


def _pool(chain: Chain, at: Address, provider: Address, rate_strategy: Address) -> Contract:
    return Pool(chain, at, provider=provider, rate_strategy=rate_strategy)


def _a_token(chain: Chain, at: Address, pool: Address, rewards_controller: Address, treasury: Address) -> Contract:
    return AToken(chain, at, pool=pool, rewards_controller=rewards_controller, treasury=treasury)


def _debt_token(chain: Chain, at: Address, pool: Address, rewards_controller: Address) -> Contract:
    return VariableDebtToken(chain, at, pool=pool, rewards_controller=rewards_controller)


CONSTRUCTORS: dict[str, Callable[..., Contract]] = {
    AddressesProvider.KIND: AddressesProvider,
    ACLManager.KIND: ACLManager,
    RateStrategy.KIND: RateStrategy,
    Pool.KIND: _pool,
    PoolConfigurator.KIND: PoolConfigurator,
    AaveOracle.KIND: AaveOracle,
    DataProvider.KIND: DataProvider,
    AToken.KIND: _a_token,
    VariableDebtToken.KIND: _debt_token,
    TestnetERC20.KIND: _test_token,
    WETH9.KIND: WETH9,
    MockAggregator.KIND: MockAggregator,
    PriceOracle.KIND: PriceOracle,
    PriceOracleSentinel.KIND: PriceOracleSentinel,
    SequencerOracle.KIND: SequencerOracle,
    AlwaysTrueReceiver.KIND: AlwaysTrueReceiver,
}


def construct(kind: str, chain: Chain, at: Address, args: list[Any]) -> Any:
    """Put a new contract of a kind at an address. Raises ValueError for a kind the twin does not have."""
    if kind not in CONSTRUCTORS:
        raise ValueError(f"no contract of kind {kind!r}; known are {', '.join(CONSTRUCTORS)}")
    return chain.deploy(lambda chain, at: CONSTRUCTORS[kind](chain, at, *args), at)
