"""A liquidation bot: it borrows the debt in a flash loan, liquidates, sells the collateral and keeps the difference."""

import sys
from typing import Any

from pooltwin.invariants import Monitor, all_laws, standard_config
from pooltwin.protocol import MAX_UINT256, Address, Chain, EmptyRevert, ForeignContract, Market, external, named_address

UNIT, ETHER, DOLLAR, VARIABLE = 10**6, 10**18, 10**8, 2


class Exchange(ForeignContract):
    """Sells tokens at the oracle's prices, less one per cent."""

    KIND = "Exchange"

    def __init__(self, chain: Chain, at: Address, market: Market) -> None:
        super().__init__(chain, at)
        self.oracle = market.oracle.address

    @external("sell(address,uint256,address)", "uint256")
    def sell(self, sold: Address, amount: int, bought: Address, *, sender: Address) -> int:
        """Take an amount from the sender, who has approved it, and pay for it in the other token."""
        oracle: Any = self.chain.at(self.oracle)
        units = [10 ** self.chain.at(token).decimals() for token in (sold, bought)]
        value = amount * oracle.get_asset_price(sold) * units[1]
        paid = int(value * 99 // (100 * units[0] * oracle.get_asset_price(bought)))
        self.chain.at(sold).transfer_from(sender, self.address, amount, sender=self.address)
        self.chain.at(bought).transfer(sender, paid, sender=self.address)
        return paid


class LiquidationBot(ForeignContract):
    """Needs no money of its own: what it pays with is lent to it until the end of the transaction."""

    KIND = "LiquidationBot"

    def __init__(self, chain: Chain, at: Address, market: Market, exchange: Address) -> None:
        super().__init__(chain, at)
        self.pool = market.pool.address
        self.exchange = exchange

    @external("liquidate(address,address,address,uint256)", "uint256")
    def liquidate(self, collateral: Address, debt: Address, user: Address, amount: int, *, sender: Address) -> int:
        """Liquidate a user, and send what is gained to the sender."""
        pool, token = self.chain.at(self.pool), self.chain.at(debt)
        target = bytes.fromhex(collateral[2:] + user[2:])
        token.approve(self.pool, MAX_UINT256, sender=self.address)
        pool.flash_loan_simple(self.address, debt, amount, target, 0, sender=self.address)
        gain: int = token.balance_of(self.address)
        token.transfer(sender, gain, sender=self.address)
        return gain

    def on_flash_loan_simple(
        self, pool: Address, asset: Address, amount: int, premium: int, initiator: Address, params: bytes
    ) -> bool:
        """Liquidate with what was lent, and sell what was seized; the pool takes the loan back itself."""
        if pool != self.pool or initiator != self.address:
            raise EmptyRevert("a loan that nobody here asked for")
        collateral, user = f"0x{params[:20].hex()}", f"0x{params[20:].hex()}"
        seized: Any = self.chain.at(collateral)
        self.chain.at(pool).liquidation_call(collateral, asset, user, amount, False, sender=self.address)
        taken = seized.balance_of(self.address)
        seized.approve(self.exchange, taken, sender=self.address)
        paid = self.chain.at(self.exchange).sell(collateral, taken, asset, sender=self.address)
        return bool(paid > amount + premium)


def main() -> None:
    """Let the price fall and the bot act, with every law watching."""
    market = Market.deploy(standard_config(sys.argv[1] if len(sys.argv) > 1 else "3.7"))
    pool, weth, usdc = market.pool, market.asset("WETH"), market.asset("USDC")
    lender, alice, owner = (named_address(name) for name in ("lender", "alice", "owner"))
    names = {lender: "lender", alice: "alice", owner: "owner"}
    place, put = named_address, market.chain.deploy
    exchange: Exchange = put(lambda chain, at: Exchange(chain, at, market), place("exchange"))
    bot: LiquidationBot = put(lambda chain, at: LiquidationBot(chain, at, market, exchange.address), place("bot"))
    for who in (lender, exchange.address):
        market.fund("USDC", who, 10**6 * UNIT)
    market.fund("WETH", alice, 10 * ETHER)

    with Monitor(market, all_laws(), names=names) as monitor:
        pool.supply(usdc, 10**6 * UNIT, sender=lender)
        pool.supply(weth, 10 * ETHER, sender=alice)
        pool.borrow(usdc, 15_000 * UNIT, sender=alice)
        market.set_price("WETH", 1_750 * DOLLAR)
        print("alice's health factor is", pool.get_user_account_data(alice).health_factor)
        print("the owner gained", bot.liquidate(weth, usdc, alice, 7_500 * UNIT, sender=owner))
        print("alice owes", market.debt_token("USDC").balance_of(alice))
    counts = monitor.exercised()
    print("liquidations judged by LIQ-1:", counts.get("LIQ-1", "none on this release"))
    print("laws put to the test:", sum(1 for count in counts.values() if count), "and broken: none")


if __name__ == "__main__":
    main()
