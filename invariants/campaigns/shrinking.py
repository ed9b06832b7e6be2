"""From a long history that broke a law to a short one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pooltwin.protocol.revisions import Revision

from ..choice import LawLike, engine_meant, law_among, with_own
from ..histories.action import Action, Stage
from ..histories.unfit import ActionError
from ..history import History
from ..law import Law, Violation
from ..monitor import Monitor
from ..stories.telling import Break, tell
from .finding import Finding
from .probing import probe_again
from .shortening import PATIENCE_SECONDS, shortest


def violation_of(
    history: History,
    law: str,
    *,
    probe_seed: str = "",
    laws: Sequence[LawLike] = (),
    engine: Revision | str | None = None,
    strict: bool = False,
    lenient: bool = False,
    judged_by: str = "",
    worth_at_least: int = 0,
) -> Violation | None:
    """Replay a history with one law watching: how the law is broken, or None. The arguments are those of `break_of`."""
    broken = break_of(
        history,
        law,
        probe_seed=probe_seed,
        laws=laws,
        engine=engine,
        strict=strict,
        lenient=lenient,
        judged_by=judged_by,
        worth_at_least=worth_at_least,
    )
    return None if broken is None else broken.violation


def break_of(
    history: History,
    law: str,
    *,
    probe_seed: str = "",
    laws: Sequence[LawLike] = (),
    engine: Revision | str | None = None,
    strict: bool = False,
    lenient: bool = False,
    judged_by: str = "",
    worth_at_least: int = 0,
    staged: Stage | None = None,
) -> Break | None:
    """Replay a history with one law watching: how and by which action the law is broken, or None.

    `worth_at_least` is what a break must be worth (base currency, 8 decimals), if it has a worth. `staged` is the
    history's stage, if there is one already: it is copied.

    The law is one of the catalogue or of `laws`, which may be import paths; so may `engine`, which stands in for the
    engine of the history. Raises ActionError for a history that makes no
    sense on its market, unless `lenient`, which passes over such actions.
    """
    known = with_own(laws)
    watching = [candidate for candidate in known if candidate is law_among(known, law) or candidate.remembers]
    stage = staged.fork() if staged is not None else history.stage(engine_meant(engine))
    monitor = Monitor(
        stage.market,
        watching,
        stop=False,
        strict=strict,
        names=stage.names,
        judged_by=judged_by,
        worth_at_least=worth_at_least,
    )
    monitor.census.thorough = True
    with monitor:
        for number, action in enumerate(history.actions):
            try:
                stage.perform(action)
            except ActionError:
                if not lenient:
                    raise
            monitor.settle()
            found = next((violation for violation in monitor.violations if violation.law.id == law), None)
            if found is not None:
                return Break(found, number)
    tried = probe_again(monitor, law, probe_seed) if probe_seed else None
    return None if tried is None else Break(tried, len(history.actions) - 1, by_probe=True)


def shrink(
    finding: Finding,
    laws: Sequence[Law],
    engine: Revision | None = None,
    *,
    patience: float = PATIENCE_SECONDS,
) -> Finding:
    """The same violation with as few and as simple actions as can be found in `patience` seconds of work.

    `shortening` says how. The finding is told as a story.
    """
    staged = _staged(finding.history, engine)

    def broken(actions: Sequence[Action]) -> Break | None:
        return break_of(
            finding.history.with_actions(actions),
            finding.law,
            probe_seed=finding.probe_seed,
            laws=laws,
            engine=engine,
            strict=finding.strict,
            lenient=True,
            judged_by=finding.judged_by,
            worth_at_least=finding.worth_at_least,
            staged=staged,
        )

    if broken(finding.history.actions) is None:
        return finding  # it needs more than its history: reported as it is
    actions = shortest(finding.history, lambda some: broken(some) is not None, engine, patience)
    final = broken(actions)
    if final is None:
        return finding
    history = finding.history.with_actions(actions)
    told = tell(history.stage(engine), actions, final)
    return replace(finding, violation=str(final.violation), history=history, told=told)


def _staged(history: History, engine: Revision | None) -> Stage | None:
    """Stage a history once, to be copied for every trial; None where contracts of one's own may not bear copying."""
    return None if history.setups else history.stage(engine)
