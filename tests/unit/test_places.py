"""Storage by the word: it says what the whole-contract functions say, word for word, and back."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.invariants.histories.capped_feed import CappedFeed
from pooltwin.protocol.address import named_address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.evm_storage.layout import Variable
from pooltwin.protocol.evm_storage.places import KnownKeys, Place, Places, places_of
from pooltwin.protocol.evm_storage.raw import contract_storage, known_keys, load_contract, storage_of
from pooltwin.protocol.evm_storage.table import LAYOUTS
from pooltwin.protocol.evm_storage.words import StorageError, string_at, string_words, value_of
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.revisions import REVISIONS, codes_of

from .calls import crowded
from .worlds import lived_in

ALL = list(REVISIONS)
ACCOUNTS = [named_address(name) for name in ("alice", "bob", "carol", "WETH", "aWETH")]
KNOWN = KnownKeys(frozenset(ACCOUNTS), frozenset({bytes(32), b"\1" * 32}))


def blank_like(contract: Contract) -> Any:
    """The same code on an empty chain, with the same immutables."""
    chain = Chain(contract.chain.revision, time=contract.chain.time, chain_id=contract.chain.chain_id)
    copy = type(contract).blank(chain, contract.address)
    copy.initialise(**contract.immutables())
    chain.contracts.load({copy.address: copy})
    return copy


def read_word_by_word(contract: Contract, words: dict[int, int], known: KnownKeys) -> int:
    """Read words in any order, those under keys that other words list once these have been read. Returns how many."""
    places, left, count = places_of(contract), list(words), 0
    while left:
        found = {slot: places.find(slot, known, contract) for slot in left}
        explained = [place for place in found.values() if place is not None]
        assert explained, [hex(slot) for slot in left]
        for place in explained:
            place.write(contract, lambda slot: words.get(slot, 0))
            assert place.holding.is_string or not place.unexplained(words[place.slot])
        count += len(explained)
        left = [slot for slot, place in found.items() if place is None]
    return count


@pytest.mark.parametrize("revision", ALL)
def test_words_read_one_by_one_are_the_whole_state(revision: str) -> None:
    chain = crowded(revision).chain
    known, seen = known_keys(chain), 0
    for where, words in storage_of(chain).items():
        contract = chain.contracts[where]
        copy = blank_like(contract)
        empty = copy.dump()
        seen += read_word_by_word(copy, words, known)
        copy.initialise(**{name: getattr(contract, name) for name in contract.ASSUMED if name not in contract.STORAGE})
        assert {**copy.dump(), "proxy_admin": 0} == {**contract.dump(), "proxy_admin": 0}
        assert contract_storage(copy) == words
        copy.chain.journal.unwind(0)
        assert {**copy.dump(), "implementation": 0} == {**empty, "implementation": 0}
    assert seen > 200


def drawn(rng: random.Random, variable: Variable) -> Any:
    """A value of a variable's type, not zero."""
    if variable.kind == "string":
        return rng.choice(("x", "thirty-one bytes fit in one word", "sixty bytes and more need two words behind" * 2))
    if variable.kind == "address":
        return rng.choice(ACCOUNTS)
    return value_of(variable.kind, 1 if variable.kind == "bool" else rng.randrange(1, 1 << 8 * variable.size))


def filled(rng: random.Random, places: Places, contract: Contract) -> dict[int, int]:
    """Words of random values in every variable, under a few keys."""
    words: dict[int, int] = {}

    def put(place: Place) -> None:
        for variable in place.holding.variables:
            name = variable.name
            value = getattr(contract, name)() if variable.derived else drawn(rng, variable)
            for slot, mask, word in places.bits(name, place.key, value):
                words[slot] = words.get(slot, 0) & ~mask | word

    for place in places.plain.values():
        put(place)
    for mapping in places.all_mappings:
        choices = mapping.choices(KNOWN, lambda _: ACCOUNTS)
        keys = [tuple(rng.choice(sorted(choice)) for choice in choices) for _ in range(3)]
        if mapping.kinds == ("index",):
            keys = [(at,) for at in range(len(ACCOUNTS))]
        for key in dict.fromkeys(keys):
            for place in mapping.places(key):
                put(place)
                if mapping.kinds == ("index",):
                    words[place.slot] = int(ACCOUNTS[key[0]], 16)
    return words


def made(cls: Any, chain: Chain) -> Any:
    """A blank contract; what its layout keeps and its class takes for a constant is zero."""
    contract = cls.blank(chain, ACCOUNTS[0])
    contract.initialise(**dict.fromkeys(cls.IMMUTABLES, 0))
    for variable in places_of(contract).layout:
        if variable.name in cls.IMMUTABLES:
            contract.initialise(**{variable.name: value_of(variable.kind, 0)})
    return contract


@pytest.mark.parametrize("revision", ALL)
@settings(max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_every_variable_of_every_code_is_read_where_it_is_written(revision: str, seed: int) -> None:
    rng, codes = random.Random(seed), codes_of(REVISIONS[revision])
    chain = Chain(REVISIONS[revision], time=1)
    code = rng.choice(sorted(code for code in LAYOUTS[revision] if code in codes))
    contract, copy = made(codes[code], chain), made(codes[code], chain)
    words = filled(rng, places_of(contract), contract)
    read_word_by_word(contract, words, KNOWN)
    assert contract_storage(contract) == words
    load_contract(copy, words, KNOWN)
    assert copy.dump() == contract.dump()
    places = places_of(contract)
    kept = {place.slot for index in range(len(ACCOUNTS)) for place in places.slots_of(("index",), (index,))}
    kept |= {slot for slot, place in places.plain.items() if place.holding.variables[0].derived}
    read_word_by_word(contract, {slot: 0 for slot in words if slot not in kept}, KNOWN)
    assert contract_storage(contract) == {slot: word for slot, word in words.items() if slot in kept}


def test_a_word_that_changes_nothing_leaves_no_trace() -> None:
    market = lived_in("3.7")
    pool = market.pool
    words, known = contract_storage(pool), known_keys(pool.chain)
    before = pool.chain.journal.position()
    for slot in words:
        place = places_of(pool).find(slot, known, pool)
        assert place is not None
        assert not place.write(pool, lambda slot: words.get(slot, 0))
    asset = next(iter(pool.reserves))
    for place in places_of(pool).slots_of(("address",), (named_address("a stranger"),)):
        assert not place.write(pool, lambda _: 0)
    assert pool.chain.journal.position() == before
    assert named_address("a stranger") not in pool.reserves
    strategy = market.rate_strategy
    bits = places_of(strategy).bits("models", (asset,), strategy.models[asset])
    assert contract_storage(strategy)[bits[0].slot] == sum(part.word for part in bits)
    slot, mask, word = places_of(pool).bits("reserves.liquidity_index", (asset,), pool.reserves[asset].liquidity_index)[
        0
    ]
    assert words[slot] & mask == word
    narrow = places_of(pool).slots_of(("address",), (asset,), wide=False)
    assert 0 < len(narrow) < len(places_of(pool).slots_of(("address",), (asset,)))


def test_words_that_nothing_explains_are_said_to_be_near_what_is_known() -> None:
    pool = lived_in("3.7").pool
    known, places, asset = known_keys(pool.chain), places_of(pool), next(iter(pool.reserves))
    behind = places.bits("reserves.isolation_mode_total_debt", (asset,), 1)[0].slot + 1
    for slot in (61, behind, 12345 << 200):
        assert places.find(slot, known, pool) is None
    assert places.nearest(61, known, pool) == "1 word behind position_managers"
    assert places.nearest(60, known, pool) == "in the slot of position_managers itself, which stays zero"
    assert places.nearest(58, known, pool) == "in flash_loan_premium, flash_loan_premium_to_protocol"
    assert places.nearest(behind - 1, known, pool).startswith("in reserves.isolation_mode_total_debt")
    assert places.nearest(behind - 1, known, pool).endswith(f"[{asset}]")
    assert places.nearest(behind, known, pool) == f"1 word behind reserves[{asset}]"
    assert places.nearest(12345 << 200, known, pool) == "of a mapping or an array, under a key that nobody named"
    with pytest.raises(StorageError, match="no layout gives nonsense a place"):
        places.bits("nonsense", (), 1)


def test_a_class_may_bring_its_own_layout() -> None:
    market = lived_in("3.7")
    feed = market.chain.deploy(CappedFeed, named_address("capped"))
    feed.set_answer(7)
    assert contract_storage(feed) == {0: feed.answer}


@given(st.binary(max_size=100))
def test_strings_of_any_length(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    words = string_words(7, text)
    assert string_at(7, lambda slot: words.get(slot, 0)) == text
    assert len(words) == 1 + (len(data) + 31) // 32 * (len(data) > 31)


@pytest.mark.parametrize("word", [0x41 << 248 | 62 | 1, 0x41 << 248 | 64, 200, 2**255 + 1])
def test_words_that_are_no_string_are_refused(word: int) -> None:
    with pytest.raises(StorageError, match="is no string"):
        string_at(7, {7: word}.__getitem__ if not word & 1 else lambda slot: word if slot == 7 else 0)
