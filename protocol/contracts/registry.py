"""Contracts by the name of their Solidity source, as recordings and saved states call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..address import ZERO_ADDRESS, Address
from ..machine.contract import Contract
from ..releases.v3_0_2.around import FirstDataProvider, FirstPriceOracleSentinel, FirstSequencerOracle
from ..releases.v3_0_2.configurator import FirstConfigurator
from ..releases.v3_0_2.pool import FirstPool
from ..releases.v3_0_2.rate_strategy import FirstRateStrategy
from ..releases.v3_0_2.stable_debt_token import StableDebtToken
from . import signatures
from .a_token import AToken
from .acl_manager import ACLManager
from .addresses_provider import AddressesProvider
from .data_provider import DataProvider
from .erc20 import WETH9, EarlyTestnetERC20, LegacyTestnetERC20, TestnetERC20
from .foreign import AlwaysFalseReceiver, AlwaysTrueReceiver
from .oracle import AaveOracle, MockAggregator, PriceOracle, PriceOracleSentinel, SequencerOracle
from .pool import Pool
from .pool_configurator import PoolConfigurator
from .proxy import ProxiedReceiver
from .rate_strategy import RateStrategy
from .variable_debt_token import VariableDebtToken

if TYPE_CHECKING:
    from ..chain import Chain
    from ..logic.terms import Revision


def _test_token(chain: Chain, at: Address, *args: Any) -> Contract:
    return test_token_of(chain.revision)(chain, at, *args)


def test_token_of(revision: Revision) -> type[TestnetERC20]:
    """The test token that a revision's markets use."""
    if revision.modern_test_token:
        return TestnetERC20
    # v3.0.2 brings no token like the later ones: its markets are tested with that of v3.6.
    reads_strictly = revision.stable_rates or revision.recover_signer is signatures.recover
    return LegacyTestnetERC20 if reads_strictly else EarlyTestnetERC20


def _pool(chain: Chain, at: Address, provider: Address, rate_strategy: Address = ZERO_ADDRESS) -> Contract:
    cls = FirstPool if chain.revision.stable_rates else Pool
    return cls(chain, at, provider=provider, rate_strategy=rate_strategy)


def _by_revision(cls: type[Contract]) -> Callable[..., Contract]:
    """The class itself, or in the first release what it was there."""

    def make(chain: Chain, at: Address, *args: Any) -> Contract:
        return _class_in(cls, chain.revision)(chain, at, *args)

    return make


def _class_in(cls: type[Contract], revision: Revision) -> Callable[..., Contract]:
    return FIRST_CLASSES.get(cls.KIND, cls) if revision.stable_rates else cls


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


def _stable_debt_token(chain: Chain, at: Address, pool: Address) -> Contract:
    return StableDebtToken(chain, at, pool=pool)


MOCK_TOKEN_REVISION = 2
"""Aave's mock tokens are the real ones under an old revision number: they can be upgraded to the real ones."""
FIRST_MOCK_DEBT_TOKEN_REVISION = 3
"""In v3.0.2 the numbers were new ones."""


def _mock_debt_token(chain: Chain, at: Address, *args: Address) -> Contract:
    number = FIRST_MOCK_DEBT_TOKEN_REVISION if chain.revision.stable_rates else MOCK_TOKEN_REVISION
    return _debt_token(number)(chain, at, *args)


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
    PoolConfigurator.KIND: _by_revision(PoolConfigurator),
    AaveOracle.KIND: AaveOracle,
    DataProvider.KIND: _by_revision(DataProvider),
    AToken.KIND: _a_token(),
    VariableDebtToken.KIND: _debt_token(),
    "MockAToken": _a_token(MOCK_TOKEN_REVISION),
    "MockVariableDebtToken": _mock_debt_token,
    TestnetERC20.KIND: _test_token,
    WETH9.KIND: WETH9,
    MockAggregator.KIND: MockAggregator,
    PriceOracle.KIND: PriceOracle,
    PriceOracleSentinel.KIND: _by_revision(PriceOracleSentinel),
    SequencerOracle.KIND: _by_revision(SequencerOracle),
    FirstRateStrategy.KIND: FirstRateStrategy,
    StableDebtToken.KIND: _stable_debt_token,
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
        ProxiedReceiver,
        Library,
        FirstRateStrategy,
        StableDebtToken,
    )
}

FIRST_CLASSES: dict[str, type[Contract]] = {
    cls.KIND: cls
    for cls in (FirstPool, FirstConfigurator, FirstDataProvider, FirstPriceOracleSentinel, FirstSequencerOracle)
}
"""What some kinds were in v3.0.2."""


_TEST_TOKENS: tuple[type[Contract], ...] = (TestnetERC20, LegacyTestnetERC20, EarlyTestnetERC20)
CODES: dict[str, type[Contract]] = {
    cls.code(): cls for cls in (*CLASSES.values(), *FIRST_CLASSES.values(), *_TEST_TOKENS)
}
"""Everything that can be saved, by the name of its code."""


def class_of(kind: str, revision: Revision) -> type[Contract] | None:
    """The class of a kind in a revision; None for an unknown kind."""
    if kind == TestnetERC20.KIND:
        return test_token_of(revision)
    if revision.stable_rates and kind in FIRST_CLASSES:
        return FIRST_CLASSES[kind]
    return CLASSES.get(kind)


def construct(kind: str, chain: Chain, at: Address, args: list[Any]) -> Any:
    """Put a new contract of a kind at an address. Raises ValueError for a kind the twin does not have."""
    if kind not in CONSTRUCTORS:
        raise ValueError(f"no contract of kind {kind!r}; known are {', '.join(CONSTRUCTORS)}")
    return chain.deploy(lambda chain, at: CONSTRUCTORS[kind](chain, at, *args), at)
