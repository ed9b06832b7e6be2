"""The faults compile, change the contracts that they should, and are what their mutants are."""

from dataclasses import replace
from pathlib import Path

import pytest
from pooltwin.invariants.mutants import MUTANTS

from ..harness.artifacts import ArtifactSet
from . import building
from .catalogue import FAULTS, SAMPLE, fault_named
from .edits import edited
from .fault import Fault
from .pairs import compare_pair, is_told_apart

STEPS = 30


@pytest.fixture(scope="module")
def sampled(artifacts_v3_6: ArtifactSet) -> dict[str, ArtifactSet]:
    """The bytecode of the sample, compiled in one go."""
    assert artifacts_v3_6.libraries
    faults = [fault_named(identifier) for identifier in SAMPLE]
    return dict(zip(SAMPLE, building.faulty_artifacts(faults), strict=True))


def test_every_fault_has_an_id_of_its_own_and_a_mutant() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)
    catalogued = {mutant.id for mutant in MUTANTS}
    assert all((fault.id in catalogued) == (fault.own is None) for fault in FAULTS)


def test_every_fault_has_its_places_in_the_sources_and_changes_some_contract(artifacts_v3_6: ArtifactSet) -> None:
    for fault in FAULTS:
        changed = edited(building.sources(), fault.edits)
        assert bool(changed) == bool(fault.edits)
        assert set(building.changed_contracts(fault)) & artifacts_v3_6.contracts.keys(), fault


def test_only_contracts_that_an_edit_touches_differ_from_the_faithful_ones(
    artifacts_v3_6: ArtifactSet, sampled: dict[str, ArtifactSet]
) -> None:
    for identifier, faulty in sampled.items():
        differing = [name for name in faulty.contracts if faulty[name].bytecode != artifacts_v3_6[name].bytecode]
        assert differing == [
            name for name in faulty.contracts if name in building.changed_contracts(fault_named(identifier))
        ]


@pytest.mark.parametrize("identifier", SAMPLE)
def test_faulty_bytecode_is_what_the_mutated_twin_is(
    sampled: dict[str, ArtifactSet], identifier: str, tmp_path: Path
) -> None:
    assert compare_pair(fault_named(identifier), sampled[identifier], 1, STEPS, tmp_path) > 1_000


def test_the_comparison_tells_a_fault_from_another(sampled: dict[str, ArtifactSet], tmp_path: Path) -> None:
    assert is_told_apart(sampled["F1"], 1, STEPS, tmp_path)


def test_what_was_compiled_is_found_again_by_its_content(
    artifacts_v3_6: ArtifactSet, sampled: dict[str, ArtifactSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert artifacts_v3_6.libraries
    monkeypatch.setattr(building, "_run", lambda *_: pytest.fail("nothing is compiled twice"))
    for identifier, artifacts in sampled.items():
        other_name = replace(fault_named(identifier), id="another", subject="another")
        assert building.faulty_artifacts([other_name]) == [artifacts]


def test_sources_that_do_not_compile_are_an_error_with_the_compiler_s_words(artifacts_v3_6: ArtifactSet) -> None:
    assert artifacts_v3_6.libraries
    broken = Fault("M02", "none", contracts={"AaveOracle": "contract Faulty is AaveOracle { int nonsense = ; }"})
    with pytest.raises(building.CompileError, match="Expected primary expression"):
        building.faulty_artifacts([broken])
