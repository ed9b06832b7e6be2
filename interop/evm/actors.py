"""Contracts of a few lines of bytecode that play the parts of other people's Python contracts.

One of them, the runner, performs scripts; the others call it when it comes to that. What is to happen is data behind an
address of its own, written before the transaction and taken away after it:

- A word of the runner holds the number of the script that is due. Whoever takes it sets it to 0, so it is run once.
- Before each of its calls the runner sets the number of that call's own script, and after it 0.
- A call goes out in its sender's own name: through the contract that stands in for the sender while the transaction
  lasts, or through the sender's own code where that is one of the actors here.

Where a frame that has taken a script is undone, and whoever called it goes on, the script is due again: the EVM forgets
the taking with all else. On the twin it stays taken.
"""

from __future__ import annotations

from functools import lru_cache

from pooltwin.protocol.address import Address, named_address
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.machine.scripts import Part, ScriptedCall

from .assembler import assemble

DRIVER = named_address("driver")
"""Who sends transactions in the name of a contract: the EVM lets people send only."""
RUNNER = named_address("runner of scripts")
TABLE = named_address("scripts to run")
"""Its code is the data of the scripts."""
DUE = 0
"""The word of the runner that holds the number of the script that is due."""
WORD = 32
_MARK = (0).to_bytes(WORD, "big")
"""The first word of a table: no code begins so, and numbers begin with 1."""

_ACT = """
act:                                    ; one of the masters: call the address in the first word with the rest
    32 CALLDATASIZE SUB
    DUP1 32 0 CALLDATACOPY
    0 0 DUP3 0 CALLVALUE 0 CALLDATALOAD GAS CALL
    RETURNDATASIZE 0 0 RETURNDATACOPY
    @acted JUMPI RETURNDATASIZE 0 REVERT
acted: RETURNDATASIZE 0 RETURN
"""
_IS_MASTER = "CALLER $driver EQ CALLER $runner EQ OR"
_FOR_MASTERS = f"{_IS_MASTER} @act JUMPI"
MASTERED = assemble(_IS_MASTER, driver=DRIVER, runner=RUNNER)
"""How code begins that calls in its own name whom the driver and the runner say."""
_TO_REAL_CODE = """
    CALLDATASIZE 0 0 CALLDATACOPY
    0 0 CALLDATASIZE 0 $kept GAS DELEGATECALL
    RETURNDATASIZE 0 0 RETURNDATACOPY
    @fine JUMPI RETURNDATASIZE 0 REVERT
fine:
"""
_RUN_LENIENTLY = "0 0 0 0 0 $runner GAS CALL POP"


def runner_code() -> bytes:
    """Perform the script that is due, if one is. The first word of the calldata is 1 to stop at a call that fails.

    It is undone as a whole then, and reverts with the call's data; otherwise what a call comes to is all the same.
    """
    return _assembled(
        """
            0 SLOAD DUP1 @some JUMPI STOP
        some:
            0 0 SSTORE                                  ; taken
            64 MUL 32 SWAP1 SUB                         ; the script's entry: its first and its last place
            64 SWAP1 0 $table EXTCODECOPY
            32 MLOAD 0 MLOAD                            ; stack: end, place
        next:
            DUP2 DUP2 EQ @done JUMPI
            96 DUP2 0 $table EXTCODECOPY                ; number of its own script, who makes the call, length
            0 MLOAD 0 SSTORE
            64 MLOAD                                    ; end, place, length
            DUP1 DUP3 96 ADD 96 $table EXTCODECOPY
            0 0 DUP3 96 0 32 MLOAD GAS CALL             ; end, place, length, success
            0 0 SSTORE
            ISZERO 0 CALLDATALOAD AND @failed JUMPI
            ADD 96 ADD @next JUMP
        failed:
            RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 REVERT
        done: STOP
        """,
        table=TABLE,
    )


def person_code() -> bytes:
    """Stand in for a person who makes a call inside a transaction: as no code to everybody but the masters."""
    return _assembled(f"{_FOR_MASTERS} CALLDATASIZE @no JUMPI STOP no: 0 0 REVERT {_ACT}")


def sender_code(kept: Address) -> bytes:
    """Stand in for a contract that makes a call: the masters' calls go out as its own, all else to its code."""
    return _assembled(f"{_FOR_MASTERS} {_TO_REAL_CODE} RETURNDATASIZE 0 RETURN {_ACT}", kept=kept)


def receiver_code() -> bytes:
    """Be the receiver of flash loans that performs the script that is due, and agrees whatever came of it."""
    return _assembled(
        f"""
            {_FOR_MASTERS}
            0 CALLDATALOAD 224 SHR DUP1 $many EQ SWAP1 $one EQ OR @agree JUMPI
            0 0 REVERT
        agree:
            {_RUN_LENIENTLY}
            1 0 MSTORE 32 0 RETURN
        {_ACT}
        """,
        many=_selector("executeOperation(address[],uint256[],uint256[],address,bytes)"),
        one=_selector("executeOperation(address,uint256,uint256,address,bytes)"),
    )


def router_code() -> bytes:
    """Be the router, whose `go(bool)` performs the script that is due: lenient, or undone as a whole at a failure."""
    return _assembled(
        f"""
            {_FOR_MASTERS}
            CALLVALUE @no JUMPI
            0 CALLDATALOAD 224 SHR $go EQ ISZERO @no JUMPI
            36 CALLDATASIZE LT @no JUMPI
            4 CALLDATALOAD DUP1 1 LT @no JUMPI
            ISZERO 0 MSTORE
            0 0 32 0 0 $runner GAS CALL @gone JUMPI
            RETURNDATASIZE 0 0 RETURNDATACOPY RETURNDATASIZE 0 REVERT
        gone: STOP
        no: 0 0 REVERT
        {_ACT}
        """,
        go=_selector("go(bool)"),
    )


def hook_code(kept: Address) -> bytes:
    """Be a token, whose code is kept elsewhere, that performs the script that is due after a transfer."""
    return _assembled(
        f"""
            {_FOR_MASTERS}
            {_TO_REAL_CODE}
            0 CALLDATALOAD 224 SHR DUP1 $transfer EQ SWAP1 $transferFrom EQ OR @moved JUMPI
            RETURNDATASIZE 0 RETURN
        moved:
            RETURNDATASIZE {_RUN_LENIENTLY}
            0 RETURN
        {_ACT}
        """,
        kept=kept,
        transfer=_selector("transfer(address,uint256)"),
        transferFrom=_selector("transferFrom(address,address,uint256)"),
    )


@lru_cache(maxsize=1_000)
def _assembled(program: str, **constants: int | str) -> bytes:
    return assemble(program, driver=DRIVER, runner=RUNNER, **constants)


def _selector(signature: str) -> int:
    return int.from_bytes(selector_of(signature), "big")


def kept_at(where: Address) -> Address:
    """Tell where the code of a contract is kept while something else stands at its address."""
    return named_address(f"code of {where}")


TOLD: tuple[str, list[int]] = ("MockAggregator", [0])
"""Kind and arguments of what stands at the address of a feed that tells what it was told."""
CODES = {Part.RECEIVER: receiver_code, Part.ROUTER: router_code}
"""Parts that are played without any other code."""


def addressed(to: Address, data: bytes) -> bytes:
    """Give the calldata that makes a stand-in call somebody."""
    return bytes.fromhex(to[2:]).rjust(WORD, b"\0") + data


def table_of(script: tuple[ScriptedCall, ...]) -> bytes:
    """Write a script, and those inside it, as the runner reads them; the script itself is number 1."""
    scripts = [script]
    blocks = []
    for calls in scripts:  # they grow while they are gone through
        block = b""
        for call in calls:
            own = 0
            if call.inside:
                scripts.append(call.inside)
                own = len(scripts)
            payload = addressed(call.to, call.data)
            block += own.to_bytes(WORD, "big") + addressed(call.sender, len(payload).to_bytes(WORD, "big")) + payload
        blocks.append(block)
    at = WORD + 2 * WORD * len(blocks)
    entries = b""
    for block in blocks:
        entries += at.to_bytes(WORD, "big") + (at + len(block)).to_bytes(WORD, "big")
        at += len(block)
    return _MARK + entries + b"".join(blocks)
