"""Common parts of the upgrades: deploy the next code, put it behind a proxy, renew the class of a contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..address import Address, named_address
from ..contracts.registry import construct
from ..logic.terms import Revision
from ..machine.contract import Contract
from ..market import Market
from ..state.records import Reserve


class UpgradeError(ValueError):
    """The market cannot be moved: a revision that does not follow, or a state that the next one cannot hold."""


def refuse_rules_of_the_twin(present: Revision, target: Revision) -> None:
    """Raise UpgradeError where a market of bytecode is to be moved to a release of which no bytecode is given."""
    if present.machine is not None and target.machine is None:
        raise UpgradeError(
            f"a market of bytecode cannot be moved to {target.name}: its contracts stay those of {present.name} until "
            "the record of the next release's compiled contracts is given (`bytecode_engine`)"
        )


def reserves_of(market: Market) -> Iterator[tuple[Address, Reserve]]:
    """Every listed asset and its reserve."""
    for asset in market.pool.get_reserves_list():
        yield asset, market.pool.reserves[asset]


def deploy(market: Market, kind: str, arguments: list[Any], variant: str = "") -> Address:
    """A new implementation, or another contract, at an address derived from market, revision and kind."""
    name = f"{market.provider.address}/{market.chain.revision.name}/{kind}{variant}"
    where = named_address(name)
    while market.chain.contracts[where] is not None:  # of an upgrade to other bytecode of the same release
        name += "+"
        where = named_address(name)
    construct(kind, market.chain, where, arguments)
    return where


def renew_pool(market: Market) -> None:
    """Put the release's pool behind the proxy; from v3.4 on its code names the rate strategy of all reserves."""
    provider, revision = market.provider, market.chain.revision
    strategy = [] if revision.strategies_per_reserve else [shared_strategy(market)]
    implementation = deploy(market, market.pool.KIND, [provider.address, *strategy])
    provider.set_pool_impl(implementation, sender=market.admin)


def renew_configurator(market: Market) -> None:
    """Put the release's configurator behind the proxy."""
    implementation = deploy(market, "PoolConfiguratorInstance", [])
    market.provider.set_pool_configurator_impl(implementation, sender=market.admin)


def renew_data_provider(market: Market) -> None:
    """Deploy the release's data provider and register it."""
    data_provider = deploy(market, "AaveProtocolDataProvider", [market.provider.address])
    market.provider.set_pool_data_provider(data_provider, sender=market.admin)


def renew_tokens(market: Market) -> None:
    """Put the release's tokens behind their proxies.

    One implementation for each treasury and rewards controller, which are part of the code from v3.4 on.
    """
    configurator, chain, pool = market.configurator, market.chain, market.pool.address
    made: dict[tuple[str, ...], Address] = {}
    for asset, reserve in reserves_of(market):
        a_token, debt_token = chain.at(reserve.a_token), chain.at(reserve.variable_debt_token)
        for kind, token, settings, update in (
            (a_token.KIND, a_token, (a_token.rewards_controller, a_token.treasury), configurator.update_a_token),
            (
                debt_token.KIND,
                debt_token,
                (debt_token.rewards_controller,),
                configurator.update_variable_debt_token,
            ),
        ):
            if (kind, *settings) not in made:
                made[kind, *settings] = deploy(market, kind, [pool, *settings], str(len(made)))
            names = (token.token_name, token.token_symbol)
            update((asset, *names, made[kind, *settings], b""), sender=market.admin)


def renew_as(market: Market, old: Contract, cls: type[Contract]) -> None:
    """Replace a contract by one of another class, with everything stored that the class still knows."""
    market.chain.contracts[old.address] = old.renewed_as(cls)


def shared_strategy(market: Market) -> Address:
    """The strategy that serves every reserve from v3.4 on: the pool's, or before that the first reserve's."""
    own = market.pool.rate_strategy
    reserve = market.pool.reserves[market.pool.reserves_list[0]]
    return reserve.interest_rate_strategy if int(own, 16) == 0 else own
