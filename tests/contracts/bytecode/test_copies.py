"""Copies of chains of bytecode: they have every word, those too that nothing explains, and go their own way."""

from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants import standard_history

from ..harness.artifacts import ArtifactSet

SLOT, HASHED = 77, 2**255 + 5


def test_a_copy_has_the_words_that_nobody_knows(artifacts_v3_6: ArtifactSet) -> None:
    market = standard_history("3.6").opening.market(bytecode_engine(artifacts_v3_6, "3.6"))
    pool, evm = market.pool.address, market.chain.evm
    evm.set_word(pool, SLOT, 7)
    evm.set_word(pool, HASHED, 8)
    copy = market.fork()
    again = copy.fork()
    for each in (copy, again):
        assert (each.chain.evm.storage(pool, SLOT), each.chain.evm.storage(pool, HASHED)) == (7, 8)
        assert set(each.chain.unexplained_words()) == set(market.chain.unexplained_words())
    copy.chain.evm.set_word(pool, SLOT, 9)
    assert (evm.storage(pool, SLOT), again.chain.evm.storage(pool, SLOT)) == (7, 7)


def test_a_copy_has_them_as_they_are_after_a_transaction_and_after_a_revert(artifacts_v3_6: ArtifactSet) -> None:
    market = standard_history("3.6").opening.market(bytecode_engine(artifacts_v3_6, "3.6"))
    pool, evm = market.pool.address, market.chain.evm
    assert market.fork().chain.evm.storage(pool, SLOT) == 0
    assert market.chain.unexplained_words() == []
    before = market.chain.snapshot()
    evm.set_word(pool, SLOT, 7)
    market.pool.set_user_e_mode(0, sender=market.admin)
    assert market.fork().chain.evm.storage(pool, SLOT) == 7
    market.chain.revert_to(before)
    assert market.fork().chain.evm.storage(pool, SLOT) == 0
