"""Transparent proxies, their admins and the factory of both. Solidity: OpenZeppelin 5.1, `TransparentProxyFactory`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eth_hash.auto import keccak

from ....address import ZERO_ADDRESS, Address, created_address
from ....errors import EmptyRevert, FailedCall, NotModelledError
from ....events import (
    AdminChanged,
    ProxyAdminCreated,
    ProxyAdminDeterministicCreated,
    ProxyDeterministicCreated,
    TransparentProxyCreated,
    Upgraded,
)
from ....machine.abi import encode_values
from ....machine.contract import Contract, ledger_of
from ....machine.function import IN_MEMORY, Function, external, view
from ....state.storage import Ledger
from ...ownable import Ownable
from ..asking import Asking
from .errors import ERC1967InvalidImplementation, ERC1967NonPayable, ProxyDeniedAdminAccess
from .stata_token import StataToken

if TYPE_CHECKING:
    from ....chain import Chain


class TransparentStataToken(StataToken):
    """A vault behind a transparent proxy: its admin, a contract, may do nothing but upgrade it."""

    KIND = "TransparentStataToken"
    __slots__ = ()

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        if sender != self.proxy_admin:
            return Contract.route(self, sender, data)
        if data[:4] != _UPGRADE.selector:
            raise ProxyDeniedAdminAccess()
        return _UPGRADE, _UPGRADE.decode(data[4:])

    def upgrade_to_and_call(self, new_implementation: Address, data: bytes, *, sender: Address) -> None:
        """Change the code and call it, for the admin only. Raises ERC1967InvalidImplementation, ERC1967NonPayable.

        Raises NotModelledError for code of another kind.
        """
        code = code_of(self.chain, new_implementation)
        for name, value in code.immutables().items():
            setattr(self, name, value)
        self.point_to(new_implementation, data, sender)

    def point_to(self, implementation: Address, data: bytes, sender: Address) -> None:
        """Name the code, and run an initializer where there is one. Solidity: `ERC1967Utils.upgradeToAndCall`."""
        self.implementation = implementation
        self.emit(Upgraded(implementation))
        if data:
            self._run(data, sender)
        elif self.chain.value:
            raise ERC1967NonPayable()

    def _run(self, data: bytes, sender: Address) -> None:
        """Call the code in the proxy's name. Raises FailedCall where it reverts without data."""
        try:
            function, arguments = Contract.route(self, sender, data)
            if function.view:
                function.body(self, *arguments)
            else:
                function.body(self, *arguments, sender=sender)
        except EmptyRevert:
            raise FailedCall() from None


_UPGRADE = Function(
    "upgradeToAndCall(address,bytes)",
    "",
    TransparentStataToken.upgrade_to_and_call,
    view=False,
    payable=True,
    lazy={1: IN_MEMORY},
)


def code_of(chain: Chain, implementation: Address) -> StataToken:
    """The code at an address. Raises ERC1967InvalidImplementation for none, NotModelledError for another kind."""
    code = chain.contracts[implementation]
    if code is None:
        raise ERC1967InvalidImplementation(implementation)
    if type(code) is not StataToken or code.proxy_admin != ZERO_ADDRESS:
        raise NotModelledError(f"a transparent proxy of {code.KIND}")
    return code


class ProxyAdmin(Ownable):
    """The admin of one proxy, with an owner who upgrades through it."""

    KIND = "ProxyAdmin"
    MODERN = True
    __slots__ = ()

    @external("upgradeAndCall(address,address,bytes)", payable=True, lazy={2: IN_MEMORY})
    def upgrade_and_call(self, proxy: Address, implementation: Address, data: bytes, *, sender: Address) -> None:
        """Upgrade a proxy, for the owner. Raises OwnableUnauthorizedAccount and what the proxy raises."""
        self.only_owner(sender)
        self.chain.at(proxy)
        calldata = _UPGRADE.selector + encode_values(_UPGRADE.kinds, [implementation, data])
        self.chain.nested(self.address, proxy, calldata, self.chain.value)

    @view("UPGRADE_INTERFACE_VERSION()", "string")
    def upgrade_interface_version(self) -> str:
        """Which upgrade function a proxy has."""
        return "5.0.0"


class TransparentProxyFactory(Asking):
    """Makes proxies, each with an admin of its own; `create2` ones at addresses that follow from salt and code.

    The code is that of the real proxies: who wants their addresses gives it, since the twin has none. Without it the
    addresses follow from the arguments alone. Raises NotModelledError for proxies of anything but vaults.
    """

    KIND = "TransparentProxyFactory"
    STORAGE = {"proxy_admins": ledger_of(ZERO_ADDRESS)}
    IMMUTABLES = ("proxy_code", "admin_code")
    __slots__ = ("admin_code", "proxy_admins", "proxy_code")

    proxy_admins: Ledger[Address, Address]
    proxy_code: str
    """Creation code in hex, as `0x...`; empty for none."""
    admin_code: str

    def __init__(self, chain: Chain, at: Address, proxy_code: str = "", admin_code: str = "") -> None:
        super().__init__(chain, at)
        self.initialise(proxy_code=proxy_code, admin_code=admin_code)

    # --- proxies ----------------------------------------------------------------------------------------------------

    @external("create(address,address,bytes)", "address")
    def create(self, logic: Address, initial_owner: Address, data: bytes, *, sender: Address) -> Address:
        """Make a proxy at the next address. Returns it."""
        proxy = self._new_proxy(self._next(), logic, initial_owner, data)
        self.emit(TransparentProxyCreated(proxy, logic, initial_owner))
        return proxy

    @external("createDeterministic(address,address,bytes,bytes32)", "address")
    def create_deterministic(
        self, logic: Address, initial_owner: Address, data: bytes, salt: bytes, *, sender: Address
    ) -> Address:
        """Make a proxy where `predictCreateDeterministic` says. Returns the address; reverts where that is taken."""
        where = self._claimed(self.predict_create_deterministic(logic, initial_owner, data, salt))
        proxy = self._new_proxy(where, logic, initial_owner, data)
        self.emit(ProxyDeterministicCreated(proxy, logic, initial_owner, salt))
        return proxy

    def _new_proxy(self, at: Address, logic: Address, owner: Address, data: bytes) -> Address:
        """Run the constructor of a proxy: code first, then the admin that it makes for itself."""
        code = code_of(self.chain, logic)
        proxy = TransparentStataToken.blank(self.chain, at)
        proxy.initialise(**code.immutables())
        proxy.point_to(logic, data, self.address)
        self.chain.contracts[at] = proxy
        admin = self.chain.next_address(at)
        self.chain.contracts[admin] = ProxyAdmin(self.chain, admin, owner)
        proxy.emit(AdminChanged(ZERO_ADDRESS, admin))
        proxy.proxy_admin = admin
        self.proxy_admins[at] = created_address(at, 1)
        return at

    # --- admins -----------------------------------------------------------------------------------------------------

    @external("createProxyAdmin(address)", "address")
    def create_proxy_admin(self, initial_owner: Address, *, sender: Address) -> Address:
        """Make an admin of no proxy yet. Returns its address."""
        where = self._next()
        self.chain.contracts[where] = ProxyAdmin(self.chain, where, initial_owner)
        self.emit(ProxyAdminCreated(where, initial_owner))
        return where

    @external("createDeterministicProxyAdmin(address,bytes32)", "address")
    def create_deterministic_proxy_admin(self, initial_owner: Address, salt: bytes, *, sender: Address) -> Address:
        """Make one where `predictCreateDeterministicProxyAdmin` says."""
        where = self._claimed(self.predict_create_deterministic_proxy_admin(salt, initial_owner))
        self.chain.contracts[where] = ProxyAdmin(self.chain, where, initial_owner)
        self.emit(ProxyAdminDeterministicCreated(where, initial_owner, salt))
        return where

    # --- addresses --------------------------------------------------------------------------------------------------

    def _next(self) -> Address:
        return self._free(self.chain.next_address(self.address))

    def _claimed(self, where: Address) -> Address:
        """An address that does not come of the nonce, which counts all the same."""
        self.chain.nonces[self.address] = (self.chain.nonces[self.address] or 1) + 1
        return self._free(where)

    def _free(self, where: Address) -> Address:
        if self.chain.contracts[where] is not None or self.chain.nonces[where]:
            raise EmptyRevert(f"no contract can be created at {where}")
        return where

    def _create2(self, salt: bytes, code: str, arguments: bytes) -> Address:
        """Solidity: `_predictCreate2Address`."""
        init_code = bytes.fromhex(code.removeprefix("0x")) + arguments
        payload = b"\xff" + bytes.fromhex(self.address[2:]) + salt + bytes(keccak(init_code))
        return "0x" + bytes(keccak(payload))[12:].hex()

    @view("predictCreateDeterministic(address,address,bytes,bytes32)", "address")
    def predict_create_deterministic(self, logic: Address, initial_owner: Address, data: bytes, salt: bytes) -> Address:
        """Where a proxy with these arguments and salt would be."""
        arguments = encode_values(("address", "address", "bytes"), [logic, initial_owner, data])
        return self._create2(salt, self.proxy_code, arguments)

    @view("predictCreateDeterministicProxyAdmin(bytes32,address)", "address")
    def predict_create_deterministic_proxy_admin(self, salt: bytes, initial_owner: Address) -> Address:
        """Where an admin with this owner and salt would be."""
        return self._create2(salt, self.admin_code, encode_values(("address",), [initial_owner]))

    @view("getProxyAdmin(address)", "address")
    def get_proxy_admin(self, proxy: Address) -> Address:
        """The admin that a proxy was made with; zero for a stranger."""
        return self.proxy_admins[proxy]
