"""Words for figures: durations, moments, ratios, health factors, prices, names of errors."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pooltwin.protocol.errors import Panic, Revert

from ..reference import NO_DEBT_HEALTH
from ..worth import in_dollars

_SPANS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_LAST_MOMENT = 253_402_300_799
"""The last second of the year 9999, which is as far as a calendar goes."""


def duration(seconds: int) -> str:
    """Write a duration in days, hours, minutes and seconds, leaving out what is none."""
    parts = []
    left = seconds
    for name, span in _SPANS:
        count, left = divmod(left, span)
        if count:
            parts.append(f"{count:,} {name}{'' if count == 1 else 's'}")
    return " ".join(parts) or "0 seconds"


def moment(seconds: int) -> str:
    """Write a moment in UTC, to the second; that of no calendar as what it is."""
    if not 0 <= seconds <= _LAST_MOMENT:
        return "beyond all calendars"
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def percent(bps: int) -> str:
    """Write basis points as a percentage, exactly."""
    whole, part = divmod(bps, 100)
    return f"{whole:,}.{part:02d}%".replace(".00%", "%")


def health(wad: int) -> str:
    """Write a health factor with four places, cut, so that one below 1 never looks like 1."""
    if wad >= NO_DEBT_HEALTH:
        return "no debt"
    whole, part = divmod(wad // 10**14, 10**4)
    return f"{whole:,}.{part:04d}" if whole < 10**6 else "over a million"


def index(ray: int) -> str:
    """Write an index with ten places, cut."""
    whole, part = divmod(ray // 10**17, 10**10)
    return f"{whole:,}.{part:010d}"


def price(base: int) -> str:
    """Write a price (8 decimals): to the cent from a dollar on, in full below."""
    if base >= 10**8 or base <= 0:
        return in_dollars(base)
    cents, rest = f"{base:08d}"[:2], f"{base:08d}"[2:].rstrip("0")
    return f"0.{cents}{rest} USD"


def error(revert: Revert) -> str:
    """Write an error's name as words, and what it says besides."""
    if isinstance(revert, Panic):
        return revert.describe()
    name = getattr(revert, "name", "")
    if not name or name == "Error":
        return revert.describe()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    figures = ", ".join(str(value) for value in revert.arguments if isinstance(value, int))
    return f"{words} ({name}{f': {figures}' if figures else ''})"
