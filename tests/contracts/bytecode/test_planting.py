"""States of the twin, taken over by bytecode: what stands there then is what the twin has, and goes on as it."""

from pathlib import Path

import pytest
from pooltwin.fixtures import load_market
from pooltwin.interop.evm.chain import EvmChain
from pooltwin.interop.evm.constructors import CodeError
from pooltwin.interop.evm.engine import Bytecode, bytecode_engine
from pooltwin.invariants.history import History, Opening
from pooltwin.invariants.standard import history_from, history_on, standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.foreign import ForeignContract
from pooltwin.protocol.evm_storage.raw import storage_of
from pooltwin.protocol.fitting import fitted
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import REVISIONS, Revision, revision_named
from pooltwin.protocol.upgrades.renewal import UpgradeError
from pooltwin.protocol.upgrades.upgrade import upgrade

from ..harness.given import Release
from .acted import chain_of, episode, lived_in

SHIPPED = "ethereum-core-2026-02"


@pytest.fixture(scope="module")
def engine(release: Release) -> Revision:
    return bytecode_engine(release.artifacts, release.revision)


def of_release(release: Release) -> History:
    """The shipped market where its release is meant, else the standard one."""
    config = load_market(SHIPPED)
    return history_on(config) if config.revision == release.revision else standard_history(release.revision)


def held_words(chain: EvmChain) -> dict[str, dict[int, int]]:
    """Every word of the EVM, by address and slot."""
    alloc = {where: account["storage"] for where, account in chain.alloc().items()}
    return {
        where: {int(slot, 16): int(word, 16) for slot, word in words.items()} for where, words in alloc.items() if words
    }


def test_a_campaign_on_a_planted_market_ends_as_the_twin_s(release: Release, engine: Revision) -> None:
    history = of_release(release)
    twin, bytecode = episode(history, 500), episode(history, 500, engine)
    chain = chain_of(bytecode)
    assert isinstance(chain, EvmChain)
    assert bytecode.findings == twin.findings == []
    assert bytecode.actions == twin.actions
    assert chain.digest() == chain_of(twin).digest()


def test_planted_words_are_those_that_the_twin_renders(release: Release, engine: Revision) -> None:
    config = load_market(SHIPPED)
    if release.revision == "3.0.2":  # which has a strategy for each reserve
        config = config.model_copy(update={"addresses": config.addresses.model_copy(update={"rate_strategy": None})})
    config, _ = fitted(config, revision_named(release.revision))
    twin, market = Market.deploy(config, revision=release.revision), Market.deploy(config, revision=engine)
    assert isinstance(market.chain, EvmChain)
    assert market.chain.digest() == twin.chain.digest()
    assert market.pool.address == config.addresses.pool.lower()
    words, copy = storage_of(twin.chain), market.fork().chain
    assert isinstance(copy, EvmChain)
    assert held_words(market.chain) == held_words(copy) == words


def test_a_saved_state_is_opened_on_bytecode(release: Release, engine: Revision, tmp_path: Path) -> None:
    market, state = lived_in(release.revision), tmp_path / "market.json"
    market.save(state)
    opened = Opening.of_state(state).market(engine)
    assert isinstance(opened.chain, EvmChain)
    assert opened.chain.digest() == market.chain.digest()
    history = history_from(state)
    twin, bytecode = episode(history, 150), episode(history, 150, engine)
    assert bytecode.findings == twin.findings
    assert chain_of(bytecode).digest() == chain_of(twin).digest()


def test_what_cannot_be_planted_is_refused(release: Release, engine: Revision) -> None:
    market = Market.deploy(standard_history(release.revision).opening.config, revision=release.revision)
    assert engine.machine is not None
    where = named_address("code of somebody's own")
    market.chain.deploy(ForeignContract, where)
    with pytest.raises(TypeError, match=f"ForeignContract at {where}> is Python code"):
        engine.machine.take_over(market.chain)
    other = "3.5" if release.revision != "3.5" else "3.6"
    elsewhere = Market.deploy(standard_history(other).opening.config)
    with pytest.raises(ValueError, match=f"the state is of release {other}, the bytecode of {release.revision}"):
        engine.machine.take_over(elsewhere.chain)
    without = release.artifacts.model_copy(update={"contracts": {}})
    machine = Bytecode(release.revision, without)
    with pytest.raises(CodeError, match="there is no PoolAddressesProvider among the compiled contracts"):
        machine.take_over(Market.deploy(standard_history(release.revision).opening.config).chain)


def test_bytecode_is_not_upgraded_by_decree(release: Release, engine: Revision) -> None:
    market = lived_in(release.revision, engine)
    before = market.chain.digest()
    for later in [name for name in REVISIONS if name > release.revision][:1]:
        with pytest.raises(UpgradeError, match=f"cannot be moved to {later}: its contracts stay those of"):
            upgrade(market, later)
    with pytest.raises(UpgradeError, match="its contracts stay"):
        market.chain.set_revision(revision_named(release.revision))
    market.chain.set_revision(engine)
    assert market.chain.digest() == before


def test_the_engine_s_record_is_the_release_s_but_for_its_machine(release: Release, engine: Revision) -> None:
    assert engine.name == revision_named(release.revision).name
    assert engine.release == release.revision
