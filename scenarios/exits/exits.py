"""Exits: who can leave a reserve now, in what order, and what is left; the bound and the queue side by side."""

from __future__ import annotations

from dataclasses import dataclass

from pooltwin.protocol.address import named_address
from pooltwin.protocol.contracts.token_interface import let_spend
from pooltwin.protocol.market import Market
from pooltwin.protocol.math.uint import MAX_UINT256

from ..books.placed import PlacedBook
from .bound import Bound, bound_of, door_closers
from .claims import Claim, claims_on
from .queue import Queue, in_order, run_on

PAYER = named_address("exits: whoever pays back")
VARIABLE_RATE = 2


@dataclass(frozen=True)
class Exits:
    """Everything about a run on one reserve, in units of the asset."""

    reserve: str
    decimals: int
    order: str
    repaid: int
    """What borrowers paid back before anybody left."""
    bound: Bound
    closers: tuple[Claim, ...]
    """The fewest lenders who can take everything that is there; empty if all together cannot."""
    queue: Queue


def exits_of(
    market: Market, symbol: str, *, placed: PlacedBook | None = None, order: str = "largest", repaid: int = 0
) -> Exits:
    """Tell who can leave a reserve in this block, on forks: the market stays as it is.

    `placed` is a book in the market, whose lenders then run one by one. `order` is one of "largest", "smallest", "free"
    (first those whom no debt holds), "bound" (first those), or "seed:7". `repaid` units are paid back by borrowers
    before, the largest debts first.

    What the treasury has earned and was not given yet is nobody's claim here. Raises KeyError for a reserve that is not
    listed, and ValueError for an unknown order and for more paid back than is owed.
    """
    market.asset(symbol)
    in_order((), order)
    branch = market.fork()
    names = dict.fromkeys(branch.accounts(), "")
    if placed is not None:
        here = placed.fork(branch)
        numbers = {*placed.inside, *placed.book.supplied(symbol).accounts.tolist()}
        for number, account in zip(numbers, here.materialise(numbers), strict=True):
            names[account] = placed.book.name(number)
    if repaid:
        _pay_back(branch, symbol, repaid)
    claims = claims_on(branch, symbol, names.items())
    bound = bound_of(branch, symbol, claims)
    queue = run_on(branch, symbol, in_order(claims, order))
    decimals = int(market.erc20(symbol).decimals())
    return Exits(symbol, decimals, order, repaid, bound, door_closers(claims, bound.cash), queue)


def _pay_back(branch: Market, symbol: str, amount: int) -> None:
    """Pay debts back from outside, the largest first."""
    token, pool, asset = branch.debt_token(symbol), branch.pool, branch.asset(symbol)
    owed = {account: int(token.balance_of(account)) for account in branch.accounts()}
    if amount > sum(owed.values()):
        raise ValueError(f"{amount} units of {symbol} cannot be paid back: {sum(owed.values())} are owed")
    branch.fund(symbol, PAYER, amount)
    let_spend(branch.erc20(symbol), PAYER, pool.address, MAX_UINT256)
    for account in sorted(owed, key=lambda one: (-owed[one], one)):
        part = min(amount, owed[account])
        if part:
            pool.repay(asset, part, VARIABLE_RATE, account, sender=PAYER)
            amount -= part
