"""Spending of allowances in v3.5: with an event, and none is infinite.

Solidity: `IncentivizedERC20._spendAllowance`, `DebtTokenBase._decreaseBorrowAllowance`.
"""

from __future__ import annotations

from ...address import Address
from ...errors import ERC20InsufficientAllowance
from ...logic.allowances import allowance_left, debt_increase
from ...logic.terms import AToken, DebtToken


def spend_allowance(a_token: AToken, owner: Address, spender: Address, amount: int, spent: int) -> None:
    """Check that the allowance covers the amount asked, and spend it, with an event. v3.5."""
    allowance = a_token.allowances[owner, spender]
    if allowance < amount:
        raise ERC20InsufficientAllowance(spender, allowance, amount)
    a_token.set_allowance(owner, spender, allowance - min(allowance, spent))


def spend_borrow_allowance(
    debt_token: DebtToken, delegator: Address, delegatee: Address, amount: int, scaled: int, index: int
) -> None:
    """Check that the allowance covers the amount, and spend the increase of a debt, with an event. v3.5.

    The increase is measured on the delegatee's debt, by mistake.
    """
    spent = debt_increase(debt_token.scaled_balances[delegatee], scaled, index)
    left = allowance_left(debt_token, delegator, delegatee, amount, spent)
    debt_token.set_borrow_allowance(delegator, delegatee, left)
