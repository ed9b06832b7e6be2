"""The forms in which compilers write contracts: Foundry's and Hardhat's files, and the compiler's own output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pooltwin.protocol.refusal import faults_in
from pydantic import BaseModel, ConfigDict, ValidationError

from .artifact import Artifact, ArtifactError


@dataclass(frozen=True)
class Compiled:
    """One contract with what is known of its making."""

    name: str
    artifact: Artifact
    when: float
    """When the file was written, in seconds."""
    link_files: dict[str, str]
    """The source files of the libraries it links."""
    compiler: str = ""
    evm_version: str = ""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Part(_Form):
    start: int
    length: int


References = dict[str, dict[str, tuple[_Part, ...]]]


class _Code(_Form):
    object: str = ""
    linkReferences: References = {}  # noqa: N815 - the compiler's spelling
    immutableReferences: dict[str, tuple[_Part, ...]] = {}  # noqa: N815


class _CompilerOf(_Form):
    version: str = ""


class _Settings(_Form):
    compilationTarget: dict[str, str] = {}  # noqa: N815
    evmVersion: str = ""  # noqa: N815


class _Metadata(_Form):
    compiler: _CompilerOf = _CompilerOf()
    settings: _Settings = _Settings()


class _Foundry(_Form):
    abi: tuple[dict[str, Any], ...]
    bytecode: _Code
    deployedBytecode: _Code = _Code()  # noqa: N815
    storageLayout: dict[str, Any] | None = None  # noqa: N815
    metadata: _Metadata | None = None


class _Hardhat(_Form):
    contractName: str  # noqa: N815
    sourceName: str  # noqa: N815
    inputSourceName: str = ""  # noqa: N815
    abi: tuple[dict[str, Any], ...]
    bytecode: str
    deployedBytecode: str = ""  # noqa: N815
    linkReferences: References = {}  # noqa: N815
    deployedLinkReferences: References = {}  # noqa: N815
    immutableReferences: dict[str, tuple[_Part, ...]] = {}  # noqa: N815


class _Evm(_Form):
    bytecode: _Code = _Code()
    deployedBytecode: _Code = _Code()  # noqa: N815


class _Output(_Form):
    abi: tuple[dict[str, Any], ...] = ()
    evm: _Evm = _Evm()
    storageLayout: dict[str, Any] | None = None  # noqa: N815
    metadata: str = ""


class _Message(_Form):
    severity: str = ""
    formattedMessage: str = ""  # noqa: N815


class _Standard(_Form):
    contracts: dict[str, dict[str, _Output]] = {}
    errors: tuple[_Message, ...] = ()


def read_form(model: Any, data: Any, where: Path) -> Any:
    """Data of a file as a form. Raises ArtifactError, naming the file and the place, for what is not of that form."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ArtifactError(f"{where}: {faults_in(error, data)[0]}") from None


def from_foundry(data: dict[str, Any], where: Path) -> Compiled:
    """A contract out of a file of Foundry's `out`."""
    form: _Foundry = read_form(_Foundry, data, where)
    metadata = form.metadata or _Metadata()
    target = next(iter(metadata.settings.compilationTarget.items()), (where.parent.name, where.name.partition(".")[0]))
    artifact = _artifact(target[0], form.abi, form.bytecode, form.deployedBytecode, form.storageLayout, where)
    links = _link_files(form.bytecode)
    made_by = metadata.compiler.version, metadata.settings.evmVersion
    return Compiled(target[1], artifact, where.stat().st_mtime, links, *made_by)


def from_hardhat(data: dict[str, Any], where: Path, outputs: dict[tuple[str, str], Compiled]) -> Compiled:
    """A contract out of a file of Hardhat's `artifacts`; the compiler's outputs know its layout and its immutables."""
    form: _Hardhat = read_form(_Hardhat, data, where)
    known = outputs.get((form.inputSourceName or form.sourceName, form.contractName))
    creation = _Code(object=form.bytecode, linkReferences=form.linkReferences)
    runtime = _Code(
        object=form.deployedBytecode,
        linkReferences=form.deployedLinkReferences,
        immutableReferences=form.immutableReferences,
    )
    artifact = _artifact(form.sourceName, form.abi, creation, runtime, None, where)
    if known is not None and known.artifact.bytecode == artifact.bytecode:
        artifact = known.artifact
    made_by = (known.compiler, known.evm_version) if known else ("", "")
    return Compiled(form.contractName, artifact, where.stat().st_mtime, _link_files(creation), *made_by)


def from_standard_json(data: dict[str, Any], where: Path, made_by: tuple[str, str] = ("", "")) -> Iterator[Compiled]:
    """The contracts in the output of a compiler. Raises ArtifactError if it failed."""
    form: _Standard = read_form(_Standard, data, where)
    for message in form.errors:
        if message.severity == "error":
            first = (message.formattedMessage.strip() or "no message").splitlines()[0]
            raise ArtifactError(f"{where}: the compiler failed: {first}")
    when = where.stat().st_mtime
    for file, contracts in form.contracts.items():
        for name, output in contracts.items():
            creation, runtime = output.evm.bytecode, output.evm.deployedBytecode
            place = f"{where}, contracts.{file}.{name}"
            artifact = _artifact(file, output.abi, creation, runtime, output.storageLayout, place)
            yield Compiled(name, artifact, when, _link_files(creation), *(_made_by(output.metadata) or made_by))


def _made_by(metadata: str) -> tuple[str, str] | None:
    """Read which compiler, and for which EVM, from what it says of a contract; None where it says nothing."""
    try:
        said = _Metadata.model_validate_json(metadata) if metadata else None
    except ValidationError:
        return None
    return None if said is None else (said.compiler.version, said.settings.evmVersion)


def from_build_info(data: dict[str, Any], where: Path) -> Iterator[Compiled]:
    """The contracts in a file of `build-info`, which holds a compiler's input and its output."""
    settings = (data.get("input") or {}).get("settings") or {}
    made_by = str(data.get("solcLongVersion") or data.get("solcVersion") or ""), str(settings.get("evmVersion") or "")
    return from_standard_json(data["output"], where, made_by)


def _artifact(file: str, abi: Any, creation: _Code, runtime: _Code, storage: Any, where: Any) -> Artifact:
    links: dict[str, tuple[int, ...]] = {}
    for libraries in creation.linkReferences.values():
        for name, parts in libraries.items():
            links[name] = (*links.get(name, ()), *(part.start for part in parts))
    return Artifact(
        bytecode=_hex_of(creation, f"{where}, bytecode"),
        links=links,
        abi=abi,
        storage=storage if storage and storage.get("storage") is not None else None,
        file=file,
        runtime=_hex_of(runtime, f"{where}, deployedBytecode"),
        holes=tuple(sorted({(part.start, part.length) for part in _holes(runtime)})),
    )


def _link_files(code: _Code) -> dict[str, str]:
    return {name: file for file, libraries in code.linkReferences.items() for name in libraries}


def _linked(code: _Code) -> Iterator[_Part]:
    for libraries in code.linkReferences.values():
        for parts in libraries.values():
            yield from parts


def _holes(code: _Code) -> Iterator[_Part]:
    yield from _linked(code)
    for parts in code.immutableReferences.values():
        yield from parts


def _hex_of(code: _Code, where: str) -> str:
    """The digits of code, places of libraries zero. Raises ArtifactError for what is not hex besides."""
    digits = code.object.removeprefix("0x")
    for part in _linked(code):
        at = 2 * part.start
        digits = digits[:at] + "0" * 2 * part.length + digits[at + 2 * part.length :]
    wrong = next((at for at, digit in enumerate(digits) if digit not in "0123456789abcdefABCDEF"), None)
    if wrong is not None and "__" in digits[wrong : wrong + 2]:
        raise ArtifactError(
            f"{where}: a library is to be linked at byte {wrong // 2}, but linkReferences do not say it"
        )
    if wrong is not None or len(digits) % 2:
        shown = digits[wrong : wrong + 20] if wrong is not None else digits[-1:]
        raise ArtifactError(f"{where}: not bytes in hex: {shown!r} at digit {wrong or len(digits)}")
    return digits.lower()
