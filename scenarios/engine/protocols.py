"""Protocol of whoever has a seat in a world."""

from __future__ import annotations

from typing import Any, Protocol

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
