"""Names and numbers for people: calls, results, errors and logs out of raw bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..address import Address
from ..chain import Chain
from ..errors import RawRevert, Revert, revert_of
from ..events import read_event
from ..machine.function import Function
from ..machine.results import AnswerError
from ..revisions import function_of_any_release


def show(value: Any) -> str:
    """A value as a person would write it."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple | list):
        return "[" + ", ".join(show(member) for member in value) + "]"
    return str(value)


def describe_call(chain: Chain, to: Address, data: bytes, signature: str) -> str:
    """A call with its arguments, or with its raw data where it does not decode.

    Functions of other revisions than the chain's are known as well.
    """
    name = signature.partition("(")[0]
    contract = chain.contracts[to]
    if contract is None:
        return f"{name}[0x{data.hex()}]"
    function = contract.functions.get(data[:4]) or function_of_any_release(contract.KIND, data[:4])
    if function is None:
        return f"{name}[0x{data.hex()}]"
    try:
        return f"{function.name}({', '.join(show(value) for value in function.decode(data[4:]))})"
    except Revert:
        return f"{name}[0x{data.hex()}]"


def describe_return(ok: bool, data: bytes, function: Function | None) -> str:
    """A return value or a revert, decoded."""
    if not ok:
        return "reverted: " + describe_revert(data)
    if function is None or not function.returns:
        return f"ok, returned 0x{data.hex()}" if data else "ok"
    try:
        value = function.decode_result(data)
    except AnswerError:
        return f"ok, returned 0x{data.hex()}"
    shown = show(value if len(function.returns) > 1 else [value])
    return f"ok, returned {shown}" if _is_text(shown) else f"ok, returned 0x{data.hex()}"


def describe_revert(data: bytes) -> str:
    """Revert data as an error with its name and arguments."""
    revert = revert_of(data)
    return f"0x{data.hex()}" if isinstance(revert, RawRevert) and not revert.name else revert.describe()


def describe_logs(logs: Sequence[tuple[str, Sequence[str], str]]) -> str:
    """Logs as events with their names and fields, one a line."""
    return "\n".join(_describe_log(*log) for log in logs)


def _describe_log(where: str, topics: Sequence[str], data: str) -> str:
    event = read_event([bytes.fromhex(topic[2:]) for topic in topics], bytes.fromhex(data[2:]))
    if event is not None:
        fields = zip(event._fields, event, strict=True)
        shown = ", ".join(f"{name.rstrip('_')}={show(value)}" for name, value in fields)
        if _is_text(shown):
            return f"{where}: {event.signature.partition('(')[0]}({shown})"
    return f"{where}: topics [{', '.join(topics)}], data {data}"


def _is_text(shown: str) -> bool:
    """Can it be printed? A string may hold bytes that are no UTF-8."""
    return shown.isascii() or not any("\ud800" <= character <= "\udfff" for character in shown)
