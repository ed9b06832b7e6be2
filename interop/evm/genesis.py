"""States of chains as files: genesis allocations, `vm.dumpState`, and what anvil dumps, read and written.

Three forms say the same, each account with code, storage, nonce and balance: a genesis file has an `alloc`, Foundry's
`vm.dumpState` and `vm.loadAllocs` write and read that alone, and anvil's dump has `accounts` and a `block`. Numbers may
be hex, decimal strings or numbers; what an account leaves out is zero.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pooltwin.protocol.address import Address, address
from pooltwin.protocol.files import reason_of

WORD = 2**256
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{40}\b")
_GZIP = b"\x1f\x8b"


class AllocError(ValueError):
    """The file is no state of a chain, or a market cannot be found in it. Names file, account and place."""


class Account(NamedTuple):
    """One account of a chain."""

    code: bytes = b""
    storage: Mapping[int, int] = {}
    """Words that are not zero, by slot."""
    nonce: int = 0
    balance: int = 0
    """Ether (wei)."""


class Genesis(NamedTuple):
    """The accounts of a chain by address, and its moment as far as the file says it."""

    accounts: dict[Address, Account]
    time: int | None = None
    number: int | None = None
    chain_id: int | None = None


def read_genesis(path: Path | str) -> Genesis:
    """Read the state of a chain from a file. Raises AllocError, naming file, account and place, for what is none."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AllocError(f"{path}: cannot be read: {reason_of(error)}") from error
    try:
        told = json.loads(_unpacked(data))
        if isinstance(told, dict) and isinstance(told.get("result"), str):  # what `anvil_dumpState` answers
            told = told["result"]
        if isinstance(told, str):
            told = json.loads(_unpacked(told.encode()))
    except (ValueError, OSError, EOFError) as error:
        raise AllocError(f"{path}: no state of a chain: {error}") from None
    return genesis_of(told, str(path))


def genesis_of(told: Any, what: str = "the state") -> Genesis:
    """Read the state of a chain from parsed JSON. Raises AllocError, with `what` it is about."""
    if not isinstance(told, dict):
        raise AllocError(f"{what}: no state of a chain: a mapping is wanted, not {type(told).__name__}")
    accounts, block, settings = told.get("accounts", told.get("alloc", told)), told, told.get("config", {})
    if "accounts" in told:
        block = told.get("block", {})
    if not (isinstance(accounts, dict) and isinstance(block, dict) and isinstance(settings, dict)):
        raise AllocError(f"{what}: no state of a chain: it has no accounts by address")
    found: dict[Address, Account] = {}
    for where, fields in accounts.items():
        at = _address(where, what)
        if at in found:
            raise AllocError(f"{what}: the account {at} is there twice")
        found[at] = _account(fields, f"{what}: {at}")
    named = accounts is not told
    return Genesis(
        found,
        _optional(block, "timestamp", what) if named else None,
        _optional(block, "number", what) if named else None,
        _optional(settings, "chainId", what) if named else None,
    )


def alloc_of(accounts: Mapping[Address, Account]) -> dict[Address, dict[str, Any]]:
    """Write accounts as a genesis allocation, as `vm.loadAllocs` and geth read it: by address, all of it in hex."""
    return {
        where: {
            "balance": hex(account.balance),
            "nonce": hex(account.nonce),
            "code": f"0x{account.code.hex()}",
            "storage": {f"{slot:#066x}": f"{word:#066x}" for slot, word in sorted(account.storage.items()) if word},
        }
        for where, account in sorted(accounts.items())
    }


def addresses_listed(path: Path) -> tuple[Address, ...]:
    """Read the addresses that a file has, a list or a table, whatever stands between. Raises AllocError for none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise AllocError(f"{path}: cannot be read: {reason_of(error)}") from error
    found = tuple(dict.fromkeys(map(address, _ADDRESS.findall(text))))
    if not found:
        raise AllocError(f"{path}: has no address of an account, which is 0x and 40 hex digits")
    return found


def _unpacked(data: bytes) -> bytes:
    """What is packed: by gzip, or by gzip and in hex."""
    if data.startswith(_GZIP):
        return gzip.decompress(data)
    text = data.strip().strip(b'"')
    return _unpacked(bytes.fromhex(text[2:].decode())) if text.startswith(b"0x1f8b") else data


def _address(text: str, what: str) -> Address:
    try:
        return address(text if text.startswith("0x") else f"0x{text}")
    except ValueError:
        raise AllocError(f"{what}: {text!r} is no address of an account") from None


def _account(fields: Any, place: str) -> Account:
    if not isinstance(fields, dict):
        raise AllocError(f"{place}: an account is a mapping, not {type(fields).__name__}")
    storage = fields.get("storage") or {}
    if not isinstance(storage, dict):
        raise AllocError(f"{place}, storage: a mapping is wanted, not {type(storage).__name__}")
    words = {_number(slot, f"{place}, storage"): _number(word, f"{place}, storage") for slot, word in storage.items()}
    code = fields.get("code") or "0x"
    try:
        read = bytes.fromhex(code.removeprefix("0x"))
    except (AttributeError, ValueError):
        raise AllocError(f"{place}, code: no bytes in hex") from None
    nonce, balance = (_number(fields.get(name) or 0, f"{place}, {name}") for name in ("nonce", "balance"))
    return Account(read, {slot: word for slot, word in words.items() if word}, nonce, balance)


def _optional(fields: Mapping[str, Any], name: str, what: str) -> int | None:
    return None if fields.get(name) is None else _number(fields[name], f"{what}, {name}")


def _number(value: Any, place: str) -> int:
    """A number of up to 256 bits, as hex, decimal string or number."""
    number = None
    if isinstance(value, str):
        is_hex = value.startswith("0x") or len(value) == 64  # geth writes slots and words without 0x too
        try:
            number = int(value.removeprefix("0x") or "0", 16 if is_hex else 10)
        except ValueError:
            number = None
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    if number is None or not 0 <= number < WORD:
        raise AllocError(f"{place}: {value!r} is no number of up to 256 bits")
    return number
