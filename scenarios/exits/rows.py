"""Turns of a queue as rows of a CSV file, in whole tokens."""

from __future__ import annotations

import csv
from io import StringIO

from ..units import from_units
from .exits import Exits

COLUMNS = ("turn", "account", "name", "supplied", "free", "paid", "limit", "left_in_reserve")


def csv_of(told: Exits) -> str:
    """Write every turn of the queue, in its order, with amounts exact to the smallest unit."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, turn in enumerate(told.queue.turns, 1):
        amounts = (turn.claim.claim, turn.claim.free, turn.paid)
        shown = (f"{from_units(units, told.decimals):f}" for units in amounts)
        left = f"{from_units(turn.left, told.decimals):f}"
        writer.writerow((number, turn.claim.account, turn.claim.name, *shown, turn.limit, left))
    return text.getvalue()
