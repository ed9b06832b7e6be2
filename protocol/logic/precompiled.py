"""Precompiled contracts as others take them: for a price feed, an oracle, a token, a registry.

Solidity looks for code before a call only where it expects no answer. Of an answer it takes the beginning, and what is
too short or malformed it refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..address import Address
from ..errors import EmptyRevert
from ..machine.abi import calldata_of, decode_answer
from ..machine.precompiles import answer_of


class PrecompiledContract:
    """The code at one of the addresses 1 to 10. Each method is the call that a contract makes of it.

    All of them raise an empty revert where the precompiled contract fails, or its answer is no value of the type.
    """

    def __init__(self, where: Address) -> None:
        self.address = where

    def __getattr__(self, name: str) -> Any:
        """Raises an empty revert for whatever no precompiled contract answers so that a caller could read it."""
        raise EmptyRevert(f"the precompiled contract {self.address} as something with {name}")

    def ask(self, signature: str, returns: str, *arguments: Any) -> list[Any]:
        """What a caller reads out of the answer to a call."""
        return decode_answer(returns, answer_of(self.address, calldata_of(signature, arguments)))

    @property
    def answer(self) -> int:
        """As a price feed."""
        answer: int = self.ask("latestAnswer()", "int256")[0]
        return answer

    def price_of(self, asset: Address) -> int:
        """As a price oracle."""
        price: int = self.ask("getAssetPrice(address)", "uint256", asset)[0]
        return price

    def balance_of(self, account: Address) -> int:
        """As a token."""
        balance: int = self.ask("balanceOf(address)", "uint256", account)[0]
        return balance

    def a_token_total_supply(self, asset: Address) -> int:
        """As a data provider."""
        supply: int = self.ask("getATokenTotalSupply(address)", "uint256", asset)[0]
        return supply

    def total_debt(self, asset: Address) -> int:
        """As a data provider."""
        debt: int = self.ask("getTotalDebt(address)", "uint256", asset)[0]
        return debt

    @property
    def registered_pool(self) -> Address:
        """As a registry."""
        pool: Address = self.ask("getPool()", "address")[0]
        return pool

    def rates(self, inputs: Sequence[Any]) -> tuple[int, int, int]:
        """As a reserve's rate strategy of v3.0.2."""
        kinds = "(uint256,uint256,uint256,uint256,uint256,uint256,uint256,address,address)"
        liquidity, stable, variable = self.ask(
            f"calculateInterestRates({kinds})", "uint256,uint256,uint256", tuple(inputs)
        )
        return liquidity, stable, variable
