"""Random actions that mean harm: edge amounts, positions at their limit, prices that move against them.

Everything is drawn from one seeded source and from the state, so the same seed on the same market gives the same
history. Amounts are written into the action as numbers: a history replays without this module.
"""

from __future__ import annotations

from .governing_moves import attack, govern, wait
from .hostile_moves import (
    cornered,
    cover,
    e_mode_position,
    edge_of_collateral,
    flash_loan,
    flash_loan_simple,
    liquidate,
    mint_to_treasury,
    move_price,
    squeeze,
)
from .lending_moves import (
    borrow,
    donate,
    manage,
    repay,
    repay_with_a_tokens,
    set_e_mode,
    supply,
    transfer,
    use_as_collateral,
    withdraw,
)
from .schemer import Maker, Schemer

_WEIGHTED: tuple[tuple[Maker, float], ...] = (
    (supply, 11),
    (withdraw, 11),
    (borrow, 14),
    (repay, 8),
    (repay_with_a_tokens, 4),
    (use_as_collateral, 5),
    (set_e_mode, 3),
    (e_mode_position, 1),
    (transfer, 7),
    (manage, 1),
    (donate, 2),
    (liquidate, 6),
    (squeeze, 3),
    (edge_of_collateral, 2),
    (cornered, 2),
    (move_price, 4),
    (cover, 2),
    (mint_to_treasury, 2),
    (flash_loan_simple, 3),
    (flash_loan, 2),
    (wait, 16),
    (govern, 5),
    (attack, 1),
)
MAKERS = tuple(maker for maker, _ in _WEIGHTED)
WEIGHTS = tuple(sum(weight for _, weight in _WEIGHTED[: index + 1]) for index in range(len(_WEIGHTED)))


class Adversary(Schemer):
    """Draws the next action of a history."""

    def pick_weighted(self) -> Maker:
        return self.rng.choices(MAKERS, cum_weights=WEIGHTS)[0]
