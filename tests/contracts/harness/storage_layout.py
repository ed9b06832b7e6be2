"""Compare the twin's storage layout with the one that the compiler gives."""

from typing import Any

from pooltwin.protocol.contracts.periphery.stata.transparent import TransparentStataToken
from pooltwin.protocol.contracts.proxy import ProxiedReceiver
from pooltwin.protocol.contracts.rewards import RewardsRecorder
from pooltwin.protocol.evm_storage.layout import Variable
from pooltwin.protocol.evm_storage.table import LAYOUTS
from pooltwin.protocol.revisions import revision_named

from .artifacts import ArtifactSet

ALWAYS_ZERO = {
    "initializing",
    "______gap",
    "__unusedGap",
    "_emissionManager",
    "delegationMode",
    "_deprecated_treasury",
    "_allowances",  # of debt tokens, which refuse allowances
}
"""Members that no function of this release writes, besides those the source calls deprecated."""

NOT_AAVES = {ProxiedReceiver.KIND, RewardsRecorder.KIND, TransparentStataToken.KIND}
"""Kinds that no artifact describes."""

KINDS = sorted({code.partition("@")[0] for code in LAYOUTS["3.0.2"]} - NOT_AAVES)
"""Whatever stores anything."""

Place = tuple[int, tuple[str, ...], int, int, int]
"""Slot, types of the mapping's keys, words before the last mapping in its struct, word in the struct, offset."""
ARRAY = "index"
"""The kind of key of an array, whose elements the compiler does not list."""


def leaves(
    types: dict[str, Any], entry: dict[str, Any], slot: int, keys: tuple[str, ...], word: int, before: int = 0
) -> Any:
    """The elementary variables below one entry of a storage layout: their places, sizes, types and labels."""
    kind = types[entry["type"]]
    if kind["encoding"] == "mapping":
        inner = {"type": kind["value"], "label": entry["label"], "offset": 0}
        yield from leaves(types, inner, slot, (*keys, types[kind["key"]]["label"]), 0, word)
    elif "members" in kind:
        for member in kind["members"]:
            yield from leaves(types, member, slot, keys, word + int(member["slot"]), before)
    else:
        yield (slot, keys, before, word, entry["offset"]), int(kind["numberOfBytes"]), kind["label"], entry["label"]


def compiled(artifacts: ArtifactSet, kind: str) -> dict[Place, tuple[int, str, str]]:
    layout = artifacts[kind].storage
    assert layout is not None
    found = {}
    for entry in layout["storage"]:
        for place, *rest in leaves(layout["types"], entry, int(entry["slot"]), (), 0):
            found[place] = (rest[0], rest[1], rest[2])
    return found


def place_of(variable: Variable) -> Place:
    return variable.slot, variable.keys, variable.inner, variable.member, variable.offset


def elementary(label: str) -> str:
    """A type as the layout calls it: contracts are addresses, enums are not stored."""
    if label.endswith("[]"):
        return "uint256"  # its length
    if label.startswith("enum "):
        return "uint8"
    return "address" if label.startswith("contract ") else label


NAMESPACED = 2**64
"""From here on slots are hashes of names (EIP-1967, ERC-7201), of which the compiler's layout says nothing.

The lockstep compares their words.
"""


def check_layout(artifacts: ArtifactSet, revision: str, kind: str) -> set[str]:
    """Every variable of the twin's layout is the compiler's. Returns what else the compiler lays out."""
    found = compiled(artifacts, kind)
    cls = revision_named(revision).contracts[kind]
    for variable in LAYOUTS[revision][cls.code()]:
        if variable.slot >= NAMESPACED or variable.keys == (ARRAY,):
            continue
        size, label, name = found.pop(place_of(variable))
        assert (size, elementary(label)) == (variable.size, variable.kind), name
    return {label for _, _, label in found.values() if "deprecated" not in label.lower()}
