"""An EVM that is begun anew, and copies that laws make without listing words: neither is noticed by anybody."""

from __future__ import annotations

import pytest
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants import CampaignOptions, Monitor, standard_history
from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.campaigns.probing import run_probes
from pooltwin.invariants.catalogue import law_called
from pooltwin.invariants.histories.action import Stage
from pooltwin.protocol.revisions import Revision

from ..harness.artifacts import ArtifactSet

STEPS = 120


@pytest.fixture(scope="module")
def engine(artifacts_v3_6: ArtifactSet) -> Revision:
    return bytecode_engine(artifacts_v3_6, "3.6")


@pytest.fixture
def stage(engine: Revision) -> Stage:
    """A market that has lived for a while; no snapshot is kept."""
    options = CampaignOptions(standard_history("3.6"), steps=STEPS, episode_steps=STEPS, engine=engine, laws=("SOL-1",))
    run = EpisodeRun(options, 3)
    assert not run.run().findings
    return run.stage


def test_an_evm_that_is_begun_anew_holds_what_it_held_and_goes_on_alike(stage: Stage) -> None:
    chain = stage.chain
    branch = stage.market.fork()
    before = chain.alloc(), chain.digest(), len(chain.evm.accounts())
    assert before[2] > 0
    assert chain.unexplained_words() == []
    assert len(chain.evm.accounts()) < before[2], "the new EVM lists only what was read since"
    assert (chain.alloc(), chain.digest()) == before[:2]
    for market in (stage.market, branch):
        market.chain.advance(1_000)
        for symbol in ("WETH", "USDC"):
            token, pool = market.erc20(symbol), market.pool
            token.mint("0x" + "77" * 20, 10**6, sender=token.owner_address)
            token.approve(pool.address, 10**6, sender="0x" + "77" * 20)
        market.pool.supply(market.asset("WETH"), 10**6, "0x" + "77" * 20, 0, sender="0x" + "77" * 20)
    assert chain.digest() == branch.chain.digest()
    assert chain.alloc() == branch.chain.alloc()


def test_no_evm_is_begun_anew_while_a_snapshot_can_be_come_back_to(stage: Stage) -> None:
    chain = stage.chain
    mark, digest = chain.snapshot(), chain.digest()
    listed = chain.evm.accounts()
    assert chain.unexplained_words() == []
    assert chain.evm.accounts() == listed
    chain.advance(1_000)
    chain.revert_to(mark)
    assert chain.digest() == digest


def test_a_law_that_copies_is_asked_again_once_words_are_found_that_its_copies_lacked(stage: Stage) -> None:
    chain = stage.chain
    evm, where = chain.evm, stage.market.pool.address
    with Monitor(stage.market, [law_called("SYS-5")], stop=False, names=stage.names) as monitor:
        assert chain.unexplained_words() == []
        assert run_probes(monitor, "1") == []
        assert not chain.copies_lacked_words()
        evm.set_word(where, 61, 5)
        assert evm.storage(where, 61) == 5
        with chain.judging():
            light = stage.market.fork()
        assert light.chain.evm.storage(where, 61) == 0
        assert chain.copies_lacked_words()
        with chain.judging():
            whole = stage.market.fork()
        assert whole.chain.evm.storage(where, 61) == 5
        assert whole.fork().chain.evm.storage(where, 61) == 5, "a copy of a copy has them too"
        assert run_probes(monitor, "2") == []


def test_a_law_is_not_asked_again_for_copies_that_another_law_made(stage: Stage) -> None:
    chain = stage.chain
    assert chain.unexplained_words() == []
    chain.evm.set_word(stage.market.pool.address, 61, 5)
    with chain.judging():
        stage.market.fork()
    with chain.judging():
        pass
    assert not chain.copies_lacked_words()


def test_what_laws_ask_and_undo_is_neither_kept_nor_counted(stage: Stage) -> None:
    market, chain = stage.market, stage.chain
    pool, alice, asset = market.pool, stage.book["alice"], market.asset("WETH")
    for _ in range(2):  # the first time accounts and words are read that the EVM lists from then on
        before = chain.hidden.transactions, chain.evm.accounts(), len(chain.evm._evm.journal_str)
        with chain.judging():
            for asked in pool.reserves:
                pool.get_reserve_normalized_income(asked)
                pool.get_user_account_data(alice)
                chain.answers.forget()
            mark = chain.snapshot()
            pool.set_user_use_reserve_as_collateral(asset, False, sender=alice)
            pool.set_user_use_reserve_as_collateral(asset, True, sender=alice)
            chain.revert_to(mark)
    assert (chain.hidden.transactions, chain.evm.accounts(), len(chain.evm._evm.journal_str)) == before
    pool.set_user_use_reserve_as_collateral(asset, False, sender=alice)
    assert chain.hidden.transactions == before[0] + 1
    assert len(chain.evm._evm.journal_str) > before[2]


def test_whoever_copies_outside_of_laws_gets_every_word(stage: Stage) -> None:
    where = stage.market.pool.address
    assert stage.chain.unexplained_words() == []
    stage.chain.evm.set_word(where, 61, 5)
    assert stage.chain.evm.storage(where, 61) == 5
    assert stage.market.fork().chain.evm.storage(where, 61) == 5
