"""Saving and loading: round trips, and a clear refusal of every file that is not what was saved."""

import json
import os
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pooltwin.protocol import saved_state
from pooltwin.protocol.evm_storage.raw import contract_storage
from pooltwin.protocol.market import Market
from pooltwin.protocol.saved_state import SavedStateError, load, save
from pooltwin.protocol.upgrades import upgrade

from .calls import answer, call_of, crowded, unmodelled, writers
from .worlds import ALICE, ALL_REVISIONS, BOB, MODERN, WETH, fresh


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A saved state, its text and its digest."""
    path = tmp_path_factory.mktemp("saved") / "state.json"
    chain = crowded("3.6").chain
    save(chain, path)
    return path, path.read_text(), chain.digest()


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_round_trip(revision: str, tmp_path: Path) -> None:
    market = crowded(revision)
    path = tmp_path / "state.json"
    save(market.chain, path)
    loaded = load(path)
    assert loaded.digest() == market.chain.digest()
    assert list(loaded.state_lines()) == list(market.chain.state_lines())
    assert json.loads(path.read_text())["version"] == saved_state.VERSION
    save(loaded, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["again.json", "state.json"]


@pytest.mark.parametrize("revision", ALL_REVISIONS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_loaded_state_lives_on_like_the_saved_one(
    revision: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    original = crowded(revision).chain
    path = tmp_path_factory.mktemp("on") / "state.json"
    save(original, path)
    loaded = load(path)
    for _ in range(4):
        target = data.draw(st.sampled_from(writers(revision)))
        sender, arguments = data.draw(call_of(revision, target))
        assert answer(original, sender, target, arguments) == answer(loaded, sender, target, arguments)
        assert original.digest() == loaded.digest()


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_loaded_state_refuses_code_of_another_kind_like_the_saved_one(revision: str, tmp_path: Path) -> None:
    original, path = crowded(revision).chain, tmp_path / "state.json"
    save(original, path)
    loaded = load(path)
    for target, sender, arguments in unmodelled(revision):
        refused = answer(original, sender, target, arguments)
        assert isinstance(refused, str)
        assert answer(loaded, sender, target, arguments) == refused


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    market = fresh("3.7")
    provider = market.provider
    function = provider.find(bytes.fromhex("f67b1847"))
    assert function.signature == "setMarketId(string)"
    calldata = function.selector + (32).to_bytes(32, "big") + (3).to_bytes(32, "big") + b"\xff\x00\n".ljust(32, b"\0")
    assert market.chain.transact(market.admin, provider.address, calldata).ok
    save(market.chain, tmp_path / "state.json")
    loaded = load(tmp_path / "state.json")
    assert loaded.at(provider.address).market_id == provider.market_id
    assert loaded.digest() == market.chain.digest()


@settings(max_examples=150)
@given(data=st.data())
def test_truncated_anywhere(saved: Any, data: st.DataObject) -> None:
    path, text, _ = saved
    cut = data.draw(st.one_of(st.integers(0, len(text) - 1), st.integers(len(text) - 100, len(text) - 1)))
    _refused(path, text[:cut])


@settings(max_examples=300)
@given(data=st.data())
def test_any_digit_edited(saved: Any, data: st.DataObject) -> None:
    path, text, _ = saved
    digits = _digits(text)
    where = digits[data.draw(st.integers(0, len(digits) - 1))]
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[where]]))
    _refused(path, text[:where] + other + text[where + 1 :])


def _digits(text: str) -> Any:
    return [index for index, character in enumerate(text) if character in "0123456789"]


@settings(max_examples=300)
@given(data=st.data())
def test_any_character_edited(saved: Any, data: st.DataObject) -> None:
    """Whatever is written over it: refused, or it says the same (a hex digit's case, say)."""
    path, text, digest = saved
    where = data.draw(st.integers(0, len(text) - 1))
    edited = text[:where] + data.draw(st.characters()) + text[where + 1 :]
    changed = path.with_name("edited.json")
    changed.write_text(edited, errors="surrogatepass")
    try:
        loaded = load(changed).digest()
    except SavedStateError as error:
        loaded = digest
        assert "edited.json" in str(error)  # noqa: PT017 - either of two outcomes is right
    assert loaded == digest


def _refused(path: Path, text: str) -> None:
    changed = path.with_name("changed.json")
    changed.write_text(text)
    with pytest.raises(SavedStateError, match=r"changed\.json"):
        load(changed)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda text: text.replace('"version":1', '"version":2', 1), "has version 2, this program reads version 1"),
        (lambda text: text.replace("pooltwin-state", "something-else", 1), "line 1: format"),
        (lambda text: text.replace('"revision":"3.6"', '"revision":"9.9"', 1), "revision '9.9' is not known"),
        (lambda text: text.replace('"kind":"ACLManager"', '"kind":"Oracle"', 1), "no contract of kind 'Oracle'"),
        (lambda text: text.replace('"reserves_count"', '"reserve_count"', 1), "not those of a PoolInstance"),
        (lambda text: text.replace('"ltv"', '"lvt"', 1), "malformed"),
        (lambda text: text[: text.rindex("]")], "truncated"),
        (lambda text: text + "1", "behind its last line"),
        (lambda text: "", "line 1"),
        (lambda text: "[]\n", "line 1"),
        (lambda text: "not json", "line 1"),
        (lambda text: "[" * 100_000, "line 1"),
    ],
)
def test_what_is_wrong_is_said(saved: Any, edit: Any, message: str) -> None:
    path, text, _ = saved
    changed = path.with_name("wrong.json")
    changed.write_text(edit(text))
    with pytest.raises(SavedStateError, match=r"wrong\.json") as caught:
        load(changed)
    assert message in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SavedStateError, match=r"missing\.json.*cannot be read"):
        load(tmp_path / "missing.json")
    with pytest.raises(SavedStateError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SavedStateError, match=r"binary\.json.*cannot be read"):
        load(tmp_path / "binary.json")


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: Any) -> None:
    path = tmp_path / "state.json"
    save(fresh("3.6").chain, path)
    old = path.read_bytes()

    def fail(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match="no space left"):
        save(crowded("3.6").chain, path)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["state.json"]


def test_a_save_interrupted_in_the_middle_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    market = fresh("3.6")
    save(market.chain, path)
    old = path.read_bytes()
    market.chain.balances[ALICE] = object()  # type: ignore[assignment]  # cannot be written
    with pytest.raises(TypeError):
        save(market.chain, path)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["state.json"]


def test_saving_into_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        save(fresh("3.6").chain, tmp_path / "nowhere" / "state.json")


@pytest.mark.parametrize("revision", MODERN)
def test_a_market_can_be_picked_up_from_a_file(revision: str, tmp_path: Path) -> None:
    market = crowded(revision)
    save(market.chain, tmp_path / "state.json")
    loaded = Market(load(tmp_path / "state.json"), market.provider.address)
    loaded.pool.withdraw(loaded.asset("WETH"), WETH, sender=ALICE)
    market.pool.withdraw(market.asset("WETH"), WETH, sender=ALICE)
    assert loaded.chain.digest() == market.chain.digest()


@pytest.mark.parametrize(("old", "new"), list(combinations(ALL_REVISIONS, 2)))
def test_tokens_stay_what_they_were_through_an_upgrade_and_a_file(old: str, new: str, tmp_path: Path) -> None:
    """Errors, permits and raw storage of a test token are those of the release it came with."""
    market = fresh(old)
    token = market.erc20("USDC")
    permit = token.find(bytes.fromhex("d505accf")).calldata([ALICE, BOB, 1, 2**40, 27, b"\1" * 32, b"\xff" * 32])
    transfer = token.find(bytes.fromhex("a9059cbb")).calldata([BOB, 2**200])
    calls = [(ALICE, token.address, data) for data in (permit, transfer)]
    answers = [market.chain.call(*call).return_data for call in calls]
    storage = contract_storage(token)
    upgrade(market, new)
    save(market.chain, tmp_path / "state.json")
    loaded = load(tmp_path / "state.json")
    assert loaded.digest() == market.chain.digest()
    for chain in (market.chain, loaded):
        assert [chain.call(*call).return_data for call in calls] == answers
        assert contract_storage(chain.at(token.address)) == storage
    assert type(loaded.at(token.address)) is type(token)


# --- markets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", ALL_REVISIONS)
def test_a_market_is_saved_with_its_registry_and_keys(revision: str, tmp_path: Path) -> None:
    market = crowded(revision)
    market.save(tmp_path / "market.json")
    loaded = Market.load(tmp_path / "market.json")
    assert loaded.provider.address == market.provider.address
    assert loaded.keys == market.keys
    assert loaded.chain.digest() == market.chain.digest() == load(tmp_path / "market.json").digest()
    save(market.chain, tmp_path / "chain.json")
    assert Market.load(tmp_path / "chain.json").assets == market.assets


def test_a_market_that_is_not_on_the_chain_is_refused(tmp_path: Path) -> None:
    market, path = fresh("3.7"), tmp_path / "market.json"
    market.save(path)
    named = f'"provider":"{market.provider.address}"'
    path.write_text(path.read_text().replace(named, f'"provider":"{market.pool.address}"', 1))
    with pytest.raises(SavedStateError, match=r"line 1: market\.provider: 0x.* is no registry of a market"):
        Market.load(path)
    with pytest.raises(SavedStateError, match=r"missing\.json: cannot be read"):
        Market.load(tmp_path / "missing.json")
