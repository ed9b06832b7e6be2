"""Contracts of one's own in saved states: they come back and live on; what a file cannot tell is refused by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol import ForeignContract, Market, named_address
from pooltwin.protocol.machine.contract import ledger_of
from pooltwin.protocol.own_code import MAX_DEPTH
from pooltwin.protocol.saved_state import SavedStateError, load, save

from .own_contracts import Box, Jar, agree, supply_again
from .source import ROOT
from .worlds import ALICE, ALL_REVISIONS, BOB, MODERN, WETH, fresh, lived_in

BOX_AT, JAR_AT, HOLDER_AT = (named_address(name) for name in ("box", "jar", "holder"))


class Holder(ForeignContract):
    """Holds what a test gives it, and has declared storage besides."""

    KIND = "Holder"
    STORAGE = {"owner": "", "counts": ledger_of(0)}

    def __init__(self, *_: Any) -> None:
        raise AssertionError("a constructor is not run again")


def holder(market: Market, **attributes: Any) -> Any:
    """Put a holder on a market."""
    contract = market.chain.deploy(Holder.blank, HOLDER_AT)
    for name, value in attributes.items():
        setattr(contract, name, value)
    return contract


def with_contracts(revision: str) -> Market:
    """A market with a box in use, a jar, and a receiver of flash loans."""
    market = lived_in(revision)
    box: Box = market.chain.deploy(lambda chain, at: Box(chain, at, market), BOX_AT)
    jar: Jar = market.chain.deploy(lambda chain, at: Jar(chain, at, "ünï"), JAR_AT)
    market.fund("WETH", BOX_AT, 10**20)
    market.fund("USDC", market.flash_loan_receiver("receiver", supply_again), 10**10)
    box.put(5 * WETH, sender=ALICE)
    jar.put(7, sender=BOB)
    return market


def again(market: Market, folder: Path) -> Market:
    """The market from a file."""
    market.save(folder / "market.json")
    return Market.load(folder / "market.json", own_code=True)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with three contracts of one's own."""
    path = tmp_path_factory.mktemp("own") / "market.json"
    with_contracts("3.7").save(path)
    return path


# --- coming back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_contracts_come_back_and_live_on(revision: str, tmp_path: Path) -> None:
    market = with_contracts(revision)
    there = again(market, tmp_path)
    there.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "market.json").read_bytes()
    digest = market.chain.digest()
    for side in (market, there):
        assert side.chain.digest() == digest
        box, jar = side.chain.at(BOX_AT), side.chain.at(JAR_AT)
        assert box.market.chain is side.chain
        moment = side.chain.snapshot()
        box.put(3, sender=BOB)
        jar.put(4, sender=BOB)
        assert (jar.kept[BOB], box.kept[BOB]) == (11, 3)
        side.chain.revert_to(moment)
        assert (jar.kept[BOB], box.kept[BOB], [dict(shelf) for shelf in box.shelves]) == (7, 0, [{ALICE: 1}, {}])
        assert (jar.label, jar.flags, jar.rule) == ("ünï", (True, None, b"\x00\xff", ("nested", 7)), agree)
        side.pool.flash_loan_simple(named_address("receiver"), side.asset("USDC"), 10**9, b"", 0, sender=ALICE)
        box.put(2, sender=BOB)
    assert market.chain.digest() == there.chain.digest() != digest


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**256), 2**256) | st.text(max_size=4) | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2) | st.tuples(st.integers(), st.binary(max_size=2)), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(value=SMALL, entries=st.dictionaries(st.text(max_size=3), SMALL, max_size=3))
def test_whatever_can_be_told_comes_back_the_same(
    value: Any, entries: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    market = fresh("3.7")
    there = holder(market, value=value, owner=ALICE)
    there.counts[ALICE] = 7
    there.kept = there.ledger(("none", 0))
    for key, entry in entries.items():
        there.kept[key] = entry
    back = again(market, tmp_path_factory.mktemp("told")).chain.at(HOLDER_AT)
    assert repr((back.value, list(back.kept.items()))) == repr((value, list(entries.items())))
    assert (back.kept["missing"], back.owner, back.counts) == (("none", 0), ALICE, {ALICE: 7})
    assert back.kept.journal is back.counts.journal is back.chain.journal


def test_what_is_on_the_chain_is_bound_again(tmp_path: Path) -> None:
    market = with_contracts("3.7")
    holder(market, all=[market.chain, market.pool, {"jar": market.chain.at(JAR_AT)}], kinds=(Box, agree), me=market)
    there = again(market, tmp_path)
    back = there.chain.at(HOLDER_AT)
    assert back.all == [there.chain, there.pool, {"jar": there.chain.at(JAR_AT)}]
    assert (back.kinds, back.me.chain, back.me.keys) == ((Box, agree), there.chain, market.keys)


VAULT = """
import sys
from pathlib import Path
from pooltwin.invariants import standard_config
from pooltwin.protocol import Market, named_address
from vault import UNIT, Vault

path, part = Path(sys.argv[1]), sys.argv[2]
if part == "save":
    market = Market.deploy(standard_config("3.7"))
    market.chain.deploy(lambda chain, at: Vault(chain, at, market, "USDC"), named_address("vault"))
else:
    market = Market.load(path, own_code=True)
vault, alice = market.chain.at(named_address("vault")), named_address("alice")
if part == "save":
    market.fund("USDC", alice, UNIT)
    market.erc20("USDC").approve(vault.address, UNIT, sender=alice)
    vault.deposit(UNIT, sender=alice)
    market.save(path)
market.chain.advance(86_400)
vault.redeem(UNIT // 2, sender=alice)
print(market.chain.digest(), vault.balance_of(alice))
"""


def test_a_vault_is_saved_in_one_process_and_loaded_in_another(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(VAULT)
    printed = []
    for part in ("save", "load"):
        finished = subprocess.run(
            [sys.executable, str(script), str(tmp_path / "market.json"), part],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT / "examples")},
        )
        assert finished.returncode == 0, finished.stderr
        printed.append(finished.stdout.split())
    assert printed[0] == printed[1]
    assert printed[0][1] == str(10**6 - 10**6 // 2)


# --- loading is asked for ---------------------------------------------------------------------------------------------


def test_code_of_ones_own_is_run_only_where_it_is_asked_for(saved: Path) -> None:
    for loaded in (load, Market.load):
        with pytest.raises(SavedStateError) as caught:
            loaded(saved)
        for named in ("own_contracts:Box", "own_contracts:Jar", "own_contracts:agree", "own_contracts:supply_again"):
            assert f"tests.unit.{named}" in str(caught.value)
        assert "market.json: there are contracts of one's own in it" in str(caught.value)
        assert str(caught.value).endswith("load it in Python with own_code=True")


def test_nothing_is_imported_unless_asked_for_and_genuine(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "runs_at_once.py").write_text("raise SystemExit('it ran')\n")
    text = saved.read_text().replace("tests.unit.own_contracts:Box", "runs_at_once:Box")
    (tmp_path / "other.json").write_text(text)
    for own_code in (False, True):
        with pytest.raises(SavedStateError, match="contracts of one's own have been edited"):
            load(tmp_path / "other.json", own_code=own_code)
    assert "runs_at_once" not in sys.modules


@settings(max_examples=200)
@given(data=st.data())
def test_any_character_of_their_lines_edited(saved: Path, data: st.DataObject) -> None:
    """Whatever is written over it: refused, or it says the same."""
    lines = saved.read_text().splitlines(keepends=True)
    which = [number for number, line in enumerate(lines) if '"own"' in line or '"own_digest"' in line]
    assert len(which) == 4
    number = data.draw(st.sampled_from(which))
    line = lines[number]
    where = data.draw(st.integers(0, len(line) - 2))
    lines[number] = line[:where] + data.draw(st.characters(max_codepoint=126)) + line[where + 1 :]
    edited = saved.with_name("edited.json")
    edited.write_text("".join(lines))
    try:
        told = load(edited, own_code=True)
    except SavedStateError as error:
        assert "edited.json" in str(error)  # noqa: PT017 - either of two outcomes is right
        return
    save(told, saved.with_name("told.json"))
    save(load(saved, own_code=True), saved.with_name("plain.json"))
    assert saved.with_name("told.json").read_bytes() == saved.with_name("plain.json").read_bytes()


def test_lines_taken_away_or_turned_into_others_are_refused(saved: Path, tmp_path: Path) -> None:
    lines = saved.read_text().splitlines(keepends=True)
    own = [number for number, line in enumerate(lines) if '"own"' in line]
    changed = tmp_path / "changed.json"
    for number in own:
        changed.write_text("".join(lines[:number] + lines[number + 1 :]))
        with pytest.raises(SavedStateError, match=r"changed\.json: the contracts of one's own have been edited"):
            load(changed, own_code=True)
    changed.write_text("".join(line for number, line in enumerate(lines) if number not in own))
    with pytest.raises(SavedStateError, match="their digest is None"):
        load(changed, own_code=True)


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A file whose jar was changed, with digests that fit."""
    from pooltwin.protocol.state.dump import canonical, digest_of

    lines = path.read_text().splitlines()
    own = []
    for number, line in enumerate(lines):
        if '"own":' not in line:
            continue
        data = json.loads(line.rstrip(","))
        if data["kind"] == "Jar":
            change(data)
        lines[number] = canonical(data) + ("," if line.endswith(",") else "")
        own.append((data["address"], data["own"]))
    trailer = json.loads("{" + lines[-1][2:])
    trailer["own_digest"] = digest_of(canonical([where, each]) for where, each in sorted(own))
    lines[-1] = "]," + canonical(trailer)[1:]
    changed = path.with_name("forged.json")
    changed.write_text("\n".join(lines) + "\n")
    return changed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["own"].update(code="nowhere_at_all:Jar"), r"own\.code: nowhere_at_all:Jar: cannot be impor"),
        (lambda data: data["own"].update(code="tests.unit.own_contracts:Jaw"), "there is no 'Jaw' in it.*'Jar'"),
        (lambda data: data["own"].update(code="tests.unit.own_contracts:agree"), "is no class of contracts"),
        (lambda data: data["own"].update(code="tests.unit.own_contracts:Box"), "is of the kind 'Box' now.*a 'Jar'"),
        (lambda data: data["fields"].update(more=1), "fields: not those of a Jar"),
        (lambda data: data["own"]["held"].update(label={"hex": "zz"}), r"own\.held\.label: malformed: non-hex"),
        (lambda data: data["own"]["held"].update(label={"pickle": 1}), r"own\.held\.label: malformed: .*not pickle"),
        (lambda data: data["own"]["held"].update(label={"contract": ALICE}), "there is no contract at"),
        (lambda data: data["own"]["held"].update(label={"import": "os:sep"}), "os:sep is neither a function nor"),
        (lambda data: data["own"]["held"].update(label={"market": {"provider": ALICE, "keys": {}}}), "is no registry"),
    ],
)
def test_what_does_not_fit_is_said_with_its_line(saved: Path, change: Any, message: str) -> None:
    with pytest.raises(SavedStateError, match=rf"forged\.json, line \d+: .*{message}"):
        Market.load(rewritten(saved, change), own_code=True)


# --- what cannot be told ----------------------------------------------------------------------------------------------

SHARED: list[int] = []
DEEP: list[Any] = []
for _ in range(MAX_DEPTH + 1):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (lambda: 1, "cannot be imported by others"),
        ({"rule": [lambda: 1]}, "cannot be imported by others"),
        (1.5, "cannot hold an object of type float"),
        ({1, 2}, "cannot hold an object of type set"),
        (object(), "cannot hold an object of type object"),
        (Path("here"), "cannot hold an object of type"),
        ([SHARED, SHARED], "the same list is held twice"),
        (DEEP, f"nested more than {MAX_DEPTH} deep"),
        (1 << 5_000, "a number of more than"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_attributes_that_cannot_be_told_are_named(value: Any, why: str, tmp_path: Path) -> None:
    market = fresh("3.7")
    holder(market, held=value)
    with pytest.raises(ValueError, match=f"<Holder at {HOLDER_AT}> cannot be saved, because of its held: .*{why}"):
        market.save(tmp_path / "market.json")
    assert os.listdir(tmp_path) == []


def test_things_of_other_chains_are_refused(tmp_path: Path) -> None:
    market, other = fresh("3.7"), fresh("3.7")
    there = holder(market)
    for value in (other, other.chain, other.pool, holder(other).ledger(0)):
        there.held = value
        with pytest.raises(ValueError, match=f"<Holder at {HOLDER_AT}> cannot be saved, because of its held"):
            market.save(tmp_path / "market.json")
    assert os.listdir(tmp_path) == []


def test_storage_that_would_come_back_another_is_refused(tmp_path: Path) -> None:
    market = fresh("3.7")
    there = holder(market)
    for value in ([1, 2], {"a": 1}, object()):
        there.owner = value
        with pytest.raises(ValueError, match=f"<Holder at {HOLDER_AT}> cannot be saved, because of its owner"):
            market.save(tmp_path / "market.json")
    assert os.listdir(tmp_path) == []


class Slotted(ForeignContract):
    """Keeps something where neither dumps nor pickles look."""

    KIND = "Slotted"
    __slots__ = ("hidden",)


def test_classes_and_slots_that_cannot_be_told_are_named(tmp_path: Path) -> None:
    class Local(ForeignContract):
        """Found by nobody."""

        KIND = "Local"

    for cls, why in ((Local, "Local cannot be imported by others"), (Slotted, "because of its hidden: a slot")):
        market = fresh("3.7")
        contract: Any = market.chain.deploy(cls, BOX_AT)
        contract.hidden = 1
        with pytest.raises(ValueError, match=f"<{cls.KIND} at {BOX_AT}> cannot be saved.*{why}"):
            market.save(tmp_path / "market.json")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("revision", MODERN)
def test_a_callback_without_a_name_is_refused(revision: str, tmp_path: Path) -> None:
    market = fresh(revision)
    market.flash_loan_receiver("mine", lambda *_: True)
    with pytest.raises(ValueError, match=r"<FlashLoanReceiver at .* cannot be saved, because of its callback"):
        save(market.chain, tmp_path / "state.json")
    assert os.listdir(tmp_path) == []
