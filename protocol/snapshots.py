"""Moments to come back to: a state whose every write is journalled, and positions in the journal."""

from __future__ import annotations

from .machine.watcher import Watcher, left_out_of_tracebacks
from .state.storage import Journal

__tracebackhide__ = left_out_of_tracebacks


class Snapshot(int):
    """A moment to come back to: a position in the undo journal."""


class Rewindable:
    """The part of a chain that remembers how it was. Whoever watches is told when the past changes."""

    __slots__ = ("_snapshots", "barred", "depth", "journal", "watcher")

    def __init__(self) -> None:
        self.journal = Journal()
        self.depth = 0
        self.watcher: Watcher | None = None
        self.barred = ""
        """A reason for which nothing may happen at present; empty for none."""
        self._snapshots: list[Snapshot] = []

    def begin_step(self) -> None:
        """Forget what nobody can come back to: the journal keeps one step, or all since the oldest snapshot."""
        if self.barred:
            raise RuntimeError(self.barred)
        watcher = self.watcher
        if watcher is not None:
            watcher.before_step()
        if not self._snapshots and not self.depth:
            self.journal.forget()
        if watcher is not None:
            watcher.step_begun()

    def snapshot(self) -> Snapshot:
        """Remember the present. It costs nothing; the undo journal grows until the snapshot is reverted or released."""
        self._refuse_inside_transaction("no snapshot can be taken; a frame that reverts is undone by itself")
        self.begin_step()
        snapshot = Snapshot(self.journal.position())
        self._snapshots.append(snapshot)
        return snapshot

    def revert_to(self, snapshot: Snapshot) -> None:
        """Come back to a snapshot, forgetting it and all later ones. Raises ValueError for one that is gone."""
        self._refuse_inside_transaction("no snapshot can be reverted to")
        watcher = self.watcher
        if watcher is not None:
            watcher.before_step()
        self._forget_from(snapshot)
        self.journal.unwind(snapshot)
        if watcher is not None:
            watcher.state_reverted()

    def release(self, snapshot: Snapshot) -> None:
        """Give up a snapshot, and all later ones, and keep the present. Raises ValueError for one that is gone."""
        self._forget_from(snapshot)

    def _refuse_inside_transaction(self, what: str) -> None:
        if self.depth:
            raise RuntimeError(f"inside a transaction {what}")

    def _forget_from(self, snapshot: Snapshot) -> None:
        for index in range(len(self._snapshots) - 1, -1, -1):
            if self._snapshots[index] is snapshot:
                del self._snapshots[index:]
                return
        raise ValueError("that snapshot is gone: it was reverted to, released, or belongs to another chain")
