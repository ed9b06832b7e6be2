"""The newest contracts by the name of their Solidity source, as recordings and saved states call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ..address import ZERO_ADDRESS, Address
from ..machine.contract import Contract
from .a_token import AToken
from .a_token_with_delegation import ATokenWithDelegation
from .acl_manager import ACLManager
from .addresses_provider import AddressesProvider
from .bare_proxy import BareProxy
from .data_provider import DataProvider
from .erc20 import WETH9, TestnetERC20
from .foreign import AlwaysFalseReceiver, AlwaysTrueReceiver
from .l2_pool import L2Pool
from .library import Library
from .oracle import AaveOracle, MockAggregator, PriceOracle, PriceOracleSentinel, SequencerOracle
from .periphery.l2_encoder import L2Encoder
from .periphery.liquidation_data_provider import LiquidationDataProvider
from .periphery.multicall3 import Multicall3
from .periphery.rewards.controller import RewardsController
from .periphery.rewards.emission_manager import EmissionManager
from .periphery.rewards.transfer_strategies import PullRewardsTransferStrategy, StakedTokenTransferStrategy
from .periphery.stata.factory import StataTokenFactory
from .periphery.stata.stata_token import StataToken
from .periphery.stata.transparent import ProxyAdmin, TransparentProxyFactory, TransparentStataToken
from .periphery.ui_incentive_data_provider import UiIncentiveDataProvider
from .periphery.ui_pool_data_provider import UiPoolDataProvider
from .periphery.wallet_balance_provider import WalletBalanceProvider
from .periphery.wrapped_token_gateway import WrappedTokenGateway
from .pool import Pool
from .pool_configurator import PoolConfigurator
from .proxy import ProxiedReceiver
from .rate_strategy import RateStrategy
from .rewards import RewardsRecorder
from .settable_a_token import SettableAToken
from .tokens import STAND_INS
from .variable_debt_token import VariableDebtToken

if TYPE_CHECKING:
    from ..chain import Chain

MOCK_TOKENS = {"MockAToken": AToken.KIND, "MockVariableDebtToken": VariableDebtToken.KIND}
"""Aave's mock tokens are the real ones under a revision number of their own, but for `SettableAToken`."""


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

Contracts = Mapping[str, type[Contract]]
"""The classes of a release by kind."""


def with_contracts(newer: Contracts, *different: type[Contract]) -> Contracts:
    """The contracts of a release: those of the next newer one, but for what is different."""
    return {**newer, **{cls.KIND: cls for cls in different}}


def without_contracts(newer: Contracts, *lacking: type[Contract]) -> Contracts:
    """The contracts of a release that has none of these kinds."""
    kinds = {cls.KIND for cls in lacking}
    return {kind: cls for kind, cls in newer.items() if kind not in kinds}


CONTRACTS = with_contracts(
    {},
    AddressesProvider,
    ACLManager,
    RateStrategy,
    Pool,
    L2Pool,
    L2Encoder,
    LiquidationDataProvider,
    RewardsController,
    EmissionManager,
    PullRewardsTransferStrategy,
    StakedTokenTransferStrategy,
    StataToken,
    StataTokenFactory,
    TransparentProxyFactory,
    TransparentStataToken,
    ProxyAdmin,
    UiPoolDataProvider,
    UiIncentiveDataProvider,
    Multicall3,
    WalletBalanceProvider,
    WrappedTokenGateway,
    PoolConfigurator,
    AaveOracle,
    DataProvider,
    AToken,
    ATokenWithDelegation,
    SettableAToken,
    VariableDebtToken,
    TestnetERC20,
    WETH9,
    *STAND_INS,
    MockAggregator,
    PriceOracle,
    PriceOracleSentinel,
    SequencerOracle,
    RewardsRecorder,
    AlwaysTrueReceiver,
    AlwaysFalseReceiver,
    ProxiedReceiver,
    BareProxy,
    Library,
)
"""The contracts of the newest release."""

NEVER_CONSTRUCTED = (ProxiedReceiver.KIND, Library.KIND, TransparentStataToken.KIND)
"""Kinds that no recording deploys by their own name."""


def construct(kind: str, chain: Chain, at: Address, args: list[Any], *, deployer: Address = ZERO_ADDRESS) -> Any:
    """Put a new contract of a kind at an address. Raises ValueError for a kind that the release does not have."""
    make = _maker_of(kind, chain)
    return chain.construct(kind, lambda chain, at: make(chain, at, *args), at, args, deployer=deployer)


def _maker_of(kind: str, chain: Chain) -> Callable[..., Contract]:
    if kind in LIBRARIES:
        return partial(_link, kind)
    contracts: Contracts = chain.revision.contracts
    if kind in MOCK_TOKENS:
        token: Any = contracts[MOCK_TOKENS[kind]]
        return partial(token, code_revision=token.MOCK_REVISION)
    if kind not in contracts or kind in NEVER_CONSTRUCTED:
        known = [*(name for name in contracts if name not in NEVER_CONSTRUCTED), *MOCK_TOKENS, *LIBRARIES]
        raise ValueError(f"no contract of kind {kind!r}; known are {', '.join(known)}")
    return contracts[kind]


def _link(name: str, chain: Chain, at: Address) -> Contract:
    chain.libraries[name] = at
    library: Contract = chain.revision.contracts[Library.KIND](chain, at)
    return library
