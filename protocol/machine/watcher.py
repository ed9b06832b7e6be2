"""Watching a chain: what it tells between transactions, to one watcher at most."""

from __future__ import annotations

from typing import Any, Protocol


class Watcher(Protocol):
    """Somebody whom a chain tells, between transactions, what happens."""

    def before_step(self) -> None:
        """Look at what was written until now: the journal may forget it."""

    def step_begun(self) -> None:
        """Go on from here: what the journal holds now is known or undone."""

    def transaction_ended(self, receipt: Any) -> None:
        """Look at a transaction that took effect or reverted."""

    def time_passed(self) -> None:
        """Look at the state after the clock was moved."""

    def state_reverted(self) -> None:
        """Go on from a snapshot that was come back to."""
