"""The pytest plugin: a market as a fixture, and the laws around any test that uses it.

Installing pooltwin is enough; there is nothing to configure, and without the fixtures nothing happens.

    def test_my_strategy(pooltwin_market):             # a fresh market for each test
        ...

    @pytest.mark.pooltwin_laws                         # every law, after every transaction
    @pytest.mark.pooltwin_laws("SOL-1", "HF-1")        # these laws
    @pytest.mark.pooltwin_laws(my_law)                 # one's own

How often each law was put to the test is summed up at the end, and is in the report that `--junitxml` writes: of the
whole run as properties of the suite, of a test as its property `pooltwin_laws`.

`--pooltwin-laws` checks every law in every test that uses the fixture, `--pooltwin-laws=SOL-1,HF-1` those. Choose the
market for a module or a whole suite by overriding the fixture `pooltwin_config`, and its engine, as a fork or compiled
contracts, by `pooltwin_engine`; watch a market that you made yourself by passing it to `pooltwin_watch`.

Everything heavy is imported when a test first asks for a market, because this module loads in every pytest run of the
environment.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pooltwin.protocol.market import Market
    from pooltwin.protocol.models import MarketConfig
    from pooltwin.protocol.revisions import Revision

    from .law import Law
    from .monitor import Monitor

EVERY_LAW = "all"
DEVIATIONS = "pooltwin-deviations"
"""The property of a test in which it says which laws a fork means to break."""
MARKER = (
    "pooltwin_laws(*laws): check these laws of lender protection, given by id or as laws, and every law when none is "
    "given, after every step of the test on a market of the pooltwin fixtures"
)
PROPERTY = "pooltwin_laws"
"""The property of a test that says how often each law was put to the test in it, as JSON."""
NOT_ASKED = "pooltwin_laws_not_asked"
"""The property of a test that says which laws were not asked of its release, in a line."""
EDGES = "pooltwin_edges"
"""The property of a test that lists the edges at which laws were asked in it, as JSON."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--pooltwin-laws`."""
    parser.getgroup("pooltwin").addoption(
        "--pooltwin-laws",
        nargs="?",
        const=EVERY_LAW,
        default="",
        metavar="IDS",
        help="check laws of lender protection in every test that uses pooltwin_market: all, or ids with commas between",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, so that `--strict-markers` knows it, and whoever counts."""
    config.addinivalue_line("markers", MARKER)
    config.pluginmanager.register(_Count(config), "pooltwin-count")


class _Count:
    """Adds up how often each law was put to the test, from the reports of the tests, so that workers' count too."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.exercised: Counter[str] = Counter()
        self.deviations: dict[str, None] = {}
        """What forks under test say of laws that they mean to break, each once."""
        self.not_asked: set[str] = set()
        """Which laws were not asked of the releases, a line for each."""
        self.edges: set[str] = set()
        """The edges at which laws were asked."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what a test says of laws."""
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == PROPERTY:
                    self.exercised.update(json.loads(str(value)))
                elif name == DEVIATIONS:
                    self.deviations.update(dict.fromkeys(json.loads(str(value))))
                elif name == NOT_ASKED:
                    self.not_asked.add(str(value))
                elif name == EDGES:
                    self.edges.update(json.loads(str(value)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Give the sums to the JUnit report, if one is written, as properties of the suite."""
        if not self.exercised:
            return
        never = sorted(law for law, count in self.exercised.items() if not count)
        sums = {
            "pooltwin_laws_put_to_the_test": f"{len(self.exercised) - len(never)} of {len(self.exercised)}",
            "pooltwin_verdicts": str(self.exercised.total()),
            "pooltwin_laws_never_put_to_the_test": " ".join(never),
            "pooltwin_edges_met": str(len(self.edges)),
        }
        for plugin in self.config.pluginmanager.get_plugins():
            if hasattr(plugin, "add_global_property"):
                for name, value in sums.items():
                    plugin.add_global_property(name, value)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say how much the laws were put to the test, if they were."""
        if self.exercised:
            tested = sum(1 for count in self.exercised.values() if count)
            text = f"pooltwin: {tested} of {len(self.exercised)} laws put to the test, {self.exercised.total()} times"
            terminalreporter.write_line(text)
            if self.edges:
                terminalreporter.write_line(f"pooltwin: laws were asked at {len(self.edges)} edges of their rules")
        for deviation in self.deviations:
            terminalreporter.write_line(f"pooltwin: {deviation}")
        for line in sorted(self.not_asked, key=lambda line: line.partition(" of v")[2]):  # the oldest release first
            terminalreporter.write_line(f"pooltwin: {line}")


@pytest.fixture
def pooltwin_config() -> MarketConfig:
    """The configuration of the market. Override it in a module or a conftest to test another one."""
    from pooltwin.fixtures import load_market  # noqa: PLC0415 - heavy, and most runs never need it

    return load_market("ethereum-core-2026-02")


@pytest.fixture
def pooltwin_engine() -> Revision | str | None:
    """The engine of the market: None for the configuration's release. Override it to test a fork or compiled contracts.

    A record, its import path as "my_fork:FORK", or what names compiled contracts, as "bytecode:3.6:out".
    """
    return None


@pytest.fixture
def pooltwin_market(
    pooltwin_config: MarketConfig,
    pooltwin_engine: Revision | str | None,
    pooltwin_watch: Callable[[Market], Market],
) -> Market:
    """A fresh market, deployed from `pooltwin_config` on `pooltwin_engine`, with the laws that are asked for."""
    from pooltwin.protocol.market import Market  # noqa: PLC0415 - heavy, and most runs never need it

    from .choice import engine_meant  # noqa: PLC0415 - as above

    return pooltwin_watch(Market.deploy(pooltwin_config, revision=engine_meant(pooltwin_engine)))


@pytest.fixture
def pooltwin_watch(request: pytest.FixtureRequest) -> Iterator[Callable[[Market], Market]]:
    """A function that puts the laws which marker and option ask for around any market, and returns the market."""
    laws = _asked_for(request)
    monitors: list[Monitor] = []
    try:
        with ExitStack() as stack:

            def watch(market: Market) -> Market:
                if laws is not None:
                    from .monitor import Monitor  # noqa: PLC0415 - heavy, and most runs never need it

                    monitors.append(stack.enter_context(Monitor(market, laws)))
                return market

            yield watch
    finally:
        exercised: Counter[str] = Counter()
        for monitor in monitors:
            exercised.update(monitor.exercised())
        edges = sorted({label for monitor in monitors for label, count in monitor.edges.counts().items() if count})
        if monitors:
            request.node.user_properties.append((PROPERTY, json.dumps(exercised)))
        if edges:
            request.node.user_properties.append((EDGES, json.dumps(edges)))
        told = [line for monitor in monitors for line in monitor.deviations.told()]
        if told:
            request.node.user_properties.append((DEVIATIONS, json.dumps(told)))
        request.node.user_properties.extend((NOT_ASKED, line) for line in _not_asked(monitors, laws or []))


def _not_asked(monitors: Sequence[Monitor], laws: Sequence[Law]) -> Iterator[str]:
    """Say for each release which of the laws are not asked of it, if any."""
    from .law import not_asked_of  # noqa: PLC0415 - heavy, and most runs never need it

    releases = {monitor.census.judge.release for monitor in monitors}
    return filter(None, (not_asked_of(release, laws) for release in releases))


def _asked_for(request: pytest.FixtureRequest) -> list[Law] | None:
    """Find the laws that marker or option ask for; None for no monitor at all."""
    marker = request.node.get_closest_marker("pooltwin_laws")
    option: str = request.config.getoption("--pooltwin-laws")
    if marker is not None:
        return _laws(marker.args)
    if option:
        return _laws(() if option == EVERY_LAW else [part.strip() for part in option.split(",") if part.strip()])
    return None


def _laws(asked: Any) -> list[Law]:
    """Find laws by id, or take them as they are; all when none is asked for. Raises UsageError for an unknown id."""
    from .choice import chosen  # noqa: PLC0415 - heavy, and most runs never need it

    try:
        return chosen(asked)
    except ValueError as error:
        raise pytest.UsageError(f"pooltwin_laws: {error}; `pooltwin laws` lists them") from None
