"""Reverts: the bytes a contract would answer, and the words a person can read."""

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol import errors
from pooltwin.protocol.errors import CustomError, ErrorStyle, revert_of
from pooltwin.protocol.machine.function import Function
from pooltwin.protocol.recordings.decoding import describe_logs, describe_return, describe_revert

CUSTOM_ERRORS = sorted(CustomError.names.values(), key=lambda error: error.__name__)
EXAMPLES = {"address": "0x" + "ab" * 20, "uint256": 7, "uint8": 120, "bytes32": b"\1" * 32, "uint16": 3}


def _arguments(error: Any) -> Any:
    return [EXAMPLES[kind] for kind in error.parameters]


@pytest.mark.parametrize("error", CUSTOM_ERRORS, ids=lambda error: error.__name__)
def test_custom_errors(error: Any) -> None:
    arguments = _arguments(error)
    signature = f"{error.__name__}({','.join(error.parameters)})"
    expected = keccak(signature.encode())[:4] + encode(error.parameters, arguments)
    revert = error(*arguments)
    assert revert.data() == revert.data(ErrorStyle.CUSTOM) == expected
    assert str(revert).startswith(f"{error.__name__}(")
    shown = ["0x" + value.hex() if isinstance(value, bytes) else str(value) for value in arguments]
    assert str(revert) == f"{error.__name__}({', '.join(shown)})" == describe_revert(expected)
    assert revert.name == error.__name__
    assert tuple(revert.arguments) == tuple(arguments)
    assert revert.arguments._asdict() == dict(zip(error.fields, arguments, strict=True))
    assert all(error.fields)
    assert revert_of(expected).name == errors.RawRevert(expected).name == revert.name
    assert errors.RawRevert(expected).arguments == revert.arguments


@pytest.mark.parametrize("error", [e for e in CUSTOM_ERRORS if e.code is not None], ids=lambda error: error.__name__)
def test_string_codes_of_old_revisions(error: Any) -> None:
    expected = bytes.fromhex("08c379a0") + encode(["string"], [error.code])
    revert = error(*_arguments(error))
    assert revert.data(ErrorStyle.CODES) == expected
    assert describe_revert(expected) == f"Error({error.code!r}: {error.__name__})"
    read = revert_of(expected)
    assert (read.name, read.arguments.message) == (revert.name, error.code)
    revert.style, revert.call = ErrorStyle.CODES, "PoolInstance.supply(...) from 0x1"
    assert str(revert) == f"{revert.describe()}, code {error.code}, in {revert.call}"


def test_codes_are_unique() -> None:
    codes = [error.code for error in CUSTOM_ERRORS if error.code is not None]
    assert len(codes) == len(set(codes)) > 60


def test_safe_cast_before_custom_errors() -> None:
    revert = errors.SafeCastOverflowedUintDowncast(128, 2**128)
    assert revert.data(ErrorStyle.CODES) == errors.encode_error_string("SafeCast: value doesn't fit in 128 bits")


@pytest.mark.parametrize("style", ErrorStyle)
@pytest.mark.parametrize("code", [0x11, 0x12, 0x21, 0x32, 0x99])
def test_panics(style: Any, code: Any) -> None:
    panic = errors.Panic(code)
    assert panic.data(style) == keccak(b"Panic(uint256)")[:4] + code.to_bytes(32, "big")
    assert str(panic) == f"Panic({code:#x}: {errors.PANIC_MEANINGS.get(code, 'unknown')})"
    assert describe_revert(panic.data()) == str(panic)


@pytest.mark.parametrize("style", ErrorStyle)
@given(message=st.text())
def test_error_strings(style: Any, message: str) -> None:
    revert = errors.ErrorString(message)
    assert revert.data(style) == keccak(b"Error(string)")[:4] + encode(["string"], [message])
    assert str(revert).startswith(f"Error({message!r}")
    assert revert.arguments == (message,)
    assert revert.name == (
        errors.CustomError.codes[message].__name__ if message in errors.CustomError.codes else "Error"
    )
    assert describe_revert(revert.data()) == str(revert)


@pytest.mark.parametrize("style", ErrorStyle)
def test_empty_and_raw_reverts(style: Any) -> None:
    assert errors.EmptyRevert("why").data(style) == b""
    assert str(errors.EmptyRevert("why")) == "empty revert (why)"
    assert str(errors.EmptyRevert()) == describe_revert(b"") == "empty revert"
    assert errors.RawRevert(b"\1\2").data(style) == b"\1\2"
    assert str(errors.RawRevert(b"\1\2")) == "revert data 0x0102"
    assert (errors.EmptyRevert("why").name, errors.EmptyRevert("why").arguments) == ("", ())
    unknown = errors.RawRevert(b"\1\2")
    assert (unknown.name, unknown.arguments.data) == ("", b"\1\2")
    coded = errors.RawRevert(errors.ErrorString("35").data())
    assert (coded.name, coded.arguments.message) == ("HealthFactorLowerThanLiquidationThreshold", "35")
    assert str(coded).endswith("3335" + "00" * 30 + ": Error('35': HealthFactorLowerThanLiquidationThreshold)")


def test_an_error_of_ones_own_needs_no_names() -> None:
    error: Any = type("Unnamed", (CustomError,), {"parameters": ("uint256", "address who")})
    try:
        assert error.parameters == ("uint256", "address")
        assert error.selector() == keccak(b"Unnamed(uint256,address)")[:4]
        revert = error(7, EXAMPLES["address"])
        assert revert.arguments[0] == 7
        assert revert.arguments.who == EXAMPLES["address"]
        heir: Any = type("Heir", (error,), {})
        assert (heir.parameters, heir.fields) == (error.parameters, error.fields)
    finally:
        for name in ("Unnamed", "Heir"):
            CustomError.names.pop(keccak(f"{name}(uint256,address)".encode())[:4], None)


@given(st.binary(max_size=80))
def test_any_revert_data_can_be_described(data: bytes) -> None:
    assert isinstance(describe_revert(data), str)


BEYOND_MEMORY, NO_TEXT = encode(["uint256"] * 3, [32, 2**200, 0]), encode(["bytes"], [b"\xff\xfe"])


@pytest.mark.parametrize("data", [BEYOND_MEMORY, NO_TEXT], ids=["beyond memory", "no text"])
def test_text_that_cannot_be_read_is_shown_as_it_is(data: bytes) -> None:
    """Found by changing digits of a recording: `verify` has to say what differs, not to fail over it."""
    reverted = keccak(b"Error(string)")[:4] + data
    assert describe_revert(reverted) == f"0x{reverted.hex()}"
    named = Function("getMarketId()", "string", lambda: "", view=True, payable=False)
    assert describe_return(True, data, named) == f"ok, returned 0x{data.hex()}"
    topic = "0x" + keccak(b"EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)").hex()
    words = "0x" + (encode(["uint256"] * 4, [9000, 9300, 10200, 0]) + (160).to_bytes(32, "big") + data[32:]).hex()
    log = describe_logs([("configurator", [topic, "0x" + (1).to_bytes(32, "big").hex()], words)])
    assert log.startswith("configurator: topics [")


def test_the_call_is_part_of_the_message() -> None:
    revert = errors.InvalidAmount()
    revert.call = "Pool.supply(...) from 0x1"
    assert str(revert) == "InvalidAmount() in Pool.supply(...) from 0x1"


def test_only_kinds_of_revert_have_data() -> None:
    with pytest.raises(NotImplementedError, match="Revert"):
        errors.Revert().data()
