"""Transfers of aTokens that count as none in v3.0.2."""

from __future__ import annotations

from ...logic.terms import Pool
from ...state.records import Reserve


def moves_nothing(_pool: Pool, _reserve: Reserve, amount: int) -> bool:
    """Is it a transfer of zero? v3.0.2."""
    return amount == 0
