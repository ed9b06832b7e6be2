"""Reading and writing calldata, against eth-abi for what is well-formed and against Solidity's decoder for the rest."""

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_abi.grammar import parse
from hypothesis import assume, given
from hypothesis import strategies as st
from pooltwin.protocol.errors import EmptyRevert
from pooltwin.protocol.machine.abi import (
    decode_arguments,
    decoder_of,
    encode_values,
    encode_word,
    head_size,
    split_types,
)
from pooltwin.protocol.machine.coercion import coercer_of

from .numbers import uints

TYPES = [
    "uint256",
    "uint128",
    "uint40",
    "uint16",
    "uint8",
    "int256",
    "bool",
    "address",
    "bytes32",
    "bytes4",
    "bytes",
    "string",
]
COMPOUND = [
    "uint256[]",
    "address[]",
    "bytes[]",
    "string[]",
    "(uint256)",
    "(uint16,uint16,uint16,bool,string)",
    "(address,string,string,address,bytes)",
    "(address,address,address,string,string,string,string,bytes,bytes)[]",
    "(uint16,uint32,uint32,uint32)",
    "(uint256,(bool,bytes)[])",
]


ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())


def _basic(kind: str) -> Any:
    match kind:
        case "bool":
            return st.booleans()
        case "address":
            return ADDRESSES
        case "bytes":
            return st.binary(max_size=70)
        case "string":
            return st.text(max_size=40)
        case "int256":
            return st.integers(-(2**255), 2**255 - 1)
    if kind.startswith("bytes"):
        size = int(kind.removeprefix("bytes"))
        return st.binary(min_size=size, max_size=size)
    return uints(2 ** int(kind.removeprefix("uint")) - 1)


def values_of(kind: str) -> Any:
    """Values of an ABI type, in the form the decoder gives."""
    parsed = parse(kind)
    if parsed.is_array:
        return st.lists(values_of(parsed.item_type.to_type_str()), max_size=3)
    if hasattr(parsed, "components"):
        return st.tuples(*[values_of(component.to_type_str()) for component in parsed.components])
    return _basic(kind)


def decode(kinds: Any, data: bytes) -> Any:
    """The arguments of a call with these types."""
    decoders, at = [], 0
    for kind in kinds:
        decoders.append((decoder_of(parse(kind)), at))
        at += head_size(parse(kind))
    return decode_arguments(decoders, at, data)


signatures = st.lists(st.sampled_from(TYPES + COMPOUND), min_size=1, max_size=4)


@given(signatures.flatmap(lambda kinds: st.tuples(st.just(tuple(kinds)), st.tuples(*map(values_of, kinds)))))
def test_round_trip_with_eth_abi(case: Any) -> None:
    kinds, values = case
    data = encode(kinds, values)
    assert decode(kinds, data) == list(values)
    assert encode_values(kinds, values) == data


@given(
    signatures.flatmap(lambda kinds: st.tuples(st.just(tuple(kinds)), st.tuples(*map(values_of, kinds)))),
    st.data(),
)
def test_calldata_that_ends_early_reverts(case: Any, data: st.DataObject) -> None:
    """Cut anywhere before the last byte that means something, calldata decodes to nothing."""
    kinds, values = case
    whole = encode(kinds, values)
    shortened = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        decoded = decode(kinds, shortened)
    except EmptyRevert:
        return
    # Only padding behind the last bytes or string was lost, which Solidity does not read either.
    assert decoded == list(values)
    assert not any(whole[len(shortened) :])


@pytest.mark.parametrize(
    ("kind", "good_bytes"), [("bool", 1), ("address", 20), ("uint8", 1), ("uint16", 2), ("uint40", 5), ("uint128", 16)]
)
@given(word=st.binary(min_size=32, max_size=32))
def test_dirty_upper_bits_revert(kind: str, good_bytes: int, word: bytes) -> None:
    value = int.from_bytes(word, "big")
    clean = value <= 1 if kind == "bool" else value < 2 ** (8 * good_bytes)
    if clean:
        assert decode([kind], word)[0] in (value, bool(value), "0x" + word[12:].hex())
    else:
        with pytest.raises(EmptyRevert):
            decode([kind], word)


@pytest.mark.parametrize("size", [4, 32])
@given(word=st.binary(min_size=32, max_size=32))
def test_dirty_lower_bytes_revert(size: int, word: bytes) -> None:
    if any(word[size:]):
        with pytest.raises(EmptyRevert):
            decode([f"bytes{size}"], word)
    else:
        assert decode([f"bytes{size}"], word) == [word[:size]]


@pytest.mark.parametrize("kind", ["bytes", "string", "uint256[]", "bytes[]", "(uint256,bytes)"])
@given(word=uints())
def test_hostile_offsets_and_lengths_revert_or_stay_inside(kind: str, word: int) -> None:
    """An offset or a length out of nowhere never raises anything but an empty revert."""
    for data in (encode_word(word) + bytes(64), encode_word(32) + encode_word(word) + bytes(64)):
        try:
            decoded = decode([kind], data)
        except EmptyRevert:
            continue
        assert len(str(decoded)) < 1000


@given(st.binary(max_size=40))
def test_strings_need_not_be_utf8(raw: Any) -> None:
    """The EVM does not care: what came in goes out again, byte for byte."""
    data = encode(["bytes"], [raw])
    (text,) = decode(["string"], data)
    assert encode_values(("string",), (text,)) == data


BAD_VALUES = [
    ("uint256", -1),
    ("uint256", 2**256),
    ("uint256", True),
    ("uint256", 1.0),
    ("uint256", "1"),
    ("uint16", 2**16),
    ("int256", 2**255),
    ("int256", -(2**255) - 1),
    ("bool", 1),
    ("bool", None),
    ("address", "0x12"),
    ("address", 5),
    ("address", "0x" + "g" * 40),
    ("address", "12" * 21),
    ("bytes32", b"short"),
    ("bytes32", "0x" + "00" * 32),
    ("bytes", "text"),
    ("string", b"bytes"),
    ("uint256[]", 5),
    ("uint256[]", [1, -1]),
    ("(uint256,bool)", (1,)),
    ("(uint256,bool)", [1, True]),
    ("(uint256,bool)", (1, 1)),
]


@pytest.mark.parametrize(("kind", "value"), BAD_VALUES, ids=str)
def test_misuse_is_refused_with_the_value(kind: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"is not") as caught:
        coercer_of(parse(kind))(value)
    part = value[-1] if isinstance(value, tuple | list) and len(value) > 1 and kind != "(uint256,bool)" else None
    shown = [repr(value), repr(part), repr(value[1]) if isinstance(value, tuple) and len(value) > 1 else None]
    assert any(text and text in str(caught.value) for text in shown)


@given(st.sampled_from(TYPES + COMPOUND).flatmap(lambda kind: st.tuples(st.just(kind), values_of(kind))))
def test_coercion_keeps_canonical_values(case: Any) -> None:
    kind, value = case
    assert coercer_of(parse(kind))(value) == value


def test_addresses_are_brought_to_one_spelling() -> None:
    assert coercer_of(parse("address"))("0x" + "aB" * 20) == "0x" + "ab" * 20


def test_types_without_a_decoder_are_refused() -> None:
    for make in (decoder_of, coercer_of):
        with pytest.raises(ValueError, match="fixed128x18"):
            make(parse("fixed128x18"))


@given(st.lists(st.sampled_from(TYPES + COMPOUND), max_size=5))
def test_split_types(kinds: Any) -> None:
    assert split_types(f"f({','.join(kinds)})") == tuple(kinds)


@given(st.integers(-(2**255), 2**256 - 1))
def test_words(value: Any) -> None:
    assume(value >= -(2**255))
    kind = "uint256" if value >= 0 else "int256"
    assert encode_word(value) == encode([kind], [value])
