"""A transaction in which others act: who stands in for whom while it runs, and what is put back after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pooltwin.protocol.address import Address
from pooltwin.protocol.machine.scripts import ScriptedCall

from .actors import (
    DRIVER,
    DUE,
    MASTERED,
    RUNNER,
    TABLE,
    addressed,
    kept_at,
    person_code,
    runner_code,
    sender_code,
    table_of,
)
from .revm import Revm

Message = tuple[Address, Address, bytes]
"""Sender, recipient and calldata."""


@contextmanager
def performed(
    evm: Revm, sender: Address, to: Address, data: bytes, script: tuple[ScriptedCall, ...] = ()
) -> Iterator[Message]:
    """Give the message that has somebody send calldata, with a script that is performed when it comes to that.

    Contracts send through the driver, since the EVM lets people send only. Whoever acts in the script has somebody
    stand in for it; all is as before when the context is left.
    """
    inside = {call.sender for outer in script for call in outer.everything()}
    if not inside and not evm.code(sender):
        yield sender, to, data
        return
    before = _put_stand_ins(evm, sorted({*inside, *([sender] if evm.code(sender) else [])}))
    if script:
        evm.set_code(RUNNER, runner_code())
        evm.set_code(TABLE, table_of(script), lasts=False)
        evm.set_word(RUNNER, DUE, 1)
    try:
        yield (DRIVER, sender, addressed(to, data)) if evm.code(sender) else (sender, to, data)
    finally:
        if script:
            evm.set_word(RUNNER, DUE, 0)
            evm.set_code(TABLE, b"", 0)
        _take_away(evm, before)


def is_taken(evm: Revm) -> bool:
    """Tell inside the context whether the script was performed, or may have been before all was undone."""
    return evm.storage(RUNNER, DUE) == 0


def _put_stand_ins(evm: Revm, acting: list[Address]) -> dict[Address, tuple[bytes, bool]]:
    """Have somebody stand in for each. Returns the codes that were there, and whether they were put from outside."""
    before = {}
    for who in acting:
        code = evm.code(who)
        if code.startswith(MASTERED):
            continue
        before[who] = code, who in evm.codes
        if code:
            evm.set_code(kept_at(who), code)
        evm.set_code(who, sender_code(kept_at(who)) if code else person_code(), evm.nonce(who))
    return before


def _take_away(evm: Revm, before: dict[Address, tuple[bytes, bool]]) -> None:
    for who, (code, put) in before.items():
        evm.set_code(who, code, evm.nonce(who))
        if not put:
            del evm.codes[who]
