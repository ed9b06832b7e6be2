"""Strings that name engines of bytecode: there and back, from folder to folder, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.protocol.bytecode_name import BytecodeName, bytecode_named, is_bytecode, stand_ins

FILES = st.from_regex(r"(/?[a-z][a-z0-9_.-]{1,8}){1,3}", fullmatch=True)
PROVIDERS = st.sampled_from(["", "0x" + "ab" * 20])
NAMES = st.dictionaries(st.sampled_from(["PoolInstance", "ATokenInstance"]), st.sampled_from(["MyPool", "Mine"]))


@given(st.sampled_from(["3.6", "3.0.2"]), FILES, st.none() | FILES, NAMES)
def test_there_and_back(release: str, artifacts: str, layout: str | None, names: dict[str, str]) -> None:
    name = BytecodeName(release, Path(artifacts), None if layout is None else Path(layout), names)
    assert is_bytecode(str(name))
    assert bytecode_named(str(name)) == name


@given(FILES, FILES, st.none() | FILES, PROVIDERS, NAMES)
def test_a_running_market_goes_along(
    artifacts: str, state: str, accounts: str | None, provider: str, names: dict[str, str]
) -> None:
    people = None if accounts is None else Path("/audit") / accounts
    name = BytecodeName("3.6", Path("/audit") / artifacts, None, names, Path("/audit") / state, people, provider)
    assert bytecode_named(str(name)) == name
    told = bytecode_named(str(name.seen_from(Path("/audit/violations"))))
    assert not any(path.is_absolute() for path in told.files)
    assert told.found_from(Path("/audit/violations")) == name


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("state=a:state=b", "'state=b': state is told once, as state=FILE"),
        ("state=", "'state=': state is told once"),
        ("state=a:provider=0x12", "'0x12' is not an address"),
        ("accounts=a", "accounts=a: is of a running market, but no state is told"),
    ],
)
def test_a_running_market_is_told_whole(more: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        bytecode_named(f"bytecode:3.6:out:{more}")


@given(FILES, st.none() | FILES)
def test_a_name_told_in_a_folder_means_the_same_from_there(artifacts: str, layout: str | None) -> None:
    name = BytecodeName("3.6", Path("/audit") / artifacts, None if layout is None else Path("/audit") / layout)
    told = name.seen_from(Path("/audit/violations"))
    assert not told.artifacts.is_absolute()
    assert told.found_from(Path("/audit/violations")) == name
    assert bytecode_named(str(told)).found_from(Path("/audit/violations")) == name


def test_a_drive_belongs_to_its_path() -> None:
    named = bytecode_named("bytecode:3.6:C:/out:D:/layout.json:state=E:/dump.json")
    assert named == BytecodeName("3.6", Path("C:/out"), Path("D:/layout.json"), state=Path("E:/dump.json"))


@pytest.mark.parametrize(
    "text",
    [
        "bytecode:",
        "bytecode:3.6",
        "bytecode:3.6:",
        "bytecode::out",
        "bytecode:3.6:a:b:c",
        "bytecode:3.6:A=B",
        "x:3.6:a",
    ],
)
def test_what_names_no_bytecode_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ValueError, match="expected bytecode:RELEASE:ARTIFACTS"):
        bytecode_named(text)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["PoolInstance"], "'PoolInstance' names no contract: expected KIND=NAME"),
        (["PoolInstance="], "names no contract"),
        (["Pool.sol=x"], "names no contract"),
        (["Pool=src/x"], "names no contract"),
        (["PoolInstance=A", "PoolInstance=B"], "PoolInstance is told twice: A and B"),
    ],
)
def test_what_stands_in_for_nothing_is_refused(texts: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        stand_ins(texts)


def test_a_contract_may_be_named_with_its_file() -> None:
    texts = ["PoolInstance=src/a-b/Pool.sol", "ATokenInstance=@mine/AToken.sol/MyAToken"]
    assert stand_ins(texts) == {"PoolInstance": "src/a-b/Pool.sol", "ATokenInstance": "@mine/AToken.sol/MyAToken"}
    assert bytecode_named(f"bytecode:3.6:out:{':'.join(texts)}").contracts == stand_ins(texts)


def test_an_import_path_is_no_bytecode() -> None:
    assert not is_bytecode("my_fork:FORK")
    assert not is_bytecode("bytecodes.mine:FORK")
