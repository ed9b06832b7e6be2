"""Stories of defects: histories that show one on a release, and how they are played."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

from ..campaigns.probing import probe_again
from ..catalogue import all_laws
from ..histories.action import Action, Stage
from ..histories.unfit import ActionError
from ..history import History
from ..law import Kind, Law, Violation
from ..monitor import Monitor
from ..standard import standard_history
from .catalogue import NEWEST, Symptom, defect_called


@dataclass(frozen=True)
class Story:
    """The shortest history found that shows a defect on a release."""

    defect: str
    law: str
    calls: tuple[str, ...]
    revision: str
    seed: str
    """The episode's: it gives the whole history again."""
    step: int
    """The campaign's step at which the law broke, from 1."""
    probe_seed: str
    actions: tuple[Action, ...]
    violation: str
    engine: str = ""
    """What names the engine that stood in for the release's, as "bytecode:3.6:out"; empty for its own."""

    @property
    def symptom(self) -> Symptom:
        """The symptom that the story shows."""
        return Symptom(self.law, self.calls)

    @property
    def history(self) -> History:
        """The story on the release that it was found on."""
        return replace(standard_history(self.revision), engine=self.engine).with_actions(self.actions)


class FirstBreaks:
    """Tells the call that broke a law of states from those that merely touch what is broken already."""

    def __init__(self) -> None:
        self.broken: set[tuple[str, str]] = set()

    def is_first(self, violation: Violation) -> bool:
        """Was the law not broken before in the same place? Always true of laws that are not about states."""
        place = (violation.law.id, violation.where)
        if violation.law.kind is not Kind.STATE or not violation.where:
            return True
        known = place in self.broken
        self.broken.add(place)
        return not known


def breaks(story: Story, revision: str, actions: Sequence[Action] | None = None) -> Violation | None:
    """Play a story, or some of its actions, on a release: how its law breaks in one of its calls, or None.

    Actions that make no sense there are passed over. On its own release it is played on its own engine.
    """
    stage = staged(revision, story.engine if revision == story.revision else "")
    monitor = Monitor(stage.market, _watching(story.law), stop=False, names=stage.names, judged_by=NEWEST)
    seen, first_breaks = 0, FirstBreaks()
    with monitor:
        for action in story.actions if actions is None else actions:
            with suppress(ActionError):
                stage.perform(action)
            monitor.settle()
            call = monitor.last.name if monitor.last is not None else ""
            for violation in monitor.violations[seen:]:
                if first_breaks.is_first(violation) and story.symptom.shows(violation.law.id, call):
                    return violation
            seen = len(monitor.violations)
    return probe_again(monitor, story.law, story.probe_seed) if story.probe_seed else None


@lru_cache
def standard_stage(revision: str, engine: str = "") -> Stage:
    """Open the standard market of a release, on its own engine or another that is named; not to be touched."""
    return replace(standard_history(revision), engine=engine).stage()


def staged(revision: str, engine: str) -> Stage:
    """Prepare a fresh stage on the standard market."""
    first = standard_stage(revision, engine)
    return Stage(first.market.fork(), first.actors)


def _watching(law: str) -> list[Law]:
    return [candidate for candidate in all_laws() if candidate.id == law or candidate.remembers]


def fixed_in(story: Story) -> str:
    """Name the release that fixed a story's defect."""
    return defect_called(story.defect).fixed
