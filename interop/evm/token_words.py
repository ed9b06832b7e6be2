"""Balances of tokens of unknown code, found in storage by trying: a word is changed, and the token asked.

As Foundry's `deal` does. So tests can make tokens of which nobody offers a function for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from eth_hash.auto import keccak
from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.machine.abi import encode_word
from pooltwin.protocol.receipt import Receipt

from .assembler import assemble, pushed
from .constructors import CodeError
from .given_token import ALLOWANCE, BALANCE_OF, TOTAL_SUPPLY, GivenToken, number_told
from .revm import Revm
from .terms import BytecodeChain
from .token_shares import NOBODY, SlotOf, changes_of_shares, shares_there, totals_among, tried

APPROVE = selector_of("approve(address,uint256)")
TRIED = 0x0123456789
"""The balance that is tried."""
SLOTS = 400
"""How many places of variables are tried."""
NAMESPACED = 0x52C63247E1F47DB19D5CE0460030C497F067CA4CEBF71BA98EEADABE20BACE00
"""Where OpenZeppelin's upgradeable ERC-20 begins (ERC-7201); its balances come first."""
SEED = 0x87A211A2
"""What Solady's ERC-20 hashes a holder with."""
WORD = 1 << 256


class TokenWords(NamedTuple):
    """The places in which a token keeps what it is asked for; None for what was not found."""

    balance: SlotOf | None
    """Gives the slot of a holder's balance."""
    supply: int | None
    shares: SlotOf | None = None
    """Gives the slot of a holder's shares, where balances are reckoned from these."""
    known: tuple[int, ...] = ()
    """Slots of words that may be totals of such a token."""


def words_of(evm: Revm, where: Address, slots: Mapping[int, int] | None = None) -> TokenWords:
    """Find where a token keeps balances and the total. `slots` are the words that it is known to have."""
    known = {*(slots or ()), *range(SLOTS), NAMESPACED + 2}
    balance = next((slot_of for slot_of in _forms() if _holds(evm, where, slot_of)), None)
    if balance is not None:
        return TokenWords(balance, _supply(evm, where, known))
    shares = next((slot_of for slot_of in _forms() if shares_there(evm, where, slot_of)), None)
    return TokenWords(None, None, shares, totals_among(evm, where, shares, known) if shares is not None else ())


def _forms() -> Iterator[SlotOf]:
    for base in (*range(SLOTS), NAMESPACED):
        yield partial(_of_solidity, base)
        yield partial(_of_vyper, base)
    yield _of_solady


def _of_solidity(base: int, account: Address) -> int:
    return _hashed(_word(int(account, 16)), _word(base))


def _of_vyper(base: int, account: Address) -> int:
    return _hashed(_word(base), _word(int(account, 16)))


def _of_solady(account: Address) -> int:
    return _hashed(bytes.fromhex(account[2:]), bytes(8), SEED.to_bytes(4))


def _holds(evm: Revm, where: Address, slot_of: SlotOf) -> bool:
    slot = slot_of(NOBODY)
    with tried(evm, where, slot, TRIED):
        return number_told(evm, where, BALANCE_OF, NOBODY) == TRIED


def _supply(evm: Revm, where: Address, slots: set[int]) -> int | None:
    told = number_told(evm, where, TOTAL_SUPPLY)
    for slot in sorted(slots):
        word = evm.storage(where, slot)
        if word and told:
            with tried(evm, where, slot, (word + 1) % WORD):
                if number_told(evm, where, TOTAL_SUPPLY) == told + 1:
                    return slot
    return None


def _hashed(*parts: bytes) -> int:
    return int.from_bytes(keccak(b"".join(parts)))


def _word(number: int) -> bytes:
    return number.to_bytes(32)


def changes_for(evm: Revm, where: Address, words: TokenWords, account: Address, amount: int) -> dict[int, int] | None:
    """Give the words by which an account has so much more, or less, and the total with it. None where none do so.

    Of a token that keeps shares it is to within their rounding.
    """
    held = number_told(evm, where, BALANCE_OF, account)
    if words.shares is not None:
        return changes_of_shares(evm, where, words.shares, words.known, account, amount)
    if words.balance is None or held is None:
        return None
    slot = words.balance(account)
    word = evm.storage(where, slot) + amount
    if not 0 <= word < WORD:
        return None
    with tried(evm, where, slot, word):
        if number_told(evm, where, BALANCE_OF, account) != held + amount:
            return None
    changed = {slot: word}
    if words.supply is not None and 0 <= (total := evm.storage(where, words.supply) + amount) < WORD:
        changed[words.supply] = total
    return changed


def words_on(chain: BytecodeChain, where: Address) -> TokenWords:
    """Find where a given token of a chain keeps balances and the total, once."""
    known = chain.given.words
    if where not in known:
        known[where] = words_of(chain.evm, where, chain.strangers.get(where))
    found: TokenWords = known[where]
    return found


def bring_up(chain: BytecodeChain, where: Address) -> None:
    """Have a token hold and allow what its records say. Raises CodeError where its balances are not found."""
    evm, token, words = chain.evm, chain.contracts[where], words_on(chain, where)
    for account, balance in token.balances.items():
        held = number_told(evm, where, BALANCE_OF, account)
        if held is None or held == balance:
            continue
        changed = changes_for(evm, where, words, account, balance - held)
        if changed is None:
            raise CodeError(f"{where}: the balance of {account} is {held} in the state, and cannot be made {balance}")
        for slot, word in changed.items():
            evm.set_word(where, slot, word)
        if words.shares is not None:
            token.balances[account] = number_told(evm, where, BALANCE_OF, account) or 0
    for (owner, spender), allowance in token.allowances.items():
        if number_told(evm, where, ALLOWANCE, owner, spender) != allowance:
            for amount in (0, allowance):  # some tokens want an allowance taken away before another is given
                evm.message(owner, where, APPROVE + b"".join(map(encode_word, (spender, amount))))


@contextmanager
def minting(chain: BytecodeChain, receipt: Receipt) -> Iterator[None]:
    """Have a given token make tokens, as long as the transaction lasts that asks for some; it reverts if it cannot."""
    token: Any = receipt.contract
    if not isinstance(token, GivenToken) or receipt.function is None or receipt.function.name != "mint":
        yield
        return
    evm, where = chain.evm, token.address
    account, amount = receipt.arguments
    changed = changes_for(evm, where, words_on(chain, where), account, amount)
    code, nonce = evm.code(where), evm.nonce(where)
    evm.set_code(where, _refusing() if changed is None else _minting(changed, account, amount), nonce, lasts=False)
    try:
        yield
    finally:
        evm.set_code(where, code, nonce)


def _refusing() -> bytes:
    return assemble("0 0 REVERT")


def _minting(changed: Mapping[int, int], account: Address, amount: int) -> bytes:
    writes = b"".join(pushed(word) + pushed(slot) + assemble("SSTORE") for slot, word in changed.items())
    told = assemble(
        "$amount 0 MSTORE $account 0 $transfer 32 0 LOG3 1 0 MSTORE 32 0 RETURN",
        amount=amount,
        account=account,
        transfer=_hashed(b"Transfer(address,address,uint256)"),
    )
    return writes + told
