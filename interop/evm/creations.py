"""Proxies that the contracts have made, found by the numbers of their creators."""

from __future__ import annotations

from pooltwin.protocol.address import Address, created_address
from pooltwin.protocol.contracts.addresses_provider import AddressesProvider
from pooltwin.protocol.contracts.pool_configurator import PoolConfigurator
from pooltwin.protocol.evm_storage.layout import EIP1967_IMPLEMENTATION

from .keys import Named
from .terms import BytecodeChain


def take_in_created(chain: BytecodeChain, named: Named) -> bool:
    """Give every proxy that is new a handle of the kind of its code. Returns whether there was one."""
    found = False
    for creator, wire in list(chain.wires.items()):
        if isinstance(wire.contract, AddressesProvider | PoolConfigurator):
            nonce, known = chain.evm.nonce(creator), chain.nonces[creator] or 1
            if nonce != known:
                found = True
                for number in range(known, nonce):
                    _take_in(chain, creator, created_address(creator, number), named)
                chain.nonces[creator] = nonce
    return found


def _take_in(chain: BytecodeChain, creator: Address, where: Address, named: Named) -> None:
    implementation = f"0x{chain.evm.storage(where, EIP1967_IMPLEMENTATION):040x}"
    code = chain.contracts[implementation]
    proxy = type(code).blank(chain, where)
    proxy.initialise(**code.immutables(), proxy_admin=creator)
    named.actors[where] = None
    named.everything.add(where)
    chain.take_in(proxy, named)
