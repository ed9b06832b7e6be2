"""Views that are asked together answer as each does alone, and those that give no number are left out."""

from __future__ import annotations

import pytest
from pooltwin.interop.evm.answers import Question, asking
from pooltwin.interop.evm.assembler import assemble
from pooltwin.interop.evm.revm import Revm
from pooltwin.protocol.address import ZERO_ADDRESS, named_address

WORD = 32
CODES = {
    "adds": "4 CALLDATALOAD 36 CALLDATALOAD ADD 0 MSTORE 32 0 RETURN",
    "tells who asks": "CALLER 0 MSTORE 32 0 RETURN",
    "tells its calldata": "CALLDATASIZE 0 MSTORE 32 0 RETURN",
    "reverts with a word": "32 0 REVERT",
    "writes": "1 0 SSTORE 32 0 RETURN",
    "halts": "POP",
    "returns two words": "64 0 RETURN",
    "returns nothing": "STOP",
}
"""By name, what contracts do that are asked."""
NUMBERS = ("adds", "tells who asks", "tells its calldata")


@pytest.fixture
def evm() -> Revm:
    evm = Revm(time=1, number=1, chain_id=1)
    for name, program in CODES.items():
        evm.set_code(named_address(name), assemble(program))
    return evm


def questions_to(*names: str) -> tuple[Question, ...]:
    """Ask each with another number of arguments."""
    data = b"\1\2\3\4" + (5).to_bytes(WORD) + (7).to_bytes(WORD)
    return tuple((named_address(name), data[: 4 + WORD * (at % 3)]) for at, name in enumerate(names))


def told_together(evm: Revm, questions: tuple[Question, ...]) -> list[bytes | None]:
    outcome = evm.ask_by(asking(questions))
    assert outcome.ok
    words = [outcome.data[at : at + WORD] for at in range(0, len(outcome.data), WORD)]
    return [word if any(good) else None for good, word in zip(words[::2], words[1::2], strict=True)]


def test_numbers_asked_for_together_are_those_asked_for_alone(evm: Revm) -> None:
    evm.set_ether(ZERO_ADDRESS, 5)
    questions = questions_to(*NUMBERS, *NUMBERS, *reversed(NUMBERS))
    for _ in range(2):
        assert told_together(evm, questions) == [evm.ask(*question).data for question in questions]
    assert evm.code(ZERO_ADDRESS) == b""
    assert evm.ether(ZERO_ADDRESS) == 5


@pytest.mark.parametrize("name", sorted(set(CODES) - set(NUMBERS)))
def test_what_gives_no_number_is_left_out_and_changes_no_other_answer(evm: Revm, name: str) -> None:
    questions = questions_to("adds", name, "tells who asks", name, "adds")
    told = told_together(evm, questions)
    assert told[1] is told[3] is None
    assert told[::2] == [evm.ask(*question).data for question in questions[::2]]
    assert evm.storage(named_address(name), 0) == 0


def test_where_too_many_use_up_the_gas_nothing_is_told(evm: Revm) -> None:
    assert not evm.ask_by(asking(questions_to(*["halts"] * 8))).ok
