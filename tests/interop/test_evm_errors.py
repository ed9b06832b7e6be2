"""Errors that compiled contracts declare: told by name and values, their data as they came."""

from __future__ import annotations

import pickle

from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.interop.evm.artifacts import Artifact
from pooltwin.interop.evm.own_errors import OwnError, declared_errors, read_own
from pooltwin.invariants.stories.words import error as in_words
from pooltwin.protocol.errors import RawRevert, selector_of

TOO_LATE = {
    "type": "error",
    "name": "TooLate",
    "inputs": [{"name": "until", "type": "uint256"}, {"name": "", "type": "bytes32"}],
}
KNOWN = {"type": "error", "name": "InvalidAmount", "inputs": []}
OWN = declared_errors([Artifact(bytecode="", links={}, abi=(TOO_LATE, KNOWN, {"type": "fallback"}))])
SELECTOR = selector_of("TooLate(uint256,bytes32)")


@given(until=st.integers(0, 2**256 - 1), why=st.binary(min_size=32, max_size=32))
def test_an_error_of_ones_own_is_told_by_its_name(until: int, why: bytes) -> None:
    data = SELECTOR + encode(["uint256", "bytes32"], [until, why])
    read = read_own(data, OWN)
    assert (read.name, tuple(read.arguments), read.data()) == ("TooLate", (until, why), data)
    assert read.arguments.until == until
    assert read.describe() == f"TooLate({until}, 0x{why.hex()})"
    assert in_words(read) == f"too late (TooLate: {until})"
    again = pickle.loads(pickle.dumps(read))
    assert (again.data(), again.describe()) == (data, read.describe())


@given(data=st.binary(max_size=80))
def test_what_no_declaration_explains_stays_as_it_is(data: bytes) -> None:
    for each in (data, SELECTOR + data[:63]):
        read = read_own(each, OWN)
        assert (type(read), read.data()) == (RawRevert, each)


def test_errors_of_a_release_are_none_of_ones_own() -> None:
    assert list(OWN) == [SELECTOR]
    assert isinstance(read_own(SELECTOR + bytes(64), OWN), OwnError)
