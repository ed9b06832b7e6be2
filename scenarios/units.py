"""Exact numbers between files, people and the twin.

Files hold decimal strings, the twin holds integers in the smallest unit. Conversions to integers refuse to round
silently.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

PRICE_UNIT = 10**8
"""One dollar: prices and all values in the base currency have 8 decimals."""

WAD = 10**18
RAY = 10**27
BPS = 10_000
MAX_UINT = 2**256 - 1
"""As an amount: everything. As a health factor: no debt."""

_WIDE = Context(prec=90)


def _integer(value: object) -> object:
    """A decimal string as an int; anything else is left for pydantic to judge."""
    if isinstance(value, str) and value.lstrip("-").isascii() and value.lstrip("-").isdigit():
        return int(value)
    return value


Exact = Annotated[int, BeforeValidator(_integer), PlainSerializer(str, return_type=str, when_used="json")]
"""An integer that JSON carries as a string, because many JSON readers keep only 53 bits of a number."""


def _number(value: object) -> object:
    """A decimal string or an integer as a Decimal. Raises ValueError for a float and for what is no finite number."""
    if isinstance(value, float):
        raise ValueError(f'a number with a point is exact only as text: write "{value}"')
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"{value!r} is no number")
    try:
        number = Decimal(value)
    except ArithmeticError:
        raise ValueError(f"{value!r} is no number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is no finite number")
    return number


Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}, {"type": "integer"}]}),
]
"""An exact decimal number, which files write as a string or, if it is whole, as an integer."""


class Frozen(BaseModel):
    """A frozen model that refuses unknown keys and silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def to_units(amount: Decimal, decimals: int) -> int:
    """A decimal amount in the smallest unit. Raises ValueError when it has more decimals than the unit."""
    scaled = _WIDE.scaleb(amount, decimals)
    units = int(scaled)
    if units != scaled:
        raise ValueError(f"{amount} has more than {decimals} decimals")
    return units


def from_units(units: int, decimals: int) -> Decimal:
    """An integer in the smallest unit as an exact decimal."""
    return _WIDE.scaleb(Decimal(units), -decimals)


def base_of(dollars: str) -> int:
    """Read dollars as base currency (8 decimals). Raises ValueError, naming the text, for anything else."""
    try:
        base = to_units(Decimal(dollars), 8)
    except (ArithmeticError, ValueError):
        raise ValueError(f"{dollars!r} is no amount of dollars with at most 8 decimals") from None
    if base < 0:
        raise ValueError(f"{dollars!r} is below zero")
    return base


def to_price(dollars: Decimal | Fraction) -> int:
    """A dollar price with 8 decimals, rounded down: what an oracle with 8 decimals could print."""
    exact = Fraction(dollars) * PRICE_UNIT
    return exact.numerator // exact.denominator


def timestamp(moment: datetime) -> int:
    """Seconds since 1970 of a moment with a time zone. Raises ValueError without one."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """The moment in UTC of a block time."""
    return datetime.fromtimestamp(seconds, UTC)


def ceil_div(numerator: int, denominator: int) -> int:
    """Division of non-negative integers, rounded up."""
    return -(-numerator // denominator)
