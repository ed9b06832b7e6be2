"""The ground of a deployment: configuration, release, who governs, and what has been put where."""

from __future__ import annotations

from typing import Any

from ..address import Address, named_address
from ..chain import Chain
from ..contracts.a_token_with_delegation import ATokenWithDelegation
from ..contracts.addresses_provider import AddressesProvider
from ..contracts.oracle import AaveOracle
from ..contracts.registry import construct
from ..models import MarketConfig


class Site:
    """A chain on which a market is being built. Addresses that are left out are derived from the market's name."""

    pool: Address
    configurator: Address
    oracle_address: Address
    strategy: Address
    """The rate strategy for all reserves that have none of their own. From v3.2 on."""
    a_token_code: Address
    debt_token_code: Address
    rewards_controller: Address
    """Who is told of changes of balances; the zero address for nobody."""
    stable_debt_token_code: Address
    """The code of stable debt tokens. Until v3.0.2."""

    def __init__(self, chain: Chain, config: MarketConfig) -> None:
        self.chain = chain
        self.release = chain.revision
        self.config = config
        given = config.addresses
        self.admin = given.admin or self.derived("admin")
        self.treasury = given.treasury or self.derived("treasury")
        self.umbrella = given.umbrella or self.derived("umbrella")
        self.provider_address = given.provider or self.derived("provider")
        self.assets: dict[str, Address] = {}
        """Underlying addresses by the keys of the reserves."""

    def derived(self, role: str) -> Address:
        """The address of whoever plays a role, where none is given."""
        return named_address(f"{self.config.name}/{role}")

    def construct(self, kind: str, where: Address | None, args: list[Any]) -> Address:
        """Put a new contract at an address, or at one derived from its kind."""
        where = where or self.derived(kind)
        construct(kind, self.chain, where, args)
        return where

    def shared(self, kind: str, where: Address, args: list[Any]) -> Address:
        """The contract at an address that several reserves may share: the first of them has it put there."""
        if self.chain.contracts[where] is None:
            self.construct(kind, where, args)
        return where

    def voting_a_token_code(self) -> Address:
        """The code of aTokens that carry votes, deployed with the first of them. From v3.6 on."""
        kind = ATokenWithDelegation.KIND
        return self.shared(kind, self.derived(kind), [self.pool, self.rewards_controller, self.treasury])

    @property
    def provider(self) -> AddressesProvider:
        """The registry."""
        contract: AddressesProvider = self.chain.at(self.provider_address)
        return contract

    @property
    def oracle(self) -> AaveOracle:
        """The price oracle."""
        contract: AaveOracle = self.chain.at(self.oracle_address)
        return contract

    @property
    def governed(self) -> Any:
        """The configurator: a function that a release has under another name is called by that name."""
        return self.chain.at(self.configurator)
