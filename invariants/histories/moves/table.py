"""The table of moves: everything that can happen to a market, one row for each."""

from __future__ import annotations

from ..driver import Move
from . import governing, lending, pressing

ANYBODY = "anybody, for themselves or for somebody who allowed it"
UMBRELLA = "the umbrella; others are refused"
ADMIN = "the pool's admin; others are refused"
NOBODY = "nobody: it must be refused"
WORLD = "nobody: it happens"

MOVES = (
    Move("supply", lending.supply, ANYBODY, safe=True),
    Move("withdraw", lending.withdraw, ANYBODY, safe=True),
    Move("borrow", lending.borrow, ANYBODY, safe=True),
    Move("repay", lending.repay, ANYBODY, safe=True),
    Move("repay_with_a_tokens", lending.repay_with_a_tokens, ANYBODY, safe=True),
    Move("use_as_collateral", lending.use_as_collateral, ANYBODY, safe=True),
    Move("set_e_mode", lending.set_e_mode, ANYBODY, safe=True),
    Move("transfer", lending.transfer, ANYBODY, safe=True),
    Move("manage", lending.manage, ANYBODY, on=lambda revision: revision.position_managers, safe=True),
    Move("donate", lending.donate, ANYBODY, safe=True),
    Move("liquidate", pressing.liquidate, ANYBODY, safe=True),
    Move("mint_to_treasury", pressing.mint_to_treasury, ANYBODY, safe=True),
    Move("flash_loan_simple", pressing.flash_loan_simple, ANYBODY, safe=True),
    Move("flash_loan", pressing.flash_loan, ANYBODY, safe=True),
    Move("attack", governing.attack, NOBODY, safe=True),
    Move("cover", pressing.cover, UMBRELLA, on=lambda revision: revision.deficits),
    Move("move_price", pressing.move_price, WORLD),
    Move("wait", pressing.wait, WORLD),
    Move("govern", governing.govern, ADMIN),
)
"""What is `safe` leaves nobody worse off but who makes it and who allowed it, as long as no time passes and no price
moves."""
