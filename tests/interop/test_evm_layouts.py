"""What a fork stores besides its release: found in the compiler's layout, kept in a file, read into its contracts."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.interop.evm.artifacts import Artifact, ArtifactError, ArtifactSet
from pooltwin.interop.evm.layout_file import LayoutFile, read_layout_file
from pooltwin.interop.evm.own_variables import (
    LayoutError,
    OwnVariable,
    layout_difference,
    layout_entries,
    layouts_of,
    release_of,
    with_own_variables,
)
from pooltwin.protocol import Chain, named_address
from pooltwin.protocol.evm_storage.places import KnownKeys, places_of
from pooltwin.protocol.evm_storage.raw import contract_storage, load_contract
from pooltwin.protocol.evm_storage.table import layout_of
from pooltwin.protocol.revisions import NEWEST, REVISIONS
from pooltwin.scenarios.commands.main import app
from typer.testing import CliRunner

ORACLE = "AaveOracle"
TEXTS = ("", "a name", "long" * 20)
USER = named_address("user")
WORD = {"encoding": "inplace", "numberOfBytes": "32"}
TYPES: dict[str, Any] = {
    "a": {"encoding": "inplace", "label": "address", "numberOfBytes": "20"},
    "c": {"encoding": "inplace", "label": "contract IAggregator", "numberOfBytes": "20"},
    "u16": {"encoding": "inplace", "label": "uint16", "numberOfBytes": "2"},
    "i128": {"encoding": "inplace", "label": "int128", "numberOfBytes": "16"},
    "b4": {"encoding": "inplace", "label": "bytes4", "numberOfBytes": "4"},
    "e": {"encoding": "inplace", "label": "enum Mode", "numberOfBytes": "1"},
    "u": {**WORD, "label": "uint256"},
    "s": {"encoding": "bytes", "label": "string", "numberOfBytes": "32"},
    "a->c": {"encoding": "mapping", "key": "a", "value": "c", "label": "", "numberOfBytes": "32"},
    "s->u": {
        "encoding": "mapping",
        "key": "s",
        "value": "u",
        "label": "mapping(string => uint256)",
        "numberOfBytes": "32",
    },
    "a->S": {"encoding": "mapping", "key": "a", "value": "S", "label": "", "numberOfBytes": "32"},
    "u->u": {"encoding": "mapping", "key": "u", "value": "u", "label": "", "numberOfBytes": "32"},
    "u[]": {"encoding": "dynamic_array", "base": "u", "label": "uint256[]", "numberOfBytes": "32"},
    "u16[]": {"encoding": "dynamic_array", "base": "u16", "label": "uint16[]", "numberOfBytes": "32"},
    "u16[3]": {"encoding": "inplace", "base": "u16", "label": "uint16[3]", "numberOfBytes": "32"},
    "u[50]": {"encoding": "inplace", "base": "u", "label": "uint256[50]", "numberOfBytes": "1600"},
    "u[99]": {"encoding": "inplace", "base": "u", "label": "uint256[99]", "numberOfBytes": "3168"},
    "u[2000]": {"encoding": "inplace", "base": "u", "label": "uint256[2000]", "numberOfBytes": "64000"},
    "S": {
        "encoding": "inplace",
        "label": "struct S",
        "numberOfBytes": "128",
        "members": [
            {"label": "fee", "type": "u16", "slot": "0", "offset": 0},
            {"label": "drift", "type": "i128", "slot": "0", "offset": 2},
            {"label": "note", "type": "s", "slot": "1", "offset": 0},
            {"label": "byDay", "type": "u->u", "slot": "2", "offset": 0},
        ],
    },
}
RELEASE = [("assetsSources", "a->c", 0, 0), ("_fallbackOracle", "c", 1, 0)]
OWN = [
    *(("selector", "b4", 1, 20), ("mode", "e", 1, 24)),
    *(("_perUser", "a->S", 2, 0), ("named", "s->u", 3, 0), ("list", "u[]", 4, 0), ("packed", "u16[]", 5, 0)),
    *(("three", "u16[3]", 6, 0), ("__gap", "u[50]", 7, 0), ("many", "u[99]", 57, 0), ("sources", "u", 156, 0)),
    ("huge", "u[2000]", 157, 0),
]


def compiled(*entries: tuple[str, str, int, int]) -> Artifact:
    storage = [{"label": label, "type": type_, "slot": str(slot), "offset": at} for label, type_, slot, at in entries]
    return Artifact(bytecode="60", links={}, abi=(), storage={"storage": storage, "types": TYPES})


def fork() -> tuple[OwnVariable, ...]:
    return layout_entries(compiled(*RELEASE, *OWN), ORACLE, NEWEST)


def test_own_variables_are_what_the_release_does_not_have() -> None:
    found = layout_difference(compiled(*RELEASE, *OWN), ORACLE, NEWEST)
    assert {each.name: (each.type, each.keys) for each in found.own} == {
        "selector": ("uint32", ()),
        "mode": ("uint8", ()),
        "per_user_fee": ("uint16", ("address",)),
        "per_user_drift": ("int128", ("address",)),
        "per_user_note": ("string", ("address",)),
        "per_user_by_day": ("uint256", ("address", "uint256")),
        "list": ("uint256", ()),
        "list_items": ("uint256", ("index",)),
        "packed": ("uint256", ()),
        "packed_items": ("bytes32", ("index",)),
        **{f"three_{number}": ("uint16", ()) for number in range(3)},
        "named": ("uint256", ("string",)),
        **{f"many_{number}": ("uint256", ()) for number in range(99)},
        "own_sources": ("uint256", ()),
    }
    assert [leaf.label for leaf in found.lost] == ["huge"]
    assert not found.moved
    assert layout_difference(compiled(*RELEASE), ORACLE, NEWEST) == ((), (), ())


def test_variables_that_the_fork_moved_are_told() -> None:
    moved = compiled(("early", "u", 0, 0), ("assetsSources", "a->c", 1, 0), ("_fallbackOracle", "c", 2, 0))
    told = "AaveOracle: 2 variables of v3.7 lie elsewhere, so its state cannot be read:\n"
    with pytest.raises(LayoutError) as caught:
        layout_entries(moved, ORACLE, NEWEST)
    assert str(caught.value) == (
        f"{told}  sources: slot 0 holds early (uint256); assetsSources is at slot 1\n"
        "  fallback: slot 1 holds assetsSources (contract IAggregator); _fallbackOracle is at slot 2"
    )
    same_types = compiled(("early", "a->c", 0, 0), ("assetsSources", "a->c", 1, 0), ("_fallbackOracle", "c", 2, 0))
    assert len(layout_difference(same_types, ORACLE, NEWEST).moved) == 2
    renamed = compiled(("assetsSources", "a->c", 0, 0), ("_lastResort", "c", 1, 0))
    assert layout_difference(renamed, ORACLE, NEWEST) == ((), (), ())
    retyped = layout_difference(compiled(RELEASE[0], ("_fallbackOracle", "u16", 1, 0)), ORACLE, NEWEST)
    assert retyped.moved == ("fallback: slot 1 holds _fallbackOracle (uint16)",)
    assert release_of(ArtifactSet(compiler="", evm_version="", contracts={ORACLE: compiled(*RELEASE)})) == "3.7"
    assert release_of(ArtifactSet(compiler="", evm_version="", contracts={ORACLE: moved})) is None


def test_an_artifact_without_a_layout_says_how_to_get_one() -> None:
    with pytest.raises(ArtifactError, match=r"AaveOracle: its artifact has no storageLayout; ask .* extra_output = "):
        layout_entries(Artifact(bytecode="60", links={}, abi=()), ORACLE, NEWEST)
    broken = compiled(("x", "no such type", 0, 0))
    with pytest.raises(ArtifactError, match="its storageLayout is not the compiler's"):
        layout_entries(broken, ORACLE, NEWEST)
    with pytest.raises(LayoutError, match=r"none of the 1 compiled contracts is called like one of v3.7"):
        layouts_of(ArtifactSet(compiler="", evm_version="", contracts={"Mine": broken}), NEWEST)


def oracle_of_the_fork() -> Any:
    base = NEWEST.contracts[ORACLE]
    cls = with_own_variables(base, layout_of(base.code(), NEWEST), fork())
    contract = cls.blank(Chain(NEWEST, time=1), USER)
    contract.initialise(**dict.fromkeys(base.IMMUTABLES, 0))
    return contract


@given(seed=st.integers(0, 2**32))
def test_own_words_are_read_into_own_variables_and_written_again(seed: int) -> None:
    rng, contract, words = random.Random(seed), oracle_of_the_fork(), dict[int, int]()
    places, known = places_of(contract), KnownKeys(frozenset({USER}), frozenset(), frozenset(TEXTS))
    zero = contract.dump()
    assert "per_user_fee" not in zero  # nothing of it is in a digest as long as it is zero
    for each in fork():
        drawn = {"address": USER, "string": rng.choice(TEXTS)}
        key = tuple(drawn.get(kind, rng.randrange(100)) for kind in each.keys)
        value: Any = rng.randrange(1, 2**15)
        value = {"string": "x" * rng.choice((1, 31, 32, 70)), "bytes32": bytes(31) + b"\1"}.get(each.type, value)
        for slot, mask, word in places.bits(each.name, key, -value if each.type == "int128" else value):
            words[slot] = words.get(slot, 0) & ~mask | word
    for slot in list(words):
        place = places.find(slot, known, contract)
        assert place is not None
        assert not place.holding.is_string or place.slot == slot or "note" in place.holding.variables[0].name
        place.write(contract, lambda at: words.get(at, 0))
    assert contract.per_user_drift[USER] < 0 < contract.per_user_fee[USER]
    assert contract_storage(contract) == words
    again = oracle_of_the_fork()
    load_contract(again, words, known)
    assert again.dump() == contract.dump() != zero
    copy = contract.copy_to(Chain(NEWEST, time=1))
    assert contract_storage(copy) == words
    contract.chain.journal.unwind(0)
    assert contract.dump() == zero


def test_variables_that_clash_are_refused() -> None:
    base = NEWEST.contracts[ORACLE]
    layout = layout_of(base.code(), NEWEST)
    for own, message in (
        (OwnVariable(name="mine", type="uint16", slot=1, offset=18), "mine lies at slot 1, byte 18, where fallback is"),
        (OwnVariable(name="sources", type="uint16", slot=9), "there is a sources already: call the fork's"),
        (OwnVariable(name="get_asset_price", type="uint16", slot=9), "there is a get_asset_price already"),
    ):
        with pytest.raises(LayoutError, match=f"^AaveOracle: {message}"):
            with_own_variables(base, layout, [own])


def test_the_file_holds_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    LayoutFile(release="3.7", contracts={ORACLE: fork()}).write(path)
    assert read_layout_file(path, "3.7").contracts == {ORACLE: fork()}


FAULTS = [
    (("format",), "x", r"format: \"x\" should be 'pooltwin-layout-1'"),
    (("release",), "3.5", "release: it is of v3.5, not of v3.7"),
    (("contracts", ORACLE, 0, "slot"), -1, r"contracts.AaveOracle\[0\] selector: slot: -1 should be greater"),
    (("contracts", ORACLE, 0, "type"), "mapping", r"type: 'mapping' is no type that a word can be read as"),
    (("contracts", ORACLE, 0, "name"), "_x", r"name: '_x' is no name for a variable in Python"),
    (("contracts", "Mine"), [], "contracts.Mine: v3.7 has no such contract"),
]


@pytest.mark.parametrize(("place", "value", "message"), FAULTS)
def test_a_faulty_file_is_refused_with_the_place(tmp_path: Path, place: Any, value: Any, message: str) -> None:
    path = tmp_path / "layout.json"
    LayoutFile(release="3.7", contracts={ORACLE: fork()}).write(path)
    data = json.loads(path.read_text())
    within = data
    for part in place[:-1]:
        within = within[part]
    within[place[-1]] = value
    path.write_text(json.dumps(data))
    with pytest.raises(LayoutError, match=message) as caught:
        read_layout_file(path, "3.7")
    assert str(caught.value).startswith(f"{path}: ")
    with pytest.raises(LayoutError, match="cannot be read"):
        read_layout_file(tmp_path, "3.7")


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["evm", "layout", *map(str, arguments)], env={"COLUMNS": "80"})


def test_the_command_prints_and_writes_what_is_the_fork_s_own(tmp_path: Path) -> None:
    path, layout = tmp_path / "all.json", tmp_path / "layout.json"
    set_ = ArtifactSet(compiler="x", evm_version="y", contracts={"Mine": compiled(*RELEASE, *OWN)})
    path.write_text(set_.model_dump_json())
    done = run(path, "--contract", f"{ORACLE}=Mine", "-o", layout)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].endswith("all.json: 1 contract beside v3.7, 0 with the same storage")
    assert "  per_user_drift   int128[address], slot 2, byte 2  _perUser.drift" in lines
    assert "  many_0 to many_98  uint256, slots 57 to 155  many" in lines
    assert not any("many_1 " in line for line in lines)
    assert "  huge (uint256[2000]): no known key leads to it, so its words stay unexplained" in lines
    assert read_layout_file(layout, "3.7").contracts == {ORACLE: fork()}
    moved = deepcopy(json.loads(path.read_text()))
    moved["contracts"]["Mine"]["storage"]["storage"][1]["slot"] = "2"
    path.write_text(json.dumps(moved))
    refused = run(path, "--contract", f"{ORACLE}=Mine", "-o", tmp_path / "none.json")
    assert refused.exit_code == 2
    assert "fallback: slot 1 holds selector" in refused.output
    assert not (tmp_path / "none.json").exists()
    assert run(tmp_path / "nowhere").exit_code == run(path).exit_code == 2


def test_every_release_is_asked_for_its_own_layout() -> None:
    assert all(layout_difference(compiled(*RELEASE), ORACLE, release) == ((), (), ()) for release in REVISIONS.values())
