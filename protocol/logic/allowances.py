"""Spending of allowances: to move somebody's aTokens, or to borrow in somebody's name.

Solidity: `IncentivizedERC20._spendAllowance`, `DebtTokenBase._decreaseBorrowAllowance`.
"""

from __future__ import annotations

from ..address import Address
from ..errors import ERC20InsufficientAllowance, InsufficientBorrowAllowance
from ..math.token_math import debt_balance
from ..math.uint import MAX_UINT256, sub
from .terms import AToken, DebtToken


def spend_allowance(a_token: AToken, owner: Address, spender: Address, amount: int, spent: int) -> None:
    """Check that the allowance covers the amount asked, and spend it unless it is infinite. No event. From v3.6 on."""
    allowance = a_token.allowances[owner, spender]
    if allowance < amount:
        raise ERC20InsufficientAllowance(spender, allowance, amount)
    if allowance != MAX_UINT256:
        a_token.allowances[owner, spender] = allowance - min(allowance, spent)


def spend_borrow_allowance(
    debt_token: DebtToken, delegator: Address, delegatee: Address, amount: int, scaled: int, index: int
) -> None:
    """Check that the allowance covers the amount, and spend the delegator's exact increase of debt, capped.

    No event, none is infinite. From v3.6 on.
    """
    spent = debt_increase(debt_token.scaled_balances[delegator], scaled, index)
    debt_token.borrow_allowances[delegator, delegatee] = allowance_left(debt_token, delegator, delegatee, amount, spent)


def debt_increase(scaled_debt: int, scaled: int, index: int) -> int:
    """The growth of a debt, in underlying units, when shares are added to it."""
    return sub(debt_balance(scaled_debt + scaled, index), debt_balance(scaled_debt, index))


def allowance_left(debt_token: DebtToken, delegator: Address, delegatee: Address, amount: int, spent: int) -> int:
    """Compute what is left of a delegation. Raises InsufficientBorrowAllowance where it does not cover the amount."""
    allowance = debt_token.borrow_allowances[delegator, delegatee]
    if allowance < amount:
        raise InsufficientBorrowAllowance(delegatee, allowance, amount)
    return allowance - min(allowance, spent)
