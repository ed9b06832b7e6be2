"""The base of the state machines: a watched market, people with money, and the count of what each rule met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random
from time import thread_time
from typing import Any, ClassVar

from hypothesis import Phase, note, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from pooltwin.protocol.machine.watcher import left_out_of_tracebacks
from pooltwin.protocol.market import Market
from pooltwin.protocol.models import MarketConfig
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.revisions import Revision

from .campaigns.shortening import shorter
from .catalogue import all_laws
from .choice import engine_meant, laws_meant
from .histories.action import CLOCK, PRICE, Action, Stage
from .histories.beginnings import begin
from .histories.chance import ShrinkingChance
from .histories.driver import Driver, Making
from .histories.hostile_token import make_hostile
from .histories.own_contract import Setup, set_up
from .histories.plots.own import call_with, use_contract_often
from .histories.temperaments import PLAYER
from .histories.unfit import ActionError
from .history import Opening
from .law import Law, LawBroken
from .monitor import Monitor
from .standard import standard_config
from .strategies import PEOPLE

__tracebackhide__ = left_out_of_tracebacks


PATIENCE_SECONDS = 30.0
"""How long, in seconds of work, a run that broke a law is shortened."""


class Tally:
    """Counts of what each rule of a machine met, over all runs: attempts, successes, reverts by name."""

    def __init__(self) -> None:
        self.attempts: Counter[str] = Counter()
        self.successes: Counter[str] = Counter()
        self.reverts: dict[str, Counter[str]] = {}
        self.steps = 0
        """How many actions were carried out."""
        self.edges: Counter[str] = Counter()
        """By label, at which edges laws were asked."""

    def note(self, name: str, failure: str = "") -> None:
        """Count one attempt: a success, unless it failed for some reason."""
        self.attempts[name] += 1
        if failure:
            self.reverts.setdefault(name, Counter())[failure] += 1
        else:
            self.successes[name] += 1

    def idle(self, names: Sequence[str]) -> list[str]:
        """The rules that never succeeded, those never tried included."""
        return [name for name in names if not self.successes[name]]

    def __str__(self) -> str:
        lines = [f"{'rule':<28}{'attempts':>9}{'successes':>10}  reverts"]
        for name in sorted(self.attempts):
            met = ", ".join(f"{error} {count}" for error, count in self.reverts.get(name, Counter()).most_common())
            lines.append(f"{name:<28}{self.attempts[name]:>9}{self.successes[name]:>10}  {met}")
        if self.edges:
            lines.append(f"laws were asked at {len(self.edges)} edges of their rules")
        return "\n".join(lines)


def _failure(action: Action, receipt: Receipt | None) -> str:
    if receipt is None:
        return "" if action.target in (CLOCK, PRICE) else "no such function"
    return receipt.revert.describe().partition("(")[0].strip() if receipt.revert is not None else ""


class RuleNeverSucceededError(AssertionError):
    """A rule was in vain all along, so the run proves less than it seems to."""


class PoolMachine(RuleBasedStateMachine):
    """Base of both machines. People, assets and amounts are drawn by the driver; Hypothesis shrinks them."""

    config: ClassVar[MarketConfig] = standard_config()
    """The market to deploy."""
    laws: ClassVar[Sequence[Law] | None] = None
    """What must hold after every step; None for every law there is."""
    people: ClassVar[Sequence[str]] = PEOPLE
    revision: ClassVar[Revision | str | None] = None
    """Stands in for the configuration's own engine: a fork, or one with a fault of yours; a record, its import path, or
    what names compiled contracts, as "bytecode:3.6:out"."""
    _kept: ClassVar[tuple[MarketConfig, Revision, Market] | None] = None
    hostile: ClassVar[Sequence[str]] = ()
    """Symbols of tokens that call back whenever they move."""
    first_supply: ClassVar[int] = 1_000
    """Whole tokens that people and the umbrella have supplied at the start, and borrowed against; 0 for none."""
    age: ClassVar[int] = 86_400
    """Seconds that pass after the first positions, so that indexes are no round numbers."""
    expected: ClassVar[Sequence[str]] = ()
    """The rules that must succeed at least once in a run of `check`."""
    tally: ClassVar[Tally] = Tally()
    latest: ClassVar[PoolMachine | None] = None
    """The run that began last."""
    first_use: Any = None
    """The rule that uses contracts of your own while they are new; only machines with `setups` have it."""

    setups: ClassVar[Sequence[Setup]] = ()
    """Functions that put contracts of your own on the stage and name them, before anybody has anything."""
    arguments: ClassVar[Mapping[str, st.SearchStrategy[tuple[Any, ...]]]] = {}
    """Strategies for the arguments of your contracts' functions, by "vault.deposit"; each makes a rule `vault_deposit`.

    Amounts by meaning are settled, people and assets go by name. Functions that are not in here are called too, with
    arguments by their types and names.
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.tally = Tally()
        if cls.__dict__.get("setups"):
            cls.first_use = _first_use()
        for called, arguments in cls.__dict__.get("arguments", {}).items():
            setattr(cls, called.replace(".", "_"), _rule_of(called, arguments))

    def __init__(self) -> None:
        super().__init__()
        self.performed: list[Action] = []
        """What was done in this run, in order."""
        type(self).latest = self
        self.stage = Stage(self._market(), self.people)
        set_up(self.stage, self.setups)
        self.symbols = tuple(reserve.handle for reserve in self.config.reserves)
        for symbol in self.hostile:
            make_hostile(self.stage, symbol)
        begin(self.stage, self.config, self.people, self.first_supply)
        if self.age:
            self.stage.perform(Action.wait(self.age))
        market = self.stage.market
        self.tokens: dict[str, tuple[Any, Any, Any]] = {
            symbol: (market.erc20(symbol), market.a_token(symbol), market.debt_token(symbol)) for symbol in self.symbols
        }
        """Underlying, aToken and debt token by symbol."""
        self.prepare()
        self._set_apart()
        self.driver = Driver(self.stage, ShrinkingChance(Random(0)), PLAYER, self.symbols)
        laws = all_laws() if self.laws is None else self.laws
        self.monitor = Monitor(self.stage.market, laws, names=self.stage.names).attach()

    @classmethod
    def _market(cls) -> Market:
        """A fresh market; of compiled contracts, which take long to deploy, a copy of one that was kept."""
        engine = engine_meant(cls.revision)
        if engine is None or engine.machine is None:
            return Opening(config=cls.config).market(engine)
        if cls._kept is None or cls._kept[:2] != (cls.config, engine):
            cls._kept = cls.config, engine, Opening(config=cls.config).market(engine)
        return cls._kept[2].fork()

    def prepare(self) -> None:
        """Put your own contracts and positions in place; laws watch from here on."""

    def _set_apart(self) -> None:
        """Leave the functions that have strategies of their own to these."""
        for called in self.arguments:
            name, _, function = called.rpartition(".")
            if name not in self.stage.own:
                known = ", ".join(self.stage.own) or "none"
                raise ValueError(f"arguments: no contract of yours is called {name!r}; there are {known}")
            own = self.stage.own[name]
            self.stage.own[name] = replace(own, apart=own.apart | {function})

    def teardown(self) -> None:
        self.monitor.detach()
        self.tally.edges.update({label: count for label, count in self.monitor.edges.counts().items() if count})

    def perform(self, name: str, action: Action) -> Receipt | None:
        """Carry out one action as a step and count it under the rule's name."""
        self.tally.steps += 1
        self.performed.append(action)
        receipt = self.stage.perform(action)
        self.tally.note(name, _failure(action, receipt))
        return receipt

    def play(self, name: str, making: Making, source: Random) -> None:
        """Carry out a move or a plot, and count how it ended under its name; each action under its function's.

        What is done in somebody else's name is counted as `name_for` too.
        """
        self.driver.chance = ShrinkingChance(source)
        ending = None
        for action in self.driver.play(making):
            note(str(action))
            ending = action, self.perform(action.called, action)
        if ending is not None:
            action, failure = ending[0], _failure(*ending)
            if name != action.called:
                self.tally.note(name, failure)
            if action.principal not in (None, action.sender):
                self.tally.note(f"{name}_for", failure)

    def person(self, index: int) -> str:
        """Somebody, by number."""
        return self.people[index % len(self.people)]

    def symbol(self, index: int) -> str:
        """An asset, by number."""
        return self.symbols[index % len(self.symbols)]

    def other(self, index: int, shift: int) -> str:
        """Somebody else."""
        return self.person(index + 1 + shift % max(1, len(self.people) - 1))


def _first_use() -> Any:
    """The rule that uses the contracts of one's own before anything else happens."""

    def first_use(self: PoolMachine, source: Random) -> None:
        """Use the contracts of one's own while they are new."""
        self.play("first_use", use_contract_often, source)

    return initialize(source=st.randoms(use_true_random=False))(first_use)


def _rule_of(called: str, arguments: st.SearchStrategy[tuple[Any, ...]]) -> Any:
    """The rule that calls a function of a contract of one's own with drawn arguments."""
    target, _, function = called.rpartition(".")

    def play(self: PoolMachine, source: Random, arguments: tuple[Any, ...]) -> None:
        self.play(called, lambda driver: call_with(driver, target, function, arguments), source)

    play.__name__ = called.replace(".", "_")
    play.__doc__ = f"Call {called}."
    return rule(source=st.randoms(use_true_random=False), arguments=arguments)(play)


def check(machine: type[PoolMachine], configured: settings | None = None) -> Tally:
    """Run a machine and return what its rules met. Raises RuleNeverSucceededError when one was in vain.

    Raises whatever a law or the machine raises, after what was done has been shortened: as a campaign does it, in
    seconds, where the actions alone break the law again, else by Hypothesis; not at all with settings without the phase
    that shrinks.
    """
    machine.tally = Tally()
    given = settings() if configured is None else configured
    failure = _failure_of(machine, _without_shrinking(given))
    if failure is not None and Phase.shrink in given.phases:
        shortened = shortest_run(machine, failure) if isinstance(failure, LawBroken) else None
        failure = shortened or _failure_of(machine, given) or failure
    if failure is not None:
        raise failure.with_traceback(None if isinstance(failure, LawBroken) else failure.__traceback__) from None
    idle = machine.tally.idle(machine.expected)
    if idle:
        raise RuleNeverSucceededError(f"never succeeded: {', '.join(idle)}\n{machine.tally}")
    return machine.tally


def _without_shrinking(given: settings) -> settings:
    return settings(given, phases=[phase for phase in given.phases if phase not in (Phase.shrink, Phase.explain)])


def _failure_of(machine: type[PoolMachine], configured: settings) -> Exception | None:
    """Run a machine: what a law or the machine raised, or None. Raises what Hypothesis itself has to say."""
    try:
        run_state_machine_as_test(machine, settings=configured)
    except HypothesisException:
        raise
    except Exception as failure:
        return failure
    return None


def shortest_run(machine: type[PoolMachine], failure: LawBroken) -> LawBroken | None:
    """Find fewer and simpler actions than those of the last run that break the same law.

    They are notes of what is returned. None where actions alone do not break it: rules may do something else besides.
    """
    law, performed = failure.violation.law.id, machine.latest.performed if machine.latest is not None else []
    laws = laws_meant(all_laws() if machine.laws is None else machine.laws)
    narrow = type(machine.__name__, (machine,), {"laws": [each for each in laws if each.id == law or each.remembers]})
    deadline = thread_time() + PATIENCE_SECONDS

    def broken(actions: Sequence[Action]) -> LawBroken | None:
        return _broken_by(narrow, actions, law) if thread_time() <= deadline else None

    if broken(performed) is None:
        return None
    actions = shorter(performed, machine.people, lambda some: broken(some) is not None, deadline)
    found = _broken_by(narrow, actions, law)
    if found is not None:
        for line in (f"{machine.__name__} breaks {law} by no more than this:", *map(str, actions)):
            found.add_note(line)
    return found


def _broken_by(machine: type[PoolMachine], actions: Sequence[Action], law: str) -> LawBroken | None:
    """Perform actions on a fresh machine: how they break a law, or None."""
    run = machine()
    try:
        for action in actions:
            run.perform(action.called, action)
    except LawBroken as failure:
        return failure if failure.violation.law.id == law else None
    except (AssertionError, ActionError):
        return None
    finally:
        with suppress(LawBroken):
            run.teardown()
    return None
