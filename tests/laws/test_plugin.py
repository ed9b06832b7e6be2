"""The pytest plugin, from outside: other people's suites, run as they would run them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pooltwin.invariants.mutants  # noqa: F401 - loaded once here; the runs inside would unload it again
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
    faces = {"pooltwin.protocol", "pooltwin.protocol.lazy"}
    assert set(loaded) == ours | faces
