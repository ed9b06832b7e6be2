"""The chain as its contracts see it. The chain knows contracts; contracts know this much of a chain."""

from __future__ import annotations

from typing import Any, Protocol

from ..address import Address
from ..state.storage import Journal, Ledger


class Host(Protocol):
    """A chain, as code sees it."""

    journal: Journal
    """Where every write leaves its old value."""
    logs: list[tuple[Address, Any]]
    """The events of the transaction so far, with their emitters."""
    depth: int
    """How many calls are open: none between transactions."""
    value: int
    """The ether that came with the transaction (wei)."""
    asked: Any
    """Who answers views at present; None for their own code."""
    contracts: Ledger[Address, Any]
    """What stands at each address."""
    revision: Any
    """The release whose decisions are in force; it has a `name`."""
