"""The state of a chain as a genesis `alloc`: JSON of all accounts, as clients and Foundry's `vm.loadAllocs` read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pooltwin.protocol.address import Address, address

from .counterexample import Account, CounterexampleError

KEYS = ("balance", "code", "nonce", "storage")


def alloc_text(accounts: Mapping[Address, Account]) -> str:
    """Write accounts as the text of an `alloc`, sorted by address and slot: equal states give equal texts."""
    entries = {where: _entry(accounts[where]) for where in sorted(accounts)}
    return json.dumps(entries, indent=1) + "\n"


def _entry(account: Account) -> dict[str, Any]:
    words = {_word(slot): _word(word) for slot, word in sorted(account.storage.items()) if word}
    return {
        "balance": hex(account.balance),
        "code": "0x" + account.code.hex(),
        "nonce": hex(account.nonce),
        "storage": words,
    }


def _word(number: int) -> str:
    return f"0x{number:064x}"


def accounts_of(alloc: Mapping[str, Mapping[str, Any]]) -> dict[Address, Account]:
    """Read the entries of an `alloc`, whatever they leave out. Raises CounterexampleError with place and value."""
    return {_address(where): _account(where, entry) for where, entry in alloc.items()}


def _address(where: str) -> Address:
    try:
        return address(where if where.startswith("0x") else f"0x{where}")
    except ValueError as error:
        raise CounterexampleError(f"alloc: {error}") from None


def _account(where: str, entry: Mapping[str, Any]) -> Account:
    unknown = sorted(entry.keys() - set(KEYS))
    if unknown:
        raise CounterexampleError(f"alloc, {where}: there is no key {unknown[0]!r}; there are {', '.join(KEYS)}")
    code = entry.get("code", "0x")
    try:
        held = code if isinstance(code, bytes) else bytes.fromhex(code.removeprefix("0x"))
    except (AttributeError, ValueError):
        raise CounterexampleError(f"alloc, {where}.code: {code!r} is not code in hex") from None
    storage = {_number(where, slot): _number(where, word) for slot, word in (entry.get("storage") or {}).items()}
    return Account(held, storage, _number(where, entry.get("nonce", 0)), _number(where, entry.get("balance", 0)))


def _number(where: str, value: Any) -> int:
    """Read a number, or one written in decimal or in hex."""
    try:
        return value if type(value) is int else int(value, 16 if value.startswith("0x") else 10)
    except (AttributeError, ValueError):
        raise CounterexampleError(f"alloc, {where}: {value!r} is not a number") from None
