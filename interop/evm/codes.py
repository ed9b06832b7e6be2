"""Runtime code of contracts whose state is known already, made from compiled contracts.

Implementations, libraries and plain contracts: the constructor is run once more (`constructors`). Proxies: their code
is in the compiled contract that creates them, which is made to create one; the admin is written into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError
from pooltwin.protocol.address import ZERO_ADDRESS, Address, created_address
from pooltwin.protocol.contracts.foreign import SameAnswerReceiver
from pooltwin.protocol.contracts.library import Library
from pooltwin.protocol.contracts.pool_configurator import PoolConfigurator
from pooltwin.protocol.contracts.pool_storage import PoolStorage
from pooltwin.protocol.contracts.proxy import Proxied
from pooltwin.protocol.contracts.scaled_token import ScaledToken
from pooltwin.protocol.errors import selector_of
from pooltwin.protocol.machine.abi import calldata_of, encode_word
from pooltwin.protocol.machine.contract import Contract
from pooltwin.protocol.machine.scripts import Part

from .actors import CODES as PLAYED
from .actors import TOLD
from .constructors import SOMEBODY, CodeError, Construction, construction_of
from .given_token import GivenToken
from .standins import EIGHTEEN, answering, answering_by_selector, answering_one_byte
from .tiny import TinyEvm

PROXY = "InitializableImmutableAdminUpgradeabilityProxy"
TRANSPARENT_PROXY = "TransparentUpgradeableProxy"
REGISTRY, CONFIGURATOR = "PoolAddressesProvider", "PoolConfiguratorInstance"

_REGISTRY_AT: Address = "0x" + "a1" * 20
_CONFIGURATOR_AT: Address = "0x" + "a2" * 20


class CodeMaker:
    """The code of one release's contracts at any addresses; what was made once is kept."""

    def __init__(self, artifacts: Any, contracts: Mapping[str, str] | None = None) -> None:
        self.artifacts = artifacts
        self.contracts = contracts or {}
        """Contracts that stand in for others: by the name that the release has, their own."""
        self._templates: dict[str, tuple[bytes, bytes]] = {}
        """Code of a proxy, and the word in it that is its admin, by the kind that creates such."""
        self._made: dict[Any, bytes] = {}

    def __contains__(self, kind: str) -> bool:
        return self.contracts.get(kind, kind) in self.artifacts

    def __getitem__(self, kind: str) -> Any:
        """The compiled contract of a kind."""
        return self.artifacts[self.contracts.get(kind, kind)]

    def code_of(self, contract: Contract) -> bytes:
        """The code at a contract's address. Raises CodeError, naming the contract, for what cannot be made."""
        if isinstance(contract, Proxied) and contract.proxy_admin != ZERO_ADDRESS:
            return self.proxy(_creator_of(contract), contract.proxy_admin)
        if isinstance(contract, SameAnswerReceiver):
            return answering_one_byte(contract.answer)
        if contract.PART in PLAYED:
            return PLAYED[contract.PART]()
        if contract.PART is Part.TELLER:
            kind, arguments = TOLD
            return self.made(Construction(kind, tuple(arguments)), contract.address, contract.chain)
        if contract.KIND == Library.KIND:
            name = contract.linked_as
            if not name:
                raise CodeError(f"the library at {contract.address} was deployed anew since: nobody knows its name")
            return self.library(name, contract.address, contract.chain)
        if isinstance(contract, GivenToken):
            raise CodeError(f"{contract.address}: {contract.symbol()} is somebody's own token: no state has its code")
        self._refuse_code_of_another_release(contract)
        return self.made(construction_of(contract), contract.address, contract.chain)

    def library(self, name: str, where: Address, chain: Any) -> bytes:
        """The code of a library at an address: it knows where it is. Raises CodeError for one that is not compiled."""
        return self.made(Construction(name), where, chain)

    def made(self, how: Construction, where: Address, chain: Any) -> bytes:
        """The code that a constructor leaves at an address, libraries linked where the chain has them."""
        if how.artifact not in self:
            raise CodeError(f"{where}: there is no {how.artifact} among the compiled contracts")
        artifact = self[how.artifact]
        types = artifact.constructor_types
        if len(types) > len(how.arguments):
            raise CodeError(
                f"{how.artifact} at {where}: its constructor takes {', '.join(types)}, and that is not known"
            )
        try:
            arguments = encode(types, how.arguments[: len(types)])
        except EncodingError as error:
            raise CodeError(f"{how.artifact} at {where}: its constructor takes {', '.join(types)}: {error}") from error
        creation = artifact.creation_code({name: chain.library(name) for name in artifact.links}) + arguments
        key = creation, where, how.chain_id, tuple(sorted(how.answers.items()))
        if key not in self._made:
            evm = TinyEvm(chain_id=how.chain_id)
            for other, word in how.answers.items():
                evm.put(other, answering(word))
            self._made[key] = _deployed(evm, where, creation, f"{how.artifact} at {where}")
        return self._made[key]

    def _refuse_code_of_another_release(self, contract: Contract) -> None:
        present = contract.chain.revision.contracts.get(contract.KIND)
        if present is not None and present.code() != contract.code():
            raise CodeError(
                f"{contract.KIND} at {contract.address} is code of another release ({contract.code()}), "
                f"and the compiled contracts are of {contract.chain.revision.name}"
            )

    # --- proxies ----------------------------------------------------------------------------------------------------

    def proxy(self, creator: str, admin: Address) -> bytes:
        """A proxy's code as its creator makes it, with this admin. Raises CodeError where none can be made to."""
        if creator not in self._templates:
            self._templates[creator] = self._template(creator)
        code, placeholder = self._templates[creator]
        return code.replace(placeholder, encode_word(admin))

    def _template(self, creator: str) -> tuple[bytes, bytes]:
        if creator == TRANSPARENT_PROXY:
            return self._transparent_template()
        if creator == PROXY and PROXY in self:
            code = self.made(Construction(PROXY, (_REGISTRY_AT,)), _CONFIGURATOR_AT, None)
            return code, encode_word(_REGISTRY_AT)
        return self._configurators_template() if creator == CONFIGURATOR else self._registrys_template()

    def _transparent_template(self) -> tuple[bytes, bytes]:
        where = "0x" + "a3" * 20
        how = Construction(TRANSPARENT_PROXY, (EIGHTEEN, SOMEBODY, b""), {EIGHTEEN: 1})
        return self.made(how, where, None), encode_word(created_address(where, 1))

    def _registrys_template(self) -> tuple[bytes, bytes]:
        """Have a registry of nobody's market create the proxy of a pool."""
        evm = TinyEvm()
        creation = self[REGISTRY].creation_code({}) + encode(["string", "address"], ["", SOMEBODY])
        evm.put(_REGISTRY_AT, _deployed(evm, _REGISTRY_AT, creation, REGISTRY))
        evm.put(EIGHTEEN, answering(1))
        evm.send(SOMEBODY, _REGISTRY_AT, calldata_of("setPoolImpl(address)", [EIGHTEEN]), REGISTRY)
        return _first_created(evm, _REGISTRY_AT), encode_word(_REGISTRY_AT)

    def _configurators_template(self) -> tuple[bytes, bytes]:
        """Have a configurator of nobody's market list an asset: everybody it asks answers 18, and yes to who may."""
        artifact = self[CONFIGURATOR]
        signature, entry = next((s, e) for s, e in artifact.functions.items() if s.startswith("initReserves("))
        evm = TinyEvm()
        evm.put(EIGHTEEN, answering_by_selector({selector_of(s): 1 for s in _WHO_MAY}, 18))
        addresses = {
            name: created_address(SOMEBODY, at) for at, name in enumerate(sorted(self._linked(CONFIGURATOR)), 1)
        }
        for name, where in addresses.items():
            evm.put(where, _deployed(evm, where, self[name].creation_code(addresses), name))
        evm.put(_CONFIGURATOR_AT, _deployed(evm, _REGISTRY_AT, artifact.creation_code(addresses), CONFIGURATOR))
        evm.send(SOMEBODY, _CONFIGURATOR_AT, calldata_of("initialize(address)", [EIGHTEEN]), CONFIGURATOR)
        listing = tuple(_anything(part) for part in entry["inputs"][0]["components"])
        evm.send(SOMEBODY, _CONFIGURATOR_AT, calldata_of(signature, [[listing]]), CONFIGURATOR)
        return _first_created(evm, _CONFIGURATOR_AT), encode_word(_CONFIGURATOR_AT)

    def _linked(self, kind: str) -> set[str]:
        """The libraries that a contract links, and those that these link."""
        found: set[str] = set()
        for name in self[kind].links:
            found |= {name, *self._linked(name)}
        return found


_WHO_MAY = ("isAssetListingAdmin(address)", "isPoolAdmin(address)", "isRiskAdmin(address)", "isEmergencyAdmin(address)")


def _creator_of(proxy: Proxied) -> str:
    """Whose code the code of a proxy comes with."""
    if proxy.KIND == "TransparentStataToken":
        return TRANSPARENT_PROXY
    if isinstance(proxy, ScaledToken):
        return CONFIGURATOR
    return REGISTRY if isinstance(proxy, PoolStorage | PoolConfigurator) else PROXY


def _anything(part: dict[str, Any]) -> Any:
    """A value of a type that a listing takes as it is."""
    kind = part["type"]
    if kind == "address":
        return EIGHTEEN
    if kind == "string":
        return ""
    if kind == "bool":
        return True
    return encode(["uint256"] * 4, [9000, 0, 100, 100]) if kind == "bytes" else 18


def _deployed(evm: TinyEvm, where: Address, creation: bytes, name: str) -> bytes:
    """What creation code returns at an address, which has no code of its own yet. Raises CodeError."""
    evm.put(where, creation)
    try:
        return evm.send(SOMEBODY, where, b"", name)
    finally:
        evm.put(where, b"")


def _first_created(evm: TinyEvm, creator: Address) -> bytes:
    return evm.code(created_address(creator, 1))
