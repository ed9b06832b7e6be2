"""Findings on bytecode as Foundry tests: the history in raw calls, and what the release it comes from answers then.

A test asserts differences from that release, since those can be had by calls: the state before the step that broke the
law is handed to the twin of the release, which plays the step too. What it answers otherwise is what the test expects.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pooltwin.interop.evm.accounts import accounts_of
from pooltwin.interop.evm.genesis import Account
from pooltwin.interop.foundry.counterexample import (
    Call,
    Check,
    Counterexample,
    LastCall,
    Moment,
    Placing,
    Step,
    StoredWord,
    Waiting,
)
from pooltwin.interop.foundry.writing import FoundryFiles, write_foundry_test
from pooltwin.invariants.bytecode_law import EVERY_WORD_IS_EXPLAINED
from pooltwin.invariants.campaigns.finding import Finding
from pooltwin.invariants.campaigns.shrinking import break_of
from pooltwin.invariants.choice import engine_at, law_among, with_own
from pooltwin.invariants.histories.action import Action, Stage
from pooltwin.invariants.histories.unfit import ActionError
from pooltwin.invariants.law import Law
from pooltwin.invariants.reading.census import Census
from pooltwin.invariants.stories.scene import Scene
from pooltwin.invariants.stories.sentences import Teller
from pooltwin.invariants.stories.telling import Break
from pooltwin.protocol.address import Address
from pooltwin.protocol.revisions import Revision, revision_named

from .asking import Question, questions
from .comparing import Comparison, Seen, holds, seen_of_bytecode, seen_of_twin
from .handing_over import stage_of_twin
from .taping import Message, last_message, names_of_stand_ins, steps_of, taped

MOST_WORDS = 20
"""A test looks at so many words that nothing explains."""


class NoFoundryTestError(ValueError):
    """A finding of which no Foundry test can be written. Says why."""


def foundry_counterexample(finding: Finding, engine: Revision | None = None) -> Counterexample:
    """Turn a finding on bytecode into a test that fails on the same code, and passes on the release it comes from.

    `engine` stands in for the finding's own. Raises NoFoundryTestError for a finding on an engine of Python, and where
    the contracts answer as the release does wherever a call could tell.
    """
    code = _engine_of(finding, engine)
    return _Making(finding, code, revision_named(code.release)).counterexample()


def write_foundry_counterexample(finding: Finding, folder: Path, engine: Revision | None = None) -> FoundryFiles:
    """Write a finding's Foundry test and its state into a folder, whole or not at all; run it where there is a `forge`.

    Raises NoFoundryTestError as `foundry_counterexample` does, and NotRedError where the test does not fail.
    """
    return write_foundry_test(foundry_counterexample(finding, engine), folder)


def is_on_bytecode(finding: Finding) -> bool:
    """Was the law broken by compiled contracts, so that there can be a Foundry test of it?"""
    return _bytecode_of(finding) is not None


def _engine_of(finding: Finding, engine: Revision | None) -> Revision:
    record = _bytecode_of(finding, engine)
    if record is None:
        raise NoFoundryTestError("no Foundry test can be written: the engine is Python code, not bytecode")
    return record


def _bytecode_of(finding: Finding, engine: Revision | None = None) -> Revision | None:
    named = engine or finding.engine or finding.history.engine
    record = engine_at(named) if isinstance(named, str) and named else named
    return record if isinstance(record, Revision) and record.machine is not None else None


@dataclass
class _Played:
    """What came of a history on bytecode, up to the step that broke the law."""

    stage: Stage
    start: Moment
    before: dict[Address, Account]
    """The state before the first step."""
    acts: list[list[Step]]
    """The steps of each action but the last."""
    last: tuple[Step, ...]
    """The steps of the last action; none where the market breaks the law as it is prepared."""
    last_start: Moment
    last_before: dict[Address, Account]
    """The state before the last action."""
    message: Message | None
    """The last transaction of the last action."""
    parent: Stage
    """The twin of the release, with the state before the last action."""

    def agree(self, succeeded: Sequence[bool | None]) -> None:
        """Have calls before the last demand what came of them, where the same comes of them on the release."""
        for steps, ok in zip(self.acts, succeeded[:-1], strict=True):
            for at, step in enumerate(steps):
                if isinstance(step, Call) and step.ok is not ok:
                    steps[at] = replace(step, ok=None)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps but those of the last action."""
        return tuple(step for steps in self.acts for step in steps)


class _Making:
    """A counterexample in the making."""

    def __init__(self, finding: Finding, code: Revision, release: Revision) -> None:
        self.finding = finding
        self.code = code
        self.release = release
        self.own_laws = [each for each in finding.laws if isinstance(each, Law) or ":" in each]
        self.law = law_among(with_own(self.own_laws), finding.law)
        broken = self._broken()
        self.actions = finding.history.actions[: broken.action + 1]
        self.by_probe = broken.by_probe

    def _broken(self) -> Break:
        """Where the law breaks when the history is replayed."""
        finding = self.finding
        broken = break_of(
            finding.history,
            finding.law,
            probe_seed=finding.probe_seed,
            laws=self.own_laws,
            engine=self.code,
            strict=finding.strict,
            lenient=True,
            judged_by=finding.judged_by,
            worth_at_least=finding.worth_at_least,
        )
        if broken is None:
            raise NoFoundryTestError(
                f"no Foundry test can be written: {finding.law} does not break when the history is replayed"
            )
        return broken

    def counterexample(self) -> Counterexample:
        """Play the history, compare, and put the test together."""
        running = None if self.code.machine is None else self.code.machine.running
        try:
            if running is not None:
                running.refuse_twin()
        except ValueError as error:
            raise NoFoundryTestError(f"no Foundry test can be written: {error}") from None
        played = self._play()
        names = played.stage.names
        comparison = Comparison(played.parent.chain, names)
        asked = questions(played.parent.market, names, self._users(played.stage))
        code = seen_of_bytecode(played.stage.chain, played.message, asked)
        receipt = _performed(played.parent, self.actions[-1]) if self.actions else None
        function = receipt.function if receipt is not None else None
        checks = comparison.checks(code, seen_of_twin(played.parent.chain, receipt, asked), function)
        whole, agreed = self._whole_story(asked)
        played.agree(agreed)
        if checks and not all(holds(check, whole) for check in checks):
            return self._told(played, _most_telling(checks, self.finding), from_last=True)
        checks = checks or comparison.checks(code, whole, function) or self._strange_words(played)
        if not checks:
            why = " or tries what is no part of the history" if self.by_probe else ""
            raise NoFoundryTestError(
                f"no Foundry test can be written: wherever a call could tell, contracts answer as v{self.release.name} "
                f"does, from the same state and after the same history; {self.law.id} compares what no call answers"
                f"{why}"
            )
        return self._told(played, _most_telling(checks, self.finding), from_last=False)

    def _strange_words(self, played: _Played) -> list[Check]:
        """Words that nothing explains, where it is they that broke the law: the release stores nothing there."""
        if self.law is not EVERY_WORD_IS_EXPLAINED:
            return []
        chain: Any = played.stage.chain
        told = f"On v{self.release.name} nothing is stored in slot {{:#x}} of {{}}."
        return [
            StoredWord(each.where, each.slot, 0, told.format(each.slot, played.stage.names.get(each.where, each.where)))
            for each in chain.unexplained_words()[:MOST_WORDS]
        ]

    def _whole_story(self, asked: Sequence[Question]) -> tuple[Seen, list[bool | None]]:
        """See how the release stands after the whole history, and of each action whether it succeeded there."""
        stage = self.finding.history.stage(self.release, made_on=self.code)
        receipts = [_performed(stage, action) for action in self.actions]
        succeeded = [receipt.ok if receipt is not None else None for receipt in receipts]
        return seen_of_twin(stage.chain, receipts[-1] if receipts else None, asked), succeeded

    def _users(self, stage: Stage) -> list[Address]:
        """People whom the history names, and whoever holds something."""
        named = [stage.book[name] for name in stage.actors]
        pool = stage.market.pool
        for asset in stage.market.assets.values():
            reserve = pool.reserves[asset]
            for token in (reserve.a_token, reserve.variable_debt_token):
                held = stage.chain.contracts[token].scaled_balances
                named += [user for user, shares in held.items() if shares]
        acting = [stage.book[action.sender] for action in self.actions if action.sender in stage.book]
        return [*acting, *named]

    # --- the history on bytecode ------------------------------------------------------------------------------------

    def _play(self) -> _Played:
        stage = self.finding.history.stage(self.code)
        chain: Any = stage.chain
        start, before = _moment(chain), accounts_of(chain)
        telling = _Telling(stage)
        acts = [telling.perform(number, action)[0] for number, action in enumerate(self.actions[:-1], 1)]
        last_start, last_before = _moment(chain), accounts_of(chain)
        parent = stage_of_twin(stage, self.release)
        steps, message = telling.perform(len(self.actions), self.actions[-1]) if self.actions else ([], None)
        last = [replace(step, ok=None) if isinstance(step, Call) else step for step in steps]
        return _Played(stage, start, before, acts, tuple(last), last_start, last_before, message, parent)

    # --- the test ---------------------------------------------------------------------------------------------------

    def _told(self, played: _Played, checks: Sequence[Check], *, from_last: bool) -> Counterexample:
        name = re.sub(r"\W+", "_", f"{self.finding.law}_{self.finding.seed}").strip("_").lower()
        title, *story = self._story()
        if from_last:
            earlier = [line for step in played.steps for line in step.told]
            story += ["", "What led to the state that this test begins with:", *earlier]
        asserted = f"Asserted is what v{self.release.name} answers from the same state, where this code differs."
        return Counterexample(
            name=name if not name[0].isdigit() else f"law_{name}",
            title=title,
            alloc=played.last_before if from_last else played.before,
            start=played.last_start if from_last else played.start,
            steps=played.last if from_last else (*played.steps, *played.last),
            checks=tuple(checks),
            reason=f"{self.law.id}: {self.law.statement}",
            story=(*story, "", asserted),
            labels=self._labels(played),
            chain_id=played.stage.chain.chain_id,
        )

    def _story(self) -> list[str]:
        """Lines about the finding: what broke and how things stood then; what happened is told step by step."""
        if not self.finding.told:
            return [f"{self.law.id} is broken: {self.law.statement}", *filter(None, [self.finding.violation])]
        blocks = [block.split("\n") for block in self.finding.told.split("\n\n")]
        return [*blocks[0], *(["", *blocks[-1]] if len(blocks) > 2 else [])]

    def _labels(self, played: _Played) -> dict[Address, str]:
        """Names of everybody, and of the stand-ins that occur."""
        names = dict(played.stage.names)
        steps = [*played.steps, *played.last]
        acting = {where for step in steps if isinstance(step, Call) for where in (step.sender, step.to)}
        acting |= {step.where for step in steps if isinstance(step, Placing)}
        return names | {where: name for where, name in names_of_stand_ins(names).items() if where in acting}


class _Telling:
    """A stage of bytecode on which actions are performed, taped and told in words."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.census = Census(stage.market, stage.names)

    def perform(self, number: int, action: Action) -> tuple[list[Step], Message | None]:
        """Perform an action. Returns its steps and its last transaction."""
        self.census.names.update(self.stage.names)
        teller = Teller(self.stage, Scene(self.census))
        told = [f"{number}. {_plain(teller.sentence(action))}"]
        told += [f"   - {_plain(teller.sentence(part))}" for part in teller.parts(action)]
        with taped(self.stage.chain) as tape:
            try:
                receipt = self.stage.perform(action)
            except ActionError as error:
                told.append(f"   nothing: {error}")
            else:
                told += [f"   {_plain(line)}" for line in teller.outcome(action, receipt)]
        at = _moment(self.stage.chain)
        steps = list(steps_of(tape.told, at, tuple(told)))
        return steps or [Waiting(at, tuple(told))], last_message(tape.told)


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def _performed(stage: Stage, action: Action) -> Any:
    try:
        return stage.perform(action)
    except ActionError:
        return None


def _moment(chain: Any) -> Moment:
    return Moment(chain.time, chain.number)


def _most_telling(checks: Sequence[Check], finding: Finding) -> list[Check]:
    """Put first what the call answers, then what shows the law's own figures, and words of storage last."""
    figures = set(re.findall(r"\d{3,}", finding.violation))

    def rank(check: Check) -> int:
        if isinstance(check, LastCall):
            return 0
        if isinstance(check, StoredWord):
            return 3
        return 1 if figures & set(re.findall(r"\d{3,}", check.told)) else 2

    return sorted(checks, key=rank)
