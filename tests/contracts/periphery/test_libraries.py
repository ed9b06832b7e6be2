"""Linked libraries called by themselves, beside the real ones: every selector in their code, with any arguments."""

import random

from pooltwin.protocol.contracts.library import ACCOUNT_DATA
from pooltwin.protocol.contracts.registry import LIBRARIES
from pooltwin.protocol.errors import NotModelledError

from ..harness.evm import selector
from ..harness.given import Release
from ..harness.lockstep import LockstepChain, in_lockstep_with
from ..harness.market import ACCOUNTS, ADMIN, open_market

PUSH4 = 0x63
CONSTANTS = ("CLOSE_FACTOR_HF_THRESHOLD()", "MIN_LEFTOVER_BASE()", "MAX_LIQUIDATION_CLOSE_FACTOR()")


def pushed(code: bytes) -> list[bytes]:
    """Every four bytes that the code pushes: its selectors are among them."""
    return sorted({code[at + 1 : at + 5] for at in range(len(code) - 5) if code[at] == PUSH4})


def test_libraries_called_by_themselves(any_release: Release) -> None:
    make = in_lockstep_with(any_release.revision)
    recorder = open_market(any_release.artifacts, any_release.revision, 1, 1, make)[1]
    chain, rng = recorder.chain, random.Random("libraries")
    assert isinstance(chain, LockstepChain)
    taken = 0
    linked = [name for name in LIBRARIES if name in recorder.addresses]
    assert len(linked) >= 5
    for name in linked:
        where = recorder.address(name)
        for word in (*pushed(chain.code(where)), b"", b"none"):
            for words in (0, rng.randrange(20)):
                data = b"".join(rng.choice((0, 1, 5, 127, 2**160 - 1)).to_bytes(32, "big") for _ in range(words))
                taken += chain.transact(rng.choice(ACCOUNTS), where, word + data).ok
        for constant in CONSTANTS:
            taken += chain.transact(ADMIN, where, selector(constant)).ok
    account = recorder.address("PoolLogic")
    for _ in range(150):
        values = [rng.choice((0, 1, 2, 3, 129, 2**200, rng.getrandbits(256))) for _ in range(rng.choice((6, 7, 8, 8)))]
        values[5 - rng.randrange(2) :] = [rng.choice((0, 1, 127, 128, 129, 200, 2**161)) for _ in range(3)]
        data = selector(ACCOUNT_DATA) + b"".join(value.to_bytes(32, "big") for value in values)
        try:
            taken += chain.transact(ADMIN, account, data).ok
        except NotModelledError:
            continue
    assert taken > 20
    chain.compare_storage()
