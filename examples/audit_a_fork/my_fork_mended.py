"""The fork without its mistake: whoever repays or supplies his way back to health loses the mark."""

from typing import Any

from my_rules import MyPool, bonus, liquidate, stated_bonus, unmark_if_healthy
from pooltwin.protocol import NEWEST, Address


def repay(pool: Any, payer: Address, asset: Address, amount: int, mode: int, debtor: Address, **how: Any) -> int:
    """Repay, and look at the debtor."""
    paid = NEWEST.execute_repay(pool, payer, asset, amount, mode, debtor, **how)
    unmark_if_healthy(pool, debtor)
    return paid


def supply(pool: Any, payer: Address, asset: Address, amount: int, receiver: Address, *rest: Any) -> None:
    """Supply, and look at whoever receives the aTokens."""
    NEWEST.execute_supply(pool, payer, asset, amount, receiver, *rest)
    unmark_if_healthy(pool, receiver)


FORK = NEWEST.forked(
    "my-fork",
    contracts=[MyPool],
    close_factor=6_000,
    liquidation_bonus=bonus,
    execute_liquidation_call=liquidate,
    execute_repay=repay,
    execute_supply=supply,
    stated_bonus=stated_bonus,
)
