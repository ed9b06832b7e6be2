"""Copies of chains of bytecode: code, ether and words in another EVM, tied to the copied records."""

from __future__ import annotations

from typing import Any

from pooltwin.protocol.address import Address

from .accounts import accounts_of


def copy_contracts(chain: Any, copy: Any, hidden: dict[Address, dict[int, int]], *, own: bool) -> None:
    """Put whatever stands in the EVM of a chain into that of a copy, which has the records already.

    `hidden` are the words that no record tells of, by address and slot; contracts of one's `own` may have made some.
    """
    for where, code in chain.evm.codes.items():
        copy.evm.set_code(where, code, chain.evm.nonce(where))
    for where in chain.wires:
        if where not in copy.evm.codes:
            copy.evm.set_code(where, chain.evm.code(where), chain.evm.nonce(where))
    for where, wire in chain.wires.items():
        if chain.contracts[where] is not None:
            copy.wires[where] = wire.copy_to(copy)
    for where, ether in chain.balances.items():
        copy.evm.set_ether(where, ether)
    for where, account in (accounts_of(chain) if chain.strangers else {}).items():
        if where not in chain.wires:
            copy.take_in_stranger(where, account)
    chain.seen.copy_into(copy.seen, copy.wires)
    for where, slot, word in copy.seen.held():
        copy.evm.set_word(where, slot, word)
    copy.hidden.given = {where: words for where, words in hidden.items() if words}
    copy.hidden.trust_as(chain.hidden)
    for where, words in hidden.items():
        for slot, word in words.items():
            copy.evm.set_word(where, slot, word)
    for where in chain.evm.accounts() if own else ():
        if where not in copy.evm.codes and (code := chain.evm.code(where)):
            copy.evm.set_code(where, code, chain.evm.nonce(where))
