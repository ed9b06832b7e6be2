"""Tables of parameters, one reserve a row, with the columns of `UiPoolDataProviderV3.AggregatedReserveData`.

Nothing is said of e-mode categories, of the chain, or of the market-wide contracts.
"""

from __future__ import annotations

import csv

from .draft import Draft, some
from .errors import ForeignFileError
from .reserve_data import NAMES, OTHERS, RESERVE, STATE, note_order, read_reserve
from .strategy import RATES

WANTED = (
    "this is no table of reserves' parameters: wanted is a CSV file with one reserve a row and columns named as "
    f"{', '.join(NAMES)}"
)


def draft_of(text: str) -> Draft:
    """A table as a draft. Raises ForeignFileError, saying what is wanted, for another text or a value that is none."""
    try:
        return _draft_of(text.splitlines())
    except csv.Error as error:
        raise ForeignFileError(f"{WANTED}; {error}") from error


def _draft_of(lines: list[str]) -> Draft:
    rows = csv.reader(lines, strict=True)
    header = next(rows, [])
    lacking = [name for name in NAMES if name not in header]
    if lacking:
        found = f"its first line is {some(header)}" if header else "it is empty"
        raise ForeignFileError(f"{WANTED}; {found}")
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise ForeignFileError(f"the column {twice[0]} is there twice")
    draft = Draft("a table of parameters")
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        if len(row) != len(header):
            raise ForeignFileError(f"line {number} has {len(row)} values, and the first line {len(header)} columns")
        read_reserve(draft, {name: value for name, value in zip(header, row, strict=True) if value}, f"line {number}")
    if not draft.reserves:
        raise ForeignFileError("the table has no row")
    note_order(draft)
    strange = [name for name in header if name not in {*RESERVE, *RATES, *STATE, *OTHERS}]
    if strange:
        draft.notes.append(f"Not read, because it is not known here: {', '.join(strange)}.")
    return draft
