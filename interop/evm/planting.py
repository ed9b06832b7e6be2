"""Planting: a twin's state put into an EVM, with the code that its contracts would have.

Storage is rendered from the records, word by word; nonces and ether are the twin's; code is made (`codes`) or given.
So a market can begin from any state that the twin can be in: a saved one, one whose proxies stand at given addresses,
where no call could create them, and the import of a real one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pooltwin.protocol.chain import Chain
from pooltwin.protocol.contracts.foreign import ForeignContract, SameAnswerReceiver
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.scripts import Part

from .actors import CODES as PLAYED
from .codes import CodeMaker
from .given_token import GivenToken
from .terms import BytecodeChain
from .wires import Wire

CodeOf = Callable[[Contract], bytes]
"""The code at a contract's address. Raises CodeError where there is none."""


def plant(twin: Chain, chain: BytecodeChain, code_of: CodeOf) -> None:
    """Fill an empty chain of bytecode with a twin's state. Raises CodeError, before anything runs, for missing code.

    Raises TypeError for contracts that are Python code.
    """
    contracts = {where: contract for where, contract in twin.contracts.items() if contract is not None}
    for contract in contracts.values():
        if _is_python(contract) and contract.PART not in PLAYED:
            raise TypeError(
                f"{contract!r} is Python code, which no bytecode can call: it cannot be taken over into an EVM"
            )
    codes = {where: code_of(contract) for where, contract in contracts.items()}
    chain.nonces.load(twin.nonces)
    chain.balances.load(twin.balances)
    chain.libraries.update(twin.libraries)
    chain.contracts.load({where: _copied(contract, twin, chain) for where, contract in contracts.items()})
    for where, code in codes.items():
        chain.evm.set_code(where, code, twin.nonces[where] or 1)
    for where, ether in twin.balances.items():
        chain.evm.set_ether(where, ether)
    for where, contract in contracts.items():
        if not isinstance(contract, ForeignContract | GivenToken):
            chain.wires[where] = Wire(chain, where)
            chain.wires[where].fill()


def _copied(contract: Contract, twin: Chain, chain: Any) -> Contract:
    """Copy a contract's records; where compiled contracts of its kind store more, into those that hold it too."""
    copy, kind = contract.copy_to(chain), contract.KIND
    own = chain.revision.contracts.get(kind)
    if own is None or own is type(contract) or twin.revision.contracts.get(kind) is not type(contract):
        return copy
    return copy.renewed_as(own)


def _is_python(contract: Contract) -> bool:
    """Is it code that bytecode cannot call? So are tokens that call back: what they call is Python."""
    if contract.PART is Part.HOOK:
        return True
    return isinstance(contract, ForeignContract) and not isinstance(contract, SameAnswerReceiver)


def plant_libraries(chain: BytecodeChain, maker: CodeMaker) -> None:
    """Put there what the contracts link and nobody has put anywhere: a twin needs no libraries."""
    for name in sorted(maker.artifacts.libraries):
        where = chain.library(name)
        if where not in chain.evm.codes:
            chain.evm.set_code(where, maker.library(name, where, chain))
