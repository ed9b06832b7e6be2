"""Translation of the few calls and deployments whose form differs between revisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pooltwin.protocol.address import ZERO_ADDRESS, Address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.function import Function
from pooltwin.protocol.recordings.recording import Deployment, Header
from pooltwin.protocol.revisions import Revision, function_of_any_release

Arguments = Sequence[Any]


class Setting(NamedTuple):
    """Values that one form of a call names and another leaves out; no recorded market has rewards."""

    treasury: Address
    rate_strategy: Address
    rewards_controller: Address = ZERO_ADDRESS

    @classmethod
    def of(cls, header: Header) -> Setting:
        """Read the values from the header of a recording."""
        return cls(header.treasury, header.addresses.get("irs", ZERO_ADDRESS))


Adapter = Callable[[Arguments, Setting], Arguments]
"""Arguments in another form to arguments in this one."""


def _unchanged(arguments: Arguments, _setting: Setting) -> Arguments:
    return arguments


def _isolation_flag(arguments: Arguments, _setting: Setting) -> Arguments:
    """Add or drop whether the category is isolated, which `setEModeCategory` says. From v3.7 on."""
    return [*arguments, False] if len(arguments) == 5 else arguments[:5]


def _listings(arguments: Arguments, setting: Setting) -> Arguments:
    """Add or drop what a listing names: strategy, treasury, rewards, and virtual balance or not. Until v3.3."""
    (listings,) = arguments
    return [[_listing(listing, setting) for listing in listings]]


def _listing(listing: Arguments, setting: Setting) -> Arguments:
    tokens = listing[:2]
    if len(listing) == 9:
        asset, texts = listing[2], listing[3:]
        return (*tokens, True, setting.rate_strategy, asset, setting.treasury, setting.rewards_controller, *texts)
    return (*tokens, listing[4], *listing[7:])


def _a_token_update(arguments: Arguments, setting: Setting) -> Arguments:
    """Add or drop treasury and rewards, which come with new code for an aToken. Until v3.3."""
    ((asset, *rest),) = arguments
    if len(rest) == 4:
        return [(asset, setting.treasury, setting.rewards_controller, *rest)]
    return [(asset, *rest[2:])]


def _debt_token_update(arguments: Arguments, setting: Setting) -> Arguments:
    """Add or drop rewards, which come with new code for a debt token. Until v3.3."""
    ((asset, *rest),) = arguments
    return [(asset, setting.rewards_controller, *rest)] if len(rest) == 4 else [(asset, *rest[1:])]


ADAPTERS: dict[tuple[str, str], Adapter] = {
    ("setEModeCategory", "setEModeCategory"): _isolation_flag,
    ("updateFlashloanPremium", "updateFlashloanPremiumTotal"): _unchanged,
    ("updateFlashloanPremiumTotal", "updateFlashloanPremium"): _unchanged,
    ("initReserves", "initReserves"): _listings,
    ("updateAToken", "updateAToken"): _a_token_update,
    ("updateVariableDebtToken", "updateVariableDebtToken"): _debt_token_update,
}


def arguments_of(function: Function, data: bytes) -> Arguments:
    """Read all arguments in calldata. Raises Revert for calldata that does not decode."""
    return Function(function.signature, "", function.body, view=function.view).decode(data[4:])


def translated_call(contract: Contract, data: bytes, setting: Setting) -> bytes | None:
    """Translate calldata for a contract of another revision; None when it cannot be asked the same.

    What no revision knows or nobody can decode is passed on as it is.
    """
    known = contract.functions
    function = None if data[:4] in known else function_of_any_release(contract.KIND, data[:4])
    if function is None:
        return data
    for candidate in known.values():
        adapter = ADAPTERS.get((function.name, candidate.name))
        if adapter is not None:
            try:
                return candidate.calldata(adapter(arguments_of(function, data), setting))
            except Revert:
                return data
    return None


def translated_deployment(record: Deployment, new: Revision, setting: Setting) -> Deployment:
    """Add to a deployment what the code itself holds: rate strategy, treasury, rewards. From v3.4 on."""
    held: dict[str, list[Any]] = {}
    if not new.strategies_per_reserve:
        held["PoolInstance"] = held["L2PoolInstance"] = [setting.rate_strategy]
    if new.tokens_name_their_treasury:
        held["ATokenInstance"] = held["ATokenWithDelegationInstance"] = [setting.rewards_controller, setting.treasury]
        held["VariableDebtTokenInstance"] = [setting.rewards_controller]
    if len(record.args) != 1:
        return record
    return record.model_copy(update={"args": [*record.args, *held.get(record.kind, [])]})
