"""The catalogue itself: ids, claims, and the pages generated from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pooltwin.invariants.catalogue import GROUPS, MODULES, all_laws, law_called, laws_of, laws_table
from pooltwin.invariants.coverage import CERTORA, ENIGMA, coverage_page
from pooltwin.invariants.law import Broken, Kind, Subject, all_of, at_least, at_most, equal, implies, law, release
from pooltwin.invariants.pages import laws_page
from pooltwin.invariants.reference import binomial_growth, compound_growth
from pooltwin.invariants.rules import rules_of
from pooltwin.protocol.revisions import REVISIONS

FOLDER = Path(__file__).parents[2] / "invariants"


def test_every_law_has_an_id_of_its_group_and_a_statement_that_ends():
    laws = all_laws()
    assert len({law.id for law in laws}) == len(laws)
    for each in laws:
        assert re.fullmatch(rf"({'|'.join(GROUPS)})-\d+", each.id)
        assert each.statement.endswith((".", ".)"))
        assert each.source


def test_every_bound_is_explained_and_every_deviation_names_a_release():
    for each in all_laws():
        for revision, how in each.deviates.items():
            assert release(revision) >= (3, 0)
            assert how


def test_each_module_holds_laws():
    for module in MODULES:
        assert laws_of(module), module.__name__


def test_each_module_tells_which_laws_it_holds():
    """A docstring begins with groups or numbers: "DEF, RND-6: ..." or "SOL-1 to SOL-4, SOL-10: ..."."""
    for module in MODULES:
        told = str(module.__doc__).partition(":")[0].split(", ")
        for each in laws_of(module):
            assert any(_covers(span, each.id) for span in told), f"{module.__name__} says {told}, not {each.id}"


def _covers(span: str, identifier: str) -> bool:
    group, _, number = identifier.partition("-")
    first, _, last = span.partition(" to ")
    numbers = [end.partition("-")[2] for end in (first, last or first)]
    return span == group or (first.startswith(f"{group}-") and int(numbers[0]) <= int(number) <= int(numbers[1]))


def test_the_table_has_a_row_for_each_law():
    rows = laws_table()
    assert [row["id"] for row in rows] == [each.id for each in all_laws()]
    assert all(row["statement"] and row["bound"] for row in rows)


def test_the_pages_are_current():
    assert (FOLDER / "LAWS.md").read_text() == laws_page()
    assert (FOLDER / "COVERAGE.md").read_text() == coverage_page()


def test_no_property_is_named_twice_in_the_coverage():
    for rows in (ENIGMA, CERTORA):
        names = [name for name, _, _ in rows]
        assert len(set(names)) == len(names)


def test_an_unknown_law_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match="no law is called 'SOL-99'; did you mean 'SOL-9'"):
        law_called("SOL-99")
    with pytest.raises(ValueError, match=f"no law is called 'x'; there are SOL-1 to SYS-7, {len(all_laws())} in all"):
        law_called("x")


def test_verdicts_show_both_figures():
    assert equal("a, b", 1, 1) is True
    assert str(equal("a, b", 1, 3)) == "a, b must be equal: 1 against 3, by 2"
    assert at_least("a, b", 2, 2) is True
    assert isinstance(at_least("a, b", 1, 2), Broken)
    assert isinstance(at_most("a, b", 3, 2), Broken)
    assert implies("if, then", False, False) is None
    assert isinstance(implies("if, then", True, False), Broken)


def test_all_of_reports_the_first_failure_and_whether_anything_was_exercised():
    broken = equal("a, b", 1, 2)
    assert all_of([None, None]) is None
    assert all_of([None, True]) is True
    assert all_of([True, broken, None]) == broken


def test_a_law_that_nobody_could_check_is_refused():
    with pytest.raises(ValueError, match="X-1: only a law of a step"):
        law("X-1", "s.", kind=Kind.STATE, subject=Subject.USER, source="N", on=("pool.supply",))
    with pytest.raises(ValueError, match="X-1: a law states"):
        law("X-1", "", kind=Kind.STATE, subject=Subject.USER, source="N")


def test_laws_do_not_use_the_rules_they_judge():
    for module in MODULES:
        source = Path(str(module.__file__)).read_text()
        assert "protocol.logic" not in source, module.__name__
        if not module.__name__.endswith("indexes"):  # IDX-12 is about the arithmetic itself
            assert "protocol.math" not in source, module.__name__


def test_the_example_runs():
    page = laws_page()
    example = page[page.index("```python\n") + len("```python\n") : page.rindex("```")]
    scope: dict[str, object] = {}
    exec(compile(example, "LAWS.md", "exec"), scope)
    monitor = scope["monitor"]
    assert monitor.exercised()["MY-1"] == 1


def test_what_laws_ask_of_a_release_depends_on_its_age():
    assert rules_of("3.3").growth_of_debt is binomial_growth
    assert rules_of("3.4").growth_of_debt is compound_growth
    for field, first in {
        "debts_round_up": "3.5",
        "treasury_accrual_rounds_down": "3.5",
        "gifts_are_no_collateral": "3.6",
        "seizures_round_for_the_pool": "3.7",
    }.items():
        assert next(name for name in REVISIONS if getattr(rules_of(name), field)) == first
    assert rules_of("3.10") == rules_of("3.7")
    with pytest.raises(ValueError, match=r"'next' is not a release like '3\.7'"):
        rules_of("next")
