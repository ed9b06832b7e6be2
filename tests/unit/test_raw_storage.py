"""The state as raw storage and back, without an EVM; `tests/contracts` compares it with the real contracts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol.address import named_address
from pooltwin.protocol.evm_storage.raw import KnownKeys, StorageError, known_keys, storage_of
from pooltwin.protocol.revisions import REVISIONS
from pooltwin.protocol.upgrades import upgrade

from .calls import answer, call_of, crowded, unmodelled, writers
from .worlds import lifted

ALL = list(REVISIONS)


@pytest.mark.parametrize("revision", ALL)
def test_a_lifted_state_is_the_same_state(revision):
    chain = crowded(revision).chain
    storage = storage_of(chain)
    copy = lifted(chain, storage)
    assert copy.digest() == chain.digest()
    assert storage_of(copy) == storage


@pytest.mark.parametrize("revision", ALL)
@settings(max_examples=40)
@given(data=st.data())
def test_a_lifted_state_lives_on_like_its_origin(revision, data):
    original = crowded(revision).chain
    for _ in range(3):
        copy = lifted(original, storage_of(original))
        target = data.draw(st.sampled_from(writers(revision)))
        sender, arguments = data.draw(call_of(revision, target))
        assert answer(original, sender, target, arguments) == answer(copy, sender, target, arguments)
        assert original.digest() == copy.digest()


@pytest.mark.parametrize("revision", ALL)
def test_a_lifted_state_refuses_code_of_another_kind_like_its_origin(revision):
    original = crowded(revision).chain
    copy = lifted(original, storage_of(original))
    for target, sender, arguments in unmodelled(revision):
        refused = answer(original, sender, target, arguments)
        assert "does not model a proxy that goes from" in refused
        assert answer(copy, sender, target, arguments) == refused
        assert original.digest() == copy.digest()


def test_a_word_that_no_known_key_explains_is_refused():
    chain = crowded("3.7").chain
    known = known_keys(chain)
    token = next(where for where, contract in chain.contracts.items() if contract.KIND == "TestnetERC20")
    holder = next(iter(chain.contracts[token].balances.written()))
    fewer = KnownKeys(known.addresses - {holder}, known.names)
    with pytest.raises(StorageError, match="no variable and no known key explain word"):
        lifted(chain, storage_of(chain), fewer)


def test_a_bit_that_no_variable_has_is_refused():
    chain = crowded("3.6").chain
    storage = storage_of(chain)
    storage[chain.contracts[next(iter(storage))].address][0] = 1 << 255
    with pytest.raises(StorageError, match="no variable and no known key explain word 0x8"):
        lifted(chain, storage)


def test_storage_of_nobody_is_refused():
    chain = crowded("3.6").chain
    storage = {**storage_of(chain), named_address("nobody"): {1: 1}}
    with pytest.raises(StorageError, match="not known which contract that is"):
        lifted(chain, storage)


def test_a_test_token_s_domain_is_what_storage_says():
    chain = crowded("3.7").chain
    storage = storage_of(chain)
    token = next(where for where, contract in chain.contracts.items() if contract.KIND == "TestnetERC20")
    storage[token][8] ^= 1
    taken = lifted(chain, storage)
    assert int.from_bytes(taken.at(token).domain_separator(), "big") == storage[token][8]
    assert storage_of(taken) == storage
    assert taken.digest() != chain.digest()


def test_a_string_longer_than_all_storage_is_refused():
    chain = crowded("3.6").chain
    storage = storage_of(chain)
    storage[next(where for where, contract in chain.contracts.items() if contract.KIND == "PoolAddressesProvider")][
        1
    ] = 2**255 + 1
    with pytest.raises(StorageError, match="is no string"):
        lifted(chain, storage)


def test_an_upgraded_state_can_be_read_back():
    market = crowded("3.5")
    upgrade(market, "3.7")
    copy = lifted(market.chain, storage_of(market.chain))
    assert copy.digest() == market.chain.digest()
    token = market.asset("WETH")
    assert type(copy.at(token)) is type(market.chain.at(token)) is not type(crowded("3.7").erc20("WETH"))
