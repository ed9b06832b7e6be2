"""The temperaments of the driver: adversaries of campaigns, the hunter of mutants, the player of the machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .aims import leading_to
from .driver import Making, Temperament
from .moves.lending import take_another_collateral
from .moves.pressing import brink
from .moves.table import MOVES, UMBRELLA
from .plots import contracts, positions, squeezes, tokens

PLOTS: tuple[Making, ...] = (
    squeezes.squeeze,
    squeezes.cornered,
    squeezes.edge_of_collateral,
    squeezes.e_mode_position,
    brink,
    positions.crash,
    positions.repay_while_sick,
    positions.same_asset,
    positions.modest,
    positions.exhaust,
    positions.flood,
    positions.change_mode_at_the_limit,
    take_another_collateral,
    tokens.enrich,
    tokens.ambush,
    tokens.relist,
    contracts.route,
    contracts.multicall,
    contracts.reenter,
)
MAKINGS: dict[str, Making] = {
    **{move.name: move for move in MOVES},
    **{plot.__name__: plot for plot in PLOTS},
}
"""Moves and plots by name."""


def weighed(**weights: float) -> Mapping[Making, float]:
    """Weights of moves and plots, by their names. Raises KeyError for what is neither."""
    return {MAKINGS[name]: weight for name, weight in weights.items()}


SOLITARY = Temperament(
    weighed(
        supply=11,
        withdraw=11,
        borrow=14,
        repay=8,
        repay_with_a_tokens=4,
        use_as_collateral=5,
        set_e_mode=3,
        e_mode_position=1,
        transfer=7,
        manage=1,
        donate=2,
        liquidate=6,
        squeeze=3,
        edge_of_collateral=2,
        cornered=2,
        move_price=4,
        cover=2,
        mint_to_treasury=2,
        flash_loan_simple=3,
        flash_loan=2,
        wait=16,
        govern=5,
        attack=1,
    )
)
"""Means harm to lenders, and has all the time there is, but no contracts: each call is a step by itself, so that what
broke a law is known. The order is part of what a seed gives."""

ADVERSARY = replace(
    SOLITARY,
    weights={**SOLITARY.weights, **weighed(route=4, multicall=3, reenter=2)},
    aim=0.25,
    aims=leading_to,
)
"""Sends calls through contracts too, several in one transaction and one inside another, and aims where laws have
hardly been asked yet in the history."""

HUNTER = Temperament(
    weighed(
        supply=14,
        withdraw=9,
        borrow=19,
        repay=8,
        repay_with_a_tokens=3,
        use_as_collateral=5,
        set_e_mode=4,
        transfer=6,
        manage=1,
        donate=1,
        change_mode_at_the_limit=5,
        take_another_collateral=5,
        brink=9,
        repay_while_sick=3,
        modest=2,
        exhaust=4,
        flood=2,
        crash=4,
        liquidate=6,
        same_asset=3,
        cover=3,
        flash_loan_simple=4,
        flash_loan=3,
        wait=7,
        move_price=4,
        mint_to_treasury=2,
        attack=3,
        enrich=4,
        ambush=4,
        relist=2,
        govern=14,
    ),
    patience=0.5,
    seeks=True,
    insists=False,
    guesses=False,
    faithful=0.8,
    care=0.7,
    edges=True,
    trust=2.0,
    daring=3.5,
    rounds=7,
)
"""Brings positions to the brink of liquidation and reserves to the brink of their caps: there any fault shows."""

PLAYER = Temperament(
    {
        **{move: 1.0 for move in MOVES if move.safe or move.who == UMBRELLA},
        **weighed(wait=2, move_price=2),
    },
    patience=0.0,
    seeks=True,
    insists=False,
    guesses=False,
    edges=True,
    trust=3.0,
    daring=2.0,
)
"""Plays for Hypothesis: tries every call at once, because its histories are short."""
