"""Upgradeable proxies. Solidity: `InitializableImmutableAdminUpgradeabilityProxy`, `VersionedInitializable`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from ..address import ZERO_ADDRESS, Address
from ..errors import EmptyRevert, ErrorString, NotModelledError, Revert
from ..events import Upgraded
from ..machine.contract import Contract
from ..machine.function import IN_MEMORY, Function
from .foreign import SameAnswerReceiver

if TYPE_CHECKING:
    from ..chain import Chain


class Proxied(Contract):
    """A contract behind an upgradeable proxy whose admin may do nothing but upgrade it.

    Solidity: `InitializableImmutableAdminUpgradeabilityProxy` and `VersionedInitializable`.
    """

    STORAGE = {"implementation": ZERO_ADDRESS, "last_initialized_revision": 0, "proxy_admin": ZERO_ADDRESS}
    IMMUTABLES: ClassVar[tuple[str, ...]] = ("code_revision",)
    FAMILY: ClassVar[str] = ""
    """What kinds share that store the same, so that a proxy may go from one to another; empty for none."""
    __slots__ = ("code_revision", "implementation", "last_initialized_revision", "proxy_admin")

    chain: Chain

    code_revision: int
    implementation: Address
    last_initialized_revision: int
    proxy_admin: Address

    def __init__(self, chain: Chain, at: Address, code_revision: int) -> None:
        super().__init__(chain, at)
        # From v3.4 on, an implementation that nobody proxies carries its own revision, which breaks its initializer.
        locked = chain.revision.implementations_are_locked
        self.initialise(code_revision=code_revision, last_initialized_revision=code_revision if locked else 0)

    def begin_initialize(self) -> None:
        """Solidity: modifier `initializer`. Raises a string error unless the contract's revision is new."""
        revision = self.code_revision
        if revision <= self.last_initialized_revision:
            raise ErrorString("Contract instance has already been initialized")
        self.last_initialized_revision = revision

    def initialize_again(self, logic: Address, data: bytes, *, sender: Address) -> None:
        """Refuse what the proxy does once only. Solidity: `initialize` of the proxy, not of its implementation."""
        raise EmptyRevert("the proxy has its code already")

    def route(self, sender: Address, data: bytes) -> tuple[Function, list[Any]]:
        admin = self.proxy_admin
        if admin == ZERO_ADDRESS:
            return super().route(sender, data)
        function = PROXY_FUNCTIONS.get(data[:4])
        arguments = [] if function is None else function.decode(data[4:])  # read before anybody asks who calls
        if function is not None and (sender == admin or function is AGAIN):
            return function, arguments
        if sender == admin:
            raise ErrorString("Cannot call fallback function from the proxy admin")
        return super().route(sender, data)

    def proxy_admin_address(self, *, sender: Address) -> Address:
        """Solidity: `admin()`, for the admin only."""
        return self.proxy_admin

    def proxy_implementation(self, *, sender: Address) -> Address:
        """Solidity: `implementation()`, for the admin only."""
        return self.implementation

    def proxy_upgrade(self, implementation: Address, *, sender: Address) -> None:
        """Solidity: `upgradeTo`, for the admin only."""
        upgrade_to(self, implementation)

    def proxy_upgrade_and_call(self, implementation: Address, data: bytes, *, sender: Address) -> None:
        """Solidity: `upgradeToAndCall`, for the admin only."""
        upgrade_and_call(self, implementation, sender, data)


def proxy_function(signature: str, returns: str, body: Callable[..., Any], **how: Any) -> tuple[bytes, Function]:
    """A function of the proxy itself, with its selector; how it is read is said as for any other."""
    function = Function(signature, returns, body, view=False, **how)
    return function.selector, function


PROXY_FUNCTIONS = dict(
    [
        proxy_function("admin()", "address", Proxied.proxy_admin_address),
        proxy_function("implementation()", "address", Proxied.proxy_implementation),
        proxy_function("upgradeTo(address)", "", Proxied.proxy_upgrade),
        proxy_function("upgradeToAndCall(address,bytes)", "", Proxied.proxy_upgrade_and_call),
    ]
)


_SELECTOR, AGAIN = proxy_function(
    "initialize(address,bytes)", "", Proxied.initialize_again, payable=True, lazy={1: IN_MEMORY}
)
PROXY_FUNCTIONS[_SELECTOR] = AGAIN


def refuse_admin(contract: Contract, caller: Address) -> None:
    """Raises a string error where a proxy's admin calls what is not the proxy's own. Solidity: `_willFallback`."""
    if isinstance(contract, Proxied) and contract.proxy_admin == caller:
        raise ErrorString("Cannot call fallback function from the proxy admin")


def delegate(proxy: Proxied, sender: Address, data: bytes) -> None:
    """Run an initializer behind a proxy. Whatever reason it fails for is lost: `require(success)` says nothing."""
    try:
        function = proxy.find(data)
        arguments = function.decode(data[4:])
        if function.view:
            function.body(proxy, *arguments)
        else:
            function.body(proxy, *arguments, sender=sender)
    except Revert:
        raise EmptyRevert("the initializer reverted") from None


def implementation_at(chain: Chain, implementation: Address) -> Contract:
    """Raises a string error for an address without code. Solidity: `BaseUpgradeabilityProxy._setImplementation`."""
    contract: Contract | None = chain.contracts.get(implementation)
    if contract is None:
        raise ErrorString("Cannot set a proxy implementation to a non-contract address")
    return contract


class ProxiedReceiver(Proxied, SameAnswerReceiver):
    """A proxy whose implementation answers the same to everything, to an initializer too."""

    KIND = "ProxiedReceiver"
    IMMUTABLES = ()
    __slots__ = ()

    def __init__(self, chain: Chain, at: Address) -> None:
        Contract.__init__(self, chain, at)

    @property
    def ANSWER(self) -> Function:  # type: ignore[override]  # noqa: N802 - the implementation's
        """The implementation's."""
        answer: Function = self.chain.at(self.implementation).ANSWER
        return answer

    @property
    def answer(self) -> int:  # type: ignore[override]  # the implementation's
        """The implementation's."""
        answer: int = self.chain.at(self.implementation).answer
        return answer


def _is_proxy(code: Contract) -> bool:
    return isinstance(code, Proxied) and code.proxy_admin != ZERO_ADDRESS


def _refuse_proxy_as_code(code: Contract, caller: Address, data: bytes) -> None:
    """Raises an empty revert where a call goes to a proxy behind a proxy: it calls itself until gas or depth ends.

    Only the functions of its own would answer its admin, which raises NotModelledError.
    """
    if isinstance(code, Proxied) and _is_proxy(code):
        if caller == code.proxy_admin and data[:4] in PROXY_FUNCTIONS:
            raise NotModelledError("a proxy behind a proxy")
        raise EmptyRevert("a proxy behind a proxy calls itself")


def upgrade_to(proxy: Proxied, implementation: Address) -> None:
    """Point a proxy at new code. Its immutables change, its storage stays.

    Raises NotModelledError for code of another kind, which would read the storage as something else, and for a proxy.
    """
    code = implementation_at(proxy.chain, implementation)
    if _is_proxy(code):
        raise NotModelledError("a proxy behind a proxy")
    kind = _kind_behind_proxy(code)
    if kind is not type(proxy):
        _become(proxy, kind)
    proxy.implementation = implementation
    for name, value in code.immutables().items():
        setattr(proxy, name, value)
    proxy.emit(Upgraded(implementation))


def _become(proxy: Proxied, kind: type[Contract]) -> None:
    """Be another kind of contract from now on, with the same storage, and more of it where the kind has more.

    Raises NotModelledError for a stranger, and for a kind that would leave storage behind.
    """
    if not proxy.FAMILY or getattr(kind, "FAMILY", "") != proxy.FAMILY or proxy.STORAGE.keys() - kind.STORAGE.keys():
        raise NotModelledError(f"a proxy that goes from {proxy.KIND} to {kind.KIND}")
    proxy.chain.journal.entries.append((proxy, "__class__", type(proxy)))
    more = kind.STORAGE.keys() - proxy.STORAGE.keys()
    proxy.restore("__class__", kind)
    proxy.begin_storage(name for name in kind.STORAGE if name in more)


def upgrade_and_call(proxy: Proxied, implementation: Address, caller: Address, data: bytes) -> None:
    """Point a proxy at new code and initialise it. Solidity: `upgradeToAndCall`.

    Reverts without data where the initializer does. Raises NotModelledError as `upgrade_to`.
    """
    code = implementation_at(proxy.chain, implementation)
    _refuse_proxy_as_code(code, caller, data)
    kind = _kind_behind_proxy(code)
    if kind is not type(proxy) and not _takes_call(code, data, proxy.last_initialized_revision):
        raise EmptyRevert("the initializer reverted")
    upgrade_to(proxy, implementation)
    delegate(proxy, caller, data)


def _kind_behind_proxy(code: Contract) -> type[Contract]:
    """What a proxy of this code is."""
    return ProxiedReceiver if isinstance(code, SameAnswerReceiver) else type(code)


def _takes_call(code: Contract, data: bytes, last_initialized_revision: int) -> bool:
    """Might this code, behind a proxy initialised so far, take a call without reverting?"""
    try:
        function, _ = code.route(ZERO_ADDRESS, data)
    except Revert:
        return False
    is_initializer = isinstance(code, Proxied) and function.name == "initialize"
    return not is_initializer or code.code_revision > last_initialized_revision


def _free_address(chain: Chain, creator: Address) -> Address:
    """The address that the creator's nonce gives.

    A contract that was put where a deployment wanted it is a contract that the creator has made: its number is used up.
    Raises an empty revert, as CREATE does, for an address that is taken by anything else.
    """
    at = chain.next_address(creator)
    while isinstance(taken := chain.contracts[at], Proxied) and taken.proxy_admin == creator:
        at = chain.next_address(creator)
    if taken is not None or chain.nonces[at]:
        raise EmptyRevert(f"no contract can be created at {at}: {taken!r} is there already")
    return at


def check_code_behind_proxy(code: Contract, caller: Address, data: bytes) -> type[Proxied]:
    """The kind of contract that a new proxy of this code is; `data` is the initializer, which may be none.

    Reverts without data where the initializer does. Raises NotModelledError for code that is not made for proxies.
    """
    if data:
        _refuse_proxy_as_code(code, caller, data)
    elif _is_proxy(code):
        raise NotModelledError("a proxy behind a proxy")
    kind = _kind_behind_proxy(code)
    if issubclass(kind, Proxied):
        return kind
    if data and not _takes_call(code, data, 0):
        raise EmptyRevert("the initializer reverted")
    raise NotModelledError(f"a proxy of {code.KIND}")


def create_proxy(
    chain: Chain,
    admin: Address,
    implementation: Address,
    data: bytes,
    before_initialize: Callable[[Proxied], None] = lambda _: None,
) -> Proxied:
    """A new proxy, initialised, at the address its creator's nonce gives. Reverts without data where that is taken."""
    at = _free_address(chain, admin)
    code = implementation_at(chain, implementation)
    proxy = check_code_behind_proxy(code, admin, data)(chain, at, **code.immutables())
    proxy.initialise(proxy_admin=admin, implementation=implementation, last_initialized_revision=0)
    chain.contracts[at] = proxy
    before_initialize(proxy)
    delegate(proxy, admin, data)
    return proxy
