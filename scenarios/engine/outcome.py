"""Outcomes of what an agent tries: done, or refused in words. The contract's "no" is data and is never raised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal by the pool, a token or a venue."""

    words: str
    """The reason as a person would say it: "not enough WETH in the pool: 4,416 are there"."""
    reason: str
    """The raw reason: the error with its values, as "Panic(0x11: more is taken than the reserve holds)"."""
    error: str = ""
    """The name of the error, as "SupplyCapExceeded"; empty where it has none."""

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt. It is true when the attempt took effect; a refused one has changed nothing."""

    ok: bool
    value: Any = None
    """The answer of what was called: the amount withdrawn or repaid, the proceeds of a sale, a `Liquidated`."""
    refusal: Refusal | None = None
    """The refusal, where there was one."""
    events: tuple[Any, ...] = field(default=(), repr=False)
    """The events of the transaction, in order."""

    def __bool__(self) -> bool:
        return self.ok


class Liquidated(NamedTuple):
    """The two sides of a liquidation, in the smallest units of the two assets."""

    repaid: int
    """By the liquidator, of the debt asset."""
    received: int
    """By the liquidator, of the collateral or its aTokens; the protocol's fee is not in it."""
