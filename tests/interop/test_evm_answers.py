"""Views that are asked together answer as each does alone, and those that give no number are left out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pooltwin.interop.evm.answers import asking
from pooltwin.interop.evm.assembler import assemble
from pooltwin.interop.evm.revm import Outcome, Revm
from pooltwin.protocol.address import ZERO_ADDRESS, named_address
from pooltwin.protocol.machine.function import Function

WORD = 32
CODES = {
    "doubles": "4 CALLDATALOAD DUP1 ADD 0 MSTORE 32 0 RETURN",
    "tells what was called": "0 CALLDATALOAD 224 SHR 0 MSTORE 32 0 RETURN",
    "tells who asks": "CALLER 0 MSTORE 32 0 RETURN",
    "tells its calldata": "CALLDATASIZE 0 MSTORE 32 0 RETURN",
    "reverts with a word": "32 0 REVERT",
    "writes": "1 0 SSTORE 32 0 RETURN",
    "halts": "POP",
    "returns two words": "64 0 RETURN",
    "returns nothing": "STOP",
}
"""By name, what contracts do that are asked."""
NUMBERS = ("doubles", "tells what was called", "tells who asks", "tells its calldata")
ACCOUNTS = tuple(map(named_address, ("alice", "bob", "carol")))


@pytest.fixture
def evm() -> Revm:
    evm = Revm(time=1, number=1, chain_id=1)
    for name, program in CODES.items():
        evm.set_code(named_address(name), assemble(program))
    return evm


def view(name: str) -> Function:
    return Function(f"{name.replace(' ', '_')}(address)", "uint256", lambda _self, account: account, view=True)


def ask_together(evm: Revm, names: Sequence[str]) -> Outcome:
    accounts = b"".join(bytes.fromhex(account[2:]) for account in ACCOUNTS)
    return evm.ask_by(asking(tuple((named_address(name), view(name)) for name in names)), accounts)


def told_together(evm: Revm, *names: str) -> list[bytes | None]:
    outcome = ask_together(evm, names)
    assert outcome.ok
    words = [outcome.data[at : at + WORD] for at in range(0, len(outcome.data), WORD)]
    return [word if any(good) else None for good, word in zip(words[::2], words[1::2], strict=True)]


def told_alone(evm: Revm, *names: str) -> list[bytes]:
    return [evm.ask(named_address(name), view(name).calldata([account])).data for account in ACCOUNTS for name in names]


def test_numbers_asked_for_together_are_those_asked_for_alone(evm: Revm) -> None:
    evm.set_ether(ZERO_ADDRESS, 5)
    names = *NUMBERS, *reversed(NUMBERS)
    for _ in range(2):
        assert told_together(evm, *names) == told_alone(evm, *names)
    assert evm.code(ZERO_ADDRESS) == b""
    assert evm.ether(ZERO_ADDRESS) == 5


@pytest.mark.parametrize("name", sorted(set(CODES) - set(NUMBERS)))
def test_what_gives_no_number_is_left_out_and_changes_no_other_answer(evm: Revm, name: str) -> None:
    told = told_together(evm, "doubles", name, "tells who asks")
    assert told[1::3] == [None] * len(ACCOUNTS)
    del told[1::3]
    assert told == told_alone(evm, "doubles", "tells who asks")
    assert evm.storage(named_address(name), 0) == 0


def test_where_too_many_use_up_the_gas_nothing_is_told(evm: Revm) -> None:
    assert not ask_together(evm, ["halts"] * 4).ok
