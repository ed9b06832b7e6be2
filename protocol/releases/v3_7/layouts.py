"""Storage layouts of the contracts of v3.7, by their code."""

from __future__ import annotations

from collections.abc import Mapping

from ...contracts.a_token import AToken
from ...contracts.a_token_with_delegation import ATokenWithDelegation
from ...contracts.acl_manager import ACLManager
from ...contracts.addresses_provider import AddressesProvider
from ...contracts.bare_proxy import BareProxy
from ...contracts.erc20 import WETH9, TestnetERC20
from ...contracts.oracle import AaveOracle, MockAggregator, PriceOracle, PriceOracleSentinel, SequencerOracle
from ...contracts.periphery.rewards.controller import RewardsController
from ...contracts.periphery.rewards.emission_manager import EmissionManager
from ...contracts.periphery.stata.factory import StataTokenFactory
from ...contracts.periphery.stata.stata_token import StataToken
from ...contracts.periphery.stata.transparent import ProxyAdmin, TransparentProxyFactory, TransparentStataToken
from ...contracts.periphery.wrapped_token_gateway import WrappedTokenGateway
from ...contracts.pool_configurator import PoolConfigurator
from ...contracts.proxy import ProxiedReceiver
from ...contracts.rate_strategy import RateStrategy
from ...contracts.rewards import RewardsRecorder
from ...contracts.settable_a_token import SettableAToken
from ...contracts.variable_debt_token import VariableDebtToken
from ...evm_storage import layout
from ...evm_storage.layout import Layout, a_token_layout, debt_token_layout, pool_layout, pools

RESERVE = (layout.DEFICIT, layout.GRACE_PERIOD, layout.VIRTUAL_BALANCE)
"""The fields of a reserve whose places changed from release to release."""

_A_TOKEN = a_token_layout("uint120", layout.LEFT_CONTROLLER_OF_A_TOKEN, layout.LEFT_TREASURY)

LAYOUTS: Mapping[str, Layout] = {
    AddressesProvider.KIND: layout.PROVIDER,
    ACLManager.KIND: layout.ACL,
    **pools(pool_layout(RESERVE, layout.E_MODE_FROM_V3_7, layout.POSITION_MANAGERS)),
    PoolConfigurator.KIND: layout.CONFIGURATOR,
    AToken.KIND: _A_TOKEN,
    SettableAToken.KIND: _A_TOKEN,
    ATokenWithDelegation.KIND: (*_A_TOKEN, *layout.DELEGATED_POWER),
    VariableDebtToken.KIND: debt_token_layout("uint120", layout.LEFT_CONTROLLER_OF_DEBT_TOKEN),
    ProxiedReceiver.KIND: layout.PROXIED,
    BareProxy.KIND: layout.PROXIED[:1],
    RewardsController.KIND: layout.REWARDS,
    EmissionManager.KIND: layout.EMISSIONS,
    WrappedTokenGateway.KIND: layout.OWNED,
    StataToken.KIND: layout.STATA_TOKEN,
    TransparentStataToken.KIND: layout.TRANSPARENT_STATA_TOKEN,
    StataTokenFactory.KIND: layout.STATA_TOKEN_FACTORY,
    TransparentProxyFactory.KIND: layout.PROXY_FACTORY,
    ProxyAdmin.KIND: layout.OWNED,
    RateStrategy.KIND: layout.STRATEGY,
    AaveOracle.KIND: layout.ORACLE,
    MockAggregator.KIND: layout.FEED,
    PriceOracle.KIND: layout.PRICE_TABLE,
    PriceOracleSentinel.KIND: layout.SENTINEL,
    SequencerOracle.KIND: layout.SEQUENCER,
    RewardsRecorder.KIND: layout.REWARDS_RECORD,
    TestnetERC20.KIND: layout.TEST_TOKEN,
    WETH9.KIND: layout.WRAPPED_ETHER,
}
