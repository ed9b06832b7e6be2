"""Contracts of one's own in a saved state: told as data, by where their class is imported from and what they hold.

Numbers, texts, truth values and None stand for themselves, a list is a list; everything else is an object with one key
that says what it is: `hex` (bytes), `text` (a string that is not ASCII, in hex), `tuple`, `dict` (pairs), `ledger`
(pairs, with its `default`), `contract` (an address on the chain), `market` (one on the chain), `chain`, and `import`, a
function or class by its import path. Nothing is a pickle: what is none of these is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

from .contracts.addresses_provider import AddressesProvider
from .errors import Revert
from .import_path import ImportPathError, import_path_of, imported
from .machine.contract import Contract
from .models import StrictModel
from .state.dump import canonical, dump_field, load_field, restored
from .state.storage import Ledger

MARKET = f"{__package__}.market:Market"
MAX_DEPTH = 40
MAX_BITS = 4_096
_KEPT_BY_EVERY_CONTRACT = frozenset({"_remember", "address", "chain", "__dict__", "__weakref__"})


class OwnCode(StrictModel):
    """The class of one contract, as module:NAME, and the attributes it holds beside what is stored."""

    code: str
    held: dict[str, Any]

    def imports(self) -> list[str]:
        """List the import paths that loading would import."""
        return [self.code, *_imports_in(self.held)]


class UntoldError(ValueError):
    """A value that a file cannot hold; says why."""


# --- telling ----------------------------------------------------------------------------------------------------------


class Teller:
    """Tells the contracts of one's own on one chain, each thing once."""

    def __init__(self, chain: Any) -> None:
        self._chain = chain
        self._market_class = imported(MARKET)
        self._met: dict[int, Any] = {}

    def tell(self, contract: Any) -> OwnCode:
        """Tell one contract. Raises ValueError, naming contract and attribute, for what a file cannot hold."""
        try:
            code = import_path_of(type(contract))
        except ImportPathError as error:
            raise ValueError(f"{contract!r} cannot be saved: {error}") from None
        held = {}
        for name, value in _held_by(contract).items():
            try:
                held[name] = self._told(value, 0)
            except ValueError as error:
                raise ValueError(f"{contract!r} cannot be saved, because of its {name}: {error}") from None
        self._prove_stored(contract)
        return OwnCode(code=code, held=held)

    def _told(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise UntoldError(f"it is nested more than {MAX_DEPTH} deep")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return _small(value)
        if kind is str:
            return value if value.isascii() else {"text": value.encode("utf-8", "surrogatepass").hex()}
        if kind is bytes:
            return {"hex": value.hex()}
        if kind is tuple:
            return {"tuple": [self._told(member, depth + 1) for member in value]}
        if kind in (list, dict, Ledger):
            return self._container(value, depth + 1)
        return self._reference(value)

    def _container(self, value: Any, depth: int) -> Any:
        if id(value) in self._met:
            raise UntoldError(f"the same {type(value).__name__.lower()} is held twice, which a file cannot tell")
        self._met[id(value)] = value
        if isinstance(value, list):
            return [self._told(member, depth) for member in value]
        pairs = [[self._told(key, depth), self._told(entry, depth)] for key, entry in value.items()]
        if not isinstance(value, Ledger):
            return {"dict": pairs}
        if value.journal is not self._chain.journal:
            raise UntoldError("it is a ledger of another chain")
        return {"ledger": pairs, "default": self._told(value.default, depth)}

    def _reference(self, value: Any) -> Any:
        """Tell what is found elsewhere: on the chain, or in a module."""
        chain = self._chain
        if value is chain:
            return {"chain": True}
        if type(value) is self._market_class and value.chain is chain:
            return {"market": {"provider": value.provider.address, "keys": dict(value.keys)}}
        if isinstance(value, Contract):
            if chain.contracts[value.address] is not value:
                raise UntoldError(f"{value!r} is not on the chain")
            return {"contract": value.address}
        if isinstance(value, type | FunctionType):
            return {"import": import_path_of(value)}
        raise UntoldError(f"a file cannot hold an object of type {type(value).__name__}")

    def _prove_stored(self, contract: Any) -> None:
        """Raise ValueError for storage that would not come back as it is."""
        blank = type(contract).blank(self._chain, contract.address)
        for name in type(contract).stored_names():
            value = getattr(contract, name)
            try:
                told = dump_field(value)
                canonical(told)
                again = load_field(getattr(blank, name, None), told, lambda each: each)
                same = dump_field(again) == told and (isinstance(value, dict) or again == value)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{contract!r} cannot be saved, because of its {name}: {error}") from None
            if not same:
                raise ValueError(f"{contract!r} cannot be saved, because of its {name}: it would come back another")


def _held_by(contract: Any) -> Mapping[str, Any]:
    """Find the attributes beside what is stored. Raises ValueError for those in slots of one's own."""
    stored = set(type(contract).stored_names())
    for cls in type(contract).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in stored | _KEPT_BY_EVERY_CONTRACT and hasattr(contract, name):
                raise ValueError(f"{contract!r} cannot be saved, because of its {name}: a slot that is not in STORAGE")
    portable = contract.portable() if hasattr(type(contract), "portable") else getattr(contract, "__dict__", {})
    return {name: value for name, value in portable.items() if name not in stored}


def _small(number: int) -> int:
    if number.bit_length() > MAX_BITS:
        raise UntoldError(f"it is a number of more than {MAX_BITS} bits")
    return number


# --- reading back -----------------------------------------------------------------------------------------------------


def _imports_in(told: Any) -> Iterator[str]:
    if isinstance(told, list):
        for member in told:
            yield from _imports_in(member)
    elif isinstance(told, dict):
        if isinstance(told.get("import"), str) and len(told) == 1:
            yield told["import"]
        for value in told.values():
            yield from _imports_in(value)


def class_of(own: OwnCode, kind: str) -> type[Contract]:
    """Import the class of a contract. Raises ValueError for what is no contract, or one of another kind."""
    cls = imported(own.code)
    if not isinstance(cls, type) or not issubclass(cls, Contract):
        raise ValueError(f"{own.code} is no class of contracts")
    if cls.code() != kind:
        raise ValueError(f"{own.code} is of the kind {cls.code()!r} now, the file has a {kind!r}")
    return cls


def give_back(contract: Any, own: OwnCode) -> None:
    """Give a contract what it held, once every contract is on its chain. Raises ValueError for what is malformed.

    Its constructor is not run.
    """
    for name, told in own.held.items():
        try:
            contract.__dict__[name] = _given(told, contract.chain)
        except (AttributeError, KeyError, Revert, TypeError, ValueError) as error:
            raise ValueError(f"own.held.{name}: malformed: {error}") from None


def _given(told: Any, chain: Any) -> Any:
    if isinstance(told, list):
        return [_given(member, chain) for member in told]
    if not isinstance(told, dict):
        return told
    kind = "ledger" if told.keys() == {"ledger", "default"} else next(iter(told), "") if len(told) == 1 else ""
    if kind not in _READERS:
        raise ValueError(f"an object has one key of {', '.join(_READERS)}, not {', '.join(told) or 'none'}")
    return _READERS[kind](told, chain)


def _pairs(told: Any, chain: Any) -> dict[Any, Any]:
    return {_given(key, chain): _given(value, chain) for key, value in told}


def _ledger(told: Any, chain: Any) -> Ledger[Any, Any]:
    ledger: Ledger[Any, Any] = Ledger(chain.journal, _given(told["default"], chain))
    ledger.load(_pairs(told["ledger"], chain))
    return ledger


def _contract(told: Any, chain: Any) -> Any:
    contract = chain.contracts[told["contract"]]
    if contract is None:
        raise ValueError(f"there is no contract at {told['contract']}")
    return contract


def _market(told: Any, chain: Any) -> Any:
    provider, keys = told["market"]["provider"], told["market"]["keys"]
    if not isinstance(chain.contracts[provider], AddressesProvider):
        raise ValueError(f"{provider} is no registry of a market")
    return imported(MARKET)(chain, provider, keys)


def _imported(told: Any, chain: Any) -> Any:
    del chain
    found = imported(told["import"])
    if not isinstance(found, type | FunctionType):
        raise ValueError(f"{told['import']} is neither a function nor a class")
    return found


_READERS: dict[str, Callable[[Any, Any], Any]] = {
    "hex": lambda told, _: restored(told),
    "text": lambda told, _: bytes.fromhex(told["text"]).decode("utf-8", "surrogatepass"),
    "tuple": lambda told, chain: tuple(_given(member, chain) for member in told["tuple"]),
    "dict": lambda told, chain: _pairs(told["dict"], chain),
    "ledger": _ledger,
    "contract": _contract,
    "market": _market,
    "chain": lambda _, chain: chain,
    "import": _imported,
}
