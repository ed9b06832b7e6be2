"""Compiled contracts by name: creation code with places for libraries, ABI, storage layout, and the code it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from eth_utils.abi import abi_to_signature, collapse_if_tuple
from pooltwin.protocol.machine.spelling import did_you_mean
from pydantic import BaseModel, ConfigDict

LIBRARY_GUARD = bytes.fromhex("73" + "00" * 20 + "3014")
"""How the code of a library begins before its own address is written into it."""


class ArtifactError(ValueError):
    """Files that hold no compiled contracts, or not the ones that are wanted. Names file, place and what is wrong."""


class MissingContractError(ArtifactError, KeyError):
    """A contract that is not among the compiled ones, or of which there are several by that name."""

    def __str__(self) -> str:
        return str(self.args[0])


class Artifact(BaseModel):
    """One contract as the compiler gave it; library places in the creation code are zero until linked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytecode: str
    """The creation code in hex, without 0x."""
    links: dict[str, tuple[int, ...]]
    """Where addresses of libraries go, in bytes, by the library's name."""
    abi: tuple[dict[str, Any], ...]
    storage: dict[str, Any] | None = None
    """The compiler's `storageLayout`, if it was asked for it."""
    file: str = ""
    """The source file, as the compiler calls it; empty if nobody says."""
    runtime: str = ""
    """The code that the creation code leaves, in hex; immutables and libraries are zero. Empty if nobody says."""
    holes: tuple[tuple[int, int], ...] = ()
    """Where immutables and libraries go in that code: offset and length, in bytes."""

    @cached_property
    def functions(self) -> dict[str, dict[str, Any]]:
        """The ABI entry of every external function, by signature."""
        return {abi_to_signature(_entry(e)): e for e in self.abi if e["type"] == "function"}

    @cached_property
    def constructor_types(self) -> tuple[str, ...]:
        """ABI types of the constructor's arguments; empty without a constructor."""
        return tuple(collapse_if_tuple(_entry(each)) for each in self._constructor_inputs)

    @property
    def constructor_parameters(self) -> str:
        """The constructor's parameters as the source has them: types and names."""
        names = [each.get("name", "") for each in self._constructor_inputs]
        return ", ".join(f"{kind} {name}".rstrip() for kind, name in zip(self.constructor_types, names, strict=True))

    @property
    def _constructor_inputs(self) -> list[dict[str, Any]]:
        return next((list(entry.get("inputs", ())) for entry in self.abi if entry["type"] == "constructor"), [])

    def creation_code(self, libraries: Mapping[str, str]) -> bytes:
        """Creation code with the library addresses filled in. Raises KeyError for a library without an address."""
        code = bytearray.fromhex(self.bytecode)
        for library, offsets in self.links.items():
            address = bytes.fromhex(libraries[library].removeprefix("0x"))
            for offset in offsets:
                code[offset : offset + 20] = address
        return bytes(code)

    def left(self, code: bytes) -> bool:
        """Can this contract's creation code have left that code? Immutables, libraries and metadata may differ.

        False where the compiler's output does not hold the runtime code.
        """
        ours, theirs = bytearray.fromhex(self.runtime), bytearray(code)
        holes = list(self.holes)
        if ours.startswith(LIBRARY_GUARD):
            holes.append((1, 20))
        for offset, length in holes:
            for each in (ours, theirs):
                each[offset : offset + length] = bytes(length)
        return bool(ours) and without_metadata(bytes(ours)) == without_metadata(bytes(theirs))


def without_metadata(code: bytes) -> bytes:
    """Runtime code without the compiler's note at its end, a CBOR map and its length in two bytes, and padding."""
    code = code.rstrip(b"\0")
    length = int.from_bytes(code[-2:], "big")
    start = len(code) - 2 - length
    return code[:start] if start > 0 and code[start] & 0xF0 == 0xA0 else code


class ArtifactSet(BaseModel):
    """Everything that compilers produced in one place, by the contracts' names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    compiler: str
    evm_version: str
    contracts: dict[str, Artifact]
    doubtful: dict[str, tuple[Artifact, ...]] = {}
    """Contracts of one name from several source files, none of which is plainly the one that is meant."""
    codeless: tuple[str, ...] = ()
    """Names without code: abstract contracts, interfaces, and whatever no code was asked of."""

    def __getitem__(self, name: str) -> Artifact:
        """The artifact of a contract: "PoolInstance", or with its file "src/PoolInstance.sol/PoolInstance".

        Raises MissingContractError, a KeyError, for one that is not there, or there more than once.
        """
        found = self.contracts.get(name)
        return self._looked_up(name) if found is None else found

    def __contains__(self, name: str) -> bool:
        try:
            return name in self.contracts or name in self.doubtful or self._looked_up(name) is not None
        except MissingContractError:
            return False

    def _looked_up(self, name: str) -> Artifact:
        if name in self.doubtful:
            raise self._several(name, name)
        found = self._named(name)
        if len(found) == 1:
            return found.popitem()[1]
        if found:
            raise MissingContractError(f"{name} means {len(found)} contracts, {', '.join(found)}: say which")
        meant = did_you_mean(name, self.contracts)
        raise MissingContractError(f"there is no contract {name!r} among the compiled ones{meant}")

    def _named(self, name: str) -> dict[str, Artifact]:
        """The contracts that a name with a file, or a file alone, may mean, by file and name."""
        file, _, own = name.rpartition("/")
        if name.endswith(".sol"):
            file, own = name, ""
        return {
            f"{artifact.file}/{contract}": artifact
            for contract, artifact in self._all()
            if file and contract == (own or contract) and f"/{artifact.file}".endswith(f"/{file}")
        }

    def _several(self, name: str, kind: str) -> MissingContractError:
        files = [artifact.file for artifact in self.doubtful[name]]
        return MissingContractError(
            f"there are {len(files)} contracts {name}, in {', '.join(files)}: say which, as "
            f"{kind}={files[0]}{'' if kind == name else f'/{name}'}"
        )

    def _all(self) -> list[tuple[str, Artifact]]:
        several = [(name, artifact) for name, artifacts in self.doubtful.items() for artifact in artifacts]
        return [*self.contracts.items(), *several]

    @cached_property
    def libraries(self) -> frozenset[str]:
        """The libraries that some contract links."""
        return frozenset(library for contract in self.contracts.values() for library in contract.links)

    def standing_in(self, contracts: Mapping[str, str]) -> ArtifactSet:
        """The same set in which some contracts stand in for others, as {"PoolInstance": "MyPool"}.

        A contract is named as in `[]`; a file alone means the contract of the same name, or the only one in it. Raises
        MissingContractError.
        """
        found = {kind: self[self.meant_by(name, kind)] for kind, name in contracts.items()}
        doubtful = {name: several for name, several in self.doubtful.items() if name not in found}
        return self.model_copy(update={"contracts": {**self.contracts, **found}, "doubtful": doubtful})

    def meant_by(self, name: str, kind: str) -> str:
        """The name of what is to stand in for a kind; of a file alone, of the contract called so, or the only one.

        Raises MissingContractError for a name that several contracts have.
        """
        if name in self.doubtful:
            raise self._several(name, kind)
        if not name.endswith(".sol"):
            return name
        of_that_name = f"{name}/{kind}"
        if of_that_name in self:
            return of_that_name
        alone = list(self._named(name))
        return alone[0] if len(alone) == 1 else name

    def kind_at(self, code: bytes) -> str | None:
        """The name of the contract whose creation code can have left that code; None for nobody's."""
        return next((name for name, artifact in self.contracts.items() if artifact.left(code)), None)


def _entry(entry: dict[str, Any]) -> Any:
    """An ABI entry as eth-utils types it: its TypedDicts cannot be built from parsed JSON without a cast."""
    return entry
