"""Prices of WETH read from a CSV file with the columns `time` and `weth_usd`."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pooltwin.protocol.files import reason_of

from .parameters import GivenPrice, ParametersError

COLUMNS = ("time", "weth_usd")


def read_prices(path: Path) -> tuple[GivenPrice, ...]:
    """Read prices, in order of time; a line of headings is allowed.

    Times are as 2026-02-06T01:30:00Z; without a zone they are UTC. Raises ParametersError, naming the file and the
    line, for what is no price.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ParametersError(f"{path} holds no prices: {reason_of(error)}") from None
    found: list[GivenPrice] = []
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (not found and cells == list(COLUMNS)):
            continue
        try:
            found.append(_price(cells, found[-1:]))
        except ValueError as error:
            raise ParametersError(f"{path}, line {number}: {error}") from None
    if not found:
        raise ParametersError(f"{path} holds no prices: there is no line with {' and '.join(COLUMNS)}")
    return tuple(found)


def _price(cells: list[str], before: list[GivenPrice]) -> GivenPrice:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} columns instead of {len(COLUMNS)} ({', '.join(COLUMNS)})")
    try:
        time = datetime.fromisoformat(cells[0])
    except ValueError:
        raise ValueError(f"{cells[0]!r} is no time as 2026-02-06T01:30:00Z") from None
    try:
        usd = Decimal(cells[1])
    except InvalidOperation:
        raise ValueError(f"{cells[1]!r} is no price in dollars") from None
    if not (usd.is_finite() and usd > 0):
        raise ValueError(f"{cells[1]!r} is no price above zero")
    price = GivenPrice(time=time if time.tzinfo else time.replace(tzinfo=UTC), weth_usd=usd)
    if before and price.time <= before[0].time:
        raise ValueError(f"{cells[0]} is not later than the line before")
    return price
