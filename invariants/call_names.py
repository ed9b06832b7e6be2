"""Names of calls, as laws write them: "pool.supply", the function in Solidity's spelling or Python's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.revisions import classes_of_kind

from .ids import unknown

NAMES_OF_KINDS = {
    "PoolInstance": "pool",
    "L2PoolInstance": "pool",
    "PoolConfiguratorInstance": "configurator",
    "ATokenInstance": "aToken",
    "ATokenWithDelegationInstance": "aToken",
    "SettableMockAToken": "aToken",
    "VariableDebtTokenInstance": "debtToken",
    "TestnetERC20": "token",
    "WETH9": "token",
    "BlocklistToken": "token",
    "TokenWithoutReturnValue": "token",
    "FeeOnTransferToken": "token",
    "RebasingToken": "token",
    "AaveOracle": "oracle",
    "PriceOracle": "fallbackOracle",
    "ACLManager": "acl",
    "PoolAddressesProvider": "provider",
    "DefaultReserveInterestRateStrategyV2": "strategy",
    "DefaultReserveInterestRateStrategy": "strategy",
    "StableDebtToken": "stableDebtToken",
    "MockAggregator": "feed",
    "CappedFeed": "feed",
    "PriceOracleSentinel": "sentinel",
    "SequencerOracle": "sequencer",
}
"""What laws call a contract of each kind, as in "pool.supply"."""

NO_CALLS = ("time", "price")
"""Steps that are no calls: time passes, a price moves."""


def named_call(call: str) -> str:
    """Give the name that steps have for a call: "pool.liquidationCall" for "pool.liquidation_call".

    A contract that is none of the market's own is somebody's, and may have any function. Raises ValueError for a name
    of another form, and for a function that a contract of the market has in no release, nor in a fork that is loaded.
    """
    contract, _, function = call.rpartition(".")
    if call in NO_CALLS:
        return call
    if not contract or not function:
        raise ValueError(f"{call!r} is no name of a call, like 'pool.supply', nor 'time' or 'price'")
    if contract not in NAMES_OF_KINDS.values():
        _refuse_another_spelling(call, contract, function)
        return call
    spellings = _spellings(contract)
    if function not in spellings:  # a fork may have been defined since
        _spellings.cache_clear()
        spellings = _spellings(contract)
    if function not in spellings:
        known = dict.fromkeys(f"{contract}.{name}" for name in spellings)
        raise unknown(f"{call!r} is no call: no release has a function {function!r} there", call, known)
    return f"{contract}.{spellings[function]}"


def _refuse_another_spelling(call: str, contract: str, function: str) -> None:
    """Refuse a contract of the market by a name that steps do not have for it, unless somebody's contract has it.

    Raises ValueError with the name that they have: such a law would never be asked.
    """
    plain = contract.replace("_", "").lower()
    known = {kind.removesuffix("Instance").lower(): name for kind, name in NAMES_OF_KINDS.items()}
    known |= {kind.lower(): name for kind, name in NAMES_OF_KINDS.items()}
    known |= {name.lower(): name for name in NAMES_OF_KINDS.values()}
    if plain not in known or function not in _spellings(known[plain]):
        return
    if contract not in NAMES_OF_KINDS and any(contract == cls.KIND for cls in _loaded(Contract)):
        return
    raise ValueError(f"{call!r} is no call: did you mean '{known[plain]}.{function}'?")


def refuse_unknown_calls(calls: Iterable[str]) -> None:
    """Refuse calls of somebody's contract that no class which is loaded, by a setup or by a law, declares.

    Raises ValueError, with what was probably meant.
    """
    foreign = [call for call in calls if is_foreign(call)]
    if not foreign:
        return
    known = {call: None for cls in _loaded(Contract) for call in _calls_of(cls)}
    for call in foreign:
        if call not in known and not call.endswith(".call"):
            raise unknown(f"no contract that is set up has the call {call!r}", call, known)


def is_foreign(call: str) -> bool:
    """Tell whether a call is one of a contract that is none of the market's own."""
    return call not in NO_CALLS and call.rpartition(".")[0] not in NAMES_OF_KINDS.values()


def _calls_of(cls: type[Contract]) -> Iterator[str]:
    yield from (f"{cls.KIND}.{function.name}" for function in cls.functions.values())


def _loaded(cls: type[Contract]) -> Iterator[type[Contract]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _loaded(child)


@cache
def _spellings(contract: str) -> dict[str, str]:
    """Solidity's name of each function of a contract, by that name and by Python's."""
    found = {"call": "call"}
    for kind, name in NAMES_OF_KINDS.items():
        if name == contract:
            for cls in classes_and_forks(kind):
                python = cls.function_names()
                for selector, function in cls.functions.items():
                    found.setdefault(python.get(selector, function.name), function.name)
                    found[function.name] = function.name
    return found


def classes_and_forks(kind: str) -> Iterator[Any]:
    """Go through the classes of a kind of contract: of every release, and of the forks that are loaded."""
    waiting: list[Any] = list(classes_of_kind(kind))
    while waiting:
        cls = waiting.pop(0)
        yield cls
        waiting += cls.__subclasses__()
