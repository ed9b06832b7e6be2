"""Play one script of named actions on several revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pooltwin.invariants.histories.action import CLOCK, PRICE
from pooltwin.invariants.history import History
from pooltwin.protocol.revisions import Revision

from .difference import Branch, Progress, totals_of


def play_script(history: History, revisions: Sequence[Revision], progress: Progress) -> tuple[int, list[Branch]]:
    """Perform every action on a market of every revision; the first is the baseline.

    Returns the number of calls, and what came of it. Raises ActionError for an action that makes no sense on a market.
    """
    stages = [_on(history, revision).stage(revision) for revision in revisions]
    branches = [Branch(revision) for revision in revisions]
    calls = 0
    for number, action in enumerate(history.actions, 1):
        reference, *others = [stage.perform(action) for stage in stages]
        if action.target not in (CLOCK, PRICE):
            calls += 1
            for branch, receipt in zip(branches[1:], others, strict=True):
                branch.judge(number, action.__str__, reference, receipt)
        progress(number)
    for branch, stage in zip(branches, stages, strict=True):
        branch.totals = totals_of(stage.market)
    return calls, branches


def _on(history: History, revision: Revision) -> History:
    """The same history, beginning with a market of another revision."""
    opening = history.opening
    config = opening.config
    if config is None:
        raise ValueError("the history begins with a saved state, which belongs to one revision")
    return replace(history, opening=replace(opening, config=config.model_copy(update={"revision": revision.release})))
