"""Laws ask contracts, never the twin's logic: on other bytecode only a contract's own answer says anything about it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pooltwin.invariants
import pooltwin.protocol
import pytest
from pooltwin.invariants import Action, Law, all_laws, monitor, violation_of
from pooltwin.invariants.campaigns.campaign import EpisodeRun
from pooltwin.invariants.campaigns.options import CampaignOptions
from pooltwin.invariants.law import Verdict
from pooltwin.invariants.laws import health, indexes
from pooltwin.invariants.mutants.catalogue import control
from pooltwin.invariants.mutants.hunt import hunt
from pooltwin.invariants.reading.changes import Changes, changed_places, read_changes
from pooltwin.invariants.reading.step import ReserveChange
from pooltwin.invariants.standard import standard_history
from pooltwin.invariants.vaults import VAULT_LAWS, with_vaults
from pooltwin.protocol.revisions import REVISIONS

PROTOCOL = str(Path(pooltwin.protocol.__file__).parent) + "/"
INVARIANTS = str(Path(pooltwin.invariants.__file__).parent) + "/"
CLOSED = tuple(PROTOCOL + room for room in ("logic/", "contracts/", "releases/", "upgrades/", "answers/", "reads/"))
"""Where the twin's logic and its handles are."""
DOORS = tuple(
    PROTOCOL + room for room in ("machine/", "chain.py", "snapshots.py", "state/", "deployment/", "periphery.py")
)
"""By what they are entered rightly: a function of a contract, a transaction, a fork; or storage."""
DOERS = tuple(INVARIANTS + room for room in ("histories/", "history.py", "campaigns/campaign.py", "mutants/"))
"""Who acts instead of judging."""
DECLARED = PROTOCOL + "logic/decisions.py"
"""What a release says that it decides, which laws may go by."""
DEEDS = ("MockAggregator.set_answer", "let_spend")
"""What a probe does to a market rather than asks of it: the price of an asset is moved, an allowance is given."""


def room_of(path: str) -> str:
    """Tell on which side a source file stands."""
    if path.startswith(CLOSED):
        return "" if path == DECLARED else "closed"
    if path.startswith(DOORS) or path.startswith(DOERS):
        return "door"
    return "judge" if path.startswith(INVARIANTS) else ""


class Eavesdropper:
    """Notes which function of the twin was entered while a law was judging, and by which law."""

    def __init__(self) -> None:
        self.heard: set[str] = set()
        self._rooms: dict[str, str] = {}

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Look at a call, as `sys.setprofile` tells it."""
        code = frame.f_code
        if event == "call" and self._room(code) == "closed" and code.co_qualname not in DEEDS:
            self._look_up(frame)

    def _look_up(self, frame: FrameType) -> None:
        above = frame.f_back
        while above is not None and (room := self._room(above.f_code)) != "judge":
            if room == "door":
                return
            above = above.f_back
        if above is not None:
            entered = f"{frame.f_code.co_filename.removeprefix(PROTOCOL)}: {frame.f_code.co_qualname}"
            self.heard.add(f"{_law_above(above)} entered {entered}")

    def _room(self, code: CodeType) -> str:
        path = code.co_filename
        if path not in self._rooms:
            self._rooms[path] = room_of(path)
        return self._rooms[path]


def _law_above(frame: FrameType | None) -> str:
    """Name the law in whose judging a frame is."""
    at = frame
    while at is not None:
        if at.f_code.co_name == "_ask" and "index" in at.f_locals:
            asking = at.f_locals.get("monitor") or at.f_locals["self"]
            return str(asking.laws[at.f_locals["index"]].id)
        at = at.f_back
    return "what laws are given" if frame is None else f"{frame.f_code.co_qualname}, for all laws,"


@contextmanager
def eavesdropping() -> Iterator[Eavesdropper]:
    """Listen to every call that Python makes."""
    listener = Eavesdropper()
    before = sys.getprofile()
    sys.setprofile(listener)
    try:
        yield listener
    finally:
        sys.setprofile(before)


def episode(revision: str, steps: int, **more: Any) -> EpisodeRun:
    """An episode with every law, probes included, and a vault of each reserve where the release has them."""
    history = standard_history(revision)
    if "StataTokenV2" in REVISIONS[revision].contracts:
        history, more = history.with_setups(with_vaults), {"own_laws": VAULT_LAWS, **more}
    return EpisodeRun(CampaignOptions(history, steps=steps, episode_steps=steps, probe_every=steps // 3, **more), 1)


@pytest.mark.parametrize("revision", sorted(REVISIONS))
def test_judging_asks_contract_functions_and_reads_what_is_stored(revision: str) -> None:
    run = episode(revision, 240)
    with eavesdropping() as listener:
        result = run.run()
    assert sorted(listener.heard) == []
    assert len(result.tally.exercised) > 60


def test_in_hunts_too_with_their_plots_and_hostile_tokens() -> None:
    with eavesdropping() as listener:
        hunt(control("3.6"), all_laws(), 500, seed=1)
    assert sorted(listener.heard) == []


def test_stories_are_told_of_what_contracts_say() -> None:
    run = episode("3.7", 60, own_laws=())
    run.run()
    with eavesdropping() as listener:
        told = standard_history("3.7").with_actions(run.actions).story()
    assert sorted(listener.heard) == []
    assert "1." in told


def only_changes(entries: list[tuple[Any, Any, Any]], start: int) -> Changes:
    """Leave out writes that change nothing, as whoever reads a contract's storage afterwards has to."""
    changes = read_changes(entries, start)
    kept = changed_places(changes)
    return {place: (where, _that_differ(where, old)) for place, (where, old) in changes.items() if place in kept}


def _that_differ(where: Any, written: dict[Any, Any]) -> dict[Any, Any]:
    return {key: old for key, old in written.items() if changed_places({0: (where, {key: old})})}


@pytest.mark.parametrize("revision", ["3.0.2", "3.6", "3.7"])
def test_writes_that_change_nothing_are_not_needed(monkeypatch: pytest.MonkeyPatch, revision: str) -> None:
    monkeypatch.setattr(monitor, "read_changes", only_changes)
    result = episode(revision, 600, own_laws=(), stop_at_violation=False).run()
    assert [finding.violation for finding in result.findings] == []


def test_a_bit_that_is_set_already_is_not_asked_to_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "read_changes", only_changes)
    again = Action("admin", "configurator", "setAssetBorrowableInEMode", ("WETH", 1, True))
    history = standard_history("3.7").with_actions([again])
    assert violation_of(history, "EMD-14") is None


def reckons_with_the_twin(change: ReserveChange) -> Verdict:
    """Ask a private helper of the pool's handle."""
    return change.step.census.pool.income_of(change.after.asset) > 0


def follows_a_getter(change: ReserveChange) -> Verdict:
    """Follow a property that no contract has."""
    return change.step.census.pool.sentinel is None


@pytest.mark.parametrize(
    ("check", "entered"),
    [
        (reckons_with_the_twin, "contracts/pool_storage.py: PoolStorage.income_of"),
        (follows_a_getter, "contracts/pool_storage.py: PoolStorage.sentinel"),
    ],
)
def test_a_law_that_reckons_with_the_twin_is_named(check: Callable[[Any], Verdict], entered: str) -> None:
    nosy = _law_with(indexes.views_project_the_indexes, check)
    run = episode("3.7", 9, laws=(nosy,), own_laws=())
    with eavesdropping() as listener:
        run.run()
    assert f"MY-1 entered {entered}" in listener.heard


def _law_with(like: Law, check: Callable[[Any], Verdict]) -> Law:
    return replace(like, id="MY-1", check=check)


def test_what_a_contract_answers_is_no_offence() -> None:
    honest = _law_with(indexes.views_project_the_indexes, indexes.views_project_the_indexes.check)
    run = episode("3.7", 30, laws=(honest, health.account_data_are_true), own_laws=())
    with eavesdropping() as listener:
        result = run.run()
    assert not listener.heard
    assert result.tally.exercised["MY-1"]
