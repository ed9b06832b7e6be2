"""What every contract shares: an address, declared storage and a dispatch table from selectors to methods.

A method becomes a contract function by carrying its Solidity signature. It can then be called in two ways that take the
same path: typed, `token.transfer(to, amount, sender=alice)`, and raw, `chain.transact(alice, token.address, calldata)`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, Self, TypeVar

from eth_abi.grammar import ABIType, parse

from ..abi import (
    Decoder,
    calldata_decoder_of,
    coercer_of,
    decode_arguments,
    decoder_of,
    encode_values,
    head_size,
    memory_decoder_of,
    split_types,
)
from ..address import ZERO_ADDRESS, Address, address
from ..errors import EmptyRevert, ErrorString, Revert, selector_of
from ..events import Upgraded
from ..state.dump import dump_field
from ..state.storage import Journal, Ledger, Record, RecordMap

if TYPE_CHECKING:
    from ..chain import Chain

P = ParamSpec("P")
R = TypeVar("R")


SENDER: Address = ""
"""The default of an address argument that means the caller."""


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


IN_MEMORY = ("memory",)
"""In place of field names: a string or bytes parameter that the contract copies to memory at once."""

NOTHING_LAZY: Mapping[int, tuple[str, ...]] = MappingProxyType({})


class Function:
    """One external function: its signature, how to read its calldata and how to write its result."""

    def __init__(
        self,
        signature: str,
        returns: str,
        body: Callable[..., Any],
        *,
        view: bool,
        payable: bool = False,
        lazy: Mapping[int, tuple[str, ...]] = NOTHING_LAZY,
    ) -> None:
        self.signature = signature
        self.selector = selector_of(signature)
        self.name = signature.partition("(")[0]
        self.body = body
        self.view = view
        self.payable = payable
        self.kinds = split_types(signature)
        self.returns = split_types(f"({returns})")
        parsed = [parse(kind) for kind in self.kinds]
        self.coercers = [coercer_of(kind) for kind in parsed]
        self.decoders = []
        at = 0
        for index, kind in enumerate(parsed):
            decoder = self._decoder(kind, lazy.get(index))
            self.decoders.append((decoder, at))
            at += head_size(kind)
        self.head = at

    @staticmethod
    def _decoder(kind: ABIType, where: tuple[str, ...] | None) -> Decoder:
        if where is None:
            return decoder_of(kind)
        return memory_decoder_of(kind) if where == IN_MEMORY else calldata_decoder_of(kind, where)

    def decode(self, data: bytes) -> list[Any]:
        """The arguments in calldata that follows the selector."""
        return decode_arguments(self.decoders, self.head, data)

    def encode_result(self, value: Any) -> bytes:
        """The return data for a Python result."""
        if not self.returns:
            return b""
        return encode_values(self.returns, value if len(self.returns) > 1 else (value,))

    def calldata(self, arguments: Sequence[Any]) -> bytes:
        """Selector and encoded arguments: what a raw call would send."""
        return self.selector + encode_values(self.kinds, arguments)


def _parameter_names(method: Callable[..., Any]) -> tuple[list[str], list[Any]]:
    parameters = [p for p in inspect.signature(method).parameters.values() if p.name not in ("self", "sender")]
    return [p.name for p in parameters], [p.default for p in parameters if p.default is not inspect.Parameter.empty]


def _misuse(function: Function, name: str, error: ValueError) -> ValueError:
    return ValueError(f"{function.name}: argument {name!r}: {error}")


class _Binder:
    """Turns a Python call into canonical arguments in the order of the signature."""

    def __init__(self, method: Callable[..., Any], function: Function) -> None:
        self.function = function
        self.names, self.defaults = _parameter_names(method)
        self.positions = {name: index for index, name in enumerate(self.names)}
        self.coercers = function.coercers
        if len(self.names) != len(self.coercers):
            raise TypeError(f"{method.__qualname__} does not match {function.signature}")

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any], sender: Address = "") -> list[Any]:
        """Canonical arguments. Raises TypeError or ValueError, naming the argument, for anything unfit."""
        values: Sequence[Any] = args
        if kwargs or len(args) != len(self.names):
            values = self._complete(list(args), kwargs, sender)
        try:
            return [coerce(value) for coerce, value in zip(self.coercers, values, strict=True)]
        except ValueError:
            for name, coerce, value in zip(self.names, self.coercers, values, strict=True):
                try:
                    coerce(value)
                except ValueError as error:
                    raise _misuse(self.function, name, error) from None
            raise

    def _complete(self, values: list[Any], kwargs: dict[str, Any], sender: Address) -> list[Any]:
        count = len(self.names)
        if len(values) > count:
            raise TypeError(f"{self.function.name} takes {count} arguments, {len(values)} given")
        filled: list[Any] = values + [inspect.Parameter.empty] * (count - len(values))
        for offset, default in enumerate(reversed(self.defaults)):
            if count - 1 - offset >= len(values):
                filled[count - 1 - offset] = sender if default is SENDER else default
        for name, value in kwargs.items():
            if name not in self.positions:
                raise TypeError(f"{self.function.name} has no argument {name!r}; it takes {', '.join(self.names)}")
            filled[self.positions[name]] = value
        for name, value in zip(self.names, filled, strict=True):
            if value is inspect.Parameter.empty:
                raise TypeError(f"{self.function.name}: argument {name!r} is missing")
        return filled


def external(
    signature: str,
    returns: str = "",
    *,
    also: str = "",
    when: str = "",
    returns_when: str = "",
    payable: bool = False,
    lazy: Mapping[int, tuple[str, ...]] = NOTHING_LAZY,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function that changes state: opens a call frame, undone as a whole when it reverts.

    `also` names a shorter overload that leaves the last arguments at their defaults. `when` names the feature of the
    revision without which the function does not exist, or with `!` in front, with which it does not. `returns_when`
    names the feature without which it returns nothing. `lazy` numbers the
    array and struct parameters that the contract reads out of calldata member by member, with the struct's field names,
    and those it copies to memory at once (`IN_MEMORY`); both show only in how malformed calldata fails.
    """

    def declare(method: Callable[P, R]) -> Callable[P, R]:
        function = Function(signature, returns, method, view=False, payable=payable, lazy=lazy)
        silent = Function(signature, "", method, view=False, payable=payable, lazy=lazy)
        binder = _Binder(method, function)

        @functools.wraps(method)
        def call(self: Any, *args: Any, sender: str, **kwargs: Any) -> Any:
            if when:
                self.require_feature(when)
            sender = address(sender)
            chosen = silent if returns_when and not self.has_feature(returns_when) else function
            return self.chain.enter(self, chosen, sender, binder.bind(args, kwargs, sender))

        functions = [(function, when or returns_when)]
        if returns_when:
            functions.append((silent, f"!{returns_when}"))
        if also:
            functions.append((Function(also, returns, method, view=False, payable=payable), when))
        call.contract_functions = functions  # type: ignore[attr-defined]  # read by Contract.__init_subclass__
        return call  # type: ignore[return-value]  # the wrapper keeps the method's signature

    return declare


def view(
    signature: str, returns: str, *, when: str = "", lazy: Mapping[int, tuple[str, ...]] = NOTHING_LAZY
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A function that only reads."""

    def declare(method: Callable[P, R]) -> Callable[P, R]:
        function = Function(signature, returns, method, view=True, lazy=lazy)
        binder = _Binder(method, function)

        @functools.wraps(method)
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            if when:
                self.require_feature(when)
            return method(self, *binder.bind(args, kwargs))  # type: ignore[call-arg]

        call.contract_functions = [(function, when)]  # type: ignore[attr-defined]
        return call  # type: ignore[return-value]

    return declare


class Contract(Record):
    """Something with an address. Subclasses declare their storage and their functions.

    `STORAGE` names the storage variables with their defaults; `ledger_of` and `records_of` stand for mappings.
    `IMMUTABLES` are constructor arguments kept in the code. Contracts name each other by address only, so that a fork
    never shares an object with its origin.
    """

    __slots__ = ("address", "chain")
    KIND: ClassVar[str] = "Contract"
    STORAGE: ClassVar[dict[str, Any]] = {}
    IMMUTABLES: ClassVar[tuple[str, ...]] = ()
    functions: ClassVar[dict[bytes, list[tuple[Function, str]]]] = {}
    """By selector; several where revisions return different things, each with the feature it needs."""

    chain: Chain
    address: Address

    def __init_subclass__(cls) -> None:
        table: dict[bytes, list[tuple[Function, str]]] = {}
        for name in dir(cls):
            if not name.startswith("_"):
                member = getattr(cls, name)
                for function, feature in getattr(member, "contract_functions", ()):
                    table.setdefault(function.selector, []).append((function, feature))
        cls.functions = table

    def __init__(self, chain: Chain, at: Address) -> None:
        self.attach(chain.journal)
        self.initialise(chain=chain, address=at)
        for name, default in self.STORAGE.items():
            self.initialise(**{name: default.make(chain.journal) if isinstance(default, _Mapping) else default})

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
        """Has the chain's revision a feature (or, with `!` in front, lacks it)?"""
        return bool(getattr(self.chain.revision, feature.lstrip("!"))) is not feature.startswith("!")

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


class Proxied(Contract):
    """A contract behind an upgradeable proxy whose admin may do nothing but upgrade it.

    Solidity: `InitializableImmutableAdminUpgradeabilityProxy` and `VersionedInitializable`.
    """

    STORAGE = {"implementation": ZERO_ADDRESS, "last_initialized_revision": 0, "proxy_admin": ZERO_ADDRESS}
    IMMUTABLES: ClassVar[tuple[str, ...]] = ("code_revision",)
    __slots__ = ("code_revision", "implementation", "last_initialized_revision", "proxy_admin")

    code_revision: int
    implementation: Address
    last_initialized_revision: int
    proxy_admin: Address

    def __init__(self, chain: Chain, at: Address, code_revision: int) -> None:
        super().__init__(chain, at)
        # An implementation that nobody proxies carries its own revision, which breaks its initializer.
        self.initialise(code_revision=code_revision, last_initialized_revision=code_revision)

    def begin_initialize(self) -> None:
        """Solidity: modifier `initializer`. Raises a string error unless the contract's revision is new."""
        revision = self.code_revision
        if revision <= self.last_initialized_revision:
            raise ErrorString("Contract instance has already been initialized")
        self.last_initialized_revision = revision

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        if sender != ZERO_ADDRESS and sender == self.proxy_admin:
            function, _ = PROXY_FUNCTIONS.get(data[:4], (None, ""))
            if function is None:
                raise ErrorString("Cannot call fallback function from the proxy admin")
            return function, function.decode(data[4:])
        return super().route(sender, data)

    def proxy_admin_address(self, *, sender: Address) -> Address:
        """Solidity: `admin()`, for the admin only."""
        return self.proxy_admin

    def proxy_implementation(self, *, sender: Address) -> Address:
        """Solidity: `implementation()`, for the admin only."""
        return self.implementation

    def proxy_upgrade(self, implementation: Address, *, sender: Address) -> None:
        """Solidity: `upgradeTo`, for the admin only."""
        upgrade_to(self, implementation)

    def proxy_upgrade_and_call(self, implementation: Address, data: bytes, *, sender: Address) -> None:
        """Solidity: `upgradeToAndCall`, for the admin only."""
        upgrade_to(self, implementation)
        delegate(self, sender, data)


def _proxy_function(signature: str, returns: str, body: Callable[..., Any]) -> tuple[bytes, tuple[Function, str]]:
    function = Function(signature, returns, body, view=False, payable=False)
    return function.selector, (function, "")


PROXY_FUNCTIONS = dict(
    [
        _proxy_function("admin()", "address", Proxied.proxy_admin_address),
        _proxy_function("implementation()", "address", Proxied.proxy_implementation),
        _proxy_function("upgradeTo(address)", "", Proxied.proxy_upgrade),
        _proxy_function("upgradeToAndCall(address,bytes)", "", Proxied.proxy_upgrade_and_call),
    ]
)


def delegate(proxy: Proxied, sender: Address, data: bytes) -> None:
    """Run an initializer behind a proxy. Whatever reason it fails for is lost: `require(success)` says nothing."""
    try:
        function = proxy.find(data)
        function.body(proxy, *function.decode(data[4:]), sender=sender)
    except Revert:
        raise EmptyRevert("the initializer reverted") from None


def implementation_at(chain: Chain, implementation: Address) -> Contract:
    """Raises a string error for an address without code. Solidity: `BaseUpgradeabilityProxy._setImplementation`."""
    contract: Contract | None = chain.contracts.get(implementation)
    if contract is None:
        raise ErrorString("Cannot set a proxy implementation to a non-contract address")
    return contract


def upgrade_to(proxy: Proxied, implementation: Address) -> None:
    """Point a proxy at new code. Its immutables change, its storage stays."""
    code = implementation_at(proxy.chain, implementation)
    if type(code) is not type(proxy):
        raise EmptyRevert(f"{code.KIND} cannot take over the storage of {proxy.KIND}")
    proxy.implementation = implementation
    for name, value in code.immutables().items():
        setattr(proxy, name, value)
    proxy.emit(Upgraded(implementation))


def create_proxy(
    chain: Chain,
    admin: Address,
    implementation: Address,
    data: bytes,
    before_initialize: Callable[[Proxied], None] = lambda _: None,
) -> Proxied:
    """A new proxy, initialised, at the address its creator's nonce gives."""
    at = chain.next_address(admin)
    code = implementation_at(chain, implementation)
    if not isinstance(code, Proxied):
        raise EmptyRevert(f"{code.KIND} has no initializer")
    proxy = type(code)(chain, at, **code.immutables())
    proxy.initialise(proxy_admin=admin, implementation=implementation, last_initialized_revision=0)
    chain.contracts[at] = proxy
    before_initialize(proxy)
    delegate(proxy, admin, data)
    return proxy
