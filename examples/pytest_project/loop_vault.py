"""The project under test: a vault that loops a deposit through a lending pool."""

from pooltwin.protocol import Address, Market

LOOPS = 3


class LoopVault:
    """Supplies an asset, borrows the same asset against it, and supplies that again."""

    def __init__(self, market: Market, symbol: str, owner: Address) -> None:
        self.market = market
        self.asset = market.asset(symbol)
        self.symbol = symbol
        self.owner = owner

    def open(self, amount: int) -> None:
        """Lever `amount` up, half of the credit at a time."""
        pool = self.market.pool
        pool.supply(self.asset, amount, self.owner, 0, sender=self.owner)
        for _ in range(LOOPS):
            credit = pool.get_user_account_data(self.owner).available_borrows_base
            unit = 10 ** self.market.erc20(self.symbol).token_decimals
            part = credit * unit // self.market.oracle.price_of(self.asset) // 2
            pool.borrow(self.asset, part, sender=self.owner)
            pool.supply(self.asset, part, self.owner, 0, sender=self.owner)

    def close(self) -> None:
        """Repay with what is supplied, then take the rest out."""
        everything = 2**256 - 1
        self.market.pool.repay_with_a_tokens(self.asset, everything, sender=self.owner)
        self.market.pool.withdraw(self.asset, everything, sender=self.owner)
