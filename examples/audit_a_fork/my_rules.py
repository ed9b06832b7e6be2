"""The rules of a fork: the bonus of a liquidation grows while a position stays unhealthy."""

from typing import Any, ClassVar

from pooltwin.protocol import NEWEST, Address, Pool, ledger_of

HOUR = 3_600
STEP_BPS = 10
"""What every hour of bad health adds to the bonus: 0.1 %."""
MOST_BPS = 200
"""What is added at most: 2 %."""


def grown(bonus: int, since: int, now: int) -> int:
    """Add to a bonus (bps) what the hours since a position was marked are worth; nothing without a mark (0)."""
    return bonus + min((now - since) // HOUR * STEP_BPS, MOST_BPS) if since else bonus


# --- storage of its own: since when each position has been unhealthy --------------------------------------------------


class MyPool(Pool):
    """The pool of v3.7, which also remembers when a position was first liquidated and has stayed unhealthy since."""

    CODE = "MyPool"
    STORAGE: ClassVar[dict[str, Any]] = {**Pool.STORAGE, "unhealthy_since": ledger_of(0)}
    __slots__ = ("unhealthy_since",)


# --- decisions of the release's record, taken otherwise ---------------------------------------------------------------


def bonus(pool: Any, run: Any) -> int:
    """The configured bonus, grown."""
    return grown(NEWEST.liquidation_bonus(pool, run), pool.unhealthy_since[run.borrower], pool.chain.time)


def liquidate(pool: Any, liquidator: Address, collateral: Address, debt: Address, user: Address, *rest: Any) -> None:
    """Liquidate a user, who has a mark from the first time on until the position is healthy."""
    if not pool.unhealthy_since[user]:
        pool.unhealthy_since[user] = pool.chain.time
    NEWEST.execute_liquidation_call(pool, liquidator, collateral, debt, user, *rest)
    unmark_if_healthy(pool, user)


def unmark_if_healthy(pool: Any, user: Address) -> None:
    """Take the mark of a position that is healthy again."""
    if pool.unhealthy_since[user] and pool.get_user_account_data(user).health_factor >= 10**18:
        pool.unhealthy_since[user] = 0


# --- what laws are told -----------------------------------------------------------------------------------------------


def stated_bonus(before: Any, collateral: Address, borrower: Address) -> int:
    """The same bonus from the fork's document, read from the state before a liquidation."""
    configured = before.bonus(collateral, before.position(borrower).category_id)
    return grown(configured, before.entry(before.census.pool.unhealthy_since, borrower), before.time)
