"""Moving aTokens until v3.3. Solidity: `AToken`."""

from __future__ import annotations

from ...address import Address
from ...events import BalanceTransfer
from ...logic.terms import AToken
from ...math.uint import to_uint
from ..v3_4.token_rules import balances_of, finalize, move


def transfer(a_token: AToken, operator: Address, sender: Address, to: Address, amount: int) -> None:
    """Move aTokens, let the pool judge positions, and only then emit the shares. Solidity: `_transfer`, until v3.3."""
    index, amount = a_token.index_now(), to_uint(a_token.chain.revision.share_bits, amount)
    from_before, to_before = balances_of(a_token, sender, to, index)
    scaled = move(a_token, operator, sender, to, amount, index)
    finalize(a_token, sender, to, amount, from_before, to_before)
    a_token.emit(BalanceTransfer(sender, to, scaled, index))
