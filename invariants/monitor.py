"""The monitor: told each step of a market, it checks every law that has something to say about it.

A call of the market is judged at its own end, whether it is made directly, through somebody's contract, in a multicall
or in the callback of a flash loan. A call that is undone afterwards is judged too: whoever made it need not have undone
it.

    with Monitor(market, all_laws()) as monitor:
        market.pool.supply(...)          # every transaction is checked as it happens
    print(monitor.exercised())

The cost of a step grows with what it touched, never with the number of users.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from pooltwin.protocol.address import Address
from pooltwin.protocol.errors import Revert
from pooltwin.protocol.machine.contract import NoSuchFunction
from pooltwin.protocol.machine.watcher import Watcher, left_out_of_tracebacks
from pooltwin.protocol.market import Market
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.revisions import Revision
from pooltwin.protocol.state.storage import Ledger

from .checks import Check, Checks
from .choice import Deviations, LawLike, laws_meant
from .edge_count import EdgeCount
from .law import Broken, LawBroken, Verdict, Violation
from .reading.appraisal import appraise
from .reading.census import Census
from .reading.changes import read_changes
from .reading.cutting import WHOLE, Cutter, Part
from .reading.frame import Frame, is_reentered
from .reading.moment import Moment
from .reading.position import NoPriceError
from .reading.probe import Probe
from .reading.seen import Seen
from .reading.step import PRICE_MOVES, TIME_PASSES, Step
from .worth import Minor, Worth

RESTLESS = (TIME_PASSES, PRICE_MOVES, "configurator.", "oracle.", "provider.", "acl.", "feed.", "fallbackOracle.")
"""Steps that change what positions are worth without anybody's doing."""

UNDONE = ", undone afterwards"

__tracebackhide__ = left_out_of_tracebacks


class Monitor:
    """Checks laws step by step. Violations are kept, and raised as `LawBroken` when `stop` is set."""

    def __init__(
        self,
        market: Market,
        laws: Iterable[LawLike],
        *,
        stop: bool = True,
        strict: bool = False,
        names: dict[Address, str] | None = None,
        profile: bool = False,
        judged_by: str = "",
        worth_at_least: int = 0,
        declared: Revision | None = None,
    ) -> None:
        """`strict` counts known deviations of the market's release as violations; `profile` times each law.

        `judged_by` names another release, whose laws the market is held to instead of its own: so old releases show
        what later ones fixed. What breaks by less than `worth_at_least` in base currency (8 decimals) is no violation
        but counted apart, as `minor`; what has no worth, as no amounts or no price, is always one.
        `declared` is the record that a fork broken on purpose is judged by. Raises ValueError where a fork declares to
        deviate from a law that there is not.
        """
        given = laws_meant(laws)
        self.census = Census(market, names, judged_by, declared)
        self.chain = market.chain
        self.deviations = Deviations(self.census.judge, given)
        self._own = Deviations(self.census.declaration, given)
        self.laws = [law for law in given if law.claimed_for(self.census.judge.release)]
        self.stop, self.strict = stop, strict
        self.held = [0] * len(self.laws)
        self.deviated = [0] * len(self.laws)
        self._checks = Checks(self.laws, profile=profile)
        self.seconds = self._checks.seconds
        self.probes = self._checks.of.probes
        self.edges = EdgeCount(self.laws, self.census.judge.release)
        self.violations: list[Violation] = []
        self.worth_at_least = worth_at_least
        self.minor: dict[str, Minor] = {}
        """By law, what broke by less than is reported."""
        self.steps = 0
        self.start = self.chain.journal.position()
        self.memory: Ledger[Any, Any] = Ledger(self.chain.journal, None)
        """What sequence laws remember; undone with the state when a snapshot is reverted."""
        self.seen = Seen()
        """What was seen of reserves and users, as long as nothing has touched them."""
        self.last: Step | None = None
        """The last step that was looked at."""
        self._start_watch()

    def _start_watch(self) -> None:
        self.cutter = Cutter(self.chain, self._look)
        self._broken = False
        """Did a law break inside the transaction that is open, with the monitor told to stop?"""
        self._retaken = False
        """Was the census taken again inside the transaction that is open?"""
        self._taken_at = self._seen_to = self.start
        """How long the journal was when the census was taken, and when something written was looked at."""
        self._looks = 0
        self._calm_since = 0
        self._restless: dict[str, bool] = {}
        self._away = 0
        self._watching = False
        self._relieved: Watcher | None = None
        """Who watched the chain before."""

    # --- watching ---------------------------------------------------------------------------------------------------

    def attach(self) -> Self:
        """Watch every transaction on the market's chain from now on, in place of whoever did.

        Raises RuntimeError inside a transaction: the market may be half-finished.
        """
        if not self._watching:
            self._refuse_inside_transaction("begin to watch")
            self._watching, self._relieved = True, self.chain.watcher
            self._begin_anew()
            self.chain.watcher = self
        return self

    def detach(self) -> None:
        """Stop watching, after a last look, and leave the chain to whoever watched it. RuntimeError as `attach`."""
        if self._watching:
            self._refuse_inside_transaction("stop watching")
            try:
                self.settle()
            finally:
                relieved, self._relieved = self._relieved, None
                self.chain.watcher, self._watching = relieved, False
                if isinstance(relieved, Monitor):
                    relieved._begin_anew()

    def _begin_anew(self) -> None:
        """Take the present as it is: of what happened unwatched nothing is known."""
        self.start = self._taken_at = self.chain.journal.position()
        self.memory = Ledger(self.chain.journal, None)
        self.seen.clear()
        self.census.take()

    def _refuse_inside_transaction(self, what: str) -> None:
        if self.chain.depth:
            raise RuntimeError(f"inside a transaction a monitor cannot {what}")

    def __enter__(self) -> Self:
        return self.attach()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._away += 1  # what broke is on its way already
        self.detach()

    @contextmanager
    def looking_away(self) -> Iterator[None]:
        """Open a context in which steps are not checked: for what will be undone.

        Entering it raises RuntimeError inside a transaction, where nothing can be undone.
        """
        self._refuse_inside_transaction("look away")
        self.settle()
        self._away += 1
        try:
            yield
        finally:
            self._away -= 1
            self.step_begun()

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
        """Take what is written from here on as the next step, or as one of its own inside a transaction."""
        if self.chain.depth:
            if not self._away:
                self.cutter.write_from_outside()
            return
        self.start = self.chain.journal.position()
        self._taken_at, self._seen_to = min(self._taken_at, self.start), min(self._seen_to, self.start)

    def time_passed(self) -> None:
        """Check the passing of time."""
        self.settle(name=TIME_PASSES)

    def state_reverted(self) -> None:
        """Forget what was seen of the state that is gone."""
        if not self._away:
            self.seen.clear()
            if self.chain.journal.position() < self._taken_at:
                self.census.take()
        self.step_begun()

    def call_begun(self, contract: Any, function: Any, sender: Address, arguments: Sequence[Any]) -> Frame | None:
        """Have what was written before the call judged, if it is a step of its own."""
        if self._away:
            return None
        if self._broken and not self.chain.depth:
            self._forget_the_rest()  # of a transaction that ended by a bug
        return self.cutter.begin(contract, function, sender, arguments, self.start, len(self.violations))

    def call_ended(self, begun: Frame | None, value: Any, error: BaseException | None) -> None:
        """Have a call judged at its end."""
        if begun is None or self._away:
            return
        if error is not None and begun.looked:
            self._undo(begun)
        self.cutter.end(begun, value, error)

    def _undo(self, frame: Frame) -> None:
        """Forget what was seen of the state that is gone, and say of laws that broke in it that it is."""
        if self._seen_to > self.chain.journal.position():
            self.seen.clear()
        if self._retaken:
            self.census.take()
        for index in range(frame.known, len(self.violations)):
            violation = self.violations[index]
            if not violation.call.endswith(UNDONE):
                self.violations[index] = replace(violation, call=violation.call + UNDONE)

    # --- checking ---------------------------------------------------------------------------------------------------

    def observe(self, receipt: Receipt | None = None, *, name: str = "") -> Step:
        """Check what the journal holds since the last time, if that was not done in pieces. Returns the last step.

        Raises LawBroken when told to stop.
        """
        first = self.cutter.finish() if receipt is not None else None
        crashed = receipt is not None and self.cutter.crashed
        in_pieces = first is not None and self.cutter.in_pieces
        self._retaken = False
        try:
            if self._broken:
                self._forget_the_rest()
                raise LawBroken(self.violations[-1])
            if self.last is not None and (crashed or (in_pieces and receipt is not None and receipt.ok)):
                return self.last
            if not name:
                name = self.census.call_name(receipt.contract, receipt.function) if receipt is not None else PRICE_MOVES
            step = self._step(receipt, name, self.start, self.seen)
            step.reentered = is_reentered(first, receipt)
            with self.chain.judging():
                self._check(step, WHOLE)
            return step
        finally:
            self.steps, self.start = self.steps + 1, self.chain.journal.position()

    def _forget_the_rest(self) -> None:
        """Go on after a law broke inside a transaction: what came after it was not looked at."""
        self._broken = False
        self.seen.clear()
        self.census.take()

    def _step(self, receipt: Receipt | Frame | None, name: str, start: int, seen: Seen) -> Step:
        entries, census = self.chain.journal.entries, self.census
        changes = read_changes(entries, min(start, len(entries)))
        if changes:
            self._seen_to = len(entries)
            if census.needs_retaking(changes):
                census.take()
                self.seen.clear()
                self._retaken, self._taken_at = True, len(entries)
        step = self.last = Step(census, self.steps, name, receipt, changes, seen)
        step.memory = self.memory
        step.calm_since = self._calm_since
        self._count_look(name)
        if step.restless:
            self._calm_since = self._looks
        return step

    def _count_look(self, name: str) -> None:
        self._looks += 1
        restless = self._restless.get(name)
        if restless is None:
            restless = self._restless[name] = name.startswith(RESTLESS)
        if restless:
            self._calm_since = self._looks

    def _look(self, frame: Frame, start: int, part: Part) -> None:
        """Judge a part of a transaction that has not ended yet."""
        if self._broken:
            return
        name = PRICE_MOVES if frame.from_outside else self.census.call_name(frame.contract, frame.function)
        if not part.about_the_writes and not self._checks.of_call(name, frame.revert is None, part, frame.reentered):
            self._count_look(name)
            return
        # What a market looked like half-finished, or before the pieces of this call, is nobody else's business.
        step = self._step(frame, name, start, self.seen if part.about_the_writes else Seen())
        step.reentered = frame.reentered
        with self.chain.judging():
            self._check(step, part)

    def _check(self, step: Step, part: Part) -> None:
        reentered, checks = step.reentered, self._checks
        self._ask(step, checks.of_call(step.name, step.ok, part, reentered), step)
        if not part.about_the_writes or not step.ok or not step.changes:
            return
        by_subject = checks.alone if reentered else checks.of
        for_reserves = by_subject.reserves if step.same_time else checks.over_time
        for reserve in step.reserves.values():
            self._ask(step, for_reserves, reserve)
        for user in step.users.values():
            self._ask(step, by_subject.users, user)
        for category in step.categories.values():
            self._ask(step, by_subject.categories, category)

    def _ask(self, step: Step, checks: list[Check], subject: Any) -> None:
        """Put a subject before some laws."""
        held, sought = self.held, self.edges.sought
        for index, check in checks:
            try:
                verdict = check(subject)
            except (NoPriceError, NoSuchFunction):
                continue  # it reads what this market or release lacks: it is not asked
            except Revert as revert:
                verdict = Broken("a view that the law reads must answer", revert, "an answer")
            if verdict is None:
                continue
            if sought[index]:
                self.edges.look(index, subject, step.name)
            if verdict is True:
                held[index] += 1
            else:
                self._note(step, index, verdict, subject)

    def _note(self, step: Step, index: int, verdict: Broken, subject: Any) -> None:
        found = self._appraised(index, verdict, subject, step.after)
        if found is None:
            return
        where = "" if subject is step else str(subject)
        violation = Violation(self.laws[index], verdict.named(self.census.names), where, step.number, str(step), *found)
        self.violations.append(violation)
        if self.stop and self.chain.depth:
            self._broken = True  # raised at the end: contracts would half run
        elif self.stop:
            raise LawBroken(violation)

    def note_probe(self, index: int, verdict: Verdict, probe: Probe, where: str, told: str) -> Violation | None:
        """Count what a law said of a probe. Returns the violation that it is, which is not kept here."""
        self.held[index] += verdict is True
        if verdict is True or verdict is None:
            return None
        found = self._appraised(index, verdict, probe, probe.now)
        return None if found is None else Violation(self.laws[index], verdict, where, self.steps, told, *found)

    def _appraised(self, index: int, verdict: Broken, subject: Any, moment: Moment) -> tuple[Worth | None, bool] | None:
        """Say what a break is worth, and whether the market's own engine is known for it.

        None for one that is not reported: a known deviation and what is worth little are counted apart, and what comes
        after a law broke inside a transaction is not looked at.
        """
        law = self.laws[index]
        if not self.strict and self.deviations.know(law, subject):
            self.deviated[index] += 1
            return None
        if self._broken:
            return None
        worth = appraise(verdict, subject, moment)
        if worth is not None and worth.base is not None and worth.base < self.worth_at_least:
            self.minor[law.id] = self.minor.get(law.id, Minor()) + Minor(1, worth)
            return None
        return worth, self._own.know(law, subject)

    # --- results ----------------------------------------------------------------------------------------------------

    def exercised(self) -> dict[str, int]:
        """Count for each law how often it was really put to the test: held, deviated as known, or broken."""
        counts = {
            law.id: held + deviated for law, held, deviated in zip(self.laws, self.held, self.deviated, strict=True)
        }
        for identifier, minor in self.minor.items():
            counts[identifier] += minor.count
        for violation in self.violations:
            counts[violation.law.id] += 1
        return counts
