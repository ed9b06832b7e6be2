"""First steps: supply and borrow on a real market, let time pass, let a price fall, liquidate."""

from pooltwin.fixtures import load_market
from pooltwin.protocol import MAX_UINT256, Market, Revert, named_address

USDC_UNIT, WETH_UNIT, DOLLAR = 10**6, 10**18, 10**8


def main() -> None:
    """Tell the story of a borrower, step by step."""
    market = Market.deploy(load_market("ethereum-core-2026-02"))
    pool, weth, usdc = market.pool, market.asset("WETH"), market.asset("USDC")
    lender, alice, bob = (named_address(name) for name in ("lender", "alice", "bob"))

    market.fund("USDC", lender, 1_000_000 * USDC_UNIT)
    pool.supply(usdc, 1_000_000 * USDC_UNIT, sender=lender)
    market.fund("WETH", alice, 10 * WETH_UNIT)
    pool.supply(weth, 10 * WETH_UNIT, sender=alice)
    pool.borrow(usdc, 15_000 * USDC_UNIT, sender=alice)
    print("alice owes", market.debt_token("USDC").balance_of(alice))

    try:
        pool.borrow(usdc, 15_000 * USDC_UNIT, sender=alice)
    except Revert as refused:
        print("no more for her:", refused.describe())

    market.chain.advance(365 * 86_400)
    print("a year later she owes", market.debt_token("USDC").balance_of(alice))

    market.set_price("WETH", 1_700 * DOLLAR)
    print("her health factor falls to", pool.get_user_account_data(alice).health_factor)
    market.fund("USDC", bob, 20_000 * USDC_UNIT)
    pool.liquidation_call(weth, usdc, alice, MAX_UINT256, sender=bob)
    print("bob took", market.erc20("WETH").balance_of(bob), "and she owes", market.debt_token("USDC").balance_of(alice))


if __name__ == "__main__":
    main()
