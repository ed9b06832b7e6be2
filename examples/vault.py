"""A vault: a contract that holds aTokens for people, who hold its shares; the laws judge what it makes the pool do."""

import sys
from typing import Any

from pooltwin.invariants import Monitor, all_laws, standard_config
from pooltwin.protocol import (
    ZERO_ADDRESS,
    Address,
    Chain,
    EmptyRevert,
    ForeignContract,
    Market,
    external,
    named_address,
    view,
)

UNIT = 10**6
VIRTUAL = 1
"""Shares and assets that are counted as if they were there, so that nobody gains by donating to an empty vault."""


class Vault(ForeignContract):
    """Lends what it is given; a share is worth a part of all that it holds, rounded down."""

    KIND = "Vault"

    def __init__(self, chain: Chain, at: Address, market: Market, symbol: str) -> None:
        super().__init__(chain, at)
        self.pool = market.pool.address
        self.asset = market.asset(symbol)
        self.a_token = market.a_token(symbol).address
        self.shares = self.ledger(0)  # kept in a ledger, so that it is undone with everything else

    @view("totalAssets()", "uint256")
    def total_assets(self) -> int:
        """What the vault could withdraw."""
        held: int = self.chain.at(self.a_token).balance_of(self.address)
        return held

    @view("worth(address)", "uint256")
    def worth(self, user: Address) -> int:
        """What a user's shares are worth."""
        total: int = self.shares[ZERO_ADDRESS]
        return int(self.shares[user] * (self.total_assets() + VIRTUAL) // (total + VIRTUAL))

    @external("deposit(uint256)")
    def deposit(self, amount: int, *, sender: Address) -> None:
        """Take tokens from the sender, who has approved them, and supply them for shares."""
        total: int = self.shares[ZERO_ADDRESS]
        shares = amount * (total + VIRTUAL) // (self.total_assets() + VIRTUAL)
        if not shares:
            raise EmptyRevert("too little for a share")
        token: Any = self.chain.at(self.asset)
        token.transfer_from(sender, self.address, amount, sender=self.address)
        token.approve(self.pool, amount, sender=self.address)
        self.chain.at(self.pool).supply(self.asset, amount, self.address, 0, sender=self.address)
        self._move(sender, shares)

    @external("redeem(uint256)", "uint256")
    def redeem(self, shares: int, *, sender: Address) -> int:
        """Give shares back and withdraw their worth to the sender."""
        if shares > self.shares[sender]:
            raise EmptyRevert("more than there are")
        amount = shares * (self.total_assets() + VIRTUAL) // (self.shares[ZERO_ADDRESS] + VIRTUAL)
        self._move(sender, -shares)
        paid: int = self.chain.at(self.pool).withdraw(self.asset, amount, sender, sender=self.address)
        return paid

    def _move(self, user: Address, shares: int) -> None:
        self.shares[user] += shares
        self.shares[ZERO_ADDRESS] += shares  # the total


def main() -> None:
    """Let two people share a vault while somebody borrows, with every law watching."""
    market = Market.deploy(standard_config(sys.argv[1] if len(sys.argv) > 1 else "3.7"))
    pool, token, weth, usdc = market.pool, market.erc20("USDC"), market.asset("WETH"), market.asset("USDC")
    alice, bob, carol = (named_address(name) for name in ("alice", "bob", "carol"))
    vault: Vault = market.chain.deploy(lambda chain, at: Vault(chain, at, market, "USDC"), named_address("vault"))
    for who in (alice, bob):
        market.fund("USDC", who, 1_000_000 * UNIT)
        token.approve(vault.address, 1_000_000 * UNIT, sender=who)
    market.fund("WETH", carol, 10**21)

    with Monitor(market, all_laws(), names={alice: "alice", bob: "bob", carol: "carol"}) as monitor:
        vault.deposit(1_000_000 * UNIT, sender=alice)
        pool.supply(weth, 10**21, sender=carol)
        pool.borrow(usdc, 900_000 * UNIT, sender=carol)
        market.chain.advance(30 * 86_400)
        vault.deposit(1_000_000 * UNIT, sender=bob)
        print("alice's shares are worth", vault.worth(alice), "and bob's", vault.worth(bob))
        paid = vault.redeem(vault.shares[alice], sender=alice)
        print("alice was paid", paid)
    print("laws put to the test:", sum(1 for count in monitor.exercised().values() if count), "and broken: none")


if __name__ == "__main__":
    main()
