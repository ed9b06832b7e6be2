"""A proxy that nobody has given code yet. Solidity: `InitializableImmutableAdminUpgradeabilityProxy`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..address import ZERO_ADDRESS, Address
from ..errors import ErrorString, NotModelledError
from ..events import Upgraded
from ..machine.function import IN_MEMORY, Function
from .proxy import (
    PROXY_FUNCTIONS,
    Proxied,
    check_code_behind_proxy,
    delegate,
    implementation_at,
    proxy_function,
)

if TYPE_CHECKING:
    from ..chain import Chain


class BareProxy(Proxied):
    """Anybody may give it code, once; then it is a contract of that kind. Until then it answers everybody nothing.

    Its admin may do nothing but upgrade it, and has to give it code that way or let somebody else initialize it.
    Raises NotModelledError for code that is not made for proxies.
    """

    KIND = "InitializableImmutableAdminUpgradeabilityProxy"
    IMMUTABLES = ()
    __slots__ = ()

    def __init__(self, chain: Chain, at: Address, admin: Address) -> None:
        if admin == ZERO_ADDRESS:
            raise NotModelledError("a proxy without an admin")
        super().__init__(chain, at, 0)
        self.initialise(proxy_admin=admin, last_initialized_revision=0)

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        function = _FUNCTIONS.get(data[:4])
        arguments = [] if function is None else function.decode(data[4:])  # read before anybody asks who calls
        if function is not None and (sender == self.proxy_admin or function is INITIALIZE):
            return function, arguments
        if sender == self.proxy_admin:
            raise ErrorString("Cannot call fallback function from the proxy admin")
        return _NOTHING, []

    def initialize_proxy(self, logic: Address, data: bytes, *, sender: Address) -> None:
        """Give the proxy its first code and run an initializer, if there is one. Solidity: `initialize`."""
        proxy = self._filled(logic, data, sender)
        if data:
            delegate(proxy, sender, data)

    def first_upgrade(self, implementation: Address, *, sender: Address) -> None:
        """Solidity: `upgradeTo`, for the admin only."""
        proxy = self._filled(implementation, b"", sender)
        proxy.emit(Upgraded(implementation))

    def first_upgrade_and_call(self, implementation: Address, data: bytes, *, sender: Address) -> None:
        """Solidity: `upgradeToAndCall`, for the admin only."""
        proxy = self._filled(implementation, data, sender)
        proxy.emit(Upgraded(implementation))
        delegate(proxy, sender, data)

    def _filled(self, implementation: Address, data: bytes, caller: Address) -> Proxied:
        """The contract that the proxy becomes. Raises a string error for an address without code."""
        code = implementation_at(self.chain, implementation)
        kind = check_code_behind_proxy(code, caller, data)
        proxy = kind.blank(self.chain, self.address)
        proxy.initialise(**code.immutables())
        proxy.initialise(proxy_admin=self.proxy_admin, implementation=implementation, last_initialized_revision=0)
        self.chain.contracts[self.address] = proxy
        return proxy


_NOTHING = Function("fallback()", "", lambda _proxy: None, view=True, payable=True)
_SELECTOR, INITIALIZE = proxy_function(
    "initialize(address,bytes)", "", BareProxy.initialize_proxy, payable=True, lazy={1: IN_MEMORY}
)
_FUNCTIONS = {
    **PROXY_FUNCTIONS,
    _SELECTOR: INITIALIZE,
    **dict(
        [
            proxy_function("upgradeTo(address)", "", BareProxy.first_upgrade),
            proxy_function("upgradeToAndCall(address,bytes)", "", BareProxy.first_upgrade_and_call, payable=True),
        ]
    ),
}
