"""Accounts of an EVM as a whole: put there, and read out of it."""

from __future__ import annotations

from pooltwin.protocol.address import Address

from .genesis import Account
from .revm import Revm
from .terms import BytecodeChain


def put_account(evm: Revm, where: Address, account: Account) -> None:
    """Put an account into an EVM that does not have it: code, words, nonce and ether."""
    if account.code:
        evm.set_code(where, account.code, account.nonce or 1)
    for slot, word in account.storage.items():
        evm.set_word(where, slot, word)
    if account.balance:
        evm.set_ether(where, account.balance)


def accounts_of(chain: BytecodeChain) -> dict[Address, Account]:
    """The whole state of a chain of bytecode, account by account: code, words, nonces and ether as they are now."""
    chain.bring_up_to_date()
    evm = chain.evm
    slots = {where: set(words) for where, words in evm.accounts().items()}
    for where, slot, _ in chain.seen.held():
        slots.setdefault(where, set()).add(slot)
    for where, words in chain.strangers.items():
        slots.setdefault(where, set()).update(words)
    known = {*slots, *evm.codes, *(where for where, held in chain.contracts.items() if held is not None)}
    found = {}
    for where in known | set(chain.nonces.written()) | set(chain.balances.written()):
        words = {slot: evm.storage(where, slot) for slot in slots.get(where, ())}
        held = {slot: word for slot, word in words.items() if word}
        code, ether = evm.code(where), evm.ether(where)
        nonce = max(chain.nonces[where], evm.nonce(where) if code else 0)
        if code or held or nonce or ether:
            found[where] = Account(code, held, nonce, ether)
    return found
