"""Faults in debts at stable rates, which only v3.0.2 has."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.releases.v3_0_2 import borrowing
from pooltwin.protocol.releases.v3_0_2 import pool as first_pool
from pooltwin.protocol.releases.v3_0_2.stable_debt_token import StableDebtToken

from ..mutant import Mutant, Patch, during, nothing

_mint = StableDebtToken.pool_mint_stable


def _mint_at_the_last_rate(
    token: StableDebtToken, user: str, on_behalf_of: str, amount: int, rate: int
) -> tuple[bool, int, int]:
    """Let all stable debt cost what the last debtor agreed to."""
    is_first, supply, _ = _mint(token, user, on_behalf_of, amount, rate)
    token.average_stable_rate = rate
    return is_first, supply, rate


def _leave_the_total(token: StableDebtToken, _amount: int, supply_before: int, _rate: int) -> tuple[int, int]:
    token.scaled_supply = supply_before
    return supply_before, token.average_stable_rate


def _without_interest(token: StableDebtToken, user: str) -> int:
    return token.scaled_balances[user]


def _half_of_the_debt(mint: Any) -> Any:
    return lambda cache, user, on_behalf_of, amount: mint(cache, user, on_behalf_of, amount // 2)


STABLE_DEBT = (
    Mutant(
        "M222",
        "all stable debt costs what the last debtor agreed to, not the average",
        "own: a wrong average, in v3.0.2",
        ("SOL-17",),
        (Patch(StableDebtToken, "pool_mint_stable", _mint_at_the_last_rate),),
        revision="3.0.2",
    ),
    Mutant(
        "M223",
        "a swap of a stable debt to a variable one loses half of it",
        "own: two ledgers of one debt, in v3.0.2",
        ("RND-15", "SOL-2", "INF-1"),
        (
            Patch(
                first_pool,
                "execute_swap_borrow_rate_mode",
                during(
                    borrowing.execute_swap_borrow_rate_mode,
                    Patch(borrowing, "_mint_variable", _half_of_the_debt(borrowing._mint_variable)),
                ),
            ),
        ),
        revision="3.0.2",
    ),
    Mutant(
        "M224",
        "the total of stable debts stays when one is repaid",
        "own: a total kept beside the balances, in v3.0.2",
        ("SOL-17",),
        (Patch(StableDebtToken, "_supply_without", _leave_the_total),),
        revision="3.0.2",
    ),
    Mutant(
        "M225",
        "a stable debt bears no interest when it is repaid or grows",
        "own: the principal taken for the debt, in v3.0.2",
        ("RND-15",),
        (Patch(StableDebtToken, "balance_of", _without_interest),),
        revision="3.0.2",
    ),
    Mutant(
        "M226",
        "a rebalance leaves a stable debt at its old rate",
        "own: in v3.0.2",
        ("RND-15",),
        (Patch(first_pool, "execute_rebalance", nothing),),
        revision="3.0.2",
    ),
)
