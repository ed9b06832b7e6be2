"""Scripts, the calls that other people's contracts make inside a transaction, as data; and the parts that they play.

The twin runs their Python when it comes to that. A chain whose contracts are bytecode cannot: it is told beforehand
(`Chain.foresee`), and puts a small contract of bytecode in the place of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..address import Address
from .function import Function


class Part(Enum):
    """Part of a contract that is none of the market: what it does, so that bytecode can do the same.

    A class says so by its attribute `PART`. What has none is Python and nothing else, unless it was compiled too.
    """

    RECEIVER = "runs the script that is due when it gets a flash loan, whatever comes of it, and agrees to pay back"
    ROUTER = "runs the script that is due when somebody calls go(bool): lenient, or undoing all if a call of it fails"
    HOOK = "is a token that runs the script that is due whenever tokens were moved by transfer or transferFrom"
    BRIDGE = "is a token with another end elsewhere: `lock` is told of every amount that is minted"
    TELLER = "is a price feed that answers what it was last told, whatever it makes of that before"


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """One call as it goes to a contract, and the calls that happen inside it."""

    sender: Address
    contract: Any
    function: Function
    arguments: tuple[Any, ...]
    """In the order of the function's signature, as the ABI has them."""
    inside: tuple[ScriptedCall, ...] = ()
    """What the contract that plays a part for it does, once, when it comes to that."""

    @property
    def to(self) -> Address:
        """Where the contract is."""
        where: Address = self.contract.address
        return where

    @property
    def data(self) -> bytes:
        """Selector and encoded arguments."""
        return self.function.calldata(self.arguments)

    def everything(self) -> Iterator[ScriptedCall]:
        """Go through the call and whatever happens inside, each before what happens inside it."""
        yield self
        for call in self.inside:
            yield from call.everything()
