"""The pytest plugin, from outside: other people's suites, run as they would run them."""

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pooltwin.invariants.mutants.catalogue  # noqa: F401 - loaded once here; the runs inside would unload it again
import pytest

pytest_plugins = ["pytester"]

EXAMPLE = Path(__file__).parents[2] / "examples" / "pytest_project"

WATCHED = """
    import pytest

    @pytest.mark.pooltwin_laws({laws})
    def test_withdrawing(pooltwin_market):
        lender = "0x" + "11" * 20
        pool, asset = pooltwin_market.pool, pooltwin_market.asset("WETH")
        pooltwin_market.fund("WETH", lender, 10**24)
        pool.supply(asset, 10**22, sender=lender)
        pool.borrow(asset, 10**21, sender=lender)
        pooltwin_market.chain.advance(10**7)
        pool.withdraw(asset, 10**18 + 1, sender=lender)
        assert pooltwin_market.a_token("WETH").balance_of(lender) > 0
"""
STANDARD_MARKET = """
    import pytest
    from pooltwin.invariants import standard_config

    @pytest.fixture
    def pooltwin_config():
        return standard_config("3.7")
"""
BROKEN_ENGINE = """
    import pytest
    from pooltwin.invariants.mutants import mutant_named

    @pytest.fixture(autouse=True)
    def broken_engine():
        with mutant_named("M02").engaged():
            yield
"""


@pytest.fixture
def example(pytester: pytest.Pytester) -> pytest.Pytester:
    """A copy of the example project."""
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return pytester


def test_the_example_project_passes_without_asking_for_laws_everywhere(example: pytest.Pytester) -> None:
    result = example.runpytest_subprocess("--strict-markers", "-W", "error")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["pooltwin: * of * laws put to the test, * times"])


def test_the_option_watches_tests_that_say_nothing_of_laws(example: pytest.Pytester) -> None:
    quiet = example.runpytest_subprocess("-k", "opening")
    quiet.stdout.no_fnmatch_line("*laws put to the test*")
    loud = example.runpytest_subprocess("-k", "opening", "--pooltwin-laws=SOL-1,RND-1")
    loud.assert_outcomes(passed=1, deselected=3)
    loud.stdout.fnmatch_lines(["pooltwin: 2 of 2 laws put to the test, * times"])


def test_a_broken_law_fails_the_test_and_says_which(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(STANDARD_MARKET + BROKEN_ENGINE)
    pytester.makepyfile(WATCHED.format(laws=""))
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LawBroken: * broken at step *pool.withdraw*"])


def test_only_the_laws_asked_for_are_checked(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(STANDARD_MARKET + BROKEN_ENGINE)
    pytester.makepyfile(WATCHED.format(laws='"FLG-1"'))
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    pytester.makepyfile(WATCHED.format(laws='"FLG-1", "RND-2"'))
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LawBroken: RND-2 broken at step *"])


def test_a_law_of_ones_own_and_a_market_of_ones_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        from pooltwin.invariants.law import Broken, Kind, Subject, law
        from pooltwin.invariants.standard import standard_config
        from pooltwin.protocol.market import Market

        @law("MY-1", "Nobody ever supplies.", kind=Kind.STEP, subject=Subject.STEP, source="new", on=("pool.supply",))
        def nobody_supplies(step):
            return Broken("supplies must be zero", 1, 0)

        @pytest.mark.pooltwin_laws(nobody_supplies)
        def test_mine(pooltwin_watch):
            market = pooltwin_watch(Market.deploy(standard_config("3.6")))
            market.fund("WETH", "0x" + "11" * 20, 10**18)
            market.pool.supply(market.asset("WETH"), 10**18, sender="0x" + "11" * 20)
    """)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LawBroken: MY-1 broken at step *"])


@pytest.mark.parametrize("how", ["marker", "option"])
def test_a_law_that_does_not_exist_is_named(pytester: pytest.Pytester, how: str) -> None:
    pytester.makeconftest(STANDARD_MARKET)
    pytester.makepyfile(
        WATCHED.format(laws='"SOL-999"' if how == "marker" else '"SOL-1"').replace(
            "@pytest.mark.pooltwin_laws", "@pytest.mark.pooltwin_laws" if how == "marker" else "# "
        )
    )
    result = pytester.runpytest_inprocess(*(["--pooltwin-laws=SOL-999"] if how == "option" else []))
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*no law is called 'SOL-999'; did you mean 'SOL-9'*"])


def test_the_default_market_is_a_real_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_it(pooltwin_market):
            assert {"WETH", "USDC"} <= set(pooltwin_market.assets)
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    code = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import pooltwin.invariants.plugin\n"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('_')), sep='\\n')"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    ours = {"pooltwin", "pooltwin.invariants", "pooltwin.invariants.plugin", "pooltwin.invariants.law"}
    ours.add("pooltwin.invariants.worth")
    faces = {"pooltwin.protocol", "pooltwin.protocol.lazy"}
    assert set(loaded) == ours | faces


# --- what a report says -----------------------------------------------------------------------------------------------

TWO_TESTS = """
    import pytest

    @pytest.mark.pooltwin_laws("RND-1", "RND-2")
    def test_supplying(pooltwin_market):
        pooltwin_market.fund("WETH", "0x" + "11" * 20, 10**18)
        pooltwin_market.pool.supply(pooltwin_market.asset("WETH"), 10**18, sender="0x" + "11" * 20)

    @pytest.mark.pooltwin_laws("RND-1", "LIQ-3")
    def test_supplying_again(pooltwin_market):
        test_supplying(pooltwin_market)

    def test_nothing_of_laws(pooltwin_market):
        pass
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "with xdist"])
def test_the_junit_report_says_how_much_laws_were_put_to_the_test(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makeconftest(STANDARD_MARKET)
    pytester.makepyfile(TWO_TESTS)
    result = pytester.runpytest_subprocess("--junitxml=report.xml", *workers)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["pooltwin: 1 of 3 laws put to the test, 2 times"])
    (suite,) = ElementTree.parse(pytester.path / "report.xml").getroot()
    assert properties_of(suite) == {
        "pooltwin_laws_put_to_the_test": "1 of 3",
        "pooltwin_verdicts": "2",
        "pooltwin_laws_never_put_to_the_test": "LIQ-3 RND-2",
        "pooltwin_edges_met": "0",
    }
    by_test = {case.get("name"): properties_of(case).get("pooltwin_laws") for case in suite.iter("testcase")}
    assert by_test == {
        "test_supplying": '{"RND-1": 1, "RND-2": 0}',
        "test_supplying_again": '{"RND-1": 1, "LIQ-3": 0}',
        "test_nothing_of_laws": None,
    }


def properties_of(element: ElementTree.Element) -> dict[str, str]:
    """The properties right below an element of a JUnit report."""
    found = element.findall("properties/property")
    return {each.get("name", ""): each.get("value", "") for each in found}


def test_a_report_without_laws_says_nothing_of_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_inprocess("--junitxml=report.xml").assert_outcomes(passed=1)
    assert "pooltwin" not in (pytester.path / "report.xml").read_text()


def test_a_law_that_breaks_is_counted_too(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(STANDARD_MARKET + BROKEN_ENGINE)
    pytester.makepyfile(WATCHED.format(laws='"RND-2"'))
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["pooltwin: 1 of 1 laws put to the test, 1 times"])


# --- what is read when a law breaks -----------------------------------------------------------------------------------

NAIVE_MACHINE = f"""
    import sys
    sys.path.insert(0, {str(EXAMPLE.parent)!r})
    from hypothesis import HealthCheck, settings
    from vault_machine import QUICK, NaiveVaultMachine, check

    def test_it():
        check(NaiveVaultMachine, settings(QUICK, suppress_health_check=list(HealthCheck)))
"""


def test_the_traceback_of_a_broken_law_is_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(STANDARD_MARKET + BROKEN_ENGINE)
    pytester.makepyfile(WATCHED.format(laws='"RND-2"'))
    printed = pytester.runpytest_inprocess().stdout.str()
    assert (
        ">       pool.withdraw(asset, 10**18 + 1, sender=lender)\nE       pooltwin.invariants.law.LawBroken" in printed
    )
    for ours in ("monitor.py", "chain.py", "function.py"):
        assert ours not in printed
    assert "monitor.py" in pytester.runpytest_inprocess("--full-trace").stdout.str()


def test_a_machine_that_breaks_a_law_shows_what_was_done_and_nothing_of_the_machinery(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(NAIVE_MACHINE)
    printed = pytester.runpytest_inprocess().stdout.str()
    assert "LawBroken: VAULT-1 broken at step" in printed
    assert ": vault.deposit(" in printed
    assert "NaiveVaultMachine breaks VAULT-1 by no more than this:" in printed
    for ours in ("monitor.py", "chain.py", "machine_base.py", "action.py", "stateful.py"):
        assert ours not in printed


def test_a_fork_says_which_laws_it_means_to_break(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        from pooltwin.invariants import standard_history
        from pooltwin.protocol import NEWEST

        FORK = NEWEST.forked("candid", deviates={"LIQ-4": "small leftovers may stay"})

        @pytest.mark.pooltwin_laws
        @pytest.mark.parametrize("again", [1, 2])
        def test_it(pooltwin_watch, again):
            pooltwin_watch(standard_history().stage(FORK).market)
    """)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=2)
    said = [line for line in result.outlines if "means to deviate" in line]
    assert said == ["pooltwin: candid means to deviate from LIQ-4: small leftovers may stay"]


def test_what_is_not_asked_of_releases_is_told_of_the_oldest_first(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        from pooltwin.invariants import standard_history

        @pytest.mark.pooltwin_laws
        @pytest.mark.parametrize("release", ["3.7", "3.5", "3.4", "3.0.2"])
        def test_it(pooltwin_watch, release):
            pooltwin_watch(standard_history(release).stage().market)
    """)
    told = [line for line in pytester.runpytest_inprocess().outlines if " laws are not asked of v" in line]
    assert [line.partition(" of v")[2].partition(",")[0] for line in told] == ["3.0.2", "3.4", "3.5", "3.7"]
