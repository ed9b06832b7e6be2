"""Moving aTokens: an amount becomes shares, rounded up in the recipient's favour. Solidity: `AToken`, from v3.5 on."""

from __future__ import annotations

from ..address import Address
from ..math.token_math import a_token_balance, a_token_transfer_scaled
from ..math.uint import sub, to_uint120
from .terms import AToken


def transfer(a_token: AToken, operator: Address, sender: Address, to: Address, amount: int) -> None:
    """Move what `amount` is worth in shares, rounded up; the pool then checks the sender's position.

    Solidity: `AToken._transfer`, from v3.5 on.
    """
    amount = to_uint120(amount)
    index, balances = a_token.index_now(), a_token.scaled_balances
    balance_before, to_before = balances[sender], balances[to]
    scaled = a_token_transfer_scaled(amount, index)
    a_token.move_shares(operator, sender, to, amount, to_uint120(scaled), index)
    pool = a_token.chain.at(a_token.pool)
    pool.finalize_transfer_from(a_token.address, a_token.underlying, sender, to, scaled, balance_before, to_before)


def transfer_from(a_token: AToken, spender: Address, sender: Address, to: Address, amount: int) -> None:
    """Move with an allowance, of which the sender's exact loss is spent, capped at what there is.

    A missing balance panics before a missing allowance is noticed. Solidity: `AToken.transferFrom`, from v3.5 on.
    """
    index, balance = a_token.index_now(), a_token.scaled_balances[sender]
    left = sub(balance, a_token_transfer_scaled(amount, index), "more is moved than the sender has")
    spent = sub(a_token_balance(balance, index), a_token_balance(left, index))
    a_token.chain.revision.spend_allowance(a_token, sender, spender, amount, spent)
    transfer(a_token, spender, sender, to, amount)
