"""Balances of users in many tokens at once. Solidity: `WalletBalanceProvider`."""

from __future__ import annotations

from ...address import Address
from ...errors import ErrorString
from ...machine.function import view
from ...state import bitmaps
from .asking import Asking

ETHER = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
"""The address that stands for ether, which is no token."""


class WalletBalanceProvider(Asking):
    """Views only."""

    KIND = "WalletBalanceProvider"
    __slots__ = ()

    def balance_in(self, user: Address, token: Address) -> int:
        """A user's balance, of ether too. Raises a string error for what is no contract."""
        if token == ETHER:
            return self.chain.balances[user]
        if self.chain.contracts[token] is None:
            raise ErrorString("INVALID_TOKEN")
        balance: int = self.ask(token, "balanceOf(address)", "uint256", user)
        return balance

    @view("balanceOf(address,address)", "uint256")
    def balance_of(self, user: Address, token: Address) -> int:
        """A user's balance of a token, or of ether. Raises a string error for what is no contract."""
        return self.balance_in(user, token)

    @view("batchBalanceOf(address[],address[])", "uint256[]", lazy={0: (), 1: ()})
    def batch_balance_of(self, users: list[Address], tokens: list[Address]) -> list[int]:
        """The balances of each user in turn, in each token."""
        wanted = range(len(tokens))
        return [self.balance_in(users[number], tokens[at]) for number in range(len(users)) for at in wanted]

    @view("getUserWalletBalances(address,address)", "address[],uint256[]")
    def get_user_wallet_balances(self, provider: Address, user: Address) -> tuple[list[Address], list[int]]:
        """The listed assets and ether at last, and what the user holds of each; nothing of an inactive asset."""
        pool = self.ask(provider, "getPool()", "address")
        assets: list[Address] = self.ask(pool, "getReservesList()", "address[]")
        balances = []
        for asset in assets:
            (configuration,) = self.ask(pool, "getConfiguration(address)", "(uint256)", asset)
            balances.append(self.balance_in(user, asset) if bitmaps.is_active(configuration) else 0)
        return [*assets, ETHER], [*balances, self.chain.balances[user]]
