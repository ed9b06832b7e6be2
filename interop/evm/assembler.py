"""A small assembler: the bytecode of contracts of a dozen lines, written as words.

    assemble("CALLDATASIZE @some JUMPI STOP some: 0 0 REVERT")

A word is an instruction; a number, decimal or `0x`, which is pushed; `$name`, a number or address given by that name;
`@label`, the place of a label; or `label:`, a place to jump to. What stands behind `;` on a line is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

OPCODES = {
    "STOP": 0x00,
    "ADD": 0x01,
    "MUL": 0x02,
    "SUB": 0x03,
    "LT": 0x10,
    "EQ": 0x14,
    "ISZERO": 0x15,
    "AND": 0x16,
    "OR": 0x17,
    "SHL": 0x1B,
    "SHR": 0x1C,
    "CALLER": 0x33,
    "CALLVALUE": 0x34,
    "CALLDATALOAD": 0x35,
    "CALLDATASIZE": 0x36,
    "CALLDATACOPY": 0x37,
    "CODECOPY": 0x39,
    "EXTCODECOPY": 0x3C,
    "RETURNDATASIZE": 0x3D,
    "RETURNDATACOPY": 0x3E,
    "POP": 0x50,
    "MLOAD": 0x51,
    "MSTORE": 0x52,
    "SLOAD": 0x54,
    "SSTORE": 0x55,
    "JUMP": 0x56,
    "JUMPI": 0x57,
    "GAS": 0x5A,
    "LOG0": 0xA0,
    "LOG3": 0xA3,
    "CALL": 0xF1,
    "RETURN": 0xF3,
    "DELEGATECALL": 0xF4,
    "STATICCALL": 0xFA,
    "REVERT": 0xFD,
    **{f"DUP{depth}": 0x7F + depth for depth in range(1, 17)},
    **{f"SWAP{depth}": 0x8F + depth for depth in range(1, 17)},
}
JUMPDEST = 0x5B
PUSH0 = 0x5F
PUSH2 = 0x61
_COMMENT = re.compile(r";.*")


class AssemblyError(ValueError):
    """A program with a word that means nothing, a label that is not there or is there twice."""


def assemble(program: str, **constants: int | str) -> bytes:
    """Assemble a program. Addresses among the constants are given in hex. Raises AssemblyError."""
    code, places, jumps = bytearray(), dict[str, int](), list[tuple[int, str]]()
    for word in _words(program):
        if word.endswith(":"):
            if places.setdefault(word[:-1], len(code)) != len(code):
                raise AssemblyError(f"the label {word} is there twice")
            code.append(JUMPDEST)
        elif word.startswith("@"):
            jumps.append((len(code) + 1, word[1:]))
            code += bytes((PUSH2, 0, 0))
        else:
            code += _instruction(word, constants)
    for at, label in jumps:
        if label not in places:
            raise AssemblyError(f"there is no label {label}:")
        code[at : at + 2] = places[label].to_bytes(2, "big")
    return bytes(code)


def _words(program: str) -> Iterator[str]:
    for line in program.splitlines():
        yield from _COMMENT.sub("", line).split()


def _instruction(word: str, constants: dict[str, int | str]) -> bytes:
    if word in OPCODES:
        return bytes((OPCODES[word],))
    if word.startswith("$"):
        if word[1:] not in constants:
            raise AssemblyError(f"nothing is given for {word}")
        value = constants[word[1:]]
        return pushed(int(value, 16) if isinstance(value, str) else value)
    try:
        return pushed(int(word, 0))
    except ValueError:
        raise AssemblyError(f"{word!r} is no instruction, number, label or constant") from None


def pushed(number: int) -> bytes:
    """Give the instruction that pushes a number, as short as it can be. Raises ValueError for what is no word."""
    if not 0 <= number < 2**256:
        raise ValueError(f"{number} is no word of the EVM")
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes((PUSH0 + len(data),)) + data
