"""A chain of bytecode that goes on with other compiled contracts: those of the next release, or of a fork of its own.

What stands in the EVM stays there; governance's calls put new code behind the proxies (`protocol.upgrades`). Here the
records become those of the new contracts, and the words are written where these look for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.evm_storage.raw import contract_storage
from pooltwin.protocol.logic.terms import Revision
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.upgrades.renewal import refuse_rules_of_the_twin

from .given_token import GivenToken
from .sweeping import SeenWords
from .wires import STRING_TAIL, Wire


def succeed(chain: Any, new: Revision) -> None:
    """Have a chain (`EvmChain`) go on by another record of bytecode. Raises UpgradeError for one of the twin's.

    Words of variables that the new contracts do not know are cleared, as governance's initializers did.
    """
    old = chain.revision
    refuse_rules_of_the_twin(old, new)
    if GivenToken.KIND in old.contracts:  # what stands there goes on standing there
        new = replace(new, contracts={**new.contracts, GivenToken.KIND: GivenToken})
    chain.begin_step()
    journal = chain.journal.entries
    relinked = {**chain.relinked, **_libraries_that_differ(old.machine, new.machine)}
    for name, value in (("revision", new), ("machine", new.machine), ("relinked", relinked)):
        journal.append((chain, name, getattr(chain, name)))
        chain.restore(name, value)
    for contract in list(chain.contracts.values()):
        if contract is not None:
            _follow(chain, contract, old, new)
    _tie_anew(chain)


def _libraries_that_differ(old: Any, new: Any) -> dict[str, Address]:
    """Give addresses of their own to libraries of which there is another one already."""
    marks = {name: new.mark_with_libraries(name) for name in new.artifacts.libraries}
    return {
        name: named_address(f"{name} {mark}") for name, mark in marks.items() if mark != old.mark_with_libraries(name)
    }


def _follow(chain: Any, contract: Contract, old: Revision, new: Revision) -> None:
    """Take over the class that the new record has for a contract, as `Contract.follow` does."""
    cls, successor = type(contract), new.contracts.get(contract.KIND)
    if successor is None or successor is cls or old.contracts.get(contract.KIND) is not cls:
        return
    if successor.code() == cls.code():
        if successor.stored_names() == cls.stored_names():
            chain.journal.entries.append((contract, "__class__", cls))
            contract.restore("__class__", successor)
        else:
            chain.contracts[contract.address] = contract.renewed_as(successor)


def _tie_anew(chain: Any) -> None:
    """Have the words of all contracts mean what they mean to the new ones, and lie where these look for them."""
    wires, seen = chain.wires, chain.seen
    known: dict[Address, dict[int, int]] = {}
    for (where, slot), (words, at) in seen.index.items():
        holding = words.places[at].holding
        known.setdefault(where, {})[slot] = -1 if holding is STRING_TAIL else holding.mask
    for name, value in (("wires", {}), ("seen", SeenWords(chain.journal))):
        chain.journal.entries.append((chain, name, getattr(chain, name)))
        chain.restore(name, value)
    for where in wires:
        _move_words(chain, where, known.get(where, {}))
        chain.wires[where] = Wire(chain, where)
        chain.wires[where].fill()
    chain.hidden.forget()
    chain.answers.forget()


def _move_words(chain: Any, where: Address, known: dict[int, int]) -> None:
    """Clear what was known of the words of a contract and is stored elsewhere now, or not at all."""
    rendered = contract_storage(chain.contracts[where])
    for slot, mask in known.items():
        word = chain.evm.storage(where, slot)
        kept = 0 if mask < 0 or slot in rendered else word & ~mask
        if word and slot not in rendered and kept != word:
            chain.evm.set_word(where, slot, kept)
