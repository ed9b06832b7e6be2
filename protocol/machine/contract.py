"""The common ground of every contract: an address, declared storage and a table of its functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from copy import deepcopy
from typing import Any, ClassVar, Self

from ..address import Address
from ..errors import EmptyRevert
from ..state.dump import dump_field
from ..state.storage import Journal, Ledger, Record, RecordMap
from .code import Host
from .function import Function
from .portable import refuse_unknown_class
from .scripts import Part
from .spelling import asked_by_a_contract, did_you_mean, is_released


class NoSuchFunction(EmptyRevert, AttributeError):  # noqa: N818 - a revert, not an error of ours
    """A call to a contract that has no such function: to the caller, a revert without data.

    That is: calldata, a call by another contract, and a typed call of what some other release has. A typed call of a
    name that no release has is a misspelling, and a plain AttributeError.
    """

    name = ""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        AttributeError.__init__(self, reason, name="")  # else Python fills in the name of the attribute


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
        raise self._no_function(name)

    return call


class Contract(Record):
    """Something with an address. Subclasses declare their storage and their functions.

    `KIND` is the name of the Solidity source, `CODE` that of one release's code where the releases differ.
    `STORAGE` names the storage variables with their defaults; `ledger_of` and `records_of` stand for mappings.
    `IMMUTABLES` are constructor arguments kept in the code. `ASSUMED` are the fields that a dump leaves out as long as
    they are what `assumed` says. `ABSENT` are the signatures of inherited functions that the
    contract and what is derived from it do not have. `LAYOUT` says where the EVM keeps its storage
    (`evm_storage.layout.Layout`), for a class of which no release's table does. Contracts name each other by address
    only, so that a fork never shares an object with its origin.
    """

    __slots__ = ("address", "chain")
    KIND: ClassVar[str] = "Contract"
    CODE: ClassVar[str] = ""
    STORAGE: ClassVar[dict[str, Any]] = {}
    IMMUTABLES: ClassVar[tuple[str, ...]] = ()
    ABSENT: ClassVar[tuple[str, ...]] = ()
    ASSUMED: ClassVar[tuple[str, ...]] = ()
    PART: ClassVar[Part | None] = None
    """What it does on a chain of bytecode, where it is Python only."""
    LAYOUT: ClassVar[tuple[Any, ...] | None] = None
    functions: ClassVar[dict[bytes, Function]] = {}

    chain: Host
    address: Address

    def __init_subclass__(cls) -> None:
        absent = cls.__dict__.get("ABSENT", ())
        table: dict[bytes, Function] = {}
        for name in dir(cls):
            functions = () if name.startswith("_") else getattr(getattr(cls, name), "contract_functions", ())
            present = [function for function in functions if function.signature not in absent]
            if functions and not present:
                setattr(cls, name, _absent(name))
            table.update({function.selector: function for function in present})
        cls.functions = table

    def __init__(self, chain: Host, at: Address) -> None:
        self.attach(chain.journal)
        self.initialise(chain=chain, address=at)
        self.begin_storage(self.STORAGE)

    def begin_storage(self, names: Iterable[str]) -> None:
        """Give storage variables their defaults."""
        journal = self.chain.journal
        for name in names:
            default = self.STORAGE[name]
            self.initialise(**{name: default.make(journal) if isinstance(default, _Mapping) else default})

    @classmethod
    def code(cls) -> str:
        """Which code this is: what saved states and raw storage tell apart, after an upgrade too."""
        return cls.CODE or cls.KIND

    @classmethod
    def blank(cls, chain: Host, at: Address) -> Self:
        """A contract with default storage and no immutables, to be filled from a file."""
        contract = cls.__new__(cls)
        Contract.__init__(contract, chain, at)
        return contract

    def copy_to(self, chain: Host) -> Self:
        """The same contract on another chain, sharing nothing that can change."""
        copy = type(self).blank(chain, self.address)
        for name in self.stored_names():
            value = getattr(self, name)
            copy.initialise(**{name: value.copy_to(chain.journal) if isinstance(value, Ledger | RecordMap) else value})
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """The contract at the same address of a copy of the chain."""
        return deepcopy(self.chain, memo).contracts[self.address]

    def __reduce__(self) -> tuple[Any, ...]:
        refuse_unknown_class(self)
        fields = {name: getattr(self, name) for name in self.stored_names()}
        return _blank, (type(self),), (self.chain.journal, self.chain, self.address, fields)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        journal, chain, where, fields = state
        self.attach(journal)
        self.initialise(chain=chain, address=where, **fields)

    def hand_on(self, copy: Any, memo: dict[int, Any]) -> None:
        """Give a copy on another chain what is not stored; nothing, but for contracts of one's own."""

    @classmethod
    def stored_names(cls) -> tuple[str, ...]:
        """Immutables and storage variables, in order."""
        return (*cls.IMMUTABLES, *cls.STORAGE)

    def dump(self) -> dict[str, Any]:
        """Everything stored, as canonical JSON data."""
        fields = {name: dump_field(getattr(self, name)) for name in self.stored_names()}
        for name in self.ASSUMED:
            if getattr(self, name) == self.assumed(name):
                del fields[name]
        return fields

    def assumed(self, name: str) -> Any:
        """What a field is where nothing is said about it: the other fields have to be there already."""
        raise NotImplementedError(f"{type(self).__name__} assumes nothing of {name}")

    def assume(self, known: Collection[str]) -> None:
        """Fill in the fields that are not known."""
        for name in self.ASSUMED:
            if name not in known:
                self.initialise(**{name: self.assumed(name)})

    def after_load(self) -> None:
        """Turn what JSON could not tell apart back into what the contract works with."""

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self), name):
            raise AttributeError(f"{type(self).__name__}.{name} was read before it was set")
        if name.startswith("_"):
            raise AttributeError(f"{self.KIND} has no {name}", name=name)
        if is_released(self.KIND, name) or asked_by_a_contract(name, self.chain.depth):
            raise self._no_function(name)
        python = self.function_names()
        solidity = {function.name: python[selector] for selector, function in self.functions.items()}
        meant = did_you_mean(name, {*python.values(), *self.stored_names()}, solidity)
        # Python would guess once more, among all attributes, if it had to fill in the name itself.
        raise AttributeError(f"{self._lacks(name)}{meant}", name=name)

    def _no_function(self, name: str) -> NoSuchFunction:
        return NoSuchFunction(self._lacks(name))

    def _lacks(self, name: str) -> str:
        return f"{self.KIND} of revision {self.chain.revision.name} has no function {name}"

    @classmethod
    def function_names(cls) -> dict[bytes, str]:
        """The Python name of each function, by selector."""
        members = {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}
        return {
            function.selector: name
            for name, member in members.items()
            for function in getattr(member, "contract_functions", ())
        }

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
        function = self.functions.get(data[:4])
        if function is None:
            raise self._no_function(f"0x{data[:4].hex()}")
        return function

    def follow(self, old: Any, new: Any) -> None:
        """Take over the code that another record has for a contract of this kind, if the storage means the same in it.

        `old` and `new` are the records (`logic.terms.Revision`). Code of a fork that stores more than its parent's, or
        less, keeps what both know. Whatever else has a code name of its own, such as a test token, stays what it was.
        """
        cls = type(self)
        successor = new.contracts.get(self.KIND)
        if successor is None or successor is cls or old.contracts.get(self.KIND) is not cls:
            return
        if self.KIND in old.own_kinds | new.own_kinds:
            self.chain.contracts[self.address] = self.renewed_as(successor)
        elif successor.code() == cls.code():
            self.chain.journal.entries.append((self, "__class__", cls))
            self.restore("__class__", successor)

    def renewed_as(self, cls: type[Contract]) -> Contract:
        """The same contract with code of another class, keeping everything stored that the class still knows."""
        new = cls.blank(self.chain, self.address)
        known = set(self.stored_names())
        for name in cls.stored_names():
            if name not in known:
                continue
            value = getattr(self, name)
            if isinstance(value, RecordMap):
                _carry_over(value, getattr(new, name))
            else:
                kept = value.copy_to(self.chain.journal) if isinstance(value, Ledger) else value
                new.initialise(**{name: kept})
        return new

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        """Which function a raw call means, and its arguments."""
        function = self.find(data)
        if self.chain.value and not function.payable:
            raise EmptyRevert("the function takes no ether")
        return function, function.decode(data[4:])


def _blank(cls: type[Contract]) -> Contract:
    return cls.__new__(cls)


def _carry_over(old: RecordMap[Any, Record], new: RecordMap[Any, Record]) -> None:
    for key, record in old.items():
        fields = new[key].FIELDS
        new[key].initialise(**{name: getattr(record, name) for name in fields})
