"""The code of a running market held against compiled contracts: which contracts are other code than was compiled."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address
from pooltwin.protocol.machine.contract import Contract

from .constructors import CodeError
from .given_token import GivenToken

MOST_NAMED = 4
"""How many contracts of other code are named."""


def told_of(machine: Any) -> list[str]:
    """Say which market an engine of a state has, and how its code compares with what was compiled: a line each."""
    market, label = machine.market, machine.label
    assets, pool = list(market.assets), market.pool.address
    named = ", ".join(assets[:MOST_NAMED]) + (f" and {len(assets) - MOST_NAMED} more" if assets[MOST_NAMED:] else "")
    lines = [f"In the state of {machine.state.name}, {len(machine.accounts):,} accounts: the pool {pool} of {named}."]
    other, unknown = other_code(machine)
    if not other and not unknown:
        return [*lines, f"The state's code runs, which is that of {label}."]
    if other:
        lines.append(f"The state's code runs, where it is not that of {label}: {_listed(other)}.")
    if unknown:
        lines.append(f"Not compared, for {label} has no such contract: {_listed(unknown)}.")
    return lines


def other_code(machine: Any) -> tuple[list[str], list[str]]:
    """Name the contracts of a state's market that are other code than was compiled, and those that cannot be compared.

    Feeds and tokens that stand in for others are left out; so are libraries, which are told by nobody.
    """
    other, unknown = [], []
    for where, contract in sorted(machine.market.chain.contracts.items()):
        if contract is None or where not in machine.identified or isinstance(contract, GivenToken):
            continue
        try:
            same = _is_same(machine, where, contract)
        except CodeError:
            unknown.append(f"{contract.KIND} at {where}")
        else:
            if not same:
                other.append(f"{contract.KIND} at {where}")
    return other, unknown


def _is_same(machine: Any, where: Address, contract: Contract) -> bool:
    """Is the code at an address what would be compiled there, wherever the libraries are that it calls?"""
    chain = machine.market.chain
    made, held = machine.codes.code_of(contract), machine.accounts[where].code
    if len(made) != len(held):
        return False
    for name in machine.artifacts.libraries:
        linked = bytes.fromhex(chain.library(name)[2:])
        at = made.find(linked)
        while at >= 0:
            held = held[:at] + linked + held[at + len(linked) :]
            at = made.find(linked, at + 1)
    return bool(made == held)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if names[MOST_NAMED:] else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"
