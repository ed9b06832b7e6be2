"""Views answered by the bytecode, each once for as long as nothing was written and no time has passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import CustomError, ErrorStyle, RawRevert, Revert, revert_of
from pooltwin.protocol.machine.abi import WORD
from pooltwin.protocol.machine.function import Function

from .assembler import assemble
from .given_token import GivenToken
from .own_contracts import OwnCompiled
from .own_errors import Errors, read_own
from .terms import BytecodeChain

Question = tuple[Address, bytes]
"""Whom to ask, and the calldata."""
FEW, MANY = 2, 96
"""So few questions are not worth a message that asks them together; of so many its code would be too long."""
SHORT = 100
"""Longer calldata (bytes) are sent alone."""
Ask = Callable[[Any, Function, Sequence[Any]], Any]


class Answers:
    """Answers of the views of a chain, as the bytecode gave them.

    Much is asked each time when time has passed, as how indexes grew; so the numbers that were asked for then are asked
    for together, in one message, when time has passed again.
    """

    __slots__ = ("_ahead", "_chain", "_known", "_only_time_passed", "_usual")

    def __init__(self, chain: BytecodeChain) -> None:
        self._chain = chain
        self._known: dict[tuple[Any, ...], Any] = {}
        """By address, function and arguments, or the calldata where arguments are not words only."""
        self._ahead: dict[Question, bytes] | None = None
        """The numbers that were asked for together; None until anything is asked."""
        self._only_time_passed = False
        """Has nothing been written since time passed?"""
        self._usual: dict[Question, None] = {}
        """The numbers that were asked for when time had passed last."""

    def forget(self, *, time_passed: bool = False) -> None:
        """Ask views anew: something was written, or time has passed."""
        self._known.clear()
        self._ahead, self._only_time_passed = None, time_passed

    def ask(self, contract: Any, function: Function, arguments: Sequence[Any]) -> Any:
        """Have a view answered by the bytecode. Raises its revert; Python's own contracts answer themselves."""
        chain = self._chain
        if contract.address not in chain.wires and not isinstance(contract, OwnCompiled | GivenToken):
            return function.body(contract, *arguments)
        chain.pushed.bring()
        words = function.takes_words
        key = (contract.address, function, *arguments) if words else (contract.address, function.calldata(arguments))
        answer = self._known.get(key, self)
        if answer is self:  # none yet
            data = _calldata(function, *arguments) if words else key[1]
            answer = self._known[key] = self._asked(function, (contract.address, data))
        if isinstance(answer, Revert):
            raise answer
        return answer

    def _asked(self, function: Function, question: Question) -> Any:
        data = self._told_ahead(question) if self._only_time_passed else None
        if data is None:
            outcome = self._chain.evm.ask(*question)
            if not outcome.ok:
                return self._chain.revert_of(outcome.data)
            data = outcome.data
        if self._only_time_passed and len(data) == WORD and len(question[1]) <= SHORT:
            self._usual[question] = None
        return function.decode_result(data)

    def _told_ahead(self, question: Question) -> bytes | None:
        if self._ahead is None:
            usual, self._usual = tuple(self._usual), {}
            self._ahead = self._asked_together(usual) if FEW < len(usual) < MANY and question in usual else {}
        return self._ahead.get(question)

    def _asked_together(self, questions: tuple[Question, ...]) -> dict[Question, bytes]:
        """Ask for numbers in one message. Left out is whatever was answered otherwise than by one word."""
        outcome = self._chain.evm.ask_by(asking(questions))
        if not outcome.ok:
            return {}  # some of them used up all gas
        words = [outcome.data[at : at + WORD] for at in range(0, len(outcome.data), WORD)]
        return {
            question: word for question, good, word in zip(questions, words[::2], words[1::2], strict=True) if any(good)
        }


@lru_cache(maxsize=256)
def asking(questions: tuple[Question, ...]) -> bytes:
    """Make code that asks questions and returns two words for each: whether the answer was one word, and the answer."""
    first = out = max(len(data) + -len(data) % WORD for _, data in questions)
    program = []
    for where, data in questions:
        for at in range(0, len(data), WORD):
            program.append(f"0x{data[at : at + WORD].ljust(WORD, bytes(1)).hex()} {at} MSTORE")
        program.append(f"{WORD} {out + WORD} {len(data)} 0 {where} GAS STATICCALL")
        program.append(f"RETURNDATASIZE {WORD} EQ AND {out} MSTORE")
        out += 2 * WORD
    return assemble("\n".join([*program, f"{out - first} {first} RETURN"]))


@lru_cache(maxsize=100_000)
def _calldata(function: Function, *words: Any) -> bytes:
    return function.calldata(words)


def revert_told(data: bytes, style: ErrorStyle, own: Errors) -> Revert:
    """Give the revert that revert data mean: a new one each time, since it is told where it arose."""
    make, arguments = _read(data, style, len(CustomError.names))
    return make(*arguments) if make is not RawRevert else read_own(data, own)


@lru_cache(maxsize=4_096)
def _read(data: bytes, style: ErrorStyle, _known: int) -> tuple[Callable[..., Revert], tuple[Any, ...]]:
    """Read revert data, again once more errors are known by name."""
    read = revert_of(data, style)
    return type(read), read.args


class Judging(AbstractContextManager[None]):
    """A context in which the typed views of a chain's handles are asked in another way than by their own Python."""

    __slots__ = ("_ask", "_before", "_chain")

    def __init__(self, chain: Any, ask: Ask) -> None:
        self._chain, self._ask = chain, ask
        self._before: Ask | None = None

    def __enter__(self) -> None:
        self._before, self._chain.asked = self._chain.asked, self._ask

    def __exit__(self, *error: object) -> None:
        self._chain.asked = self._before
