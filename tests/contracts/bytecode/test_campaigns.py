"""Campaigns, written tests, machines and the plugin on compiled contracts: a fault in Solidity is found and kept."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.invariants import (
    CampaignOptions,
    CampaignResult,
    Finding,
    FindingError,
    LawBroken,
    read_history,
    run_campaign,
    standard_config,
    standard_history,
    violation_of,
)
from pooltwin.invariants.campaigns.shrinking import break_of
from pooltwin.invariants.machine import DynamicMachine, check
from pooltwin.protocol.revisions import Revision

from ..faults import building
from ..faults.catalogue import SAMPLE, fault_named
from ..harness.artifacts import ArtifactSet

ROUNDS_DOWN = SAMPLE.index("M02")
"""Withdrawals burn shares rounded down."""


@pytest.fixture(scope="module")
def faulty(artifacts_v3_6: ArtifactSet) -> ArtifactSet:
    assert artifacts_v3_6.libraries
    return building.faulty_artifacts([fault_named(identifier) for identifier in SAMPLE])[ROUNDS_DOWN]


@pytest.fixture(scope="module")
def named(faulty: ArtifactSet, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The string that names the faulty contracts."""
    path = tmp_path_factory.mktemp("compiled") / "artifacts.json"
    path.write_text(faulty.model_dump_json(), encoding="utf-8")
    return f"bytecode:3.6:{path}"


def campaign(engine: Revision | str, **more: object) -> CampaignResult:
    options = CampaignOptions(
        standard_history("3.6"), steps=300, episode_steps=150, laws=("RND-2", "TOK-9"), engine=engine, **more
    )
    return run_campaign(options)


@pytest.fixture(scope="module")
def found(named: str) -> list[Finding]:
    return campaign(named).findings


def test_a_fault_is_found_shrunk_and_told(found: list[Finding], named: str) -> None:
    assert [finding.law for finding in found] == ["RND-2", "TOK-9"]
    for finding in found:
        assert len(finding.history.actions) < 8
        assert f"{finding.law} is broken at step" in finding.story()
        broken = break_of(finding.history, finding.law, engine=named)
        assert broken is not None
        assert str(broken.violation) == finding.violation
        assert violation_of(finding.history, finding.law) is None  # the twin of the release has no such fault


def test_several_processes_find_the_same(found: list[Finding], named: str) -> None:
    assert [finding.violation for finding in campaign(named, processes=2).findings] == [
        finding.violation for finding in found
    ]


def test_the_written_test_replays_on_the_bytecode_and_fails(found: list[Finding], tmp_path: Path) -> None:
    history, test = found[0].write(tmp_path)
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", test], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "AssertionError: RND-2 broken at step" in ran.stdout
    assert violation_of(read_history(history), "RND-2") is not None


def test_a_history_keeps_its_engine_through_a_campaign(named: str, tmp_path: Path) -> None:
    history = replace(standard_history("3.6"), engine=named)
    result = run_campaign(CampaignOptions(history, steps=150, episode_steps=150, laws=("RND-2",)))
    assert result.options.record is not None
    path, _ = result.findings[0].write(tmp_path)
    assert read_history(path).engine == named


def test_contracts_that_no_string_names_can_be_attacked_but_give_no_test(faulty: ArtifactSet, tmp_path: Path) -> None:
    finding = campaign(bytecode_engine(faulty, "3.6")).findings[0]
    with pytest.raises(FindingError, match="told by no string"):
        finding.write(tmp_path / "violations")
    assert not (tmp_path / "violations").exists()


def test_a_machine_finds_it(named: str) -> None:
    class OnBytecode(DynamicMachine):
        config = standard_config("3.6")
        revision = named
        expected = ()

    quickly = settings(
        max_examples=15,
        stateful_step_count=25,
        phases=[Phase.generate],
        derandomize=True,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
    )
    with pytest.raises(LawBroken, match="broken at step"):
        check(OnBytecode, quickly)


def test_the_plugin_puts_laws_around_it(named: str, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        f"""
import pytest
from pooltwin.invariants import standard_config

@pytest.fixture
def pooltwin_config():
    return standard_config("3.6")

@pytest.fixture
def pooltwin_engine():
    return {named!r}

@pytest.mark.pooltwin_laws("RND-2")
def test_withdrawing(pooltwin_market):
    lender = "0x" + "11" * 20
    pool, asset = pooltwin_market.pool, pooltwin_market.asset("WETH")
    pooltwin_market.fund("WETH", lender, 10**24)
    pool.supply(asset, 10**22, sender=lender)
    pool.borrow(asset, 10**21, sender=lender)
    pooltwin_market.chain.advance(10**7)
    pool.withdraw(asset, 10**18 + 1, sender=lender)
""",
        encoding="utf-8",
    )
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", tmp_path], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "RND-2 broken at step" in ran.stdout
