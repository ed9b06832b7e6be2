"""Faults in debts at stable rates, which only v3.0.2 has."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.revisions import REVISIONS

from ..mutant import Mutant, Patch, during, nothing

RELEASE = "3.0.2"


def _at_the_last_rate(mint: Any) -> Any:
    """Let all stable debt cost what the last debtor agreed to."""

    def mint_at_it(token: Any, user: str, on_behalf_of: str, amount: int, rate: int) -> tuple[bool, int, int]:
        is_first, supply, _ = mint(token, user, on_behalf_of, amount, rate)
        token.average_stable_rate = rate
        return is_first, supply, rate

    return mint_at_it


def _leave_the_total(token: Any, _amount: int, supply_before: int, _rate: int) -> tuple[int, int]:
    token.scaled_supply = supply_before
    return supply_before, token.average_stable_rate


def _without_interest(token: Any, user: str) -> int:
    owed: int = token.scaled_balances[user]
    return owed


def _half_of_the_debt(mint: Any) -> Any:
    return lambda cache, user, on_behalf_of, amount: mint(cache, user, on_behalf_of, amount // 2)


def _in_the_token(token: Any) -> tuple[Mutant, ...]:
    """Break the token of stable debts."""
    return (
        Mutant(
            "M222",
            "all stable debt costs what the last debtor agreed to, not the average",
            "own: a wrong average, in v3.0.2",
            ("SOL-17",),
            (Patch(token, "pool_mint_stable", _at_the_last_rate(token.pool_mint_stable)),),
            revision=RELEASE,
        ),
        Mutant(
            "M224",
            "the total of stable debts stays when one is repaid",
            "own: a total kept beside the balances, in v3.0.2",
            ("SOL-17",),
            (Patch(token, "_supply_without", _leave_the_total),),
            revision=RELEASE,
        ),
        Mutant(
            "M225",
            "a stable debt bears no interest when it is repaid or grows",
            "own: the principal taken for the debt, in v3.0.2",
            ("RND-15",),
            (Patch(token, "balance_of", _without_interest),),
            revision=RELEASE,
        ),
    )


def _in_the_flows(pool: Any, borrowing: Any) -> tuple[Mutant, ...]:
    """Break what the pool does with them."""
    return (
        Mutant(
            "M223",
            "a swap of a stable debt to a variable one loses half of it",
            "own: two ledgers of one debt, in v3.0.2",
            ("RND-15", "SOL-2", "INF-1"),
            (
                Patch(
                    pool,
                    "execute_swap_borrow_rate_mode",
                    during(
                        borrowing.execute_swap_borrow_rate_mode,
                        Patch(borrowing, "_mint_variable", _half_of_the_debt(borrowing._mint_variable)),
                    ),
                ),
            ),
            revision=RELEASE,
        ),
        Mutant(
            "M226",
            "a rebalance leaves a stable debt at its old rate",
            "own: in v3.0.2",
            ("RND-15",),
            (Patch(pool, "execute_rebalance", nothing),),
            revision=RELEASE,
        ),
    )


def _faults() -> tuple[Mutant, ...]:
    """List the faults, none where the release has been deleted."""
    if RELEASE not in REVISIONS:
        return ()
    from pooltwin.protocol.releases.v3_0_2 import borrowing, pool  # noqa: PLC0415 - may be deleted
    from pooltwin.protocol.releases.v3_0_2.stable_debt_token import StableDebtToken  # noqa: PLC0415 - as above

    return tuple(sorted((*_in_the_token(StableDebtToken), *_in_the_flows(pool, borrowing)), key=lambda one: one.id))


STABLE_DEBT = _faults()
