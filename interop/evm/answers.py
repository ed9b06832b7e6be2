"""Views answered by the bytecode, each once for as long as nothing was written and no time has passed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import CustomError, ErrorStyle, RawRevert, Revert, revert_of
from pooltwin.protocol.machine.abi import WORD, encode_word
from pooltwin.protocol.machine.function import Function
from pooltwin.protocol.machine.results import ONE_NUMBER

from .assembler import assemble
from .given_token import GivenToken
from .own_contracts import OwnCompiled
from .own_errors import Errors, read_own
from .terms import BytecodeChain

FEW = 4
"""Of fewer questions each is asked alone: a message that asks them together takes longer."""
OF_ACCOUNT = ("address",)
ACCOUNT = 20
"""The bytes of an account."""
Ask = Callable[[Any, Function, Sequence[Any]], Any]


class Answers:
    """Answers of the views of a chain, as the bytecode gave them."""

    __slots__ = ("_chain", "_known")

    def __init__(self, chain: BytecodeChain) -> None:
        self._chain = chain
        self._known: dict[tuple[Any, ...], Any] = {}
        """By address, function and arguments, or the calldata where arguments are not words only."""

    def forget(self) -> None:
        """Ask views anew: something was written, or time has passed."""
        self._known.clear()

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
            outcome = chain.evm.ask(contract.address, data)
            told = function.decode_result(outcome.data) if outcome.ok else chain.revert_of(outcome.data)
            answer = self._known[key] = told
        if isinstance(answer, Revert):
            raise answer
        return answer

    def ask_together(self, views: Sequence[Any], accounts: Collection[Address]) -> None:
        """Ask for numbers in one message: views (methods of contracts) of one account each, of every account.

        What is answered otherwise than by one word is not known then, and asked alone when it comes to that.
        """
        if len(views) * len(accounts) < FEW:
            return
        chain = self._chain
        chain.pushed.bring()
        asked = tuple(_asked_in(view) for view in views)
        if not all(where in chain.wires and function is not None for where, function in asked):
            return
        outcome = chain.evm.ask_by(asking(asked), b"".join([encode_word(account)[-ACCOUNT:] for account in accounts]))
        if not outcome.ok:
            return  # some of them used up all gas
        words = [outcome.data[at : at + WORD] for at in range(0, len(outcome.data), WORD)]
        questions = [(where, function, account) for account in accounts for where, function in asked]
        for question, good, word in zip(questions, words[::2], words[1::2], strict=True):
            if any(good):
                self._known[question] = int.from_bytes(word)


def _asked_in(view: Any) -> tuple[Address, Function | None]:
    """Give the contract of a view, and the function that it is; None for one that takes or gives something else."""
    functions: tuple[Function, ...] = getattr(view, "contract_functions", ())
    fits = len(functions) == 1 and functions[0].kinds == OF_ACCOUNT and functions[0].returns == ONE_NUMBER
    return view.__self__.address, functions[0] if fits else None


@lru_cache(maxsize=256)
def asking(views: tuple[tuple[Address, Function], ...]) -> bytes:
    """Make code that asks views of each account in its calldata, which are 20 bytes an account.

    It returns two words for each answer: whether that was one word, and the word.
    """
    questions = [
        f"""
        0x{function.selector.ljust(WORD, bytes(1)).hex()} 0 MSTORE
        DUP1 CALLDATALOAD 96 SHR 4 MSTORE
        32 DUP3 32 ADD 36 0 {where} GAS STATICCALL
        RETURNDATASIZE 32 EQ AND DUP3 MSTORE
        SWAP1 64 ADD SWAP1
        """
        for where, function in views
    ]
    return assemble(
        f"""
        64 0
        next:                               ; where the account stands, where the answer goes
            DUP1 CALLDATASIZE EQ @told JUMPI
            {"".join(questions)}
            {ACCOUNT} ADD @next JUMP
        told:
            POP 64 DUP2 SUB 64 RETURN
        """
    )


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
