"""Findings on bytecode as Foundry tests: red on the faulty code and green on the faithful one, in forge itself."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from pooltwin.interop.evm.engine import bytecode_engine
from pooltwin.interop.foundry.forge import Forge, find_forge
from pooltwin.invariants import Kind, Subject, equal, law
from pooltwin.invariants.bytecode_law import BYTECODE_LAWS
from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.histories.action import Action
from pooltwin.invariants.standard import standard_history
from pooltwin.protocol.revisions import Revision
from pooltwin.scenarios.counterexamples.foundry import (
    NoFoundryTestError,
    foundry_counterexample,
    write_foundry_counterexample,
)

from .faults.building import faulty_artifacts
from .faults.catalogue import fault_named
from .faults.fault import REVISION
from .harness.artifacts import ArtifactSet, ArtifactsMissingError, installed

FORGE = Path(__file__).parents[1] / "bench" / "forge"
HISTORY = standard_history(REVISION).with_actions(
    (
        Action("bob", "pool", "borrow", ("WETH", 10**17, 2, 0, "bob")),
        Action.wait(1),
        Action.price("WETH", 1_900 * 10**8),
        Action("bob", "pool", "withdraw", ("WETH", 3, "bob")),
    )
)


@law("T-1", "Nothing is ever called.", kind=Kind.STEP, subject=Subject.STEP, source="a test")
def never(step: object) -> object:
    """Fail on every step."""
    return equal("calls", step, None)


@law("T-2", "No market is ever prepared.", kind=Kind.STATE, subject=Subject.PROBE, source="a test")
def nowhere(probe: object) -> object:
    """Fail on every state, also before the first action."""
    return equal("markets", probe, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which `forge` and a compiler are installed; without node and npm the test is skipped, not in CI."""
    try:
        (tmp_path / "node_modules").symlink_to(installed(FORGE) / "node_modules")
    except ArtifactsMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have forge: {error}")
        pytest.skip(str(error))
    return tmp_path / "violations"


def _faithful(artifacts: ArtifactSet) -> Revision:
    return bytecode_engine(artifacts, REVISION)


@pytest.fixture(scope="module")
def faulty() -> dict[str, Revision]:
    """Engines with a fault each."""
    names = ("M02", "F2")
    compiled = faulty_artifacts([fault_named(name) for name in names])
    return {name: bytecode_engine(artifacts, REVISION) for name, artifacts in zip(names, compiled, strict=True)}


def test_it_fails_on_the_faulty_code_and_passes_on_the_faithful_one(
    artifacts_v3_6: ArtifactSet, faulty: dict[str, Revision], folder: Path
) -> None:
    engine = faulty["M02"]
    files = write_foundry_counterexample(Finding("RND-2", "", HISTORY, "1", engine=engine, laws=("RND-2",)), folder)
    assert files.ran is not None
    assert files.ran.failed
    assert files.ran.told.startswith("RND-2: A withdrawal of x burns")
    assert "aWETH.balanceOf(bob)" in files.ran.told
    forge = find_forge(folder)
    assert isinstance(forge, Forge)
    subprocess.run([forge.program, "fmt", "--check", files.test.name], cwd=folder, check=True)
    chain = HISTORY.stage(_faithful(artifacts_v3_6)).chain
    files.state.write_text(json.dumps(chain.alloc()))  # type: ignore[attr-defined]  # a chain of bytecode
    assert forge.run(files.test).told == "the test passes, so there is nothing that it shows"


def test_words_that_nothing_explains_are_shown_without_a_call(
    artifacts_v3_6: ArtifactSet, faulty: dict[str, Revision], folder: Path
) -> None:
    finding = Finding("EVM-1", "", HISTORY.with_actions(()), "1", "1/0", engine=faulty["F2"], laws=BYTECODE_LAWS)
    files = write_foundry_counterexample(finding, folder)
    assert files.ran is not None
    assert files.ran.failed
    assert "On v3.6 nothing is stored in slot 0x" in files.ran.told
    forge = find_forge(folder)
    assert isinstance(forge, Forge)
    chain = HISTORY.with_actions(()).stage(_faithful(artifacts_v3_6)).chain
    files.state.write_text(json.dumps(chain.alloc()))  # type: ignore[attr-defined]  # a chain of bytecode
    assert forge.run(files.test).told == "the test passes, so there is nothing that it shows"


def test_no_test_is_written_where_contracts_answer_as_the_release_does(artifacts_v3_6: ArtifactSet) -> None:
    finding = Finding("T-1", "", HISTORY, "1", engine=_faithful(artifacts_v3_6), laws=(never,))
    with pytest.raises(NoFoundryTestError, match=r"contracts answer as v3\.6 does.*T-1 compares what no call answers"):
        foundry_counterexample(finding)


def test_a_law_that_the_prepared_market_breaks_needs_no_action(artifacts_v3_6: ArtifactSet) -> None:
    engine = _faithful(artifacts_v3_6)
    finding = Finding("T-2", "", HISTORY.with_actions(()), "1", "1/0", engine=engine, laws=(nowhere,))
    with pytest.raises(NoFoundryTestError, match=r"answer as v3\.6.*T-2 compares what no call answers or tries what"):
        foundry_counterexample(finding)


def test_no_test_is_written_of_a_finding_on_the_twin() -> None:
    with pytest.raises(NoFoundryTestError, match="the engine is Python code"):
        foundry_counterexample(Finding("T-1", "", HISTORY, "1", laws=(never,)))
