"""The state of a chain of bytecode handed over to a twin: its records, as they were last read, on a release's rules."""

from __future__ import annotations

from typing import Any

from pooltwin.interop.evm.genesis import Account, genesis_of
from pooltwin.invariants.histories.action import Stage
from pooltwin.protocol.address import Address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import Revision


def stage_of_twin(stage: Stage, release: Revision) -> Stage:
    """Make a stage like another, with the same state and names, on the twin of a release."""
    market = stage.market
    twin = Market(twin_of(stage.chain, release), market.provider.address, market.keys)
    return Stage(twin, stage.actors, dict(stage.book))


def twin_of(chain: Chain, release: Revision) -> Chain:
    """Make a twin of a release with the state that a chain's records hold."""
    twin = Chain(release, time=chain.time, number=chain.number, chain_id=chain.chain_id)
    twin.nonces.load(chain.nonces)
    twin.balances.load(chain.balances)
    twin.libraries.update(chain.libraries)
    contracts = {where: contract for where, contract in chain.contracts.items() if contract is not None}
    twin.contracts.load({where: contract.copy_to(twin) for where, contract in contracts.items()})
    memo: dict[int, Any] = {id(chain): twin, id(chain.journal): twin.journal}
    for where, contract in contracts.items():
        contract.hand_on(twin.contracts[where], memo)
    return twin


def accounts_of(chain: Any) -> dict[Address, Account]:
    """Give all accounts of a chain of bytecode."""
    return genesis_of(chain.alloc()).accounts
