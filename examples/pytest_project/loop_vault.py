"""The project under test: a vault, written as a contract, that loops a deposit through a lending pool."""

from typing import Any, Self

from pooltwin.protocol import MAX_UINT256, Address, Chain, ForeignContract, Market, external, named_address

LOOPS, VARIABLE = 3, 2


class LoopVault(ForeignContract):
    """Supplies an asset, borrows the same asset against it, and supplies that again, for one owner."""

    KIND = "LoopVault"

    def __init__(self, chain: Chain, at: Address, market: Market, symbol: str) -> None:
        super().__init__(chain, at)
        self.pool = market.pool.address
        self.oracle = market.oracle.address
        self.asset = market.asset(symbol)

    @classmethod
    def for_owner(cls, market: Market, symbol: str, owner: Address) -> Self:
        """Deploy a vault that may take its owner's tokens."""
        vault: Self = market.chain.deploy(lambda chain, at: cls(chain, at, market, symbol), named_address("vault"))
        market.erc20(symbol).approve(vault.address, MAX_UINT256, sender=owner)
        return vault

    @external("open(uint256)")
    def open(self, amount: int, *, sender: Address) -> None:
        """Lever `amount` up, half of the credit at a time."""
        pool: Any = self.chain.at(self.pool)
        token: Any = self.chain.at(self.asset)
        token.transfer_from(sender, self.address, amount, sender=self.address)
        token.approve(self.pool, MAX_UINT256, sender=self.address)
        pool.supply(self.asset, amount, self.address, 0, sender=self.address)
        for _ in range(LOOPS):
            credit = pool.get_user_account_data(self.address).available_borrows_base
            part = credit * 10 ** token.decimals() // self.chain.at(self.oracle).get_asset_price(self.asset) // 2
            pool.borrow(self.asset, part, VARIABLE, 0, self.address, sender=self.address)
            pool.supply(self.asset, part, self.address, 0, sender=self.address)

    @external("close()")
    def close(self, *, sender: Address) -> None:
        """Repay with what is supplied, then pay the rest out to the sender."""
        pool: Any = self.chain.at(self.pool)
        pool.repay_with_a_tokens(self.asset, MAX_UINT256, VARIABLE, sender=self.address)
        pool.withdraw(self.asset, MAX_UINT256, sender, sender=self.address)

    @external("take(uint256)")
    def take(self, amount: int, *, sender: Address) -> None:
        """Pay a part out to the sender."""
        self.chain.at(self.pool).withdraw(self.asset, amount, sender, sender=self.address)
