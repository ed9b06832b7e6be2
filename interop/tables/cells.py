"""Cells of a table of accounts: what each says, exactly, or why it cannot be taken.

Every function raises ValueError with the cell and what is wrong with it.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from math import isnan
from operator import index
from typing import Any

from pooltwin.protocol.models.fields import canonical_address

YES = frozenset(("true", "yes", "y", "1"))
NO = frozenset(("false", "no", "n", "0", ""))
MOST_DIGITS = 100
"""More than a number of 256 bits has."""


def is_empty(cell: Any) -> bool:
    """Is there nothing in a cell? NaN is what tables of floats have for nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, float) and isnan(cell))


def account_in(cell: Any) -> str:
    """The address in a cell."""
    if not isinstance(cell, str):
        raise ValueError(f"{cell!r} is not an address")
    return canonical_address(cell.strip())


def whole_number_in(cell: Any) -> int:
    """The whole number in a cell, at least 0; 0 in an empty one."""
    if is_empty(cell):
        return 0
    if isinstance(cell, str):
        text = cell.strip()
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{cell!r} is not a whole number from 0 up")
        return int(text)
    if isinstance(cell, Decimal) and cell == cell.to_integral_value():
        number = int(cell)
    elif isinstance(cell, bool | float | Decimal):
        raise ValueError(_not_exact(cell) if isinstance(cell, float) else f"{cell!r} is not a whole number")
    else:
        number = _integer(cell)
    if number < 0:
        raise ValueError(f"{cell!r} is below 0")
    return number


def amount_in(cell: Any, decimals: int) -> int:
    """An amount of whole tokens, as a decimal string, an integer or a Decimal, in units of the token; 0 if empty."""
    if is_empty(cell):
        return 0
    if isinstance(cell, str):
        whole, _, part = cell.strip().partition(".")
        if (whole + part).isdigit() and (whole + part).isascii() and len(part) <= decimals:
            return int((whole or "0") + part.ljust(decimals, "0"))
    try:
        number = _decimal(cell)
    except InvalidOperation:
        raise ValueError(f"{cell!r} is not a number") from None
    if not number.is_finite() or number < 0:
        raise ValueError(f"{cell!r} is not an amount from 0 up")
    _, digits, exponent = number.as_tuple()
    shift = int(exponent) + decimals
    value = int("".join(map(str, digits)))
    if shift > MOST_DIGITS:
        raise ValueError(f"{cell!r} is more than any token has")
    units, rest = (value * 10**shift, 0) if shift >= 0 else divmod(value, 10 ** min(-shift, MOST_DIGITS))
    if rest or shift < -MOST_DIGITS:
        raise ValueError(f"{cell!r} is finer than a unit: the token has {decimals} decimals")
    return int(units)


def _decimal(cell: Any) -> Decimal:
    if isinstance(cell, bool):
        raise ValueError(f"{cell!r} is not an amount")
    if isinstance(cell, float):
        raise ValueError(_not_exact(cell))
    if isinstance(cell, Decimal):
        return cell
    return Decimal(cell.strip() if isinstance(cell, str) else _integer(cell))


def _not_exact(cell: float) -> str:
    return f"{cell!r} is a float, which is not exact: read the column as text (in pandas: dtype=str)"


def _integer(cell: Any) -> int:
    try:
        return index(cell)
    except TypeError:
        raise ValueError(f"{cell!r} is not a number") from None


def flag_in(cell: Any) -> bool:
    """The yes or no in a cell: true, yes or 1; false, no, 0 or nothing."""
    if is_empty(cell):
        return False
    text = str(cell).strip().lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError(f"{cell!r} is neither true nor false")
