"""Formatting of numbers for people: every digit where it matters, rounded half up where it does not."""

from __future__ import annotations

from fractions import Fraction

from .units import PRICE_UNIT, moment


def amount(units: int, decimals: int, places: int | None = None) -> str:
    """An amount with thousands separators; every decimal, or rounded to so many places."""
    places = decimals if places is None else places
    step = 10 ** (decimals - places)
    shown = (abs(units) + step // 2) // step
    whole, rest = divmod(shown, 10**places)
    sign = "-" if units < 0 and shown else ""
    return f"{sign}{whole:,}" + (f".{rest:0{places}}" if places else "")


def price(units: int | None) -> str:
    """A dollar price with 8 decimals, to the cent; a dash for none."""
    return "–" if units is None else f"{units / PRICE_UNIT:,.2f}"


def dollars(base: int) -> str:
    """A dollar value with 8 decimals, to the dollar."""
    return "less than 1 USD" if 0 < base < PRICE_UNIT else f"{amount(base, 8, 0)} USD"


def millions(value: float) -> str:
    """An amount of dollars in millions."""
    return f"{value / 1e6:,.1f}m USD"


def percent(wad: int) -> str:
    """A share with 18 decimals, as a percentage with two places."""
    return f"{amount(wad * 100, 18, 2)}%"


def share(bps: int | Fraction) -> str:
    """A share in basis points, as a percentage without needless zeros: 95.42%, 7%."""
    return f"{float(bps) / 100:.2f}".rstrip("0").rstrip(".") + "%"


def health_factor(wad: int | None) -> str:
    """A health factor with three places, cut, so that one below 1 never looks like 1; a dash without debt."""
    return "–" if wad is None else amount(wad // 10**15, 3)


def day_time(seconds: int) -> str:
    """A day and time in UTC."""
    return f"{moment(seconds):%b %d %H:%M} UTC"


def plural(count: int, noun: str) -> str:
    """A count with its noun: 1 call, 2 calls."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
