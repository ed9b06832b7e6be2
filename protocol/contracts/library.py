"""Linked libraries. Their rules live in `logic`; called by themselves they refuse to write, and read nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import EmptyRevert, NotModelledError
from ..machine.contract import Contract
from ..machine.function import Function
from ..math.uint import MAX_UINT256

if TYPE_CHECKING:
    from ..chain import Chain

AccountData = tuple[int, int, int, int, int, int]
_SLOTS = "uint256,uint256,uint256,"
"""How a library takes three mappings: by their slots in storage."""
ACCOUNT_DATA = (
    "executeGetUserAccountData(mapping(address => DataTypes.ReserveData) storage,mapping(uint256 => address) storage,"
    "mapping(uint8 => DataTypes.EModeCategory) storage,DataTypes.CalculateUserAccountDataParams)"
)
NOTHING: AccountData = (0, 0, 0, 0, 0, MAX_UINT256)
"""The account of somebody in a market without storage."""


class Library(Contract):
    """A linked library: constants, and one view that finds no market in the library's own storage.

    Whatever else a library has is for contracts that lend it their storage; called otherwise it reverts without data.
    """

    KIND = "Library"
    __slots__ = ()

    chain: Chain

    @property
    def linked_as(self) -> str:
        """Its name, if it was the last of its name to be deployed."""
        return next((name for name, where in self.chain.libraries.items() if where == self.address), "")

    def find(self, data: bytes) -> Function:
        table = self.own_functions()
        function = table.get(self.linked_as, {}).get(data[:4])
        if function is not None:
            return function
        if not self.linked_as and any(data[:4] in functions for functions in table.values()):
            raise NotModelledError("a view of a library that was deployed anew since")
        raise EmptyRevert("a library's function is for contracts that lend it their storage")

    def own_functions(self) -> dict[str, dict[bytes, Function]]:
        """The functions that can be called, by library and selector."""
        release = self.chain.revision
        constants = {
            "CLOSE_FACTOR_HF_THRESHOLD()": release.close_factor_health_factor_threshold,
            "MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD()": release.min_base_for_close_factor,
            "MIN_LEFTOVER_BASE()": release.min_leftover_base,
        }
        return {
            "LiquidationLogic": constants_of(constants),
            "PoolLogic": account_data_of("uint256,address,address,uint8"),
        }


def constants_of(values: dict[str, int]) -> dict[bytes, Function]:
    """Functions that each give a number, by selector."""
    functions = [Function(name, "uint256", _constant(value), view=True) for name, value in values.items()]
    return {function.selector: function for function in functions}


def _constant(value: int) -> Any:
    return lambda _library: value


def account_data_of(parameters: str, body: Any = lambda *_arguments: NOTHING) -> dict[bytes, Function]:
    """The one view; Solidity names its types as no ABI does, so its selector is not that of what is decoded."""
    function = Function(
        f"executeGetUserAccountData({_SLOTS}{parameters})",
        "uint256,uint256,uint256,uint256,uint256,uint256",
        body,
        view=True,
        named="executeGetUserAccountData",
    )
    function.take_selector_of(ACCOUNT_DATA)
    return {function.selector: function}
