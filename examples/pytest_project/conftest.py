"""Which market the project is tested on, and who lends there."""

import pytest
from pooltwin.invariants import standard_config
from pooltwin.protocol import Market, MarketConfig, named_address


@pytest.fixture
def pooltwin_config() -> MarketConfig:
    """Overrides the plugin's fixture."""
    return standard_config("3.7")


@pytest.fixture
def alice(pooltwin_market: Market) -> str:
    """Somebody with a million of WETH, in a market where others lend."""
    lender, who = named_address("lender"), named_address("alice")
    for symbol in ("WETH", "USDC"):
        amount = 10**6 * 10 ** pooltwin_market.erc20(symbol).token_decimals
        pooltwin_market.fund(symbol, lender, amount)
        pooltwin_market.fund(symbol, who, amount)
        pooltwin_market.pool.supply(pooltwin_market.asset(symbol), amount, lender, 0, sender=lender)
    return who
