"""Compiled contracts in every form that tools write: the same out of each, and refusals that name the place."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pooltwin.interop.evm.artifacts import Artifact, ArtifactError, ArtifactSet, MissingContractError, load_artifacts

HOLE = "__$" + "ab" * 17 + "$__"
LIBRARY = "73" + "00" * 20 + "30146080604052"
NOTE = "a2646970667358" + "11" * 6
"""A compiler's note of its own, whose length stands behind it."""
ABI = [
    {"type": "constructor", "inputs": [{"type": "tuple", "components": [{"type": "uint256"}, {"type": "bool"}]}]},
    {"type": "function", "name": "f", "inputs": [{"type": "uint8"}], "outputs": [], "stateMutability": "view"},
]
LAYOUT = {"storage": [{"label": "x", "slot": "0", "offset": 0, "type": "t_uint256"}], "types": {}}


def code(digits: str, *places: int, immutable: int | None = None) -> dict[str, Any]:
    links = {"src/Lib.sol": {"Lib": [{"start": place, "length": 20} for place in places]}} if places else {}
    holes = {"7": [{"start": immutable, "length": 32}]} if immutable is not None else {}
    return {"object": digits, "linkReferences": links, "immutableReferences": holes}


def user(file: str, marker: str = "60") -> tuple[dict[str, Any], dict[str, Any]]:
    """Creation and runtime code of a contract that links a library and has an immutable."""
    return code(f"{marker}73{HOLE}00", 2), code(f"{marker}7f{'00' * 32}{NOTE}000d", immutable=2)


def contracts() -> dict[str, dict[str, Any]]:
    """What is compiled: file, name, codes."""
    return {
        "src/Lib.sol:Lib": {"codes": (code("6001"), code(LIBRARY))},
        "src/User.sol:User": {"codes": user("src/User.sol")},
        "src/User.sol:IUser": {"codes": (code(""), code(""))},
    }


def as_foundry(folder: Path, compiled: dict[str, Any]) -> Path:
    for path, each in compiled.items():
        file, name = path.split(":")
        creation, runtime = ({**part, "object": f"0x{part['object']}"} for part in each["codes"])
        place = folder / "out" / file if each.get("deep") else folder / "out" / Path(file).name
        place.mkdir(parents=True, exist_ok=True)
        settings = {"compilationTarget": {file: name}, "evmVersion": "cancun"}
        data = {"abi": ABI, "bytecode": creation, "deployedBytecode": runtime, "storageLayout": LAYOUT}
        data["metadata"] = {"compiler": {"version": "0.8.30"}, "settings": settings}
        (place / f"{name}.json").write_text(json.dumps(data))
    return folder / "out"


def standard(compiled: dict[str, Any]) -> dict[str, Any]:
    output: dict[str, Any] = {"contracts": {}, "errors": [{"severity": "warning", "formattedMessage": "hm"}]}
    for path, each in compiled.items():
        file, name = path.split(":")
        evm = dict(zip(("bytecode", "deployedBytecode"), each["codes"], strict=True))
        output["contracts"].setdefault(file, {})[name] = {"abi": ABI, "evm": evm, "storageLayout": LAYOUT}
    return output


def as_hardhat(folder: Path, compiled: dict[str, Any]) -> Path:
    artifacts = folder / "artifacts"
    for path, each in compiled.items():
        file, name = path.split(":")
        creation, runtime = each["codes"]
        (artifacts / file).mkdir(parents=True, exist_ok=True)
        data = {"_format": "hh-sol-artifact-1", "contractName": name, "sourceName": file, "abi": ABI}
        data |= {"bytecode": f"0x{creation['object']}", "deployedBytecode": f"0x{runtime['object']}"}
        data |= {"linkReferences": creation["linkReferences"], "deployedLinkReferences": runtime["linkReferences"]}
        (artifacts / file / f"{name}.json").write_text(json.dumps(data))
        (artifacts / file / f"{name}.dbg.json").write_text('{"_format": "hh-sol-dbg-1", "buildInfo": "x"}')
    info = {"_format": "hh-sol-build-info-1", "solcLongVersion": "0.8.30", "output": standard(compiled)}
    info["input"] = {"settings": {"evmVersion": "cancun"}}
    (artifacts / "build-info").mkdir(parents=True)
    (artifacts / "build-info" / "1.json").write_text(json.dumps(info))
    return artifacts


def as_hardhat_3(folder: Path, compiled: dict[str, Any]) -> Path:
    """Sources go by another name in the compiler's input, and its output is in a file of its own."""
    artifacts = as_hardhat(folder, compiled)
    for path in compiled:
        file, name = path.split(":")
        written = artifacts / file / f"{name}.json"
        data = json.loads(written.read_text()) | {"_format": "hh3-artifact-1", "inputSourceName": file}
        written.write_text(json.dumps(data | {"sourceName": Path(file).name}))
        (artifacts / file / f"{name}.dbg.json").unlink()
    info = artifacts / "build-info" / "1.json"
    data = json.loads(info.read_text()) | {"_format": "hh3-sol-build-info-1", "id": "1"}
    output = {"_format": "hh3-sol-build-info-output-1", "id": "1", "output": data.pop("output")}
    info.write_text(json.dumps(data))
    (artifacts / "build-info" / "1.output.json").write_text(json.dumps(output))
    (artifacts / "artifacts.d.ts").write_text("")
    return artifacts


def as_standard_json(folder: Path, compiled: dict[str, Any]) -> Path:
    (folder / "output.json").write_text(json.dumps(standard(compiled)))
    return folder / "output.json"


def as_build_info(folder: Path, compiled: dict[str, Any]) -> Path:
    return as_hardhat(folder, compiled) / "build-info" / "1.json"


def as_one_file(folder: Path, compiled: dict[str, Any]) -> Path:
    (folder / "all.json").write_text(load_artifacts(as_foundry(folder, compiled)).model_dump_json())
    return folder / "all.json"


FORMS = [as_foundry, as_hardhat, as_hardhat_3, as_standard_json, as_build_info, as_one_file]
Form = Callable[[Path, dict[str, Any]], Path]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_contracts(tmp_path: Path, form: Form) -> None:
    found = load_artifacts(form(tmp_path, contracts()))
    expected = load_artifacts(as_foundry(tmp_path / "beside", contracts()))
    assert found.contracts == expected.contracts
    assert list(found.contracts) == ["Lib", "User"]
    unknown = form is as_standard_json
    assert (found.compiler, found.evm_version) == (("unknown", "unknown") if unknown else ("0.8.30", "cancun"))
    artifact = found["User"]
    assert artifact.creation_code({"Lib": "0x" + "cd" * 20}) == bytes.fromhex("6073" + "cd" * 20 + "00")
    assert (artifact.links, artifact.constructor_types, list(artifact.functions)) == (
        {"Lib": (2,)},
        ("(uint256,bool)",),
        ["f(uint8)"],
    )
    assert artifact.storage == LAYOUT
    assert found.libraries == {"Lib"}


def test_code_is_known_by_whatever_the_constructor_wrote_into_it(tmp_path: Path) -> None:
    found = load_artifacts(as_foundry(tmp_path, contracts()))
    other_note = "a2646970667358" + "22" * 6
    deployed = bytes.fromhex("607f" + "77" * 32 + other_note + "000d")
    assert found.kind_at(deployed) == found.kind_at(deployed + bytes(33)) == "User"
    assert found.kind_at(bytes.fromhex(LIBRARY.replace("00" * 20, "99" * 20))) == "Lib"
    assert found.kind_at(b"\x61" + deployed[1:]) is None
    assert not Artifact(bytecode="60", links={}, abi=()).left(b"")


def test_contracts_of_one_name_are_told_apart_by_file(tmp_path: Path) -> None:
    twins = contracts() | {
        "src/a/Twin.sol:Twin": {"codes": user("", "61"), "deep": True},
        "src/b/Twin.sol:Twin": {"codes": user("", "62"), "deep": True},
        "src/other/Lib.sol:Lib": {"codes": (code("6002"), code(LIBRARY)), "deep": True},
    }
    out = as_foundry(tmp_path, twins)
    found = load_artifacts(out)
    assert found["Lib"].file == "src/Lib.sol"  # the one that is linked
    with pytest.raises(
        MissingContractError, match=r"^there are 2 contracts Twin, in src/a/Twin.sol, src/b/Twin.sol: say"
    ):
        found["Twin"]
    assert "Twin" in found
    for name in ("b/Twin.sol", "src/b/Twin.sol/Twin"):
        assert found[name].bytecode.startswith("62")
        assert load_artifacts(out, {"Twin": name})["Twin"] == load_artifacts(out, {"Pool": name})["Pool"] == found[name]
    alone = found.standing_in({"Pool": "src/a/Twin.sol"})
    assert alone["Pool"] == alone[found.meant_by("src/a/Twin.sol", "Pool")] == found["src/a/Twin.sol"]
    with pytest.raises(MissingContractError, match=r": say which, as Pool=src/a/Twin.sol/Twin$"):
        load_artifacts(out, {"Pool": "Twin"})
    with pytest.raises(MissingContractError, match=r"Twin.sol means 2 contracts, src/a/Twin.sol/Twin, src/b/"):
        load_artifacts(out, {"Twin": "Twin.sol"})
    with pytest.raises(MissingContractError, match=r"no contract 'Usr' among the compiled ones; did you mean 'User'\?"):
        load_artifacts(out, {"Pool": "Usr"})


def test_of_one_file_s_contract_the_newest_counts(tmp_path: Path) -> None:
    out = as_foundry(tmp_path, contracts())
    old = json.loads((out / "User.sol" / "User.json").read_text())
    old["bytecode"]["object"] = old["bytecode"]["object"].replace("0x60", "0x5f")
    older = out / "User.sol" / "User.0.8.20.json"
    older.write_text(json.dumps(old))
    stamp = older.stat().st_mtime
    for file, age in ((older, 10), (out / "User.sol" / "User.json", 0)):
        os.utime(file, (stamp - age, stamp - age))
    assert load_artifacts(out)["User"].bytecode.startswith("60")
    os.utime(older, (stamp + 10, stamp + 10))
    assert load_artifacts(out)["User"].bytecode.startswith("5f")


def test_a_project_says_where_it_compiles_to(tmp_path: Path) -> None:
    as_foundry(tmp_path, contracts()).rename(tmp_path / "build")
    (tmp_path / "foundry.toml").write_text('[profile.default]\nout = "build"\n')
    assert "User" in load_artifacts(tmp_path)
    (tmp_path / "foundry.toml").write_text("[profile.default]\n")
    with pytest.raises(ArtifactError, match=r"out: there is no such folder yet: `forge build` makes it$"):
        load_artifacts(tmp_path)
    (tmp_path / "foundry.toml").unlink()
    (tmp_path / "hardhat.config.ts").write_text("")
    with pytest.raises(ArtifactError, match=r"artifacts: there is no such folder yet: `npx hardhat compile` makes it$"):
        load_artifacts(tmp_path)
    as_hardhat(tmp_path, contracts())
    assert "User" in load_artifacts(tmp_path)


FAULTS: list[tuple[Any, str]] = [
    ("{", r"x.json: not JSON: "),
    ([], r"x.json: no compiled contracts; expected Foundry's out/, Hardhat's artifacts/"),
    ({"a": 1, "b": 2}, r"x.json: no compiled contracts in JSON with a, b; expected"),
    ({"abi": [], "bytecode": {"object": 5}}, r"x.json: bytecode.object: 5 should be a valid string$"),
    ({"abi": [], "bytecode": {"object": "0x60zz"}}, r"x.json, bytecode: not bytes in hex: 'zz' at digit 2$"),
    ({"abi": [], "bytecode": {"object": f"0x60{HOLE}"}}, r"x.json, bytecode: a library is to be linked at byte 1, but"),
    (
        {"contracts": {"a.sol": {"A": {"evm": {"bytecode": {"object": "6"}}}}}},
        r"contracts.a.sol.A, bytecode: not bytes",
    ),
    ({"errors": [{"severity": "error", "formattedMessage": "Bad\nx"}]}, r"x.json: the compiler failed: Bad$"),
    ({"compiler": "x", "contracts": {}}, r"x.json: evm_version: is missing$"),
]


@pytest.mark.parametrize(("data", "message"), FAULTS)
def test_what_is_no_artifact_is_refused_with_file_and_place(tmp_path: Path, data: Any, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    with pytest.raises(ArtifactError, match=message):
        load_artifacts(path)


def test_nothing_compiled_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"nowhere: there is no such file or folder; expected Foundry's"):
        load_artifacts(tmp_path / "nowhere")
    (tmp_path / "cache.json").write_text('{"a": 1}')
    with pytest.raises(ArtifactError, match=r"no compiled contracts among its 1 JSON files; expected"):
        load_artifacts(tmp_path)


def test_a_set_says_what_it_lacks() -> None:
    with pytest.raises(KeyError, match="no contract 'PoolInstance' among the compiled ones"):
        ArtifactSet(compiler="x", evm_version="y", contracts={})["PoolInstance"]
