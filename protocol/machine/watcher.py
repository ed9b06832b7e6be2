"""Watching a chain: what it tells of transactions and of the calls inside them, to one watcher at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


def left_out_of_tracebacks(failure: Any) -> bool:
    """Tell pytest whether to leave a module's lines out of a traceback: where a watcher's assertion failed, for one.

    A module says so by `__tracebackhide__`. What is left is the test's own line; `pytest --full-trace` shows all.
    """
    asserted: bool = failure.errisinstance(AssertionError)
    return asserted


class Watcher(Protocol):
    """Somebody whom a chain tells what happens: each transaction, and each call inside one that may write."""

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

    def call_begun(self, contract: Any, function: Any, sender: str, arguments: Sequence[Any]) -> Any:
        """Look at a call before it does anything; what is returned is handed back when it ends.

        The first call of a transaction is told too. Views are not, nor what a contract of the market calls another for
        as plain Python: somebody else calls in.
        """

    def call_ended(self, begun: Any, value: Any, error: BaseException | None) -> None:
        """Look at a call that returned a value, or was undone because of an error."""
