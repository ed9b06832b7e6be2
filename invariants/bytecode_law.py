"""EVM-1, the law of compiled contracts: whatever they store is known."""

from __future__ import annotations

from pooltwin.protocol.revisions import Revision

from .law import Broken, Kind, Subject, Verdict, law
from .reading.probe import Probe

BYTECODE_LAWS = ("pooltwin.invariants.bytecode_law:EVERY_WORD_IS_EXPLAINED",)
"""The import paths of laws that are asked of bytecode besides the catalogue's."""


def laws_of_code(record: Revision | None) -> tuple[str, ...]:
    """The import paths of laws that are asked of an engine besides the catalogue's: of bytecode, where it is that."""
    return BYTECODE_LAWS if record is not None and record.machine is not None else ()


@law(
    "EVM-1",
    "Whatever the contracts store is in a variable that is known, under a key that something named.",
    kind=Kind.STATE,
    subject=Subject.PROBE,
    source="N",
    needs="contracts that are bytecode",
    met=lambda market: market.chain.revision.machine is not None,
)
def EVERY_WORD_IS_EXPLAINED(probe: Probe) -> Verdict:  # noqa: N802 - its import path is a constant's
    """Compare every word of the contracts with what is known of them, every few hundred transactions."""
    chain = probe.market.chain
    if chain.revision.machine is None:
        return None
    words = chain.unexplained_words(at_once=False)
    if not words:
        return True
    more = f", and {len(words) - 1} more" if len(words) > 1 else ""
    return Broken(f"words that nothing explains, none (there is {words[0]}{more})", len(words), 0)
