"""Count how calls ended: which function emitted which event, or reverted with which error."""

import re
from collections import Counter
from typing import Any

from pooltwin.protocol.chain import Chain
from pooltwin.protocol.errors import CustomError, ErrorString, Panic, Revert
from pooltwin.protocol.events import EVENTS
from pooltwin.protocol.receipt import Receipt

Hit = tuple[str, str, str]
"""Contract kind, function signature, and an error or event."""

Hits = Counter[Hit]
"""How many calls each outcome was seen in."""

EVENT_CLASSES = {cls for classes in EVENTS.values() for cls in classes}
EMPTY = "empty revert"
TOKEN_ERRORS = re.compile(r"Error\('ERC20: |ERC20Invalid|ERC20InsufficientBalance")
RESCUE_ERRORS = (EMPTY, "CallerNotPoolAdmin", "UnderlyingCannotBeRescued", "Error('GPv2: ")

_ACCOUNT = re.compile(r"account 0x[0-9a-f]{40} is missing role 0x[0-9a-f]{64}")


def count_hits(hits: Hits, chain: Chain, to: str, data: bytes, receipt: Receipt) -> None:
    """Count one call's outcomes; calls of nothing that the twin knows are not counted."""
    contract = chain.contracts[to]
    if contract is None:
        return
    signature = signature_of(contract, data) if receipt.function is None else receipt.function.signature
    if signature is None:
        return
    for outcome in {summed_up(contract.KIND, signature, outcome) for outcome in outcomes(receipt)}:
        hits[contract.KIND, signature, outcome] += 1


def outcomes(receipt: Receipt) -> set[str]:
    """The error, or each kind of event."""
    if receipt.revert is not None:
        return {error_name(receipt.revert)}
    return {name_of(type(event)) for event in receipt.events}


def error_name(revert: Revert) -> str:
    """Name the error of a revert as the table does."""
    if isinstance(revert, CustomError):
        return type(revert).__name__
    if isinstance(revert, Panic):
        return f"Panic({revert.code:#x})"
    if isinstance(revert, ErrorString):
        return f"Error({_ACCOUNT.sub('account ... is missing role 0x...', revert.message)!r})"
    return EMPTY


def signature_of(contract: Any, data: bytes) -> str | None:
    """The function that calldata names, None for one the contract does not have."""
    try:
        function = contract.find(data)
    except (Revert, AttributeError):
        return None
    return str(function.signature)


def name_of(cls: type) -> str:
    """Name an event or error as the table does."""
    if cls in EVENT_CLASSES:
        return f"event {cls.signature.partition('(')[0]}"
    return cls.__name__


def summed_up(kind: str, signature: str, outcome: str) -> str:
    """Name an outcome as the table does: what an inner call or a token makes of it goes by one name.

    That is: whatever comes of the calls in a `multicall`, or of the token that is rescued, and the errors with which
    the test token refuses a transfer inside another contract's function.
    """
    what = "event" if outcome.startswith("event ") else "error"
    if signature.startswith("multicall"):
        return outcome if outcome in ("FailedCall", EMPTY) else f"{what} of an inner call"
    if signature.startswith("rescueTokens"):
        return outcome if outcome.startswith(RESCUE_ERRORS) else f"{what} of the token"
    if kind != "TestnetERC20" and TOKEN_ERRORS.match(outcome):
        return "error of the token"
    if kind == "PoolInstance" and outcome == "ERC20InsufficientAllowance":
        return "error of the token"
    return outcome
