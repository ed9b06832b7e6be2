"""The state of a market from what a form says of its reserves: indexes, rates and totals, but of no account.

Everything that lenders and borrowers have belongs to one account, the holder of the rest.
"""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import named_address
from pooltwin.protocol.logic.terms import Revision
from pooltwin.protocol.math.wad_ray import RAY

from .draft import Fields
from .errors import ForeignFileError
from .needs import Has

BALANCED = "balanced"
"""Instead of a number for `scaled_supply`: as many shares as what the reserve has and is owed pays for."""

MARKET: dict[str, Has] = {"time": lambda _: True}
"""What a state says of the market, and no form does."""

RESERVE: dict[str, Has] = {
    **dict.fromkeys(("state.liquidity_index", "state.variable_borrow_index"), lambda _: True),
    **dict.fromkeys(("state.liquidity_rate", "state.variable_borrow_rate"), lambda _: True),
    **dict.fromkeys(("state.last_update_timestamp", "state.accrued_to_treasury"), lambda _: True),
    **dict.fromkeys(("state.scaled_supply", "state.scaled_variable_debt", "state.underlying_balance"), lambda _: True),
    "state.virtual_underlying_balance": lambda release: release.virtual_balances,
    "state.deficit": lambda release: release.deficits,
    "state.isolation_mode_total_debt": lambda release: release.isolation_mode,
    "state.unbacked": lambda release: release.has_function(
        "PoolInstance", "mintUnbacked(address,uint256,address,uint16)"
    ),
    **dict.fromkeys(
        (
            *("state.stable_debt.borrow_rate", "state.stable_debt.average_rate"),
            *("state.stable_debt.principal", "state.stable_debt.last_change_timestamp"),
        ),
        lambda release: release.stable_rates,
    ),
}
"""Fields of the state of a reserve, and which releases have them."""


def rest_holder(name: str) -> str:
    """The account that has everything, of a market of this name."""
    return named_address(f"{name}/rest")


def settled(state: dict[str, Any], reserve: Fields, release: Revision, key: str) -> dict[str, Any]:
    """A reserve's state with a number for a supply that is to be balanced, and without what its listing rules out."""
    found = dict(state)
    if reserve.get("virtual_accounting") is False and not found.get("virtual_underlying_balance"):
        found.pop("virtual_underlying_balance", None)
    supply = found.get("scaled_supply")
    if supply == BALANCED:
        found["scaled_supply"] = _balanced(found, release, key)
    elif isinstance(supply, str) and not supply.isdigit():
        raise ForeignFileError(f"{key}: scaled_supply is {supply!r}; it is a number of shares, or {BALANCED!r}")
    return found


def _balanced(state: dict[str, Any], release: Revision, key: str) -> int:
    """The shares that liquidity, debt and deficit pay for, beside the treasury's."""
    figures = {name: value for name, value in state.items() if name != "scaled_supply"}
    try:
        index, held = int(figures["liquidity_index"]), figures.get("virtual_underlying_balance")
        debt = release.debt_balance(int(figures["scaled_variable_debt"]), int(figures["variable_borrow_index"]))
        owned = debt + int(figures["underlying_balance"] if held is None else held)
        owned += int(figures.get("deficit", 0)) + int(figures.get("unbacked", 0))
        owned += int(figures.get("stable_debt", {}).get("principal", 0))
        return max(owned * RAY // index - int(figures["accrued_to_treasury"]), 0)
    except (KeyError, ZeroDivisionError) as error:
        raise ForeignFileError(f"{key}: scaled_supply cannot be balanced: {error} is lacking or 0") from error
