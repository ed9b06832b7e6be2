"""Views answered by the bytecode, each once for as long as nothing was written and no time has passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import CustomError, ErrorStyle, RawRevert, Revert, revert_of
from pooltwin.protocol.machine.function import Function

from .given_token import GivenToken
from .own_contracts import OwnCompiled
from .own_errors import Errors, read_own
from .terms import BytecodeChain

Ask = Callable[[Any, Function, Sequence[Any]], Any]


class Answers:
    """Answers of the views of a chain, as the bytecode gave them."""

    __slots__ = ("_chain", "_known")

    def __init__(self, chain: BytecodeChain) -> None:
        self._chain = chain
        self._known: dict[tuple[Address, bytes], Any] = {}

    def forget(self) -> None:
        """Ask views anew: something was written, or time has passed."""
        self._known.clear()

    def ask(self, contract: Any, function: Function, arguments: Sequence[Any]) -> Any:
        """Have a view answered by the bytecode. Raises its revert; Python's own contracts answer themselves."""
        chain = self._chain
        if contract.address not in chain.wires and not isinstance(contract, OwnCompiled | GivenToken):
            return function.body(contract, *arguments)
        chain.bring_up_to_date()
        data = function.calldata(arguments)
        key = contract.address, data
        answer = self._known.get(key, self)
        if answer is self:  # none yet
            outcome = chain.evm.ask(contract.address, data)
            answer = function.decode_result(outcome.data) if outcome.ok else chain.revert_of(outcome.data)
            self._known[key] = answer
        if isinstance(answer, Revert):
            raise answer
        return answer


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
