"""Tokens whose balances are reckoned from shares, as those that rebase: the word of the shares, found by trying.

A word that moves a balance in proportion is one of shares. To give somebody an amount, so many shares are added that
the balance is right to within their rounding; and the totals are found by which nobody else's balance moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import permutations

from pooltwin.protocol.address import Address, named_address

from .given_token import BALANCE_OF, TOTAL_SUPPLY, number_told
from .revm import Revm

NOBODY = named_address("somebody without tokens")
SHARES = 10**24
"""So many shares are tried: their rounding is small beside them, and they overflow nothing."""
MOST_TOTALS = 12
"""Among so many words the totals are looked for, in pairs."""
PRECISION = 10**9
"""To one part in so many, at least, a share keeps its worth when totals move with shares."""
WORD = 1 << 256

SlotOf = Callable[[Address], int]


@contextmanager
def tried(evm: Revm, where: Address, slot: int, word: int) -> Iterator[None]:
    """Have a word be another for a while."""
    before = evm.storage(where, slot)
    evm.set_word(where, slot, word)
    try:
        yield
    finally:
        evm.set_word(where, slot, before)


def shares_there(evm: Revm, where: Address, slot_of: SlotOf) -> bool:
    """Is the word that a slot has for a holder one of shares? It is if the balance follows it in proportion."""
    one, two = (_balance_with(evm, where, slot_of, shares) for shares in (SHARES, 2 * SHARES))
    return 0 < one <= two and abs(two - 2 * one) <= 2 + two // SHARES


def _balance_with(evm: Revm, where: Address, slot_of: SlotOf, shares: int) -> int:
    with tried(evm, where, slot_of(NOBODY), shares):
        return number_told(evm, where, BALANCE_OF, NOBODY) or 0


def totals_among(evm: Revm, where: Address, slot_of: SlotOf, slots: Iterable[int]) -> tuple[int, ...]:
    """List the words that move what a token says it has in all, or what a share is worth."""
    told, found = _figures(evm, where, slot_of), list[int]()
    for slot in sorted(slots):
        word = evm.storage(where, slot)
        if word and len(found) < MOST_TOTALS:
            with tried(evm, where, slot, (word + word // 2 + 1) % WORD):
                if _figures(evm, where, slot_of) != told:
                    found.append(slot)
    return tuple(found)


def _figures(evm: Revm, where: Address, slot_of: SlotOf) -> tuple[int | None, int]:
    """What there is of a token in all, and what so many shares as are tried are worth."""
    return number_told(evm, where, TOTAL_SUPPLY), _balance_with(evm, where, slot_of, SHARES)


def changes_of_shares(
    evm: Revm, where: Address, slot_of: SlotOf, totals: tuple[int, ...], account: Address, amount: int
) -> dict[int, int] | None:
    """Give the words by which an account has so much more, or less, to within rounding. None where none do so.

    The totals follow where words are found by which they do, so that nobody else has more or less.
    """
    held, slot = number_told(evm, where, BALANCE_OF, account), slot_of(account)
    rate = _balance_with(evm, where, slot_of, SHARES)
    if held is None or not rate:
        return None
    before, slack = evm.storage(where, slot), 2 + 2 * (rate // SHARES)
    shares = amount * SHARES // rate
    for added in (shares, shares + 1, shares + 2, shares - 1):
        if not 0 <= before + added < WORD:
            continue
        changed = {slot: before + added}
        with tried(evm, where, slot, before + added):
            changed |= _totals_for(evm, where, slot_of, totals, (added, amount))
            with all_tried(evm, where, changed):
                now = number_told(evm, where, BALANCE_OF, account)
        if now is not None and abs(now - held - amount) <= slack:
            return changed
    return None


def _totals_for(
    evm: Revm, where: Address, slot_of: SlotOf, totals: tuple[int, ...], moves: tuple[int, int]
) -> dict[int, int]:
    """Find the words of the totals that go with more shares and more tokens, and leave a share its worth best.

    Nothing where none do.
    """
    added, amount = moves
    supply, rate = _figures(evm, where, slot_of)
    words = {slot: evm.storage(where, slot) for slot in totals}
    choices = [{slot: word + move} for slot, word in words.items() for move in moves]
    choices += [{one: words[one] + added, other: words[other] + amount} for one, other in permutations(words, 2)]
    best, least = dict[int, int](), rate // PRECISION + 2
    for choice in choices:
        if supply is None or not all(0 <= word < WORD for word in choice.values()):
            continue
        with all_tried(evm, where, choice):
            now, worth = _figures(evm, where, slot_of)
        if now is not None and abs(now - supply - amount) <= rate // SHARES + 2 and abs(worth - rate) < least:
            best, least = choice, abs(worth - rate)
    return best


@contextmanager
def all_tried(evm: Revm, where: Address, words: Mapping[int, int]) -> Iterator[None]:
    """Have several words be others for a while."""
    with ExitStack() as kept:
        for slot, word in words.items():
            kept.enter_context(tried(evm, where, slot, word))
        yield
