"""Questions to a market: which views tell how it stands with reserves and users, and what their words are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pooltwin.protocol.address import Address
from pooltwin.protocol.machine.abi import split_types
from pooltwin.protocol.market import Market

ACCOUNT_DATA = (
    "totalCollateralBase",
    "totalDebtBase",
    "availableBorrowsBase",
    "currentLiquidationThreshold",
    "ltv",
    "healthFactor",
)
OF_A_USER = ("getUserAccountData", "getUserEMode", "getUserConfiguration")
OF_AN_ASSET = (
    "getReserveNormalizedIncome",
    "getReserveNormalizedVariableDebt",
    "getReserveDeficit",
    "getVirtualUnderlyingBalance",
    "getConfiguration",
)
OF_A_TOKEN = ("totalSupply", "scaledTotalSupply")
OF_A_HOLDER = ("balanceOf", "scaledBalanceOf")


class Question(NamedTuple):
    """A static call, in words and as calldata."""

    to: Address
    data: bytes
    told: str
    """As "aWETH.balanceOf(alice)"."""
    fields: tuple[str, ...] = ()
    """Names of the words of the answer, where it has several."""
    is_single: bool = True
    """Is the answer one word, or several that have names? Else it is compared as a whole."""


def questions(market: Market, names: dict[Address, str], users: Iterable[Address]) -> list[Question]:
    """List what is asked of a market: of every reserve, and of every user with every reserve."""
    return list(_Asking(market, names).all_of(list(dict.fromkeys(users))))


class _Asking:
    """Questions in the making."""

    def __init__(self, market: Market, names: dict[Address, str]) -> None:
        self.market = market
        self.names = names

    def all_of(self, users: list[Address]) -> Iterator[Question]:
        """Give all questions, those of users first: they tell most."""
        pool, oracle = self.market.pool, self.market.oracle
        for user in users:
            for name in OF_A_USER:
                yield from self._asked(pool, name, user)
        for asset in self.market.assets.values():
            tokens = self._tokens(asset)
            for user in users:
                for token in tokens[:2]:
                    for name in OF_A_HOLDER:
                        yield from self._asked(token, name, user)
                yield from self._asked(tokens[2], "balanceOf", user)
                yield from self._asked(tokens[0], "allowance", user, pool.address)
            for token in tokens[:2]:
                for name in OF_A_TOKEN:
                    yield from self._asked(token, name)
            yield from self._asked(tokens[2], "balanceOf", tokens[0].address)
            for name in OF_AN_ASSET:
                yield from self._asked(pool, name, asset)
            yield from self._asked(oracle, "getAssetPrice", asset)

    def _tokens(self, asset: Address) -> tuple[Any, Any, Any]:
        reserve, contracts = self.market.pool.reserves[asset], self.market.chain.contracts
        return contracts[reserve.a_token], contracts[reserve.variable_debt_token], contracts[asset]

    def _asked(self, contract: Any, name: str, *arguments: Address) -> Iterator[Question]:
        """Ask a view; nothing where the contract has none of that name."""
        for function in contract.functions.values() if contract is not None else ():
            if function.view and function.name == name and len(function.kinds) == len(arguments):
                shown = ", ".join(self.name_of(argument) for argument in arguments)
                fields = ACCOUNT_DATA if name == "getUserAccountData" else ()
                kinds = split_types(f"({','.join(function.returns)})")
                is_single = bool(fields) or (len(kinds) == 1 and not kinds[0].endswith((")", "]", "string", "bytes")))
                data = function.calldata(list(arguments))
                yield Question(
                    contract.address, data, f"{self.name_of(contract.address)}.{name}({shown})", fields, is_single
                )

    def name_of(self, where: Address) -> str:
        """Name an address."""
        return self.names.get(where, where)
