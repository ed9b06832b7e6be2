"""Gateway between ether and its reserve as it was in v3.2. Solidity: `WrappedTokenGatewayV3`, v3.2."""

from __future__ import annotations

from typing import ClassVar

from ...address import Address
from ...contracts.periphery.ui_pool_data_provider import RESERVE_DATA
from ...contracts.periphery.wrapped_token_gateway import PERMIT, WrappedTokenGateway


class WrappedTokenGatewayV32(WrappedTokenGateway):
    """Insists on a good permit, and tells neither pool nor token by their names."""

    ABSENT: ClassVar[tuple[str, ...]] = ("WETH()", "POOL()")
    __slots__ = ()

    def a_token(self) -> Address:
        """The aToken of wrapped ether."""
        token: Address = self.ask(self.pool, "getReserveData(address)", f"({RESERVE_DATA})", self.weth)[8]
        return token

    def debt_token(self) -> Address:
        """The debt token of wrapped ether."""
        token: Address = self.ask(self.pool, "getReserveData(address)", f"({RESERVE_DATA})", self.weth)[10]
        return token

    def permit(self, a_token: Address, owner: Address, amount: int, deadline: int, v: int, r: bytes, s: bytes) -> None:
        """Use the signature, which must be good."""
        self.tell(a_token, PERMIT, owner, self.address, amount, deadline, v, r, s)
