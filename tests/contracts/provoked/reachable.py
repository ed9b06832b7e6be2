"""Outcomes that each function of the twin can have, read off its source: the rows of the table of provoked ones.

From a function's syntax tree it follows every name to the object it stands for: functions, methods of the contracts,
and the decisions of one revision. A method of some other contract is looked up on the classes that the receiver can be.
The result may contain too much (a branch that cannot be taken), never too little; what cannot happen says why.
"""

import ast
import inspect
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from eth_abi.grammar import parse
from pooltwin.protocol import errors
from pooltwin.protocol.contracts.a_token import AToken
from pooltwin.protocol.contracts.acl_manager import ACLManager
from pooltwin.protocol.contracts.addresses_provider import AddressesProvider
from pooltwin.protocol.contracts.data_provider import DataProvider
from pooltwin.protocol.contracts.erc20 import WETH9
from pooltwin.protocol.contracts.oracle import (
    AaveOracle,
    MockAggregator,
    PriceOracle,
    PriceOracleSentinel,
    SequencerOracle,
)
from pooltwin.protocol.contracts.pool import Pool
from pooltwin.protocol.contracts.pool_configurator import PoolConfigurator
from pooltwin.protocol.contracts.proxy import delegate
from pooltwin.protocol.contracts.rate_strategy import RateStrategy
from pooltwin.protocol.contracts.variable_debt_token import VariableDebtToken
from pooltwin.protocol.machine.abi import memory_decoder_of
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.function import Function
from pooltwin.protocol.revisions import Revision

from ..harness.hits import EMPTY, EVENT_CLASSES, name_of, summed_up
from .branches import Branches, Known, bound, defaults, tree_of

REVERT_ROOTS = (errors.CustomError, errors.EmptyRevert, errors.ErrorString, errors.Panic, errors.RawRevert)
CUSTOM_ERRORS = {cls.__name__ for cls in errors.CustomError.names.values()}
MEMORY_DECODERS = [memory_decoder_of(parse(kind)) for kind in ("string", "bytes")]
INITIALIZED = {"event Initialized"}
"""What initializers behind a new or upgraded proxy emit; their errors are lost."""

KINDS = (
    AddressesProvider,
    ACLManager,
    Pool,
    PoolConfigurator,
    RateStrategy,
    AaveOracle,
    DataProvider,
    AToken,
    VariableDebtToken,
    MockAggregator,
    PriceOracle,
    PriceOracleSentinel,
    SequencerOracle,
    WETH9,
)
"""The contracts of a market; the test token depends on the revision."""

RECEIVERS: dict[str, tuple[type[Contract], ...]] = {
    "pool": (Pool,),
    "get_pool()": (Pool,),
    "_pool()": (Pool,),
    "a_token": (AToken,),
    "collateral_a_token": (AToken,),
    "debt_token": (VariableDebtToken,),
    "acl": (ACLManager,),
    "_acl()": (ACLManager,),
    "oracle": (AaveOracle,),
    "sentinel": (PriceOracleSentinel,),
    "configurator": (PoolConfigurator,),
    "provider": (AddressesProvider,),
    "strategy": (RateStrategy,),
    "rate_strategy": (RateStrategy,),
    "token": (AToken, VariableDebtToken),
    "proxy": (Pool, PoolConfigurator, AToken, VariableDebtToken),
    "data_provider": (DataProvider,),
}
"""What stands behind a name in the twin's source."""


Place = tuple[Any, Any, Known]
"""A function, the class it is a method of, and what is known of its parameters."""


class Outcomes:
    """Follows one revision's functions."""

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self.branches = Branches(revision)
        self._scanned: dict[Place, tuple[set[str], list[Place]]] = {}
        self.token: type[Contract] = revision.contracts["TestnetERC20"]
        self.classes = (*self._of_the_revision(KINDS), self.token)

    def functions(self) -> Iterator[tuple[type[Contract], Function]]:
        """Every external function of the revision, by contract."""
        for cls in self.classes:
            for function in cls.functions.values():
                yield cls, function

    def of(self, cls: type[Contract], function: Function) -> set[str]:
        """Names of the errors and events a call can end in; calldata that does not decode included."""
        found: set[str] = {EMPTY} if function.kinds else set()
        if function.name == "multicall":
            found |= {"FailedCall", "ReserveFrozen", "event Supply"}
        if any(decode in MEMORY_DECODERS for decode, _ in function.decoders):
            found.add(f"Panic({errors.PANIC_ALLOCATION:#x})")
        seen: set[Place] = set()
        todo: list[Place] = [(function.body, cls, defaults(function.body, len(function.kinds)))]
        while todo:
            body, owner, known = todo.pop()
            body = inspect.unwrap(body)
            if (body, owner, known) in seen or not isinstance(body, FunctionType):
                continue
            seen.add((body, owner, known))
            if body is inspect.unwrap(delegate):
                found |= INITIALIZED | {EMPTY}
                continue
            if (body, owner, known) not in self._scanned:
                self._scanned[body, owner, known] = self._scan(body, owner, known)
            outcomes, calls = self._scanned[body, owner, known]
            found |= outcomes
            todo += calls
        return {summed_up(cls.KIND, function.signature, outcome) for outcome in found}

    def _scan(self, body: FunctionType, owner: type[Contract] | None, known: Known) -> tuple[set[str], list[Place]]:
        """Read off what a function raises and emits itself, and what it calls."""
        outcomes: set[str] = set()
        calls: list[Place] = []
        handled: set[int] = set()
        made: dict[int, ast.Call] = {}
        nodes = list(self.branches.walk(tree_of(body), owner, known))
        for node in nodes:
            if isinstance(node, ast.Call):
                made[id(node.func)] = node
                outcome = _outcome(body, node)
                if outcome is not None:
                    outcomes.add(outcome)
                    handled.add(id(node.func))
                if isinstance(node.func, ast.Attribute) and node.func.attr in CALLED:
                    outcomes.add(EMPTY)
        for node in nodes:
            if isinstance(node, ast.Name | ast.Attribute) and id(node) not in handled:
                for target, target_owner in self._targets(body, owner, node):
                    if not isinstance(target, type):
                        given = bound(made.get(id(node)), target, known, method=target_owner is not None)
                        calls.append((target, target_owner, given))
                    elif target in EVENT_CLASSES or target.__name__ in CUSTOM_ERRORS:
                        outcomes.add(name_of(target))
        return outcomes, calls

    def _targets(self, body: FunctionType, owner: type[Contract] | None, node: ast.expr) -> Iterator[tuple[Any, Any]]:
        """The functions, events and errors a name can stand for, each with the class it is a method of."""
        if isinstance(node, ast.Name):
            value = _global(body, node.id)
            if value is not None:
                yield value, None
            return
        assert isinstance(node, ast.Attribute)
        receiver = node.value
        if isinstance(receiver, ast.Name) and isinstance(_global(body, receiver.id), ModuleType):
            value = getattr(_global(body, receiver.id), node.attr, None)
            if value is not None:
                yield value, None
            return
        text = ast.unparse(receiver)
        for called in CALLED:
            text = text.replace(f".{called}(", ".at(")
        name = "at()" if ".at(" in text and text.endswith(")") else text.rpartition(".")[2]
        if name in ("revision", "earlier") or "earlier_flows(" in name:
            value = getattr(self.revision if name == "revision" else self.revision.earlier, node.attr, None)
            for rule in value if isinstance(value, tuple) else (value,):  # some decisions are several rules
                if callable(rule):
                    yield rule, None
            return
        for cls in self._classes_of(owner, receiver, name, text):
            member = _member(cls, node.attr)
            if member is not None:
                yield member, cls

    def _classes_of(self, owner: Any, receiver: ast.expr, name: str, text: str) -> tuple[type[Contract], ...]:
        if isinstance(receiver, ast.Name) and receiver.id == "self":
            return (owner,) if owner is not None else ()
        if name == "super()":
            return tuple(cls for cls in owner.__mro__[1:] if issubclass(cls, Contract)) if owner is not None else ()
        if name == "at()":
            return self._at(text[text.rindex(".at(") :] if text.count(".at(") == 1 else text)
        if name == "contract":  # what safe transfers move: the token of a reserve
            return (self.token,)
        return self._of_the_revision(RECEIVERS.get(name, ()))

    def _at(self, text: str) -> tuple[type[Contract], ...]:
        """`chain.at(...)`: by what the address is called; an asset where nothing else is said."""
        classes = next((classes for word, classes in ADDRESSES.items() if word in text), None)
        return (self.token,) if classes is None else self._of_the_revision(classes)

    def _of_the_revision(self, newest: tuple[type[Contract], ...]) -> tuple[type[Contract], ...]:
        """What the newest contracts are in the revision."""
        return tuple(self.revision.contracts[cls.KIND] for cls in newest)


CALLED = ("at", "answering", "asked")
"""Methods that give the contract at an address."""
ADDRESSES: dict[str, tuple[type[Contract], ...]] = {
    "PRICE_ORACLE_SENTINEL": (PriceOracleSentinel,),
    "PRICE_ORACLE": (AaveOracle,),
    "DATA_PROVIDER": (DataProvider,),
    "POOL]": (Pool,),
    "variable_debt_token": (VariableDebtToken,),
    "debt_token": (VariableDebtToken,),
    "a_token": (AToken,),
    "acl_manager_address": (ACLManager,),
    "provider": (AddressesProvider,),
    "rate_strategy": (RateStrategy,),
    "self.pool": (Pool,),
    "source": (MockAggregator,),
    "fallback": (PriceOracle,),
    "sequencer_oracle": (SequencerOracle,),
}
"""What stands at an address, by a word in the expression for it; the first match counts."""


def _global(body: FunctionType, name: str) -> Any:
    """A function, module, event or error of the protocol that a name stands for."""
    value = body.__globals__.get(name)
    if isinstance(value, ModuleType):
        return value if value.__name__.startswith("pooltwin.protocol") else None
    if isinstance(value, type):
        return value if value in EVENT_CLASSES or issubclass(value, errors.Revert) else None
    if callable(value) and getattr(value, "__module__", "").startswith("pooltwin.protocol"):
        return inspect.unwrap(value)
    return None


def _member(cls: type, name: str) -> Any:
    value = inspect.getattr_static(cls, name, None)
    if isinstance(value, property):
        return value.fget
    return value if callable(value) else None


def _outcome(body: FunctionType, node: ast.Call) -> str | None:
    """The outcome a call constructs, if it is an event or a revert."""
    value: Any = None
    if isinstance(node.func, ast.Name):
        value = body.__globals__.get(node.func.id)
    elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        value = getattr(body.__globals__.get(node.func.value.id), node.func.attr, None)
    if not isinstance(value, type):
        return None
    if issubclass(value, errors.EmptyRevert):
        return EMPTY
    if value is errors.Panic:
        code = body.__globals__[node.args[0].id] if node.args and isinstance(node.args[0], ast.Name) else 0x11
        return f"Panic({code:#x})"
    if value is errors.ErrorString:
        return f"Error({_text(node.args[0])!r})"
    return name_of(value) if value in EVENT_CLASSES or issubclass(value, errors.CustomError) else None


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values)
    return str(ast.literal_eval(node))
