"""What a function answers, read back: the value that the twin's method gave, named tuples included."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol.contracts.pool_storage import UserAccountData
from pooltwin.protocol.errors import NotModelledError, Revert
from pooltwin.protocol.machine.function import Function
from pooltwin.protocol.machine.results import AnswerError
from pooltwin.protocol.revisions import REVISIONS

from .calls import crowded
from .test_abi import values_of

RESULTS = {
    (function.returns, str(function.body.__annotations__.get("return"))): function
    for release in REVISIONS.values()
    for cls in release.contracts.values()
    for function in cls.functions.values()
    if function.returns
}
"""One function for each kind of result."""


def values(function: Function) -> Any:
    kinds = function.returns
    return values_of(kinds[0]) if len(kinds) == 1 else st.tuples(*map(values_of, kinds))


@pytest.mark.parametrize("function", RESULTS.values(), ids=lambda function: function.name)
@settings(max_examples=5)
@given(data=st.data())
def test_any_result_is_read_and_written_again(function: Function, data: st.DataObject) -> None:
    value = data.draw(values(function))
    encoded = function.encode_result(value)
    assert function.decode_result(encoded) == value
    assert function.encode_result(function.decode_result(encoded)) == encoded


@pytest.mark.parametrize("function", RESULTS.values(), ids=lambda function: function.name)
@settings(max_examples=5)
@given(data=st.data())
def test_a_result_cut_short_is_refused_in_words(function: Function, data: st.DataObject) -> None:
    encoded = function.encode_result(data.draw(values(function)))
    with pytest.raises(AnswerError) as caught:
        function.decode_result(encoded[: data.draw(st.integers(0, min(31, len(encoded) - 1)))])
    assert str(caught.value).startswith(f"{function.signature} returns ({', '.join(function.returns)}), which 0x")
    assert str(caught.value).endswith("does not spell: ends early")


def shape_of(value: Any) -> Any:
    """The types in a value, but for plain tuples, which stand for structs too."""
    if isinstance(value, tuple | list):
        return type(value), [shape_of(part) for part in value]
    return type(value)


@pytest.mark.parametrize("revision", ["3.2", "3.7"])
def test_views_give_the_types_that_the_methods_give(revision: str) -> None:
    market = crowded(revision)
    someone = market.asset("WETH")
    seen = set()
    for contract in [contract for contract in market.chain.contracts.values() if contract is not None]:
        for function in contract.functions.values():
            if not function.view or function.kinds not in ((), ("address",)) or "functions" in contract.STORAGE:
                continue
            try:
                value = function.body(contract, *[someone for _ in function.kinds])
            except (Revert, NotModelledError):
                continue
            read = function.decode_result(function.encode_result(value))
            assert read == value
            assert shape_of(read) == shape_of(value), function.signature
            seen.add(type(read))
    assert UserAccountData in seen
