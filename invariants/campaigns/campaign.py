"""Long random campaigns: the adversary against the pool, episode after episode, with every law watching.

A campaign is a sequence of episodes. Each begins with a fresh copy of the market and has a seed of its own, derived
from the campaign's, so it is reproduced by its number alone, on any number of processes and after any interruption.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from random import Random
from time import monotonic
from typing import Any

from pooltwin.protocol.files import reason_of, write_text
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.revisions import Revision

from ..histories.action import CLOCK, PRICE, Action, Stage
from ..histories.chance import Chance
from ..histories.driver import Driver
from ..histories.plots.own import with_own
from ..histories.router import build_router
from ..histories.temperaments import ADVERSARY, SOLITARY
from ..history import History
from ..law import Law, Violation, not_asked_of
from ..monitor import Monitor
from ..workers import Interrupted, Workers, spread
from ..worth import Minor
from .finding import Finding
from .options import CampaignOptions
from .probing import run_probes
from .shrinking import shrink


@dataclass
class Tally:
    """Counts of what happened in some episodes."""

    steps: int = 0
    exercised: Counter[str] = field(default_factory=Counter)
    deviated: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    succeeded: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    """By call and error, as "pool.borrow InvalidAmount"."""
    events: Counter[str] = field(default_factory=Counter)
    minor: dict[str, Minor] = field(default_factory=dict)
    """By law, what broke by less than is reported."""
    edges: Counter[str] = field(default_factory=Counter)
    """By label, at which edges laws were asked: at most ten times an episode, those never met left out."""

    def add(self, other: Tally) -> None:
        """Count what another saw as well."""
        self.steps += other.steps
        for name in ("exercised", "deviated", "calls", "succeeded", "errors", "events", "edges"):
            getattr(self, name).update(getattr(other, name))
        for law, minor in other.minor.items():
            self.minor[law] = self.minor.get(law, Minor()) + minor

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {**vars(self), "minor": {law: minor.to_json() for law, minor in self.minor.items()}}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        """Back from JSON data."""
        counts = {name: Counter(data[name]) for name in data if name not in ("steps", "minor")}
        minor = {law: Minor.from_json(value) for law, value in data.get("minor", {}).items()}
        return cls(data["steps"], minor=minor, **counts)


@dataclass
class EpisodeResult:
    """One episode: its number, what happened, and the histories that broke laws."""

    number: int
    tally: Tally
    findings: list[Finding]


@dataclass(frozen=True)
class Progress:
    """Told to the caller after every episode."""

    steps: int
    seconds: float
    episodes: int
    violations: int

    @property
    def steps_per_second(self) -> float:
        """Over the whole campaign so far."""
        return self.steps / self.seconds if self.seconds else 0.0


@dataclass
class CampaignResult:
    """Result of a campaign: counts, and the histories that broke laws."""

    options: CampaignOptions
    tally: Tally
    episodes: int
    seconds: float
    findings: list[Finding]

    @property
    def judge(self) -> str:
        """The release by whose laws is judged."""
        return self.options.judged_by or self.options.history.stage(self.options.record).market.chain.revision.release

    @property
    def not_asked(self) -> str:
        """Say which laws are not asked of the release, in one line; empty if all are."""
        return not_asked_of(self.judge, self.options.chosen_laws())

    @property
    def never_exercised(self) -> list[str]:
        """Laws that nothing put to the test, though this market has what they need: a failure of the campaign."""
        return [law.id for law in self._claimed[1] if not self.tally.exercised[law.id]]

    @property
    def edges(self) -> list[str]:
        """The edges that the laws have on this market, by their labels."""
        revision, laws = self._claimed
        return [label for law in laws for label in law.edge_labels(revision)]

    @property
    def never_met(self) -> list[str]:
        """The edges at which no law was asked: what the campaign never came near."""
        return [label for label in self.edges if not self.tally.edges[label]]

    @cached_property
    def _claimed(self) -> tuple[str, list[Law]]:
        """The release that is judged, and the laws that are claimed for it and that this market has what they need."""
        market = self.options.history.stage(self.options.record).market
        revision = self.judge
        return revision, [law for law in self.options.chosen_laws() if law.claimed_for(revision) and law.met(market)]

    @property
    def ok(self) -> bool:
        """Did every law hold?"""
        return not self.findings


class EpisodeRun:
    """One episode in the making."""

    def __init__(self, options: CampaignOptions, number: int) -> None:
        self.options = options
        self.number = number
        self.seed = f"{options.seed}/{number}"
        self.stage = _staged(options)
        build_router(self.stage)
        # What a later release's laws hold against an old one is told by the call that broke them.
        temperament = SOLITARY if options.judged_by else ADVERSARY
        self.driver = Driver(self.stage, Chance(Random(self.seed)), with_own(temperament, self.stage))
        self.reported = {law.id for law in options.chosen_laws()}
        self.monitor = Monitor(
            self.stage.market,
            options.watching_laws(),
            stop=False,
            strict=options.strict,
            names=self.stage.names,
            judged_by=options.judged_by,
            worth_at_least=options.worth_at_least,
        )
        if options.guided:
            self.driver.goals = self.monitor.edges.hardly_met
        self.actions: list[Action] = []
        self.tally = Tally()
        self.findings: list[Finding] = []
        self.known: set[str] = set()
        self.seen = 0
        """How many of the monitor's violations have been looked at."""

    def run(self) -> EpisodeResult:
        """Play the episode to its end, or to its first violation when told to stop there.

        Raises Interrupted, with what was played, when somebody presses Ctrl-C.
        """
        try:
            with self.monitor:
                for number in range(self.options.episode_steps):
                    self._step(number)
                    if self.findings and self.options.stop_at_violation:
                        break
        except KeyboardInterrupt:
            raise Interrupted(self._result()) from None
        return self._result()

    def _result(self) -> EpisodeResult:
        tally, monitor = self.tally, self.monitor
        tally.steps = len(self.actions)
        tally.exercised.update({name: count for name, count in monitor.exercised().items() if count})
        tally.edges.update({label: count for label, count in monitor.edges.counts().items() if count})
        tally.deviated.update(
            {law.id: count for law, count in zip(monitor.laws, monitor.deviated, strict=True) if count}
        )
        tally.minor.update(monitor.minor)
        return EpisodeResult(self.number, tally, self.findings)

    def _step(self, number: int) -> None:
        action = self.driver.next()
        self.actions.append(action)
        receipt = self.stage.perform(action)
        self.monitor.settle()
        self._count(action, receipt)
        for violation in self.monitor.violations[self.seen :]:
            self._note(violation, "")
        if (number + 1) % self.options.probe_every == 0:
            seed = f"{self.seed}/{number}"
            for violation in run_probes(self.monitor, seed):
                self._note(violation, seed)
        self.seen = len(self.monitor.violations)

    def _count(self, action: Action, receipt: Receipt | None) -> None:
        """Count what was done: the calls of a transaction, at any depth; or that time passed or a price moved."""
        tally, census = self.tally, self.monitor.census
        if receipt is None:
            if action.target in (CLOCK, PRICE):
                tally.calls[action.target] += 1
                tally.succeeded[action.target] += 1
            return
        for call in self.monitor.cutter.calls or (receipt,):
            name = census.call_name(call.contract, call.function)
            tally.calls[name] += 1
            if call.revert is None:
                tally.succeeded[name] += 1
            else:
                tally.errors[f"{name} {type(call.revert).__name__}"] += 1
        tally.events.update(type(event).__name__ for event in receipt.events)

    def _note(self, violation: Violation, probe_seed: str) -> None:
        if violation.law.id in self.known or violation.law.id not in self.reported:
            return
        self.known.add(violation.law.id)
        history = self.options.history.with_actions(self.actions)
        finding = Finding(
            violation.law.id,
            str(violation),
            history,
            self.seed,
            probe_seed,
            self.options.judged_by,
            self.options.worth_at_least,
            self.options.strict,
        )
        self.findings.append(finding)


_KEPT: list[tuple[History, Revision, Stage]] = []
"""The history that was staged on bytecode last, if any, with its engine: it is copied, since constructors take long."""


def _staged(options: CampaignOptions) -> Stage:
    """Prepare the market for an episode; contracts of one's own may not bear copying and are put there anew."""
    history, engine = options.history, options.record
    if engine is None or engine.machine is None or history.setups:
        return history.stage(engine)
    if not _KEPT or _KEPT[0][1] is not engine or _KEPT[0][0] != history:
        _KEPT[:] = [(history, engine, history.stage(engine))]
    return _KEPT[0][2].fork()


def run_episode(options: CampaignOptions, number: int) -> EpisodeResult:
    """Play one episode, by its number."""
    result = EpisodeRun(options, number).run()
    return replace(result, findings=[_with_code(finding, options) for finding in result.findings])


def _work(options: CampaignOptions, number: int) -> EpisodeResult:
    return EpisodeRun(options, number).run()


def _episodes(options: CampaignOptions, first: int, workers: Workers | None) -> Generator[EpisodeResult, None, None]:
    """Episodes in their order, for as long as somebody asks."""
    if options.processes == 1 and workers is None:
        return (run_episode(options, number) for number in count(first))
    return spread(_work, options, count(first), options.processes, workers)


def run_campaign(
    options: CampaignOptions,
    progress: Callable[[Progress], None] = lambda _: None,
    workers: Workers | None = None,
) -> CampaignResult:
    """Run a campaign to its limit, or to its first violation, which is shrunk before it is returned.

    With workers, as those of a cluster, they play the episodes, and the result is the same. Raises ValueError when the
    file to resume belongs to another campaign, and Interrupted, with the result so far, when somebody presses Ctrl-C;
    what broke a law until then is not shrunk.
    """
    tally, episodes, before = _resumed(options)
    findings: list[Finding] = []
    began = monotonic()

    def seconds() -> float:
        return before + monotonic() - began

    def done() -> bool:
        over = options.steps is not None and tally.steps >= options.steps
        late = options.seconds is not None and seconds() >= options.seconds
        return over or late or bool(findings and options.stop_at_violation)

    def count_in(result: EpisodeResult) -> None:
        tally.add(result.tally)
        findings.extend(finding for finding in result.findings if finding.law not in {f.law for f in findings})

    try:
        with closing(_episodes(options, episodes, workers)) as played:
            for result in iter(()) if done() else played:
                count_in(result)
                episodes += 1
                progress(Progress(tally.steps, seconds(), episodes, len(findings)))
                if not (findings and options.stop_at_violation):  # else whoever resumes meets the violation again
                    _keep(options, tally, episodes, seconds())
                if done():
                    break
        took = seconds()
        shrunk = [_with_code(shrink(each, options.watching_laws(), options.record), options) for each in findings]
    except KeyboardInterrupt as stop:
        if isinstance(stop, Interrupted):
            count_in(stop.done)
        as_found = [_with_code(finding, options) for finding in findings]
        raise Interrupted(CampaignResult(options, tally, episodes, seconds(), as_found)) from None
    return CampaignResult(options, tally, episodes, took, shrunk)


def _with_code(finding: Finding, options: CampaignOptions) -> Finding:
    """Add what a test needs that cannot be sent from a process to another."""
    return replace(finding, engine=options.engine, laws=(*options.laws_of_ones_own, *options.laws))


def _resumed(options: CampaignOptions) -> tuple[Tally, int, float]:
    if options.resume is None or not options.resume.exists():
        return Tally(), 0, 0.0
    try:
        data = json.loads(options.resume.read_text(encoding="utf-8"))
        tally, episodes, seconds = Tally.from_json(data["tally"]), int(data["episodes"]), float(data["seconds"])
        difference = options.difference(data["campaign"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else reason_of(error)
        raise ValueError(f"{options.resume}: is not the progress of a campaign: {why}") from None
    if difference:
        raise ValueError(
            f"{options.resume}: is the progress of another campaign: {difference}; name another file to begin afresh"
        )
    return tally, episodes, seconds


def _keep(options: CampaignOptions, tally: Tally, episodes: int, seconds: float) -> None:
    if options.resume is not None:
        data = {"campaign": options.fingerprint(), "episodes": episodes, "seconds": seconds, "tally": tally.to_json()}
        machine = options.record and options.record.machine
        write_text(options.resume, json.dumps({"engine": repr(machine), **data} if machine else data))
