"""How a Python method becomes a contract function.

A method carries its Solidity signature. It can then be called in two ways that take the same path: typed,
`token.transfer(to, amount, sender=alice)`, and raw, `chain.transact(alice, token.address, calldata)`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from eth_abi.grammar import ABIType, parse

from ..address import Address, address
from ..errors import selector_of
from .abi import (
    Decoder,
    all_words,
    decode_arguments,
    decode_copied_addresses,
    decoder_of,
    encode_values,
    encode_word,
    head_size,
    memory_decoder_of,
    split_types,
)
from .coercion import coercer_of
from .lazy_calldata import calldata_decoder_of
from .results import read_answer, shape_of
from .spelling import did_you_mean
from .watcher import left_out_of_tracebacks

P = ParamSpec("P")
R = TypeVar("R")

SENDER: Address = ""
"""The default of an address argument that means the caller."""

IN_MEMORY = ("memory",)
"""In place of field names: a string or bytes parameter that the contract copies to memory at once."""

COPIED = ("copied",)
"""In place of field names: an array of addresses that the contract copies out of calldata without a look at it."""

NOTHING_LAZY: Mapping[int, tuple[str, ...]] = MappingProxyType({})

__tracebackhide__ = left_out_of_tracebacks


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
        named: str = "",
    ) -> None:
        self.signature = signature
        self.selector = selector_of(signature)
        self.name = named or signature.partition("(")[0]
        self.body = body
        self.view = view
        self.payable = payable
        self.kinds = split_types(signature)
        self.takes_words = all_words(self.kinds)
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

    def take_selector_of(self, signature: str) -> None:
        """Answer to another signature: one that no ABI can say, as a library's that takes storage."""
        self.selector = selector_of(signature)

    @staticmethod
    def _decoder(kind: ABIType, where: tuple[str, ...] | None) -> Decoder:
        if where is None:
            return decoder_of(kind)
        if where == COPIED:
            return decode_copied_addresses
        return memory_decoder_of(kind) if where == IN_MEMORY else calldata_decoder_of(kind, where)

    def decode(self, data: bytes) -> list[Any]:
        """The arguments in calldata that follows the selector."""
        return decode_arguments(self.decoders, self.head, data)

    def encode_result(self, value: Any) -> bytes:
        """The return data for a Python result."""
        if not self.returns:
            return b""
        return encode_values(self.returns, value if len(self.returns) > 1 else (value,))

    def decode_result(self, data: bytes) -> Any:
        """The Python result in return data, named tuples where the method promises them; None if nothing is returned.

        Raises AnswerError, a ValueError, for data that are no result of this function.
        """
        return read_answer(self.signature, self.returns, self._shape, data)

    @functools.cached_property
    def _shape(self) -> Any:
        return shape_of(self.body, self.returns)

    def calldata(self, arguments: Sequence[Any]) -> bytes:
        """Selector and encoded arguments: what a raw call would send."""
        if self.takes_words:
            return b"".join([self.selector, *map(encode_word, arguments)])
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
        taken = inspect.signature(method).parameters
        has_sender = function.view or "sender" in taken or any(one.kind is one.VAR_KEYWORD for one in taken.values())
        if len(self.names) != len(self.coercers) or not has_sender:
            told = ", ".join(["self", *(f"argument{number}" for number in range(1, len(self.coercers) + 1))])
            told += "" if function.view else ", *, sender"
            written = f"{method.__qualname__}{inspect.signature(method)}"
            raise TypeError(f"{written} does not match {function.signature}: expected ({told})")

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
            raise TypeError(
                f"{self.function.name} takes {count} arguments, {len(values)} given: {', '.join(self.names)}"
            )
        filled: list[Any] = values + [inspect.Parameter.empty] * (count - len(values))
        for offset, default in enumerate(reversed(self.defaults)):
            if count - 1 - offset >= len(values):
                filled[count - 1 - offset] = sender if default is SENDER else default
        for name, value in kwargs.items():
            if name not in self.positions:
                raise self._unknown(name)
            if self.positions[name] < len(values):
                raise TypeError(f"{self.function.name}: argument {name!r} is given twice")
            filled[self.positions[name]] = value
        for name, value in zip(self.names, filled, strict=True):
            if value is inspect.Parameter.empty:
                raise TypeError(f"{self.function.name}: argument {name!r} is missing")
        return filled

    def _unknown(self, name: str) -> TypeError:
        if name == "sender":
            return TypeError(f"{self.function.name} has no sender: it only reads")
        meant, takes = did_you_mean(name, self.names), ", ".join(self.names) or "none"
        return TypeError(f"{self.function.name} has no argument {name!r}{meant or f'; it takes {takes}'}")


def external(
    signature: str,
    returns: str = "",
    *,
    also: str = "",
    payable: bool = False,
    lazy: Mapping[int, tuple[str, ...]] = NOTHING_LAZY,
    named: str = "",
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function that changes state: it opens a call frame, undone as a whole when it reverts.

    `also` names a shorter overload that leaves the last arguments at their defaults. `named` is what an overload goes
    by that means something else than the plain function. `lazy` numbers the array and
    struct parameters that the contract reads out of calldata member by member, with the struct's field names, and those
    it copies to memory (`IN_MEMORY`, `COPIED`); it shows only in how malformed calldata fails.
    """

    def declare(method: Callable[P, R]) -> Callable[P, R]:
        function = Function(signature, returns, method, view=False, payable=payable, lazy=lazy, named=named)
        binder = _Binder(method, function)

        @functools.wraps(method)
        def call(self: Any, *args: Any, sender: str, **kwargs: Any) -> Any:
            sender = address(sender)
            return self.chain.enter(self, function, sender, binder.bind(args, kwargs, sender))

        overloads = [Function(also, returns, method, view=False, payable=payable)] if also else []
        call.contract_functions = (function, *overloads)  # type: ignore[attr-defined]  # read by Contract.__init_subclass__
        call.bind = binder.bind  # type: ignore[attr-defined]  # read by whoever encodes a call without making it
        return call  # type: ignore[return-value]  # the wrapper keeps the method's signature

    return declare


def view(
    signature: str, returns: str, *, lazy: Mapping[int, tuple[str, ...]] = NOTHING_LAZY
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a function that only reads."""

    def declare(method: Callable[P, R]) -> Callable[P, R]:
        function = Function(signature, returns, method, view=True, lazy=lazy)
        binder = _Binder(method, function)

        @functools.wraps(method)
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            asked = self.chain.asked
            if asked is not None:
                return asked(self, function, binder.bind(args, kwargs))
            return method(self, *binder.bind(args, kwargs))  # type: ignore[call-arg]  # as bound

        call.contract_functions = (function,)  # type: ignore[attr-defined]  # as above
        return call  # type: ignore[return-value]  # the wrapper keeps the method's signature

    return declare
