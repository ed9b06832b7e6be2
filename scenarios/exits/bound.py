"""The bound that no order can beat: what lenders may take out, against what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pooltwin.protocol.market import Market

from .claims import Claim


@dataclass(frozen=True)
class Bound:
    """Sums over all lenders of a reserve, in units of the asset."""

    claims: int
    """What lenders have supplied, interest included."""
    free: int
    """What their own debts let go of that."""
    cash: int
    """What can be taken out of the reserve now."""
    owed: int
    """What borrowers owe."""

    @property
    def most(self) -> int:
        """The most that can leave, whoever comes first."""
        return min(self.free, self.cash)

    @property
    def stranded(self) -> int:
        """The least that lenders would take out and cannot."""
        return self.free - self.most


def bound_of(market: Market, symbol: str, claims: Sequence[Claim]) -> Bound:
    """Add up claims against what a reserve has and is owed."""
    return Bound(
        claims=sum(one.claim for one in claims),
        free=sum(one.free for one in claims),
        cash=cash_of(market, symbol),
        owed=int(market.debt_token(symbol).total_supply()),
    )


def cash_of(market: Market, symbol: str) -> int:
    """Read what can be taken out of a reserve now (units): its virtual balance, on releases that keep one."""
    asset, pool = market.asset(symbol), market.pool
    held = int(market.chain.at(asset).balance_of(pool.reserves[asset].a_token))
    if not market.chain.revision.virtual_balances:
        return held
    return min(held, int(pool.reserves[asset].virtual_underlying_balance))


def door_closers(claims: Sequence[Claim], cash: int) -> tuple[Claim, ...]:
    """List the fewest lenders who can take everything there is; empty if all together cannot, or nothing is there."""
    taken, closers = 0, []
    for one in sorted(claims, key=lambda claim: (-claim.free, claim.account)):
        if taken >= cash:
            break
        taken += one.free
        closers.append(one)
    return tuple(closers) if taken >= cash > 0 else ()
