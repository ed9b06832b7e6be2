"""Finding compiled contracts in files and folders, whichever tool wrote them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pooltwin.protocol.files import reason_of

from .artifact import Artifact, ArtifactError, ArtifactSet
from .forms import Compiled, from_build_info, from_foundry, from_hardhat, from_standard_json, read_form

EXPECTED = (
    "expected Foundry's out/, Hardhat's artifacts/, the output of `solc --standard-json`, or one file with "
    '"compiler", "evm_version" and "contracts"'
)
BUILD_INFO = "build-info"
OUTPUT = ".output.json"


def load_artifacts(path: Path | str, contracts: Mapping[str, str] | None = None) -> ArtifactSet:
    """Compiled contracts from a file or a folder: of Foundry, of Hardhat, of the compiler, or all in one file.

    The folder may also be that of the project. `contracts` say which of them stand in for others, as {"PoolInstance":
    "MyPool"}, or which file is meant where several have one name: {"Pool": "src/Pool.sol"}. Raises ArtifactError, a
    ValueError, naming the file and the place of what is wrong.
    """
    found = Path(path)
    if not found.exists():
        raise ArtifactError(f"{found}: there is no such file or folder; {EXPECTED}")
    folder = _built_in(found.resolve()) if found.is_dir() else found.resolve()
    files = sorted(folder.rglob("*.json")) if folder.is_dir() else [folder]
    stats = tuple((file, file.stat().st_mtime_ns) for file in files if file.is_file())
    return _loaded(folder, stats).standing_in(contracts or {})


@lru_cache(maxsize=8)
def _loaded(path: Path, files: tuple[tuple[Path, int], ...]) -> ArtifactSet:
    if not path.is_dir():
        return _one_file(path)
    compiled = list(_in_folder([file for file, _ in files]))
    if not any(each.artifact.bytecode for each in compiled):
        raise ArtifactError(f"{path}: no compiled contracts among its {len(files)} JSON files; {EXPECTED}")
    return _together(compiled)


def _built_in(folder: Path) -> Path:
    """The folder in which a project keeps what it compiled, itself if it is none. Raises ArtifactError without one."""
    settings = folder / "foundry.toml"
    if settings.exists():
        try:
            profiles = tomllib.loads(settings.read_text("utf-8")).get("profile", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ArtifactError(f"{settings}: {error}") from None
        out = folder / str(profiles.get("default", {}).get("out", "out"))
        if not out.is_dir():
            raise ArtifactError(f"{out}: there is no such folder yet: `forge build` makes it")
        return out
    if any(folder.glob("hardhat.config.*")):
        if not (folder / "artifacts").is_dir():
            raise ArtifactError(f"{folder / 'artifacts'}: there is no such folder yet: `npx hardhat compile` makes it")
        return folder / "artifacts"
    return folder


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {reason_of(error)}") from None
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path}: not JSON: {error}") from None


def _one_file(path: Path) -> ArtifactSet:
    data = _json(path)
    if not isinstance(data, dict):
        raise ArtifactError(f"{path}: no compiled contracts; {EXPECTED}")
    if "contracts" in data and "compiler" in data:
        read: ArtifactSet = read_form(ArtifactSet, data, path)
        return read
    compiled = list(_contracts_in(data, path, {}))
    if not any(each.artifact.bytecode for each in compiled):
        keys = ", ".join(sorted(data)[:5]) or "no keys"
        raise ArtifactError(f"{path}: no compiled contracts in JSON with {keys}; {EXPECTED}")
    return _together(compiled)


Outputs = dict[tuple[str, str], Compiled]


def _in_folder(files: Sequence[Path]) -> Iterator[Compiled]:
    infos = [file for file in files if file.parent.name == BUILD_INFO]
    others = [file for file in files if file.parent.name != BUILD_INFO and not file.name.endswith(".dbg.json")]
    outputs: Outputs = {}
    if not others or any(_is_hardhat(_json(file)) for file in others[:1]):
        for file in sorted(infos, key=lambda info: info.stat().st_mtime):
            for each in _contracts_in(_json(file), file, {}):
                outputs[each.artifact.file, each.name] = each
    if not others:
        yield from outputs.values()
    for file in others:
        data = _json(file)
        if isinstance(data, dict):
            yield from _contracts_in(data, file, outputs)


def _input_beside(where: Path) -> dict[str, Any]:
    """What the compiler was given, where Hardhat 3 writes its output into a file of its own; nothing elsewhere."""
    beside = where.with_name(f"{where.name.removesuffix(OUTPUT)}.json")
    data = _json(beside) if where.name.endswith(OUTPUT) and beside.is_file() else None
    return data if isinstance(data, dict) else {}


def _is_hardhat(data: Any) -> bool:
    return isinstance(data, dict) and str(data.get("_format", "")).startswith("hh")


def _contracts_in(data: dict[str, Any], where: Path, outputs: Outputs) -> Iterator[Compiled]:
    """The contracts in one file's data, by its form; none if it is of no form."""
    if isinstance(data.get("output"), dict) and "contracts" in data["output"]:
        yield from from_build_info({**_input_beside(where), **data}, where)
    elif isinstance(data.get("contracts"), dict) or isinstance(data.get("errors"), list):
        yield from from_standard_json(data, where)
    elif "abi" in data and "bytecode" in data:
        yield from_hardhat(data, where, outputs) if "sourceName" in data else from_foundry(data, where)


def _together(compiled: Sequence[Compiled]) -> ArtifactSet:
    """One set of them: of one file's contracts the newest; of one name in several files the one that is linked."""
    by_name: dict[str, dict[str, Compiled]] = {}
    for each in compiled:
        if each.artifact.bytecode:
            of = by_name.setdefault(each.name, {})
            known = of.get(each.artifact.file)
            if known is None or known.when <= each.when:
                of[each.artifact.file] = each
    linked = {(name, file) for each in compiled for name, file in each.link_files.items()}
    contracts: dict[str, Artifact] = {}
    doubtful: dict[str, tuple[Artifact, ...]] = {}
    for name, of in by_name.items():
        wanted = [each for file, each in of.items() if (name, file) in linked] or list(of.values())
        if len({each.artifact.bytecode for each in wanted}) == 1:
            contracts[name] = wanted[0].artifact
        else:
            doubtful[name] = tuple(each.artifact for each in of.values())
    return ArtifactSet(
        compiler=_named_by(each.compiler for each in compiled),
        evm_version=_named_by(each.evm_version for each in compiled),
        contracts=dict(sorted(contracts.items())),
        doubtful=doubtful,
        codeless=tuple(sorted({each.name for each in compiled} - by_name.keys())),
    )


def _named_by(texts: Iterator[str]) -> str:
    return ", ".join(sorted({text for text in texts if text})) or "unknown"
