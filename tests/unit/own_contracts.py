"""Contracts of one's own that can be imported by name, for tests of what is copied, sent and saved."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol import ForeignContract, Market, external, view


class Box(ForeignContract):
    """Keeps what people put in, in a ledger, and knows its market."""

    KIND = "Box"

    def __init__(self, chain: Any, at: str, market: Market) -> None:
        super().__init__(chain, at)
        self.market = market
        self.kept = self.ledger(0)
        self.shelves = [self.ledger(0), self.ledger(0)]
        self.log: list[str] = []

    @external("put(uint256)")
    def put(self, amount: int, *, sender: str) -> None:
        """Take a number down, and supply so much of the pool's first asset from the sender's own tokens."""
        self.kept[sender] += amount
        self.shelves[amount % 2][sender] += 1
        self.log.append(sender)
        self.market.pool.supply(self.market.asset("WETH"), amount, sender, 0, sender=self.address)

    @view("kept(address)", "uint256")
    def kept_of(self, user: str) -> int:
        """What was taken down."""
        return int(self.kept[user])


class Jar(ForeignContract):
    """Keeps only what a file can hold."""

    KIND = "Jar"

    def __init__(self, chain: Any, at: str, label: str) -> None:
        super().__init__(chain, at)
        self.label, self.flags, self.rule = label, (True, None, b"\x00\xff", ("nested", 7)), agree
        self.kept = self.ledger(0)

    @external("put(uint256)")
    def put(self, amount: int, *, sender: str) -> None:
        """Take a number down."""
        self.kept[sender] += amount


def agree(*_: Any) -> bool:
    """Agree to a flash loan."""
    return True


def supply_again(assets: list[str], amounts: list[int], *_: Any, market: Market) -> bool:
    """Supply what was lent and take it back, on the market of the loan."""
    borrower = market.pool.address and named("receiver")
    market.pool.supply(assets[0], amounts[0], borrower, 0, sender=borrower)
    market.pool.withdraw(assets[0], amounts[0] - 2, borrower, sender=borrower)
    return True


def named(name: str) -> str:
    """The address of somebody with a name."""
    from pooltwin.protocol import named_address

    return named_address(name)


def health_of(market: Market) -> dict[str, int]:
    """Health factors of everybody: work for another process."""
    market.chain.advance(1)
    return market.health_factors()


def supplied(market: Market) -> Any:
    """Supply in another process. Returns the receipt and the market."""
    from .worlds import ALICE

    market.pool.supply(market.asset("WETH"), 10**18, sender=ALICE)
    return market.chain.receipt, market
