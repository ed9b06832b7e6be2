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
    Move("supply", lending.supply, ANYBODY, "pool.supply", safe=True),
    Move("withdraw", lending.withdraw, ANYBODY, "pool.withdraw", safe=True),
    Move("borrow", lending.borrow, ANYBODY, "pool.borrow", safe=True),
    Move("repay", lending.repay, ANYBODY, "pool.repay", safe=True),
    Move("repay_with_a_tokens", lending.repay_with_a_tokens, ANYBODY, "pool.repayWithATokens", safe=True),
    Move("use_as_collateral", lending.use_as_collateral, ANYBODY, "pool.setUserUseReserveAsCollateral", safe=True),
    Move("set_e_mode", lending.set_e_mode, ANYBODY, "pool.setUserEMode", safe=True),
    Move("transfer", lending.transfer, ANYBODY, "", safe=True),
    Move("manage", lending.manage, ANYBODY, "pool.approvePositionManager", safe=True),
    Move("donate", lending.donate, ANYBODY, "", safe=True),
    Move("liquidate", pressing.liquidate, ANYBODY, "pool.liquidationCall", safe=True),
    Move("mint_to_treasury", pressing.mint_to_treasury, ANYBODY, "pool.mintToTreasury", safe=True),
    Move("flash_loan_simple", pressing.flash_loan_simple, ANYBODY, "pool.flashLoanSimple", safe=True),
    Move("flash_loan", pressing.flash_loan, ANYBODY, "pool.flashLoan", safe=True),
    Move("attack", governing.attack, NOBODY, "", safe=True),
    Move("cover", pressing.cover, UMBRELLA, "pool.eliminateReserveDeficit"),
    Move("govern", governing.govern, ADMIN, ""),
    Move("move_price", pressing.move_price, WORLD, ""),
    Move("wait", pressing.wait, WORLD, ""),
)
"""What is `safe` leaves nobody worse off but who makes it and who allowed it, as long as no time passes and no price
moves."""
