"""Play one script of named actions on several revisions.

What a release lacks of the history's market is built without it, a call whose form differs is told in the release's own
form, and what cannot be asked of it is counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from pooltwin.invariants.catalogue import all_laws
from pooltwin.invariants.histories.action import CLOCK, PRICE, Action, Stage
from pooltwin.invariants.histories.unfit import ActionError
from pooltwin.invariants.history import History
from pooltwin.invariants.law import Law, Violation
from pooltwin.invariants.monitor import Monitor
from pooltwin.protocol.fitting import fitted
from pooltwin.protocol.receipt import Receipt
from pooltwin.protocol.revisions import Revision, revision_named

from .difference import NO_FUNCTION, UNASKED, Answer, Branch, Progress, totals_of
from .forms import in_the_form_here

MOST_TOLD = 5
"""How many calls of a setting are told that come out differently."""


@dataclass(slots=True)
class Life:
    """One revision living through the script."""

    branch: Branch
    stage: Stage
    made_on: Revision | None
    """The release in whose forms calls are told, where it is another."""

    def perform(self, action: Action) -> Answer:
        """Perform an action. Returns a call's receipt, nothing for time and prices, or why it cannot be asked."""
        try:
            here = action if self.made_on is None else in_the_form_here(self.stage, action, self.made_on)
            receipt = self.stage.perform(here)
        except ActionError as error:
            return str(error).removeprefix(f"{action}: ")
        return receipt or (None if action.target in (CLOCK, PRICE) else NO_FUNCTION)


def play_script(
    history: History, revisions: Sequence[Revision], progress: Progress, laws: Sequence[Law] = ()
) -> tuple[int, list[Branch]]:
    """Perform every action on a market of every revision; the first is the baseline.

    Returns the number of calls, and what came of it. Raises ActionError for an action that makes no sense on the
    baseline's market, and ValueError for a market that a release cannot build whatever is left out.
    """
    lives = [_begun(history, revision) for revision in revisions]
    for number, action in enumerate(history.setting, 1):
        _prepare(lives, f"setting, {number}: {action}", [_asked(life, action, lives[0]) for life in lives])
    for life in lives:
        _shorten(life.branch)
    monitors = [_watching(life, laws) for life in lives] if laws else []
    with ExitStack() as watched:
        for monitor in monitors:
            watched.enter_context(monitor)
        calls = _play(lives, history, progress)
    for life, monitor in zip(lives, monitors, strict=False):
        life.branch.watched = _first_of_each(monitor, laws)
    for life in lives:
        life.branch.totals = totals_of(life.stage.market)
    return calls, [life.branch for life in lives]


def _watching(life: Life, laws: Sequence[Law]) -> Monitor:
    """Have laws watch, and those whose memory they need; a known deviation of the release is none of theirs to tell."""
    asked = {law.id: law for law in laws}
    known = {law.id: law for law in all_laws() if law.remembers}
    return Monitor(life.stage.market, [*{**asked, **known}.values()], stop=False, names=life.stage.names)


def _first_of_each(monitor: Monitor, laws: Sequence[Law]) -> dict[str, Violation | None]:
    first = {violation.law.id: violation for violation in reversed(monitor.violations)}
    asked = {law.id for law in monitor.laws}
    return {law.id: first.get(law.id) for law in laws if law.id in asked}


def _play(lives: Sequence[Life], history: History, progress: Progress) -> int:
    """Perform every action on every life. Returns the number of calls."""
    calls = 0
    for number, action in enumerate(history.actions, 1):
        answers = [_asked(life, action, lives[0]) for life in lives]
        if action.target not in (CLOCK, PRICE):
            calls += 1
            for life, answer in zip(lives, answers, strict=True):
                life.branch.note_success(answer)
                if life is not lives[0]:
                    names = lives[0].stage.names, life.stage.names
                    life.branch.judge(number, action.__str__, answers[0], answer, names)
        progress(number)
    return calls


def _begun(history: History, revision: Revision) -> Life:
    """The beginning of the history on a market of a revision, without what the release lacks."""
    opening, branch = history.opening, Branch(revision)
    if history.begins_with_a_chain:
        begun = replace(history, setting=()).with_actions((*history.setting, *history.actions))
        return Life(branch, begun.stage(revision), None)
    if opening.config is None:
        raise ValueError("the history begins with a saved state, which belongs to one revision")
    config = opening.config
    if config.revision != revision.release:
        config, changes = fitted(config, revision)
        branch.changes += changes
    begun = replace(history, opening=replace(opening, config=config), setting=())
    stage = begun.with_actions((*history.setting, *history.actions)).stage(revision)
    made_on = None if opening.revision == revision.release else revision_named(opening.revision)
    return Life(branch, stage, made_on)


def _asked(life: Life, action: Action, baseline: Life) -> Answer:
    answer = life.perform(action)
    if isinstance(answer, str) and life is baseline and answer != NO_FUNCTION:
        raise ActionError(f"{action}: {answer}")
    return answer


def _prepare(lives: Sequence[Life], told: str, answers: Sequence[Answer]) -> None:
    """Note what of the setting comes out otherwise than on the baseline."""
    for life, answer in zip(lives[1:], answers[1:], strict=True):
        if isinstance(answer, str) and not isinstance(answers[0], str):
            life.branch.changes.append(f"{told}: {UNASKED}: {answer}")
        elif isinstance(answer, Receipt) and isinstance(answers[0], Receipt) and answer.ok != answers[0].ok:
            failed = answer if answers[0].ok else answers[0]
            where = "here" if answers[0].ok else "there"
            life.branch.changes.append(f"{told}: fails only {where}: {failed.revert and failed.revert.describe()}")


def _shorten(branch: Branch) -> None:
    of_setting = [change for change in branch.changes if change.startswith("setting, ")]
    if len(of_setting) > MOST_TOLD:
        branch.changes = [change for change in branch.changes if change not in of_setting[MOST_TOLD:]]
        branch.changes.append(f"and {len(of_setting) - MOST_TOLD} calls more of the setting")
