"""Many calls in one transaction, by anybody. Solidity: `Multicall3`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...address import Address
from ...errors import ErrorString, NotModelledError, RawRevert, Revert
from ...machine.function import external, view
from ...machine.lazy_calldata import CalldataStruct
from .asking import Asking

REMEMBERED_BLOCKS = 256
FAILED = "Multicall3: call failed"
_UNKNOWN = bytes(32)


class Result(NamedTuple):
    """Success and answer of a call."""

    success: bool
    return_data: bytes


class Call(NamedTuple):
    """A target and calldata."""

    target: Address
    call_data: bytes


class Call3(NamedTuple):
    """A call that may be allowed to fail."""

    target: Address
    allow_failure: bool
    call_data: bytes


class Call3Value(NamedTuple):
    """The same with ether (wei)."""

    target: Address
    allow_failure: bool
    value: int
    call_data: bytes


CALLS = "(address,bytes)[]"
CALLS3 = "(address,bool,bytes)[]"
CALLS3_VALUE = "(address,bool,uint256,bytes)[]"
RESULTS = "(bool,bytes)[]"


class Multicall3(Asking):
    """It is the caller of every call that it makes, and keeps no ether but what is left in it.

    What a block's producer decides is not modelled: fees, difficulty, the hashes of blocks.
    """

    KIND = "Multicall3"
    __slots__ = ()

    def make(self, target: Address, data: bytes, value: int = 0) -> Result:
        """Make one call, whatever comes of it."""
        try:
            return Result(True, self.chain.nested(self.address, target, data, value))
        except Revert as revert:
            return Result(False, revert.data(self.chain.revision.error_style))

    def _try(self, calls: Sequence[Any], require_success: bool) -> list[Result]:
        results = []
        for number in range(len(calls)):
            call = _as(Call, calls[number])
            results.append(self.make(call.target, call.call_data))
            if require_success and not results[-1].success:
                raise ErrorString(FAILED)
        return results

    # --- calls ------------------------------------------------------------------------------------------------------

    @external(f"aggregate({CALLS})", "uint256,bytes[]", payable=True, lazy={0: Call._fields})
    def aggregate(self, calls: list[tuple[Address, bytes]], *, sender: Address) -> tuple[int, list[bytes]]:
        """Make calls that must all succeed. Returns the block's number and their answers."""
        return self.chain.number, [result.return_data for result in self._try(calls, True)]

    @external(f"tryAggregate(bool,{CALLS})", RESULTS, payable=True, lazy={1: Call._fields})
    def try_aggregate(
        self, require_success: bool, calls: list[tuple[Address, bytes]], *, sender: Address
    ) -> list[Result]:
        """Make calls, which must succeed if that is required."""
        return self._try(calls, require_success)

    @external(f"tryBlockAndAggregate(bool,{CALLS})", f"uint256,bytes32,{RESULTS}", payable=True, lazy={1: Call._fields})
    def try_block_and_aggregate(
        self, require_success: bool, calls: list[tuple[Address, bytes]], *, sender: Address
    ) -> tuple[int, bytes, list[Result]]:
        """The same, with the block's number and its hash, which no block knows of itself."""
        return self.chain.number, _UNKNOWN, self._try(calls, require_success)

    @external(f"blockAndAggregate({CALLS})", f"uint256,bytes32,{RESULTS}", payable=True, lazy={0: Call._fields})
    def block_and_aggregate(
        self, calls: list[tuple[Address, bytes]], *, sender: Address
    ) -> tuple[int, bytes, list[Result]]:
        """The same for calls that must all succeed."""
        return self.chain.number, _UNKNOWN, self._try(calls, True)

    @external(f"aggregate3({CALLS3})", RESULTS, payable=True, lazy={0: Call3._fields})
    def aggregate3(self, calls: list[tuple[Address, bool, bytes]], *, sender: Address) -> list[Result]:
        """Make calls of which some may fail. Whatever is not zero allows it."""
        results = []
        for number in range(len(calls)):
            call = _as(Call3, calls[number])
            results.append(self.make(call.target, call.call_data))
            if not (results[-1].success or _allows_failure(call)):
                raise ErrorString(FAILED)
        return results

    @external(f"aggregate3Value({CALLS3_VALUE})", RESULTS, payable=True, lazy={0: Call3Value._fields})
    def aggregate3_value(self, calls: list[tuple[Address, bool, int, bytes]], *, sender: Address) -> list[Result]:
        """The same with ether, which has to add up to what came with the call."""
        results, total, sent = [], 0, self.chain.value
        for number in range(len(calls)):
            call = _as(Call3Value, calls[number])
            value = call.value
            total = (total + value) % 2**256
            results.append(self.make(call.target, call.call_data, value))
            if not (results[-1].success or _allows_failure(call)):
                raise RawRevert(ErrorString(FAILED).data() + bytes(32))  # a word too much, as the contract has it
        if sent != total:
            raise ErrorString("Multicall3: value mismatch")
        return results

    # --- views ------------------------------------------------------------------------------------------------------

    @view("getBlockHash(uint256)", "bytes32")
    def get_block_hash(self, block_number: int) -> bytes:
        """Zero for what is not one of the last 256 blocks. Raises NotModelledError for those."""
        if self.chain.number - REMEMBERED_BLOCKS <= block_number < self.chain.number:
            raise NotModelledError("the hash of a block")
        return _UNKNOWN

    @view("getLastBlockHash()", "bytes32")
    def get_last_block_hash(self) -> bytes:
        """Raises NotModelledError."""
        raise NotModelledError("the hash of a block")

    @view("getBlockNumber()", "uint256")
    def get_block_number(self) -> int:
        """The block's number."""
        return self.chain.number

    @view("getCurrentBlockTimestamp()", "uint256")
    def get_current_block_timestamp(self) -> int:
        """The time."""
        return self.chain.time

    @view("getEthBalance(address)", "uint256")
    def get_eth_balance(self, addr: Address) -> int:
        """An account's ether (wei)."""
        return self.chain.balances[addr]

    @view("getChainId()", "uint256")
    def get_chain_id(self) -> int:
        """The chain's id."""
        return self.chain.chain_id

    @view("getBasefee()", "uint256")
    def get_basefee(self) -> int:
        """Raises NotModelledError."""
        raise NotModelledError("fees")

    @view("getCurrentBlockCoinbase()", "address")
    def get_current_block_coinbase(self) -> Address:
        """Raises NotModelledError."""
        raise NotModelledError("who makes a block")

    @view("getCurrentBlockDifficulty()", "uint256")
    def get_current_block_difficulty(self) -> int:
        """Raises NotModelledError."""
        raise NotModelledError("the difficulty of a block")

    @view("getCurrentBlockGasLimit()", "uint256")
    def get_current_block_gas_limit(self) -> int:
        """Raises NotModelledError."""
        raise NotModelledError("gas")


def _as(kind: Any, entry: Any) -> Any:
    """A call by the names of its members, whether it came in calldata or from Python."""
    return entry if isinstance(entry, CalldataStruct) else kind(*entry)


def _allows_failure(call: Any) -> bool:
    """Whether the word for it is not zero; in calldata nobody looks at it more closely."""
    if isinstance(call, CalldataStruct):
        return call.word(1) != 0
    return bool(call.allow_failure)
