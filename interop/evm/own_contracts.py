"""Compiled contracts of one's own beside a market: handles made of their ABI, so that actions call them by name."""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from eth_utils.abi import collapse_if_tuple
from pooltwin.protocol.address import Address
from pooltwin.protocol.chain import Chain
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.function import external, view

from .artifacts.artifact import Artifact

_READS = ("view", "pure")


class OwnCompiled(Contract):
    """A compiled contract of one's own: its functions are those of its ABI, its storage is the EVM's alone.

    Each function has its Solidity name in snake case, as `total_assets` for `totalAssets()`, with a number behind it
    where there are several of one name. Views are asked of the bytecode.
    """

    KIND = "OwnCompiled"
    __slots__ = ("__dict__",)
    artifact: ClassVar[Artifact | None] = None

    def __init__(self, chain: Chain, at: Address, arguments: Sequence[Any] = ()) -> None:
        super().__init__(chain, at)
        # Whoever draws calls learns of these which assets the contract is about.
        self.__dict__.update({f"argument_{number}": value for number, value in enumerate(arguments)})

    def hand_on(self, copy: Self, memo: dict[int, Any]) -> None:  # noqa: ARG002 - as contracts of one's own do
        copy.__dict__.update(self.__dict__)


def own_on(chain: Any) -> list[Address]:
    """List where compiled contracts of one's own are on a chain."""
    return [where for where in chain.own if isinstance(chain.contracts[where], OwnCompiled)]


def compiled_class(name: str, artifact: Artifact) -> type[OwnCompiled]:
    """Make the class of a compiled contract's handles: one for each artifact."""
    known = next((cls for cls in OwnCompiled.__subclasses__() if cls.artifact is artifact and name == cls.KIND), None)
    if known is not None:
        return known
    members: dict[str, Any] = {"__slots__": (), "KIND": name, "artifact": artifact, "__doc__": f"Handle of {name}."}
    for entry in artifact.abi:
        if entry["type"] == "function":
            members[_free_name(entry["name"], members)] = _method(entry)
    return type(name, (OwnCompiled,), members)


def _free_name(solidity: str, taken: dict[str, Any]) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", solidity).lower().strip("_") or "function"
    if hasattr(OwnCompiled, snake) or keyword.iskeyword(snake):
        snake += "_"
    names = (snake, *(f"{snake}_{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken)


def _method(entry: dict[str, Any]) -> Any:
    """Make a method of a function's entry in the ABI; a view asks the bytecode, the EVM runs what writes."""
    inputs, outputs = entry.get("inputs", []), entry.get("outputs", [])
    signature = f"{entry['name']}({','.join(map(collapse_if_tuple, inputs))})"
    returns = ",".join(map(collapse_if_tuple, outputs))
    if entry.get("stateMutability") in _READS:

        def ask(self: Any, *arguments: Any) -> Any:
            return self.chain.ask(self, asked.contract_functions[0], arguments)

        asked: Any = view(signature, returns)(_with_parameters(ask, inputs, writes=False))
        return asked

    def run(self: Any, *_: Any, sender: Address) -> None:
        raise RuntimeError(f"{self!r} runs in an EVM only; {sender} called {signature}")

    return external(signature, returns, payable=entry.get("stateMutability") == "payable")(
        _with_parameters(run, inputs, writes=True)
    )


def _with_parameters(function: Any, inputs: Sequence[dict[str, Any]], *, writes: bool) -> Any:
    """Give a function the parameters of the ABI, whose names arguments are drawn by."""
    names = [_parameter_name(entry.get("name", ""), number) for number, entry in enumerate(inputs)]
    if len(set(names)) < len(names):
        names = [f"argument{number}" for number in range(len(names))]
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("self", *names)]
    if writes:
        parameters.append(inspect.Parameter("sender", inspect.Parameter.KEYWORD_ONLY))
    function.__signature__ = inspect.Signature(parameters)
    return function


def _parameter_name(given: str, number: int) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", given).lower().strip("_") or f"argument{number}"
    return f"{snake}_" if keyword.iskeyword(snake) or snake in ("self", "sender") else snake
