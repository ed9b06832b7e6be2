"""The queue: lenders leave one after the other on a fork of the market, each with what the pool lets go."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pooltwin.protocol.address import Address
from pooltwin.protocol.answers.reasons import reason_of
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.uint import MAX_UINT256

from .bound import cash_of
from .claims import Claim

ORDERS = ("largest", "smallest", "free", "bound")
"""By claim, either way; those without debts first, or last."""


@dataclass(frozen=True)
class Turn:
    """Turn of one lender, in units of the asset."""

    claim: Claim
    paid: int
    left: int
    """What the reserve has afterwards."""
    limit: str
    """What kept it from getting what is free, in words, as "liquidity"; empty where it got that."""


@dataclass(frozen=True)
class Queue:
    """Run on a reserve from the first turn to the last."""

    turns: tuple[Turn, ...]
    market: Market
    """The market as it is afterwards."""

    @property
    def paid(self) -> int:
        """What left in all."""
        return sum(turn.paid for turn in self.turns)

    @property
    def waiting(self) -> tuple[Turn, ...]:
        """Turns of those who did not get what was free."""
        return tuple(turn for turn in self.turns if turn.paid < turn.claim.free)

    @property
    def left(self) -> int:
        """What the reserve still has."""
        return self.turns[-1].left if self.turns else 0


def in_order(claims: Sequence[Claim], order: str) -> tuple[Claim, ...]:
    """Put lenders into an order: one of `ORDERS`, or `seed:7` for a random one.

    Raises ValueError for an order that is none.
    """
    kind, _, seed = order.partition(":")
    keys: dict[str, Callable[[Claim], tuple[object, ...]]] = {
        "largest": lambda one: (-one.claim, one.account),
        "smallest": lambda one: (one.claim, one.account),
        "free": lambda one: (one.is_bound, -one.claim, one.account),
        "bound": lambda one: (not one.is_bound, -one.claim, one.account),
        "seed": lambda one: (hashlib.sha256(f"{seed}/{one.account}".encode()).digest(), one.account),
    }
    if kind not in keys or (kind == "seed") != bool(seed) or (seed and not seed.isdecimal()):
        raise ValueError(f"{order!r} is no order; orders are {', '.join(ORDERS)} and seed:NUMBER")
    return tuple(sorted(claims, key=keys[kind]))


def run_on(market: Market, symbol: str, claims: Sequence[Claim]) -> Queue:
    """Let lenders leave in the order given, in one block on a fork: each takes what is free, or all that is there."""
    branch = market.fork()
    asset, turns = branch.asset(symbol), []
    cash = cash_of(branch, symbol)
    for claim in claims:
        paid, limit = _leave(branch, asset, claim, cash)
        cash -= paid
        turns.append(Turn(claim, paid, cash, limit))
    return Queue(tuple(turns), branch)


def _leave(branch: Market, asset: Address, claim: Claim, cash: int) -> tuple[int, str]:
    """Withdraw what is free, else what is there. Returns what was paid, and what kept it from being more."""
    if not claim.free:
        return 0, ""
    amount = MAX_UINT256 if claim.free == claim.claim else claim.free
    limit, paid = _withdrawn(branch, asset, claim.account, amount)
    if not limit:
        return paid, ""
    most = min(cash, claim.free)
    for less in range(most, max(0, most - 2), -1):  # a single unit may be worth no share
        refused, paid = _withdrawn(branch, asset, claim.account, less)
        if not refused:
            return paid, limit
    return 0, limit


def _withdrawn(branch: Market, asset: Address, account: Address, amount: int) -> tuple[str, int]:
    try:
        return "", int(branch.pool.withdraw(asset, amount, account, sender=account))
    except Revert as revert:
        return reason_of(branch, asset, amount, revert), 0
