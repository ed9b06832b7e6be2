"""Reading storage as it was before a step."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.state.storage import NEVER_WRITTEN

from .changes import Changes


class Reader:
    """Reads storage as it was before some changes: what is stored now, except where the journal remembers otherwise."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes

    def field(self, record: Any, name: str) -> Any:
        """Read a field of a struct or contract."""
        written = self.changes.get(id(record))
        if written is not None and name in written[1]:
            return written[1][name]
        return getattr(record, name)

    def entry(self, ledger: Any, key: Any) -> Any:
        """Read an entry of a mapping."""
        written = self.changes.get(id(ledger))
        if written is not None and key in written[1]:
            old = written[1][key]
            return ledger.default if old is NEVER_WRITTEN else old
        return ledger[key]
