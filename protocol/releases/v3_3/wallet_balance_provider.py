"""Balances of users as v3.3 told them, by a contract that takes ether. Solidity: `WalletBalanceProvider`, v3.3."""

from __future__ import annotations

from typing import Any

from ...address import Address
from ...contracts.periphery.wallet_balance_provider import WalletBalanceProvider
from ...errors import ErrorString
from ...machine.function import Function


class WalletBalanceProviderV33(WalletBalanceProvider):
    """Keeps the ether that contracts send."""

    __slots__ = ()

    def receive(self, *, sender: Address) -> None:
        """Take ether. Raises a string error where no contract sends it."""
        if self.chain.contracts[sender] is None:
            raise ErrorString("22")

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        return (_RECEIVE, []) if not data else super().route(sender, data)


_RECEIVE = Function("receive()", "", WalletBalanceProviderV33.receive, view=False, payable=True)
