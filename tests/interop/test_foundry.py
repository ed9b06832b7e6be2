"""Counterexamples as Foundry tests: their text, their state, and files that are written whole or not at all."""

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pooltwin.interop.evm.genesis import Account, read_genesis
from pooltwin.interop.foundry.counterexample import (
    Answer,
    AnswerWord,
    Call,
    Counterexample,
    CounterexampleError,
    LastCall,
    LastEvent,
    LastEventCount,
    Moment,
    Placing,
    StoredWord,
    Waiting,
)
from pooltwin.interop.foundry.forge import Forge
from pooltwin.interop.foundry.solidity import solidity_of
from pooltwin.interop.foundry.spelling import checksummed, constants, hexes
from pooltwin.interop.foundry.writing import NotRedError, write_foundry_test

ALICE, POOL, FEED = ("0x" + byte * 20 for byte in ("a1", "b0", "fe"))
NOW, LATER = Moment(1_770_000_000, 7), Moment(1_770_000_060, 8)
ANSWERS_ONE = bytes.fromhex("600160005260206000f3")
SUPPLY = bytes.fromhex("617ba037") + bytes(range(128))

EXAMPLE = Counterexample(
    name="hf_7",
    title='HF-7 is broken at step 3: a "quoted" title \u202e with more than ASCII.',
    alloc={POOL: Account(ANSWERS_ONE, {1: 2, 2: 0}, 1), FEED: Account(balance=5)},
    start=NOW,
    steps=(
        Call(NOW, ALICE, POOL, SUPPLY, ok=True, told=("1. alice: pool.supply(WETH, 1)",)),
        Waiting(LATER, ("2. 1 minute passes",)),
        Placing(LATER, FEED, words={0: 2**255}, told=("3. the price of WETH falls",)),
        Placing(LATER, ALICE, ANSWERS_ONE),
        Call(LATER, ALICE, POOL, bytes.fromhex("617ba037"), value=3, told=("4. alice: pool.fallback()",)),
    ),
    checks=(
        LastCall(True, (1).to_bytes(32, "big"), "The last call answers 1."),
        LastCall(True, None, "The last call succeeds."),
        AnswerWord(POOL, SUPPLY[:36], 0, 2, "pool.getUserAccountData(alice).totalDebtBase is 2."),
        Answer(POOL, SUPPLY[:4], False, b"", "pool.nothing() reverts."),
        LastEvent(0, POOL, (bytes(32), bytes(32)), bytes(40), "The pool emits something."),
        LastEventCount(1, "One event is emitted."),
        StoredWord(POOL, 2**255 - 19, 3, "Slot 2**255 - 19 holds 3."),
    ),
    reason="HF-7: A law.",
    story=("who did what", ""),
    labels={ALICE: "alice", POOL: "pool", FEED: "WETH feed", "0x" + "00" * 20: "nobody"},
)

ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: f"0x{raw.hex()}")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": "hf 7"}, "hf 7"),
        ({"checks": ()}, "nothing is checked"),
        ({"steps": ()}, "no call is made"),
        ({"alloc": {"0x12": Account()}}, "0x12"),
        ({"alloc": {ALICE: Account(storage={-1: 1})}}, "256 bits"),
        ({"alloc": {ALICE: Account(nonce=2**64)}}, "nonce"),
    ],
)
def test_a_counterexample_that_cannot_be_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(CounterexampleError, match=named):
        replace(EXAMPLE, **change)


@given(st.binary(max_size=200), st.booleans())
def test_hex_literals_are_the_bytes_on_lines_that_fit(data: bytes, selector: bool) -> None:
    text = hexes(data, selector=selector)
    assert bytes.fromhex("".join(part.removeprefix('hex"').removesuffix('"') for part in text.split())) == data
    assert all(len(line) < 120 for line in text.splitlines())


@given(st.dictionaries(ADDRESSES, st.text(max_size=12), min_size=1, max_size=8))
def test_constants_are_names_of_solidity_each_once(names: dict[str, str]) -> None:
    found = constants(names, names)
    assert found.keys() == names.keys()
    assert len(set(found.values())) == len(found)
    assert all(name.isidentifier() and name.isascii() and name == name.upper() for name in found.values())


def test_an_address_is_spelled_with_its_checksum() -> None:
    assert checksummed("0x7109709ecfa91a80626ff3989d68f67f5b1dd12d") == "0x7109709ECfa91a80626fF3989D68f67F5b1DD12D"


def test_the_text_tells_steps_in_words_and_declares_what_it_calls_and_nothing_else() -> None:
    text = solidity_of(EXAMPLE)
    for told in ("// 1. alice: pool.supply(WETH, 1)", "// 2. 1 minute passes", "VM.warp(1770000060);", "VM.roll(8);"):
        assert text.count(told) == 1
    assert '"1. alice: pool.supply(WETH, 1) reverts, unlike in the story"' in text
    assert text.isascii()
    for cheat in ("recordLogs", "getRecordedLogs", "etch", "store", "load"):
        assert f"VM.{cheat}(" in text
        assert f"function {cheat}(" in text
    plain = solidity_of(replace(EXAMPLE, steps=EXAMPLE.steps[:1], checks=EXAMPLE.checks[2:3], labels={}))
    for absent in ("recordLogs", "etch", "store", "function load(", "label", "emitted", "answered"):
        assert absent not in plain


def _forge(folder: Path, said: dict[str, Any] | str) -> Forge:
    """Something that answers as forge does."""
    program = folder / "forge"
    text = said if isinstance(said, str) else json.dumps(said)
    program.write_text(f"#!/bin/sh\nmkdir -p out cache\ncat <<'END'\n{text}\nEND\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Forge(program)


def _said(status: str, reason: str | None, name: str = "test_hf_7()") -> dict[str, Any]:
    return {"hf_7.t.sol:Hf7Test": {"test_results": {name: {"status": status, "reason": reason}}}}


def test_files_are_written_when_the_test_fails(tmp_path: Path) -> None:
    files = write_foundry_test(EXAMPLE, tmp_path / "out", forge=_forge(tmp_path, _said("Failure", "HF-7: no")))
    assert files.ran is not None
    assert files.ran.told == "HF-7: no"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "foundry.toml",
        "hf_7.alloc.json",
        "hf_7.t.sol",
    ]
    assert read_genesis(files.state).accounts == {
        **EXAMPLE.alloc,
        POOL: EXAMPLE.alloc[POOL]._replace(storage={1: 2}),
    }


def test_files_stay_where_forge_cannot_run_them(tmp_path: Path) -> None:
    files = write_foundry_test(EXAMPLE, tmp_path / "out", forge=_forge(tmp_path, "Error: no compiler"))
    assert files.test.exists()
    assert files.ran is not None
    assert files.ran.failed is None
    assert "no compiler" in files.ran.told


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (_said("Success", None), "the test passes"),
        (_said("Failure", "no such file", "setUp()"), "cannot begin: no such file"),
        ({}, "found no test"),
    ],
)
def test_nothing_is_left_behind_by_a_test_that_does_not_fail(tmp_path: Path, said: Any, named: str) -> None:
    forge = _forge(tmp_path, said)
    with pytest.raises(NotRedError, match=named):
        write_foundry_test(EXAMPLE, tmp_path / "new", forge=forge)
    assert not (tmp_path / "new").exists()
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "hf_7.t.sol").write_text("what was there")
    (kept / "foundry.toml").write_text("[profile.default]")
    with pytest.raises(NotRedError):
        write_foundry_test(EXAMPLE, kept, forge=forge)
    assert {path.name: path.read_text() for path in kept.iterdir()} == {
        "hf_7.t.sol": "what was there",
        "foundry.toml": "[profile.default]",
    }


@pytest.mark.parametrize(
    ("version", "taken"), [("0.8.27", True), ("0.8.20-nightly", True), ("0.8.10", False), ("", False)]
)
def test_npms_compiler_is_written_down_where_it_takes_the_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, taken: bool
) -> None:
    """Also where nobody has run the test yet: whoever installs forge later needs no other compiler."""
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/node" if name == "node" else None)
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "node_modules" / "solc" / "package.json"
    package.parent.mkdir(parents=True)
    package.write_text(json.dumps({"version": version}), encoding="utf-8")
    files = write_foundry_test(EXAMPLE, tmp_path / "violations")
    assert files.ran is None
    settings = (tmp_path / "violations" / "foundry.toml").read_text(encoding="utf-8")
    assert ('solc = "./solc.js"' in settings) is (tmp_path / "violations" / "solc.js").exists() is taken
