"""Constructors of contracts that exist already: with which arguments each was run, and what others answered meanwhile.

A contract's code is its compiled code with the immutables filled in. Whoever knows the immutables runs the constructor
once more, at the contract's own address in an EVM that holds nothing else, and has the code. What a constructor writes
to storage does not matter there: storage is rendered from the state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pooltwin.protocol.address import ZERO_ADDRESS, Address, named_address
from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.registry import MOCK_TOKENS
from pooltwin.protocol.contracts.variable_debt_token import VariableDebtToken
from pooltwin.protocol.machine.contract import Contract

SOMEBODY: Address = named_address("whoever runs a constructor once more")
"""Owner or admin where a constructor wants one: it goes to storage only."""

Arguments = Callable[[Any], list[Any]]
Answers = Mapping[Address, int]
"""What other contracts answer while a constructor runs: one word each, whatever they are asked."""


class CodeError(ValueError):
    """Code that cannot be made: names the contract, its address, and what is missing."""


@dataclass(frozen=True, slots=True)
class Construction:
    """How to run a constructor once more: whose, with which arguments, and what others answer it."""

    artifact: str
    """The contract's name in the artifacts."""
    arguments: tuple[Any, ...] = ()
    """As the newest release takes them: earlier ones take the first few."""
    answers: dict[Address, int] = field(default_factory=dict)
    chain_id: int = 1


def construction_of(contract: Contract) -> Construction:
    """How the code of a contract is made: of an implementation, or of a contract without a proxy.

    Raises CodeError for contracts that exist in Python only, and for tokens of a pool that is not on the chain.
    """
    kind = contract.KIND
    arguments, answers = ARGUMENTS.get(kind), ANSWERS.get(kind)
    if arguments is None:
        if contract.IMMUTABLES:
            raise CodeError(f"{kind} at {contract.address}: nobody knows the arguments of its constructor")
        arguments = _nothing
    heard = {} if answers is None else answers(contract)
    chain: Any = contract.chain
    chain_id: int = getattr(contract, "built_for", chain.chain_id)
    return Construction(_artifact_of(contract), tuple(arguments(contract)), heard, chain_id)


def constructor_arguments(contract: Contract) -> list[Any]:
    """The arguments of a contract's constructor, from its immutables; what only goes to storage is made up.

    As the newest release takes them: earlier releases take the first few of them. Raises CodeError.
    """
    return list(construction_of(contract).arguments)


def _artifact_of(contract: Any) -> str:
    """A contract's name in the artifacts: its kind, but for mock tokens, which are tokens of another revision."""
    revision = getattr(contract, "MOCK_REVISION", None)
    if revision is not None and contract.code_revision == revision != contract.chain.revision.token_revision:
        for mock, kind in MOCK_TOKENS.items():
            if kind == contract.KIND:
                return mock
    return str(contract.KIND)


def _nothing(_: Any) -> list[Any]:
    return []


def _strategy_of_v3_0_2(strategy: Any) -> list[Any]:
    return [getattr(strategy, name) for name in strategy.IMMUTABLES]


ARGUMENTS: dict[str, Arguments] = {
    "PoolAddressesProvider": lambda _: ["", SOMEBODY],
    "ACLManager": lambda c: [c.provider],
    "DefaultReserveInterestRateStrategyV2": lambda c: [c.provider],
    "DefaultReserveInterestRateStrategy": _strategy_of_v3_0_2,
    "GhoInterestRateStrategy": lambda c: [c.provider, c.base_variable_borrow_rate],
    "PoolInstance": lambda c: [c.provider, c.rate_strategy],
    "L2PoolInstance": lambda c: [c.provider, c.rate_strategy],
    "L2Encoder": lambda c: [c.pool],
    "PoolConfiguratorInstance": _nothing,
    "AaveOracle": lambda c: [c.provider, [], [], ZERO_ADDRESS, c.base_currency, c.base_currency_unit],
    "AaveProtocolDataProvider": lambda c: [c.provider],
    "ATokenInstance": lambda c: [c.pool, c.rewards_controller, c.treasury],
    "ATokenWithDelegationInstance": lambda c: [c.pool, c.rewards_controller, c.treasury],
    "SettableMockAToken": lambda c: [c.pool, c.rewards_controller, c.treasury],
    "VariableDebtTokenInstance": lambda c: [c.pool, c.rewards_controller],
    "StableDebtToken": lambda c: [c.pool],
    "TestnetERC20": lambda _: ["", "", 18, SOMEBODY],
    "MockAggregator": lambda _: [0],
    "PriceOracleSentinel": lambda c: [c.provider, SOMEBODY, 0],
    "SequencerOracle": lambda _: [SOMEBODY],
    "RewardsController": lambda c: [c.emission_manager],
    "EmissionManager": lambda _: [SOMEBODY],
    "PullRewardsTransferStrategy": lambda c: [c.incentives_controller, c.rewards_admin, c.rewards_vault],
    "StakedTokenTransferStrategy": lambda c: [c.incentives_controller, c.rewards_admin, c.stake_contract],
    "UiPoolDataProviderV3": lambda c: [c.network_token_feed, c.reference_currency_feed],
    "WrappedTokenGatewayV3": lambda c: [c.weth, SOMEBODY, c.pool],
    "LiquidationDataProvider": lambda c: [c.pool, c.provider],
    "StataTokenV2": lambda c: [c.pool, c.incentives_controller],
    "StataTokenFactory": lambda c: [c.pool, c.initial_owner, c.transparent_proxy_factory, c.stata_token_impl],
    "TransparentProxyFactory": _nothing,
    "ProxyAdmin": lambda _: [SOMEBODY],
}
"""The arguments of each kind's constructor by what a handle knows; kinds that are not here have neither."""


def _registry_of_pool(token: Any) -> dict[Address, int]:
    """The pool of a token names its registry, which the token's code keeps."""
    pool = token.chain.contracts[token.pool]
    if pool is None or not hasattr(pool, "provider"):
        raise CodeError(f"{token.KIND} at {token.address}: its pool, {token.pool}, is no pool on this chain")
    return {token.pool: int(pool.provider, 16)}


ANSWERS: dict[str, Callable[[Any], dict[Address, int]]] = {
    "ACLManager": lambda c: {c.provider: int(SOMEBODY, 16)},
    "AaveProtocolDataProvider": lambda c: {c.provider: int(c.pool, 16)},
    "StakedTokenTransferStrategy": lambda c: {c.stake_contract: int(c.underlying_token, 16), c.underlying_token: 1},
    "WrappedTokenGatewayV3": lambda c: {c.weth: 1},
    "StataTokenV2": lambda c: {c.pool: int(c.provider, 16)},
    AToken.KIND: _registry_of_pool,
    "ATokenWithDelegationInstance": _registry_of_pool,
    "SettableMockAToken": _registry_of_pool,
    VariableDebtToken.KIND: _registry_of_pool,
    "StableDebtToken": _registry_of_pool,
}
"""What others answer the constructors that ask."""
