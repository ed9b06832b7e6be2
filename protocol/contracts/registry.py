"""Contracts by the name of their Solidity source, as recordings and saved states call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..address import ZERO_ADDRESS, Address
from .a_token import AToken
from .acl_manager import ACLManager
from .addresses_provider import AddressesProvider
from .base import Contract
from .data_provider import DataProvider
from .erc20 import WETH9, LegacyTestnetERC20, TestnetERC20
from .foreign import AlwaysFalseReceiver, AlwaysTrueReceiver
from .oracle import AaveOracle, MockAggregator, PriceOracle, PriceOracleSentinel, SequencerOracle
from .pool import Pool
from .pool_configurator import PoolConfigurator
from .rate_strategy import RateStrategy
from .variable_debt_token import VariableDebtToken

if TYPE_CHECKING:
    from ..chain import Chain
    from ..revisions import Revision


def _test_token(chain: Chain, at: Address, *args: Any) -> Contract:
    cls = TestnetERC20 if chain.revision.modern_test_token else LegacyTestnetERC20
    return cls(chain, at, *args)


def _pool(chain: Chain, at: Address, provider: Address, rate_strategy: Address = ZERO_ADDRESS) -> Contract:
    return Pool(chain, at, provider=provider, rate_strategy=rate_strategy)


def _a_token(code_revision: int | None = None) -> Callable[..., Contract]:
    def make(
        chain: Chain,
        at: Address,
        pool: Address,
        rewards_controller: Address = ZERO_ADDRESS,
        treasury: Address = ZERO_ADDRESS,
    ) -> Contract:
        return AToken(
            chain,
            at,
            pool=pool,
            rewards_controller=rewards_controller,
            treasury=treasury,
            code_revision=code_revision,
        )

    return make


def _debt_token(code_revision: int | None = None) -> Callable[..., Contract]:
    def make(chain: Chain, at: Address, pool: Address, rewards_controller: Address = ZERO_ADDRESS) -> Contract:
        return VariableDebtToken(
            chain, at, pool=pool, rewards_controller=rewards_controller, code_revision=code_revision
        )

    return make


MOCK_TOKEN_REVISION = 2
"""Aave's mock tokens are the real ones under an old revision number: they can be upgraded to the real ones."""


class Library(Contract):
    """A linked library. Its rules live in `logic`; only its address can be asked for."""

    KIND = "Library"
    __slots__ = ()


def _library(name: str) -> Callable[[Chain, Address], Contract]:
    def link(chain: Chain, at: Address) -> Contract:
        chain.libraries[name] = at
        return Library(chain, at)

    return link


LIBRARIES = (
    "BorrowLogic",
    "BridgeLogic",
    "ConfiguratorLogic",
    "EModeLogic",
    "FlashLoanLogic",
    "LiquidationLogic",
    "PoolLogic",
    "SupplyLogic",
)

CONSTRUCTORS: dict[str, Callable[..., Contract]] = {
    AddressesProvider.KIND: AddressesProvider,
    ACLManager.KIND: ACLManager,
    RateStrategy.KIND: RateStrategy,
    Pool.KIND: _pool,
    PoolConfigurator.KIND: PoolConfigurator,
    AaveOracle.KIND: AaveOracle,
    DataProvider.KIND: DataProvider,
    AToken.KIND: _a_token(),
    VariableDebtToken.KIND: _debt_token(),
    "MockAToken": _a_token(MOCK_TOKEN_REVISION),
    "MockVariableDebtToken": _debt_token(MOCK_TOKEN_REVISION),
    TestnetERC20.KIND: _test_token,
    WETH9.KIND: WETH9,
    MockAggregator.KIND: MockAggregator,
    PriceOracle.KIND: PriceOracle,
    PriceOracleSentinel.KIND: PriceOracleSentinel,
    SequencerOracle.KIND: SequencerOracle,
    AlwaysTrueReceiver.KIND: AlwaysTrueReceiver,
    AlwaysFalseReceiver.KIND: AlwaysFalseReceiver,
    **{name: _library(name) for name in LIBRARIES},
}


CLASSES: dict[str, type[Contract]] = {
    cls.KIND: cls
    for cls in (
        AddressesProvider,
        ACLManager,
        RateStrategy,
        Pool,
        PoolConfigurator,
        AaveOracle,
        DataProvider,
        AToken,
        VariableDebtToken,
        WETH9,
        MockAggregator,
        PriceOracle,
        PriceOracleSentinel,
        SequencerOracle,
        AlwaysTrueReceiver,
        AlwaysFalseReceiver,
        Library,
    )
}


def class_of(kind: str, revision: Revision) -> type[Contract] | None:
    """The class of a kind in a revision; None for a kind that cannot be loaded from a file."""
    if kind == TestnetERC20.KIND:
        return TestnetERC20 if revision.modern_test_token else LegacyTestnetERC20
    return CLASSES.get(kind)


def construct(kind: str, chain: Chain, at: Address, args: list[Any]) -> Any:
    """Put a new contract of a kind at an address. Raises ValueError for a kind the twin does not have."""
    if kind not in CONSTRUCTORS:
        raise ValueError(f"no contract of kind {kind!r}; known are {', '.join(CONSTRUCTORS)}")
    return chain.deploy(lambda chain, at: CONSTRUCTORS[kind](chain, at, *args), at)
