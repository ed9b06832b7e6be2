"""A leverage loop: a contract that supplies, borrows and buys more of what it supplied, again and again, at once."""

import sys
from typing import Any

from pooltwin.invariants import Monitor, all_laws, standard_config
from pooltwin.protocol import MAX_UINT256, Address, Chain, ForeignContract, Market, external, named_address

ETHER, VARIABLE, CORRELATED = 10**18, 2, 1


class Exchange(ForeignContract):
    """Exchanges two tokens of 18 decimals at the oracle's prices, less 0.1 per cent."""

    KIND = "Exchange"

    def __init__(self, chain: Chain, at: Address, market: Market) -> None:
        super().__init__(chain, at)
        self.oracle = market.oracle.address

    @external("sell(address,uint256,address)", "uint256")
    def sell(self, sold: Address, amount: int, bought: Address, *, sender: Address) -> int:
        """Take an amount from the sender, who has approved it, and pay for it in the other token."""
        oracle: Any = self.chain.at(self.oracle)
        paid = int(amount * oracle.get_asset_price(sold) * 999 // (1_000 * oracle.get_asset_price(bought)))
        self.chain.at(sold).transfer_from(sender, self.address, amount, sender=self.address)
        self.chain.at(bought).transfer(sender, paid, sender=self.address)
        return paid


class LeverageLoop(ForeignContract):
    """Holds one position, staked ether against ether, of whoever made it."""

    KIND = "LeverageLoop"

    def __init__(self, chain: Chain, at: Address, market: Market, exchange: Address) -> None:
        super().__init__(chain, at)
        self.pool = market.pool.address
        self.exchange = exchange
        self.staked, self.ether = market.asset("WSTETH"), market.asset("WETH")

    @external("wind(uint256,uint256)")
    def wind(self, amount: int, turns: int, *, sender: Address) -> None:
        """Take an amount of staked ether from the sender and wind it up, in the e-mode of both assets."""
        pool: Any = self.chain.at(self.pool)
        staked, ether = self.chain.at(self.staked), self.chain.at(self.ether)
        staked.transfer_from(sender, self.address, amount, sender=self.address)
        for token, spender in ((staked, self.pool), (ether, self.pool), (ether, self.exchange)):
            token.approve(spender, MAX_UINT256, sender=self.address)
        pool.set_user_e_mode(CORRELATED, sender=self.address)
        for _ in range(turns):
            pool.supply(self.staked, amount, self.address, 0, sender=self.address)
            base = pool.get_user_account_data(self.address).available_borrows_base
            borrowed = base * ETHER // self._price_of_ether() * 99 // 100
            pool.borrow(self.ether, borrowed, VARIABLE, 0, self.address, sender=self.address)
            amount = self.chain.at(self.exchange).sell(self.ether, borrowed, self.staked, sender=self.address)
        pool.supply(self.staked, amount, self.address, 0, sender=self.address)

    def _price_of_ether(self) -> int:
        exchange: Any = self.chain.at(self.exchange)
        price: int = self.chain.at(exchange.oracle).get_asset_price(self.ether)
        return price


def main() -> None:
    """Wind a position up in one transaction, and let time pass, with every law watching."""
    market = Market.deploy(standard_config(sys.argv[1] if len(sys.argv) > 1 else "3.7"))
    lender, alice = named_address("lender"), named_address("alice")
    place, put = named_address, market.chain.deploy
    exchange: Exchange = put(lambda chain, at: Exchange(chain, at, market), place("exchange"))
    loop: LeverageLoop = put(lambda chain, at: LeverageLoop(chain, at, market, exchange.address), place("loop"))
    market.fund("WETH", lender, 10_000 * ETHER)
    for who in (alice, exchange.address):
        market.fund("WSTETH", who, 1_000 * ETHER)
    market.erc20("WSTETH").approve(loop.address, MAX_UINT256, sender=alice)

    with Monitor(market, all_laws(), names={lender: "lender", alice: "alice"}) as monitor:
        market.pool.supply(market.asset("WETH"), 10_000 * ETHER, sender=lender)
        loop.wind(100 * ETHER, 5, sender=alice)
        market.chain.advance(30 * 86_400)
        account = market.pool.get_user_account_data(loop.address)
        print("collateral", account.total_collateral_base, "debt", account.total_debt_base)
        print("health factor", account.health_factor)
    counts = monitor.exercised()
    print("operations judged by SOL-16:", counts["SOL-16"], "in", monitor.steps, "steps")
    print("laws put to the test:", sum(1 for count in counts.values() if count), "and broken: none")


if __name__ == "__main__":
    main()
