"""Protocols of the engine: who acts, how a price moves, where an asset is sold."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from pooltwin.protocol.address import Address

from .phase import Phase, Wake


class Actor(Protocol):
    """Somebody with a seat in a world: `Agent` is the class to derive from."""

    @property
    def name(self) -> str:
        """The name, unlike all others."""

    @property
    def address(self) -> Address | None:
        """The account it acts for; None for one of its own."""

    @property
    def phase(self) -> Phase:
        """The part of the block in which it acts."""

    @property
    def wakes_on(self) -> Wake:
        """The events that wake it, besides its alarm."""

    def start(self, world: Any, me: Any) -> None:
        """Enter."""

    def act(self, world: Any, me: Any) -> int | None:
        """Act, and say in which block to be woken at the latest."""


class Look(NamedTuple):
    """One look at the price of an asset."""

    raw: Fraction
    """Dollars for one whole token on the outside market."""
    printed: int | None
    """What the pool is told now, with 8 decimals; None where it is told nothing."""


class PriceLine(Protocol):
    """The course of one asset's price, outside and as the pool is told it."""

    def look(self, time: int, outside: Fraction | None) -> Look:
        """Look at the price at a time, never before the last look.

        `outside` is what the asset's venue would pay at the margin, None without a venue. The first look prints.
        """

    def next_look(self, time: int) -> int | None:
        """Say the first time after this one at which a look may show something new; None for never."""


class Venue(Protocol):
    """A place where one asset is sold. Amounts are in the smallest unit, proceeds in dollars."""

    def quote(self, amount: int) -> Fraction:
        """Tell what a sale would bring, and change nothing."""

    def sell(self, amount: int) -> Fraction:
        """Sell. Returns the proceeds in dollars."""

    def price(self) -> Fraction:
        """Tell what a whole token brings at the margin, in dollars."""

    def advance(self, seconds: int) -> None:
        """Let time pass: what was sold into is filled up again."""
