"""The monitor: told each step of a market, it checks every law that has something to say about it.

    with Monitor(market, all_laws()) as monitor:
        market.pool.supply(...)          # every transaction is checked as it happens
    print(monitor.exercised())

The cost of a step grows with what it touched, never with the number of users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from pooltwin.protocol.address import Address
from pooltwin.protocol.chain import Receipt
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.machine.watcher import Watcher
from pooltwin.protocol.market import Market
from pooltwin.protocol.state.storage import Ledger

from .law import Broken, Law, LawBroken, Subject, Verdict, Violation
from .reading.census import Census
from .reading.changes import read_changes
from .reading.position import NoPriceError
from .reading.step import PRICE_MOVES, TIME_PASSES, Step
from .reading.views import ReserveView

RESTLESS = (TIME_PASSES, PRICE_MOVES, "configurator.", "oracle.", "provider.", "acl.", "feed.", "fallbackOracle.")
"""Steps that change what positions are worth without anybody's doing."""

Check = tuple[int, Callable[[Any], Verdict]]


class Monitor:
    """Checks laws step by step. Violations are kept, and raised as `LawBroken` when `stop` is set."""

    def __init__(
        self,
        market: Market,
        laws: Iterable[Law],
        *,
        stop: bool = True,
        strict: bool = False,
        names: dict[Address, str] | None = None,
        profile: bool = False,
        judged_by: str = "",
    ) -> None:
        """`strict` counts known deviations of the market's release as violations; `profile` times each law.

        `judged_by` names another release, whose laws the market is held to instead of its own: so old releases show
        what later ones fixed.
        """
        self.census = Census(market, names, judged_by)
        self.chain = market.chain
        revision = judged_by or self.chain.revision.name
        self.laws = [law for law in laws if law.claimed_for(revision)]
        self.stop = stop
        self.excused = frozenset(
            index for index, law in enumerate(self.laws) if revision in law.deviates and not strict
        )
        self.held = [0] * len(self.laws)
        self.deviated = [0] * len(self.laws)
        self.seconds = [0.0] * len(self.laws)
        self.violations: list[Violation] = []
        self.steps = 0
        self.start = self.chain.journal.position()
        self.memory: Ledger[Any, Any] = Ledger(self.chain.journal, None)
        """What sequence laws remember; undone with the state when a snapshot is reverted."""
        self.views: dict[Address, ReserveView] = {}
        """The last view of each reserve, as long as nothing has touched it."""
        self.last: Step | None = None
        self._calm_since = 0
        self._away = 0
        self._watching = False
        self._relieved: Watcher | None = None
        """Who watched the chain before."""
        self._sort(profile)

    def _sort(self, profile: bool) -> None:
        checks: list[Check] = [
            (index, self._timed(index, law.check) if profile else law.check) for index, law in enumerate(self.laws)
        ]
        of: dict[Subject, list[Check]] = {subject: [] for subject in Subject}
        for index, check in checks:
            of[self.laws[index].subject].append((index, check))
        self._reserve_checks = of[Subject.RESERVE]
        self._time_checks = [pair for pair in of[Subject.RESERVE] if self.laws[pair[0]].over_time]
        self._user_checks = of[Subject.USER]
        self._category_checks = of[Subject.CATEGORY]
        self._step_checks = of[Subject.STEP]
        self._by_call: dict[tuple[str, bool], list[Check]] = {}
        self.probes = of[Subject.PROBE]

    def _timed(self, index: int, check: Callable[[Any], Verdict]) -> Callable[[Any], Verdict]:
        def timed(subject: Any) -> Verdict:
            began = perf_counter()
            try:
                return check(subject)
            finally:
                self.seconds[index] += perf_counter() - began

        return timed

    # --- watching ---------------------------------------------------------------------------------------------------

    def attach(self) -> Self:
        """Watch every transaction on the market's chain from now on, in place of whoever did."""
        if not self._watching:
            self._watching, self._relieved = True, self.chain.watcher
            self.start = self.chain.journal.position()
            self.chain.watcher = self
        return self

    def detach(self) -> None:
        """Stop watching, after a last look."""
        if self._watching:
            try:
                self.settle()
            finally:
                self.chain.watcher = self._relieved
                self._watching, self._relieved = False, None

    def __enter__(self) -> Self:
        return self.attach()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._away += 1  # what broke is on its way already
        self.detach()

    def looking_away(self) -> _LookingAway:
        """Open a context in which steps are not checked: for what will be undone."""
        return _LookingAway(self)

    def settle(self, receipt: Receipt | None = None, *, name: str = "") -> None:
        """Look at what was written since the last look, if anything was, and at a receipt in any case."""
        if self._away or self.chain.depth:
            return
        entries = self.chain.journal.entries
        if receipt is None and not name and len(entries) <= self.start:
            return
        self.observe(receipt, name=name)

    # --- what the chain tells ---------------------------------------------------------------------------------------

    before_step = transaction_ended = settle
    """Check what was written outside transactions before the journal may forget it; check a transaction."""

    def step_begun(self) -> None:
        """Take what is written from here on as the next step."""
        self.start = self.chain.journal.position()

    def time_passed(self) -> None:
        """Check the passing of time."""
        self.settle(name=TIME_PASSES)

    def state_reverted(self) -> None:
        """Forget what was seen of the state that is gone."""
        if not self._away:
            self.views.clear()
        self.step_begun()

    # --- checking ---------------------------------------------------------------------------------------------------

    def observe(self, receipt: Receipt | None = None, *, name: str = "") -> Step:
        """Check one step: what the journal holds since the last one. Raises LawBroken when told to stop."""
        journal, census = self.chain.journal, self.census
        changes = read_changes(journal.entries, min(self.start, len(journal.entries)))
        if changes and census.needs_retaking(changes):
            census.take()
            self.views.clear()
        if not name:
            name = census.call_name(receipt.contract, receipt.function) if receipt is not None else PRICE_MOVES
        step = self.last = Step(census, self.steps, name, receipt, changes, self.views)
        step.memory = self.memory
        step.calm_since = self._calm_since
        if name.startswith(RESTLESS):
            self._calm_since = self.steps
        self._check(step)
        self.steps += 1
        self.start = journal.position()
        return step

    def _check(self, step: Step) -> None:
        for index, check in self._checks_of_call(step.name, step.ok):
            self._judge(step, index, check, step)
        if not step.ok or not step.changes:
            return
        reserve_checks = self._reserve_checks if step.same_time else self._time_checks
        for reserve in step.reserves.values():
            for index, check in reserve_checks:
                self._judge(step, index, check, reserve)
        for user in step.users.values():
            for index, check in self._user_checks:
                self._judge(step, index, check, user)
        for category in step.categories.values():
            for index, check in self._category_checks:
                self._judge(step, index, check, category)

    def _judge(self, step: Step, index: int, check: Callable[[Any], Verdict], subject: Any) -> None:
        try:
            verdict = check(subject)
        except NoPriceError:
            return
        except Revert as revert:
            verdict = Broken("a view that the law reads must answer", revert, "an answer")
        if verdict is True:
            self.held[index] += 1
        elif verdict is not None:
            self._note(step, index, verdict, subject)

    def _note(self, step: Step, index: int, verdict: Broken, subject: Any) -> None:
        if index in self.excused:
            self.deviated[index] += 1
            return
        where = "" if subject is step else str(subject)
        violation = Violation(self.laws[index], verdict, where, step.number, str(step))
        self.violations.append(violation)
        if self.stop:
            self.steps += 1
            self.start = self.chain.journal.position()
            raise LawBroken(violation)

    def _checks_of_call(self, name: str, ok: bool) -> list[Check]:
        found = self._by_call.get((name, ok))
        if found is None:
            found = self._by_call[name, ok] = [
                pair
                for pair in self._step_checks
                if (not self.laws[pair[0]].on or name in self.laws[pair[0]].on) and (ok or self.laws[pair[0]].reverted)
            ]
        return found

    # --- results ----------------------------------------------------------------------------------------------------

    def exercised(self) -> dict[str, int]:
        """Count for each law how often it was really put to the test: held, deviated as known, or broken."""
        counts = {
            law.id: held + deviated for law, held, deviated in zip(self.laws, self.held, self.deviated, strict=True)
        }
        for violation in self.violations:
            counts[violation.law.id] += 1
        return counts


class _LookingAway:
    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor

    def __enter__(self) -> None:
        self.monitor.settle()
        self.monitor._away += 1

    def __exit__(self, *_: object) -> None:
        self.monitor._away -= 1
        self.monitor.step_begun()
