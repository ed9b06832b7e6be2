"""Forms of calls that differ between releases: an action told in one release's form, in another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pooltwin.invariants.histories.action import CLOCK, PRICE, Action, Stage
from pooltwin.invariants.histories.listing import Listing
from pooltwin.invariants.histories.methods import method_called, writing_functions
from pooltwin.invariants.histories.unfit import ActionError
from pooltwin.protocol.machine.abi import split_types
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.revisions import Revision

from .translation import ADAPTERS, Setting

PRICED = ("uint8", "uint16", "uint16", "uint16", "address", "string")
"""The arguments of `setEModeCategory` where a category has a price source. Until v3.0.2."""
NO_PRICE = "nobody"
LISTINGS = "initReserves"

Arguments = tuple[Any, ...]


def in_the_form_here(stage: Stage, action: Action, made_on: Revision) -> Action:
    """Give an action in the form that its call has on the stage's release, or as it is where there is none.

    Raises ActionError for a name that nobody has, and for what no release has.
    """
    if action.target in (CLOCK, PRICE):
        return action
    inside = tuple(in_the_form_here(stage, part, made_on) for part in action.inside)
    action = replace(action, inside=inside) if inside else action
    contract = stage.contract(action.target)
    there = made_on.contracts.get(contract.KIND)
    if there is None or there is type(contract):
        return action
    try:
        known = method_called(contract, action.function, len(action.arguments))
    except ValueError as error:
        raise ActionError(f"{action}: {error}") from None
    meant = [kinds for name, kinds in _forms(there) if name == action.function and len(kinds) == len(action.arguments)]
    if not meant or (known is not None and known[1] == meant[0]):
        return action
    for name, kinds in _forms(type(contract)):
        adapt = _adapter(action.function, meant[0], name, kinds)
        arguments = adapt(action.arguments, stage) if adapt is not None else ()
        if adapt is not None and _fit(kinds, arguments):
            return replace(action, function=name, arguments=arguments)
    if known is not None:
        raise ActionError(f"{action}: {action.function} has another form on v{stage.chain.revision.release}")
    return action


def _fit(kinds: tuple[str, ...], arguments: Arguments) -> bool:
    """Are there as many arguments as there have to be, in structs and lists of structs too?"""
    return len(kinds) == len(arguments) and all(
        _fits(kind, value) for kind, value in zip(kinds, arguments, strict=True)
    )


def _fits(kind: str, value: Any) -> bool:
    if kind.endswith("]"):
        return isinstance(value, tuple) and all(_fits(kind[: kind.rindex("[")], member) for member in value)
    return not kind.startswith("(") or (isinstance(value, tuple) and _fit(tuple(split_types(kind)), value))


def _forms(contract: type[Contract]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for _, function in writing_functions(contract):
        yield function.name, tuple(function.kinds)


def _adapter(
    name: str, there: tuple[str, ...], other: str, here: tuple[str, ...]
) -> Callable[[Arguments, Stage], Arguments] | None:
    if name == other and PRICED in (there, here):
        return _unpriced if there == PRICED else _priced
    if name == other == LISTINGS:
        return _listed_here
    adapter = ADAPTERS.get((name, other))
    return None if adapter is None else lambda given, stage: _tuple_of(adapter(given, _setting(stage)))


def _priced(arguments: Arguments, _stage: Stage) -> Arguments:
    return (*arguments[:4], NO_PRICE, arguments[4])


def _unpriced(arguments: Arguments, stage: Stage) -> Arguments:
    plain = (*arguments[:4], arguments[5])
    return (*plain, False) if stage.chain.revision.isolated_e_modes else plain


def _listed_here(arguments: Arguments, stage: Stage) -> Arguments:
    try:
        return (tuple(Listing.read(struct).on(stage) for struct in arguments[0]),)
    except (TypeError, ValueError) as error:
        raise ActionError(f"{LISTINGS}: {error}") from None


def _setting(stage: Stage) -> Setting:
    """What older forms name and newer ones leave out, as it is on the stage's market."""
    reserve = stage.market.pool.reserves[next(iter(stage.market.assets.values()))]
    return Setting("treasury", reserve.interest_rate_strategy or NO_PRICE, NO_PRICE)


def _tuple_of(value: Any) -> Any:
    return tuple(_tuple_of(member) for member in value) if isinstance(value, list | tuple) else value
