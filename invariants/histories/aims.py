"""Aims: which plots lead to which edges of laws, for an adversary that goes where they have hardly been asked yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .driver import Making
from .moves.governing import govern
from .moves.pressing import brink, cover, flash_loan
from .plots import contracts, limits, measured, positions, squeezes

AIMS: Mapping[str, tuple[Making, ...]] = {
    # --- close factor, leftovers
    "LIQ-16: collateral below 2,000": (measured.small_collateral,),
    "LIQ-3: collateral below 2,000": (measured.small_collateral,),
    "LIQ-16: debt below 2,000": (measured.small_debt,),
    "LIQ-3: debt below 2,000": (measured.small_debt,),
    "LIQ-16: both legs": (measured.large_legs,),
    "LIQ-3: both legs": (measured.large_legs,),
    "LIQ-3: half binds": (measured.large_legs,),
    "LIQ-3: a leg from": (measured.small_collateral, measured.large_legs),
    "LIQ-4:": (measured.large_legs,),
    "LIQ-17:": (measured.large_legs,),
    "LIQ-1:": (brink, measured.large_legs),
    # --- what a liquidation leaves
    "LIQ-5:": (squeezes.e_mode_position, positions.crash),
    "LIQ-7:": (positions.crash, squeezes.e_mode_position, positions.exhaust),
    "LIQ-8:": (positions.crash, positions.exhaust),
    "LIQ-9:": (brink,),
    "LIQ-11:": (positions.exhaust, squeezes.edge_of_collateral),
    "LIQ-12:": (positions.same_asset,),
    "LIQ-14: another debt in": (measured.bad_debt_beside,),
    "LIQ-14: a debt behind": (measured.bad_debt_beside, positions.exhaust),
    "LIQ-14: the": (positions.exhaust, squeezes.cornered),
    "LIQ-15:": (positions.exhaust,),
    "DEF-3:": (measured.bad_debt_beside,),
    "DEF-2:": (cover, positions.flood),
    "DEF-4:": (measured.indebted_coverer,),
    "DEF-5:": (cover, measured.indebted_coverer),
    "DEF-7:": (limits.stand_still,),
    "DEF-10:": (flash_loan, contracts.reenter),
    # --- healths about one
    "HF-1:": (measured.down_to_one, brink),
    "HF-2: HF after a withdrawal": (measured.down_to_one,),
    "HF-2: HF after a transfer": (measured.down_to_one,),
    "HF-2: HF after a borrow": (measured.borrow_to_the_threshold,),
    "HF-2: HF after a repayment": (measured.give_up_at_one,),
    "HF-2: HF after a disabled": (measured.give_up_at_one,),
    "HF-2: HF after a change": (measured.switch_at_one,),
    "HF-2: a withdrawal inside": (limits.trap,),
    "HF-3:": (measured.give_up_at_one, positions.repay_while_sick),
    "HF-10:": (measured.down_to_one,),
    "SOL-10:": (measured.down_to_one,),
    "EMD-2:": (positions.change_mode_at_the_limit,),
    "EMD-3:": (measured.switch_at_one, positions.change_mode_at_the_limit),
    "EMD-4:": (positions.change_mode_at_the_limit, limits.isolate_late),
    "EMD-5:": (limits.isolate_late,),
    "EMD-10:": (govern,),
    "EMD-14:": (limits.take_out_what_lends_nothing,),
    # --- settings
    "EMD-11:": (limits.parameters_at_the_limit,),
    "EMD-13:": (limits.parameters_at_the_limit,),
    "CAP-1:": (limits.fill_the_supply_cap,),
    "CAP-2:": (limits.fill_the_borrow_cap,),
    "CAP-3: a supply": (limits.fill_the_supply_cap,),
    "CAP-3: a borrow": (limits.fill_the_borrow_cap,),
    "CAP-3: refused": (limits.fill_the_supply_cap, limits.fill_the_borrow_cap),
    "CAP-5:": (limits.fill_the_supply_cap,),
    "ACT-6: a liquidation": (limits.liquidate_frozen,),
    "ACT-6:": (limits.stand_still,),
    "TOK-7: aTokens": (limits.stand_still,),
    "ACT-7:": (limits.after_the_grace,),
    "FLG-8:": (limits.fill_the_gaps,),
    "SOL-14:": (limits.widest_balance,),
    "ORA-1:": (limits.dead_feed,),
    "ORA-5:": (limits.dead_feed, positions.crash),
    "ORA-6:": (limits.from_a_bridge,),
    "IDX-7:": (govern,),
    "RAT-1: all": (positions.flood,),
    "RAT-1: a deficit": (positions.flood,),
    "RAT-2:": (positions.flood,),
}
"""Plots by how the labels of the edges begin that they lead to, as `Law.edge_labels` gives them; the first fits."""


def plots_to(label: str) -> tuple[Making, ...]:
    """List the plots that lead to an edge; none for one that everybody comes by."""
    return next((plots for beginning, plots in AIMS.items() if label.startswith(beginning)), ())


def leading_to(labels: Collection[str]) -> list[Making]:
    """List the plots that lead to some edges, one as often as there are edges it leads to."""
    return [plot for label in labels for plot in plots_to(label)]
