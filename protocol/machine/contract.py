"""What every contract shares: an address, declared storage and a table of its functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ..address import Address
from ..errors import EmptyRevert
from ..state.dump import dump_field
from ..state.storage import Journal, Ledger, Record, RecordMap
from .function import Function

if TYPE_CHECKING:
    from ..chain import Chain


class NoSuchFunction(EmptyRevert, AttributeError):  # noqa: N818 - a revert, not an error of ours
    """A call to a contract that has no such function: to the caller, a revert without data."""


class _Mapping:
    """A mapping as the default of a storage variable."""

    def __init__(self, make: Callable[[Journal], Any]) -> None:
        self.make = make


def ledger_of(default: Any) -> Any:
    """A storage variable that is a mapping to plain values."""
    return _Mapping(lambda journal: Ledger(journal, default))


def records_of(record: Callable[[Journal], Record]) -> Any:
    """A storage variable that is a mapping to structs."""
    return _Mapping(lambda journal: RecordMap(journal, record))


def _absent(name: str) -> Callable[..., Any]:
    def call(self: Contract, *_: Any, **__: Any) -> Any:
        raise NoSuchFunction(f"{self.KIND} of revision {self.chain.revision.name} has no function {name}")

    return call


class Contract(Record):
    """Something with an address. Subclasses declare their storage and their functions.

    `KIND` is the name of the Solidity source, `CODE` that of one release's code where the releases differ.
    `STORAGE` names the storage variables with their defaults; `ledger_of` and `records_of` stand for mappings.
    `IMMUTABLES` are constructor arguments kept in the code. `ABSENT` are the signatures of inherited functions that the
    contract does not have. Contracts name each other by address only, so that a fork
    never shares an object with its origin.
    """

    __slots__ = ("address", "chain")
    KIND: ClassVar[str] = "Contract"
    CODE: ClassVar[str] = ""
    STORAGE: ClassVar[dict[str, Any]] = {}
    IMMUTABLES: ClassVar[tuple[str, ...]] = ()
    ABSENT: ClassVar[tuple[str, ...]] = ()
    functions: ClassVar[dict[bytes, list[tuple[Function, str]]]] = {}  # with the features they need

    chain: Chain
    address: Address

    def __init_subclass__(cls) -> None:
        table: dict[bytes, list[tuple[Function, str]]] = {}
        for name in dir(cls):
            if not name.startswith("_"):
                member = getattr(cls, name)
                functions = getattr(member, "contract_functions", ())
                present = [entry for entry in functions if entry[0].signature not in cls.ABSENT]
                if functions and not present:
                    setattr(cls, name, _absent(name))
                for function, feature in present:
                    table.setdefault(function.selector, []).append((function, feature))
        cls.functions = table

    def __init__(self, chain: Chain, at: Address) -> None:
        self.attach(chain.journal)
        self.initialise(chain=chain, address=at)
        for name, default in self.STORAGE.items():
            self.initialise(**{name: default.make(chain.journal) if isinstance(default, _Mapping) else default})

    @classmethod
    def code(cls) -> str:
        """Which code this is: what saved states and raw storage tell apart, after an upgrade too."""
        return cls.CODE or cls.KIND

    @classmethod
    def blank(cls, chain: Chain, at: Address) -> Self:
        """A contract with default storage and no immutables, to be filled from a file."""
        contract = cls.__new__(cls)
        Contract.__init__(contract, chain, at)
        return contract

    def copy_to(self, chain: Chain) -> Self:
        """The same contract on another chain, sharing nothing that can change."""
        copy = type(self).blank(chain, self.address)
        for name in self.stored_names():
            value = getattr(self, name)
            copy.initialise(**{name: value.copy_to(chain.journal) if isinstance(value, Ledger | RecordMap) else value})
        return copy

    @classmethod
    def stored_names(cls) -> tuple[str, ...]:
        """Immutables and storage variables, in order."""
        return (*cls.IMMUTABLES, *cls.STORAGE)

    def dump(self) -> dict[str, Any]:
        """Everything stored, as canonical JSON data."""
        return {name: dump_field(getattr(self, name)) for name in self.stored_names()}

    def after_load(self) -> None:
        """Turn what JSON could not tell apart back into what the contract works with."""

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self), name):
            raise AttributeError(f"{type(self).__name__}.{name} was read before it was set")
        raise NoSuchFunction(f"{type(self).__name__} has no function {name}")

    def __repr__(self) -> str:
        return f"<{self.KIND} at {self.address}>"

    def immutables(self) -> dict[str, Any]:
        """Constructor arguments kept in the code."""
        return {name: getattr(self, name) for name in self.IMMUTABLES}

    def emit(self, event: Any) -> None:
        """Log an event from this contract's address."""
        self.chain.logs.append((self.address, event))

    def find(self, data: bytes) -> Function:
        """The function a piece of calldata names. Raises an empty revert when this contract has none."""
        for function, feature in self.functions.get(data[:4], ()):
            if not feature or self.has_feature(feature):
                return function
        raise NoSuchFunction(f"{self.KIND} of revision {self.chain.revision.name} has no function 0x{data[:4].hex()}")

    def has_feature(self, feature: str) -> bool:
        """Has the chain's revision every one of the features, and (with `!` in front) lacks it?"""
        return self.chain.revision.has(feature)

    def require_feature(self, feature: str) -> None:
        """Raises NoSuchFunction when the chain's revision lacks a feature (or, with `!` in front, has it)."""
        if not self.has_feature(feature):
            raise NoSuchFunction(f"revision {self.chain.revision.name} has no such function")

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        """Which function a raw call means, and its arguments."""
        function = self.find(data)
        if self.chain.value and not function.payable:
            raise EmptyRevert("the function takes no ether")
        return function, function.decode(data[4:])
