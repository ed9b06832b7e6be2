"""Variables that a fork stores besides its release, on bytecode: read back after each call, for laws of its own."""

from copy import deepcopy
from random import Random
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.evm.keys import Named
from pooltwin.interop.evm.own_variables import LayoutError, OwnVariable
from pooltwin.invariants import Kind, LawBroken, Monitor, Step, Subject, Verdict, equal, law, standard_history
from pooltwin.protocol.address import named_address
from pooltwin.protocol.evm_storage.places import places_of

from ..harness.artifacts import Artifact, ArtifactSet

FEE = OwnVariable(name="fee_of", type="uint16", slot=61, keys=("address",))
SINCE = OwnVariable(name="since_of", type="uint40", slot=61, offset=2, keys=("address",))
GUARDIAN = OwnVariable(name="guardian", type="address", slot=62)


@law("MY-1", "A fee never changes.", kind=Kind.STEP, subject=Subject.STEP, on=("pool.set_user_e_mode",), source="ours")
def fee_never_changes(step: Step) -> Verdict:
    """Compare the fee of whoever calls, before and after."""
    fees = step.census.pool.fee_of
    return equal("fee", step.after.entry(fees, step.sender), step.before.entry(fees, step.sender))


def test_own_variables_are_read_back_and_undone(artifacts_v3_6: ArtifactSet) -> None:
    own = {"PoolInstance": (FEE, SINCE, GUARDIAN)}
    plain = standard_history("3.6").opening.market(bytecode_engine(artifacts_v3_6, "3.6"))
    market = standard_history("3.6").opening.market(bytecode_engine(artifacts_v3_6, "3.6", layouts=own))
    pool, user = market.pool, market.admin
    assert market.chain.digest() == plain.chain.digest()
    assert (pool.fee_of[user], int(pool.guardian, 16)) == (0, 0)
    mark = market.chain.snapshot()
    for name, key, value in (("fee_of", (user,), 25), ("since_of", (user,), 7), ("guardian", (), user)):
        for slot, mask, word in places_of(pool).bits(name, key, value):
            market.chain.evm.set_word(pool.address, slot, market.chain.evm.storage(pool.address, slot) & ~mask | word)
            plain.chain.evm.set_word(pool.address, slot, market.chain.evm.storage(pool.address, slot))
    with (
        Monitor(market, [fee_never_changes]),
        pytest.raises(LawBroken, match=r"MY-1 .* fee must be equal: 25 against 0"),
    ):
        market.pool.set_user_e_mode(0, sender=user)
    assert not market.chain.unexplained_words()
    assert {word.near for word in plain.chain.unexplained_words()} == {
        "of a mapping or an array, under a key that nobody named",
        "2 words behind position_managers",
    }
    assert (pool.fee_of[user], pool.since_of[user], pool.guardian) == (25, 7, user)
    assert market.chain.digest() != plain.chain.digest()
    assert market.fork().pool.fee_of[user] == 25
    market.chain.revert_to(mark)
    assert (pool.fee_of[user], int(pool.guardian, 16)) == (0, 0)
    assert market.chain.digest() == plain.chain.digest()


def test_an_entry_under_a_text_is_read_when_somebody_names_it(artifacts_v3_6: ArtifactSet) -> None:
    named = OwnVariable(name="rating_of", type="uint256", slot=61, keys=("string",))
    market = standard_history("3.6").opening.market(
        bytecode_engine(artifacts_v3_6, "3.6", layouts={"PoolInstance": (named,)})
    )
    pool, texts = market.pool, ("ETH", "a label that is longer than a word has bytes, as labels may be")
    for number, text in enumerate(texts, 5):
        ((slot, _, word),) = places_of(pool).bits("rating_of", (text,), number)
        market.chain.evm.set_word(pool.address, slot, word)
    limits = (9_000, 9_300, 10_200)
    define = market.configurator.set_e_mode_category_without_isolation
    define(1, *limits, texts[0], sender=market.admin)
    assert dict(pool.rating_of.written()) == {texts[0]: 5}
    define(1, *limits, texts[1], sender=market.admin)
    assert dict(pool.rating_of.written()) == {texts[0]: 5, texts[1]: 6}
    assert market.chain.unexplained_words() == []
    assert market.fork().chain.digest() == market.chain.digest()


@given(before=st.binary(max_size=70), text=st.text(min_size=1, max_size=200))
def test_texts_in_calldata_are_found(before: bytes, text: str) -> None:
    """Wherever the arguments have them, of functions that nobody knows."""
    named = Named(named_address("sender"))
    named.arguments((b"\1\2\3\4" + encode(["bytes", "string"], [before, text]),))
    assert text in named.texts


def test_an_engine_knows_what_its_contracts_moved_and_what_is_not_told_to_it(artifacts_v3_6: ArtifactSet) -> None:
    pool = artifacts_v3_6["PoolInstance"]
    layout = deepcopy(pool.storage)
    assert layout is not None
    layout["storage"].append({"label": "_mine", "slot": "61", "offset": 0, "type": "t_uint256"})
    grown = artifacts_v3_6.model_copy(
        update={"contracts": {**artifacts_v3_6.contracts, "Mine": with_storage(pool, layout)}}
    )
    told = bytecode_engine(grown, "3.6", contracts={"PoolInstance": "Mine"}).machine.told()
    assert told[-1] == "PoolInstance keeps 1 variable of its own: `pooltwin evm layout` makes the file for --layout."
    for entry in layout["storage"]:
        entry["slot"] = str(int(entry["slot"]) + (int(entry["slot"]) >= 57))
    with pytest.raises(
        LayoutError, match=r"compiled contracts: 6 variables of v3.6 lie elsewhere.*\n.*slot 57 holds nothing"
    ):
        bytecode_engine(grown, "3.6", contracts={"PoolInstance": "Mine"})


def with_storage(artifact: Artifact, storage: Any) -> Artifact:
    return artifact.model_copy(update={"storage": storage})


def test_own_variables_where_the_release_has_some_are_refused(artifacts_v3_6: ArtifactSet) -> None:
    wrong = OwnVariable(name="mine", type="uint256", slot=57)
    with pytest.raises(LayoutError, match="PoolInstance: mine lies at slot 57, where bridge_protocol_fee is"):
        bytecode_engine(artifacts_v3_6, "3.6", layouts={"PoolInstance": (wrong,)})


BOOK = (
    *(OwnVariable(name=f"book_{at}", type="uint256", slot=61, keys=("address",), member=at) for at in range(6)),
    OwnVariable(name="notes", type="uint256", slot=62, keys=("address",)),
    OwnVariable(name="notes_items", type="bytes32", slot=62, keys=("address", "index"), stride=2),
    OwnVariable(name="orders", type="address", slot=63, keys=("uint256",)),
    OwnVariable(name="queue", type="uint256", slot=64),
    OwnVariable(name="queue_items", type="bytes32", slot=64, keys=("index",), stride=5),
)
"""What forks keep: a struct of many words for each account, arrays of structs, entries under large numbers."""


@pytest.fixture(scope="module")
def booked(artifacts_v3_6: ArtifactSet) -> Any:
    """A market whose pool keeps a book."""
    return standard_history("3.6").opening.market(
        bytecode_engine(artifacts_v3_6, "3.6", layouts={"PoolInstance": BOOK})
    )


@settings(max_examples=30, deadline=None)
@given(
    entry=st.lists(st.integers(0, 2**256 - 1), min_size=6, max_size=6),
    length=st.integers(1, 90),
    order=st.integers(0, 2**256 - 1),
    seed=st.integers(0, 2**32),
)
def test_whatever_a_call_writes_under_keys_that_it_names_is_read(
    booked: Any, entry: list[int], length: int, order: int, seed: int
) -> None:
    """Written past the records, as contracts of a fork do, and named by the sender, arguments or an array's length."""
    market, words = booked.fork(), Random(seed)
    pool, user, evm = market.pool, named_address("somebody"), market.chain.evm
    written = {(f"book_{at}", (user,)): value for at, value in enumerate(entry)}
    written[("notes", (user,))], written[("queue", ())] = length, length
    for name, outer, stride in (("notes_items", (user,), 2), ("queue_items", (), 5)):
        for at in range(length * stride):
            written[(name, (*outer, at))] = words.randbytes(32) if words.random() < 0.7 else bytes(32)
    written[("orders", (order,))] = user
    for (name, key), value in written.items():
        for slot, _, word in places_of(pool).bits(name, key, value):
            evm.set_word(pool.address, slot, word)
    market.a_token("WETH").approve(pool.address, order, sender=user)
    assert market.chain.unexplained_words() == []
    for (name, key), value in written.items():
        held = getattr(pool, name)
        assert (held[key[0] if len(key) == 1 else key] if key else held) == value
