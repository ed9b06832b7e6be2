"""Errors of tables."""

from __future__ import annotations

from collections.abc import Sequence

from pooltwin.protocol.market_state.errors import listed

from ..formats.errors import ForeignFileError


class TableError(ForeignFileError):
    """A table that cannot be taken; `faults` says of each wrong cell its row, its column and what is wrong."""

    def __init__(self, table: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"{table} has {count}; nothing was loaded:\n{listed(self.faults)}")
