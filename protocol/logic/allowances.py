"""What moving somebody's aTokens or borrowing in somebody's name does to the allowance that permits it.

Solidity: `IncentivizedERC20._spendAllowance`, `DebtTokenBase._decreaseBorrowAllowance`.
"""

from __future__ import annotations

from ..address import Address
from ..errors import ERC20InsufficientAllowance, InsufficientBorrowAllowance
from ..math.token_math import debt_balance
from ..math.uint import MAX_UINT256, sub
from .terms import AToken, DebtToken


def spend_allowance(a_token: AToken, owner: Address, spender: Address, amount: int, spent: int) -> None:
    """The allowance must cover the amount asked; an infinite one is not spent. No event. From v3.6 on."""
    allowance = a_token.allowances[owner, spender]
    if allowance < amount:
        raise ERC20InsufficientAllowance(spender, allowance, amount)
    if allowance != MAX_UINT256:
        a_token.allowances[owner, spender] = allowance - min(allowance, spent)


def spend_borrow_allowance(
    debt_token: DebtToken, delegator: Address, delegatee: Address, amount: int, scaled: int, index: int
) -> None:
    """The allowance must cover the amount; the delegator's exact increase of debt is spent, capped.

    No event, none is infinite. From v3.6 on.
    """
    spent = debt_increase(debt_token.scaled_balances[delegator], scaled, index)
    debt_token.borrow_allowances[delegator, delegatee] = allowance_left(debt_token, delegator, delegatee, amount, spent)


def debt_increase(scaled_debt: int, scaled: int, index: int) -> int:
    """By how much a debt grows in underlying units when shares are added to it."""
    return sub(debt_balance(scaled_debt + scaled, index), debt_balance(scaled_debt, index))


def allowance_left(debt_token: DebtToken, delegator: Address, delegatee: Address, amount: int, spent: int) -> int:
    allowance = debt_token.borrow_allowances[delegator, delegatee]
    if allowance < amount:
        raise InsufficientBorrowAllowance(delegatee, allowance, amount)
    return allowance - min(allowance, spent)
