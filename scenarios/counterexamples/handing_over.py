"""The state of a chain of bytecode handed over to a twin: its records, as they were last read, on a release's rules."""

from __future__ import annotations

from pooltwin.interop.evm.plain_tokens import put_test_tokens
from pooltwin.invariants.histories.action import Stage
from pooltwin.protocol.address import Address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import Revision


def stage_of_twin(stage: Stage, release: Revision) -> Stage:
    """Make a stage like another, with the same state and names, on the twin of a release."""
    market = stage.market
    twin = Market(twin_of(stage.chain, release, market.admin), market.provider.address, market.keys)
    return Stage(twin, stage.actors, dict(stage.book))


def twin_of(chain: Chain, release: Revision, owner: Address) -> Chain:
    """Make a twin of a release with the state that a chain's records hold; tokens of unknown code are test tokens."""
    twin = chain.copy_into(Chain(release, time=chain.time, number=chain.number, chain_id=chain.chain_id), {})
    put_test_tokens(twin, owner)
    return twin
