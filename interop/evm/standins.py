"""Tiny contracts that answer one word: what compiled contracts ask while they are made to do one thing."""

from __future__ import annotations

from collections.abc import Mapping

from pooltwin.protocol.address import Address

EIGHTEEN: Address = f"0x{18:040x}"
"""Who answers 18 is a token of 18 decimals, and names itself wherever a contract is asked for."""

_DISPATCH = bytes.fromhex("60003560e01c")  # the first four bytes of the calldata, as a number
_RETURN_IT = bytes.fromhex("60005260206000f3")
_CASE_SIZE = 11
_WORD_SIZE = 44


FEED_CODE = bytes.fromhex("60005460005260206000f3")
"""Code that answers the word in slot 0 to everything: a price feed that can be told what to answer."""


def answering(word: int) -> bytes:
    """Code that answers one word to everything."""
    return _answer(word)


def answering_by_selector(words: Mapping[bytes, int], otherwise: int) -> bytes:
    """Code that answers a word by the function that is called, and one word to everything else."""
    start = len(_DISPATCH) + _CASE_SIZE * len(words) + len(_answer(0))
    table, answers = _DISPATCH, _answer(otherwise)
    for number, (selector, word) in enumerate(words.items()):
        target = start + number * _WORD_SIZE
        table += b"\x80\x63" + selector + b"\x14\x61" + target.to_bytes(2, "big") + b"\x57"
        answers += b"\x5b" + _answer(word)
    return table + answers


def answering_one_byte(number: int) -> bytes:
    """Code that answers a number below 256 to everything, as flash-loan receivers do: PUSH1, and as below."""
    return b"\x60" + bytes([number]) + _RETURN_IT


def _answer(word: int) -> bytes:
    """PUSH32 word, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN."""
    return b"\x7f" + (word % 2**256).to_bytes(32, "big") + _RETURN_IT
