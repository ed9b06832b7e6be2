"""A router: a contract that opens a position for whoever calls it, in one transaction, by a delegation of credit."""

import sys
from typing import Any

from pooltwin.invariants import Monitor, all_laws, standard_config
from pooltwin.protocol import (
    MAX_UINT256,
    Address,
    Chain,
    ForeignContract,
    Market,
    Revert,
    external,
    named_address,
)

UNIT, ETHER, VARIABLE = 10**6, 10**18, 2


class Router(ForeignContract):
    """Supplies and borrows for the sender; nothing is left with it."""

    KIND = "Router"

    def __init__(self, chain: Chain, at: Address, market: Market) -> None:
        super().__init__(chain, at)
        self.pool = market.pool.address

    @external("open(address,uint256,address,uint256)")
    def open(self, collateral: Address, amount: int, debt: Address, borrowed: int, *, sender: Address) -> None:
        """Supply the sender's tokens for the sender, and borrow on the sender's credit."""
        pool: Any = self.chain.at(self.pool)
        token: Any = self.chain.at(collateral)
        token.transfer_from(sender, self.address, amount, sender=self.address)
        token.approve(self.pool, amount, sender=self.address)
        pool.supply(collateral, amount, sender, 0, sender=self.address)
        pool.borrow(debt, borrowed, VARIABLE, 0, sender, sender=self.address)
        self.chain.at(debt).transfer(sender, borrowed, sender=self.address)

    @external("openAsMuchAsGoes(address,uint256,address,uint256)", "uint256")
    def open_as_much_as_goes(
        self, collateral: Address, amount: int, debt: Address, wanted: int, *, sender: Address
    ) -> int:
        """Open a position, with half as much debt as long as the pool refuses. Returns what was borrowed."""
        while wanted:
            try:
                self.open(collateral, amount, debt, wanted, sender=sender)
            except Revert:  # the attempt is undone, the transaction goes on
                wanted //= 2
            else:
                return wanted
        return 0


def main() -> None:
    """Open two positions, with every law watching what happens inside."""
    market = Market.deploy(standard_config(sys.argv[1] if len(sys.argv) > 1 else "3.7"))
    pool, weth, usdc = market.pool, market.asset("WETH"), market.asset("USDC")
    lender, alice, bob = (named_address(name) for name in ("lender", "alice", "bob"))
    names = {lender: "lender", alice: "alice", bob: "bob"}
    router: Router = market.chain.deploy(lambda chain, at: Router(chain, at, market), named_address("router"))
    market.fund("USDC", lender, 10**6 * UNIT)
    for who in (alice, bob):
        market.fund("WETH", who, 10 * ETHER)
        market.erc20("WETH").approve(router.address, MAX_UINT256, sender=who)
        market.debt_token("USDC").approve_delegation(router.address, MAX_UINT256, sender=who)

    with Monitor(market, all_laws(), names=names) as monitor:
        pool.supply(usdc, 10**6 * UNIT, sender=lender)
        router.open(weth, 10 * ETHER, usdc, 15_000 * UNIT, sender=alice)
        print("alice owes", market.debt_token("USDC").balance_of(alice))
        print("bob borrowed", router.open_as_much_as_goes(weth, 10 * ETHER, usdc, 10**5 * UNIT, sender=bob))
    counts = monitor.exercised()
    print("borrows judged by HF-6:", counts.get("HF-6", "none on this release"))
    print("laws put to the test:", sum(1 for count in counts.values() if count), "and broken: none")


if __name__ == "__main__":
    main()
