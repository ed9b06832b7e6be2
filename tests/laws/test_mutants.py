"""The mutants fit the engine, leave nothing behind, and die of the laws that say what they did."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from pooltwin.invariants.catalogue import all_laws, law_called
from pooltwin.invariants.law import Law
from pooltwin.invariants.mutants.catalogue import MUTANTS, KillMatrix, control, mutant_named, run_mutants
from pooltwin.invariants.mutants.hunt import Hunt, Kill, hunt, story_of
from pooltwin.invariants.mutants.mutant import Mutant, Patch
from pooltwin.invariants.mutants.report import markdown_of, table_of, verdict_of
from pooltwin.protocol.logic import supply
from pooltwin.protocol.revisions import revision_named

LAWS = all_laws()
QUICK = {
    "M01": "IDX-5",
    "M02": "RND-2",
    "M12": "FLG-1",
    "M24": "LIQ-4",
    "M160": "LIQ-17",
    "M22": "LIQ-7",
    "M27": "RAT-1",
    "M32": "SOL-6",
    "M62": "INF-3",
    "M43": "TOK-2",
    "M44": "HF-7",
    "M162": "EMD-12",
    "M163": "FLG-11",
}
"""Some mutants, and a law that kills each within a few hundred steps."""


def arity_fits(faulty: Any, original: Any) -> bool:
    """Can the fault be called as the original is?"""
    arguments = [
        parameter
        for parameter in inspect.signature(original).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    keywords = {
        parameter.name: None
        for parameter in inspect.signature(original).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    try:
        inspect.signature(faulty).bind(*arguments, **keywords)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_fits_the_engine_and_leaves_nothing_behind(mutant: Mutant) -> None:
    before = [vars(patch.target)[patch.name] for patch in mutant.patches]
    with mutant.engaged() as revision:
        assert revision.name == mutant.revision
        for patch, original in zip(mutant.patches, before, strict=True):
            assert vars(patch.target)[patch.name] is patch.faulty
            if inspect.isfunction(original):
                assert arity_fits(patch.faulty, original), patch.name
    assert [vars(patch.target)[patch.name] for patch in mutant.patches] == before
    faithful = revision_named(mutant.revision)
    for name, decision in mutant.decisions.items():
        original = getattr(faithful, name)
        assert decision != original
        assert type(decision) is type(original) or callable(decision)
        assert not inspect.isfunction(original) or arity_fits(decision, original), name


def test_every_mutant_says_what_it_changes_where_from_and_who_should_notice() -> None:
    known = {law.id for law in LAWS}
    assert len({mutant.id for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        assert mutant.patches or mutant.decisions
        assert mutant.change
        assert mutant.origin
        assert mutant.expected
        assert set(mutant.expected) <= known, mutant.id


def test_a_patch_that_no_longer_fits_is_refused() -> None:
    with (
        pytest.raises(AttributeError, match="supply defines no no_such_rule"),
        Patch(supply, "no_such_rule", 0).applied(),
    ):
        pytest.fail("the patch was applied")


def test_an_unknown_mutant_is_named() -> None:
    with pytest.raises(ValueError, match="there is no mutant 'M999'"):
        mutant_named("M999")


def test_a_mutant_that_expects_a_law_that_there_is_not_is_refused() -> None:
    odd = Mutant("M999", "nothing", "own", ("LIQ-33",))
    with pytest.raises(ValueError, match="M999 expects 'LIQ-33', which no law is called; did you mean 'LIQ-3'"):
        run_mutants(all_laws(), budget=1, mutants=(odd,))


def test_mutants_stand_by_number_and_those_of_the_environment_last() -> None:
    ids = [mutant.id for mutant in MUTANTS]
    assert ids.index("M02") < ids.index("M40a") < ids.index("M40b") < ids.index("M43") < ids.index("E1")
    with pytest.raises(ValueError, match=r"'control 3\.7' is not the id of a mutant"):
        _ = control("3.7").order


def test_the_faithful_engine_breaks_no_law() -> None:
    found = hunt(control("3.7"), LAWS, 1_000)
    assert found.steps == 1_000
    assert not found.crash
    assert {law: kill.violation for law, kill in found.kills.items()} == {}
    assert sum(1 for count in found.exercised.values() if count) > 100


@pytest.mark.parametrize(("identifier", "killer"), QUICK.items())
def test_known_faults_die_quickly(identifier: str, killer: str) -> None:
    law = law_called(killer)
    found = hunt(mutant_named(identifier), [law], 1_500)
    assert killer in found.kills, found


def test_a_story_is_short_and_ends_with_the_law() -> None:
    law = law_called("RND-2")
    found = hunt(mutant_named("M02"), [law], 1_000)
    story = story_of(found, law)
    assert len(story.splitlines()) <= 8
    assert "pool.withdraw" in story
    assert "RND-2 broken at step" in story


def test_hunts_repeat_exactly_and_seeds_matter() -> None:
    def kills(seed: int) -> dict[str, Kill]:
        return hunt(mutant_named("M02"), [law_called("RND-2"), law_called("SOL-2")], 600, seed).kills

    assert kills(0) == kills(0)
    assert kills(0) != kills(1)


# --- the matrix, with drivers that need no engine ---------------------------------------------------------------------

MADE_UP = [mutant_named(identifier) for identifier in ("M02", "M19", "M43", "M44")]


def pretended(mutant: Mutant, laws: Any, budget: int, seed: int) -> Hunt:
    """M02 dies as it should, M43 of something else, M44 only of a law that the faithful engine breaks too."""
    kills = {
        "M02": ["RND-2", "HF-7"],
        "M43": ["SOL-1", "HF-7"],
        "M44": ["HF-7"],
        "control 3.7": ["HF-7"],
    }.get(mutant.id, [])
    return Hunt(mutant, budget, {law: Kill(law, 5, 0, 5, f"{law} broken") for law in kills})


@pytest.fixture
def matrix() -> KillMatrix:
    """Four mutants, four laws, and a control that breaks one of them."""
    laws = [law_called(identifier) for identifier in ("SOL-1", "RND-2", "HF-7", "TOK-2")]
    return run_mutants(laws, budget=10, mutants=MADE_UP, driver=pretended, stories=False)


def ids(items: Any) -> list[str]:
    """Ids of hunts or of laws."""
    return [item.id if isinstance(item, Law) else item.mutant.id for item in items]


def test_survivors_misses_and_idle_laws_are_listed(matrix: KillMatrix) -> None:
    assert ids(matrix.hunts) == ["M02", "M19", "M43", "M44"]
    assert matrix.unsound("3.7") == {"HF-7"}
    assert ids(matrix.survivors) == ["M19", "M44"]
    assert ids(matrix.missed) == ["M43"]
    assert ids(matrix.idle_laws) == ["HF-7", "TOK-2"]
    verdicts = [verdict_of(matrix, found) for found in matrix.hunts]
    assert verdicts == ["killed", "equivalent", "killed by others", "ALIVE"]


def test_the_report_hides_nothing(matrix: KillMatrix) -> None:
    page = markdown_of(matrix)
    assert "- alive: M44\n" in page
    assert "- equivalent, argued below: M19\n" in page
    assert "- killed, but by no law that was expected to notice: M43\n" in page
    assert "- laws that killed nothing: HF-7, TOK-2\n" in page
    assert "fail on the faithful engine and so kill nothing: 3.7: HF-7" in page.replace("failed", "fail")
    assert "RND-2* 5" in page
    assert table_of(matrix).row_count == 4


def test_several_processes_answer_like_one() -> None:
    def run(processes: int) -> list[dict[str, Kill]]:
        laws, mutants = [law_called("RND-2")], [mutant_named("M02"), mutant_named("M43")]
        seen: list[int] = []
        matrix = run_mutants(
            laws,
            budget=300,
            mutants=mutants,
            processes=processes,
            stories=False,
            progress=lambda *told: seen.append(told[1]),
        )
        assert seen == [1, 2, 3]
        return [found.kills for found in matrix.hunts]

    assert run(2) == run(1)
