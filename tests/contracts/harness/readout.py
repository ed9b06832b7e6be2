"""Read-out of a market's full state through the views of the real contracts, in the recordings' format."""

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import decode
from eth_utils.abi import collapse_if_tuple

from .evm import ZERO_ADDRESS, RealChain, calldata

# Fields of `getReserveData` that a state records under the same name.
RESERVE_FIELDS = (
    "liquidityIndex",
    "currentLiquidityRate",
    "variableBorrowIndex",
    "currentVariableBorrowRate",
    "accruedToTreasury",
    "isolationModeTotalDebt",
)


class Reader:
    """Reads views; addresses by the labels of a recording's header."""

    def __init__(self, chain: RealChain, addresses: Mapping[str, str]) -> None:
        self._chain = chain
        self._addresses = addresses
        self._pool_functions = chain.artifacts["PoolInstance"].functions

    def state(self, reserves: Sequence[str], users: Sequence[str]) -> dict[str, Any]:
        """The `state` record at the chain's time: integers as decimal strings, null where a view reverts."""
        return {
            "t": self._chain.timestamp,
            "reserves": {symbol: self._reserve(symbol) for symbol in reserves},
            "users": {user: self._user(user, reserves) for user in users},
        }

    def view(self, label: str, signature: str, *arguments: object) -> bytes | None:
        """Raw return data of a view, None if it reverts."""
        outcome = self._chain.transact(ZERO_ADDRESS, self._addresses[label], calldata(signature, *arguments))
        return outcome.ret if outcome.ok else None

    def number(self, label: str, signature: str, *arguments: object) -> str | None:
        """A view's single unsigned number in decimal, None if it reverts."""
        ret = self.view(label, signature, *arguments)
        return None if ret is None else str(int.from_bytes(ret, "big"))

    def _pool_number(self, signature: str, *arguments: object) -> str | None:
        """Read a number from the pool; "0" for a getter this revision does not have."""
        return self.number("pool", signature, *arguments) if signature in self._pool_functions else "0"

    def _reserve(self, symbol: str) -> dict[str, Any]:
        asset = self._addresses[symbol]
        data = self._reserve_data(asset)
        underlying = self.number(symbol, "balanceOf(address)", self._addresses[f"a{symbol}"])
        virtual = "getVirtualUnderlyingBalance(address)"
        return {
            "configuration": self.number("pool", "getConfiguration(address)", asset),
            **{field: str(data[field]) for field in RESERVE_FIELDS},
            "lastUpdateTimestamp": data["lastUpdateTimestamp"],
            "virtualUnderlyingBalance": self._pool_number(virtual, asset),
            "deficit": self._pool_number("getReserveDeficit(address)", asset),
            "aTokenScaledTotalSupply": self.number(f"a{symbol}", "scaledTotalSupply()"),
            "vTokenScaledTotalSupply": self.number(f"v{symbol}", "scaledTotalSupply()"),
            "aTokenTotalSupply": self.number(f"a{symbol}", "totalSupply()"),
            "vTokenTotalSupply": self.number(f"v{symbol}", "totalSupply()"),
            "underlyingInAToken": underlying,
            "normalizedIncome": self.number("pool", "getReserveNormalizedIncome(address)", asset),
            "normalizedDebt": self.number("pool", "getReserveNormalizedVariableDebt(address)", asset),
        }

    def _reserve_data(self, asset: str) -> dict[str, Any]:
        """The struct `getReserveData` returns, by field name."""
        signature = "getReserveData(address)"
        output = self._pool_functions[signature]["outputs"][0]
        ret = self.view("pool", signature, asset)
        if ret is None:
            raise ValueError(f"{signature} reverted for {asset}, which it never does")
        (values,) = decode([collapse_if_tuple(output)], ret)
        return dict(zip((component["name"] for component in output["components"]), values, strict=True))

    def _user(self, user: str, reserves: Sequence[str]) -> dict[str, Any]:
        account = self.view("pool", "getUserAccountData(address)", user)
        words = None if account is None else [str(word) for word in decode(["uint256"] * 6, account)]
        emode = self.number("pool", "getUserEMode(address)", user)
        return {
            "config": self.number("pool", "getUserConfiguration(address)", user),
            "eMode": None if emode is None else int(emode),
            "account": words,
            "balances": {symbol: self._balances(user, symbol) for symbol in reserves},
        }

    def _balances(self, user: str, symbol: str) -> list[str | None]:
        return [
            self.number(f"a{symbol}", "scaledBalanceOf(address)", user),
            self.number(f"v{symbol}", "scaledBalanceOf(address)", user),
            self.number(symbol, "balanceOf(address)", user),
            self.number(f"a{symbol}", "balanceOf(address)", user),
            self.number(f"v{symbol}", "balanceOf(address)", user),
        ]
