"""The common ground of what stands around a market: it asks other contracts by calldata, whatever they are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ...address import Address
from ...errors import EmptyRevert, Revert, selector_of
from ...machine.abi import decode_answer, encode_values, split_types
from ...machine.contract import Contract

if TYPE_CHECKING:
    from ...chain import Chain


@cache
def _call(signature: str) -> tuple[bytes, tuple[str, ...]]:
    return selector_of(signature), split_types(signature)


class Asking(Contract):
    """A contract that holds nothing of the market and asks for everything."""

    __slots__ = ()

    chain: Chain

    def ask(self, where: Address, signature: str, returns: str, *arguments: Any) -> Any:
        """Call a function and read the answer: one value, or a tuple of several.

        Raises what the function raises, and an empty revert for an answer that is none of these types.
        """
        selector, kinds = _call(signature)
        answer = self.chain.nested(self.address, where, selector + encode_values(kinds, arguments))
        values = decode_answer(returns, answer)
        return values[0] if len(values) == 1 else tuple(values)

    def attempt(self, where: Address, signature: str, returns: str, otherwise: Any, *arguments: Any) -> Any:
        """Ask, and take something else where the contract reverts; an answer of other types is not excused."""
        selector, kinds = _call(signature)
        try:
            answer = self.chain.nested(self.address, where, selector + encode_values(kinds, arguments))
        except Revert:
            return otherwise
        return decode_answer(returns, answer)[0]

    def tell(self, where: Address, signature: str, *arguments: Any, value: int = 0) -> None:
        """Call a function that answers nothing. Raises an empty revert where there is no code."""
        if self.chain.contracts[where] is None:
            raise EmptyRevert(f"no contract at {where}")
        selector, kinds = _call(signature)
        self.chain.nested(self.address, where, selector + encode_values(kinds, arguments), value)
