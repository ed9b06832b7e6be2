"""Solidity as text that Foundry's formatter leaves as it is: addresses, bytes, strings, calls, names of constants."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from eth_hash.auto import keccak
from pooltwin.protocol.address import Address

WIDTH = 120
"""The longest line of the formatter, unless a project says otherwise."""
INDENT = "    "
COMMENT_WIDTH = 100
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAKEN = frozenset(("REASON", "VM"))


def checksummed(where: Address) -> str:
    """Spell an address as Solidity wants it: capitals say by the hash that no digit is wrong."""
    digits = where[2:]
    marks = bytes(keccak(digits.encode())).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) >= 8 else digit for digit, mark in zip(digits, marks, strict=False)
    )


def string(text: str) -> str:
    """Write a string literal; what ASCII does not have becomes a question mark."""
    plain = " ".join(text.replace("\u00a0", " ").splitlines())
    plain = plain.encode("ascii", "replace").decode()
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def comment(text: str) -> list[str]:
    """Write a comment on lines that fit, without what a compiler refuses in one; what is continued is indented."""
    plain = _BIDI.sub("?", " ".join(text.replace("\u00a0", " ").splitlines()))
    margin = " " * (len(plain) - len(plain.lstrip()))
    lines = textwrap.wrap(plain.strip(), COMMENT_WIDTH, initial_indent=margin, subsequent_indent=f"{margin}  ")
    return [f"// {line}" for line in lines] or ["//"]


def hexes(data: bytes, *, selector: bool = False, column: str = INDENT * 3) -> str:
    """Write bytes as hex literals, a word each, on as many lines as the formatter would take.

    With a `selector`, the first four bytes stand by themselves.
    """
    head = 4 if selector and len(data) > 4 else 0
    parts = [data[:head]] if head else []
    parts += [data[at : at + 32] for at in range(head, len(data), 32)]
    return _filled([f'hex"{part.hex()}"' for part in parts or [b""]], column)


def _filled(parts: Sequence[str], column: str) -> str:
    lines = [parts[0]]
    for part in parts[1:]:
        if len(column) + len(lines[-1]) + 1 + len(part) < WIDTH:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return f"\n{column}".join(lines)


def call(name: str, arguments: Sequence[str], indent: str = INDENT * 2) -> list[str]:
    """Write a call as a statement: on one line if it fits, else its arguments on one line, else an argument a line."""
    flat = f"{indent}{name}({', '.join(' '.join(each.split()) for each in arguments)});"
    if len(flat) <= WIDTH:
        return [flat]
    inner = indent + INDENT
    row = f"{inner}{', '.join(' '.join(each.split()) for each in arguments)}"
    if len(row) <= WIDTH:
        return [f"{indent}{name}(", row, f"{indent});"]
    rows = [f"{inner}{each}," for each in arguments[:-1]] + [f"{inner}{arguments[-1]}"]
    return [f"{indent}{name}(", *"\n".join(rows).split("\n"), f"{indent});"]


def constants(names: Mapping[Address, str], used: Iterable[Address]) -> dict[Address, str]:
    """Name addresses as constants: `aWETH` is A_WETH; those without a name are ACCOUNT_1 and so on."""
    found: dict[Address, str] = {}
    taken = set(_TAKEN)
    for where in dict.fromkeys(used):
        word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", names.get(where, ""))
        word = re.sub(r"[^A-Za-z0-9]+", "_", word).strip("_").upper()
        if not word or word[0].isdigit() or word.startswith("0X"):
            word = "ACCOUNT"
        name, number = word, 1
        while name in taken or name == "ACCOUNT":
            name, number = f"{word}_{number}", number + 1
        taken.add(name)
        found[where] = name
    return found
