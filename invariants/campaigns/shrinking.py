"""From a long history that broke a law to a short one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random
from time import monotonic

from pooltwin.protocol.revisions import Revision

from ..choice import LawLike, engine_at, law_among, with_own
from ..histories.action import Action, ActionError
from ..history import History
from ..law import Broken, Law, Violation
from ..monitor import Monitor
from ..reading.appraisal import appraise
from ..reading.probe import Probe, probed
from .finding import Finding

PATIENCE_SECONDS = 60.0


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
    """Replay a history with one law watching: how the law is broken, or None.

    `worth_at_least` is what a break must be worth (base currency, 8 decimals), if it has a worth.

    The law is one of the catalogue or of `laws`, which may be import paths; so may `engine`, which stands in for the
    engine of the history. Raises ActionError for a history that makes no
    sense on its market, unless `lenient`, which passes over such actions.
    """
    known = with_own(laws)
    watching = [candidate for candidate in known if candidate is law_among(known, law) or candidate.remembers]
    stage = history.stage(engine_at(engine) if isinstance(engine, str) else engine)
    monitor = Monitor(
        stage.market,
        watching,
        stop=False,
        strict=strict,
        names=stage.names,
        judged_by=judged_by,
        worth_at_least=worth_at_least,
    )
    with monitor:
        for action in history.actions:
            try:
                stage.perform(action)
            except ActionError:
                if not lenient:
                    raise
            monitor.settle()
            found = next((violation for violation in monitor.violations if violation.law.id == law), None)
            if found is not None:
                return found
    return probe_again(monitor, law, probe_seed) if probe_seed else None


def probe_again(monitor: Monitor, law: str, seed: str) -> Violation | None:
    """Try a law of probes once more with a seed, on the state as it is; None where it holds."""
    index, check = next((pair for pair in monitor.probes if monitor.laws[pair[0]].id == law), (0, None))
    if check is None:
        return None
    with monitor.looking_away():
        probe = Probe(monitor.census, Random(f"{seed}/{law}"))
        verdict = probed(check, probe)
    if not isinstance(verdict, Broken):
        return None
    worth = appraise(verdict, probe, probe.now)
    if monitor.is_minor(index, worth):
        return None
    return Violation(monitor.laws[index], verdict, "", monitor.steps, f"a probe seeded {seed!r}", worth)


def shrink(
    finding: Finding,
    laws: Sequence[Law],
    engine: Revision | None = None,
    *,
    patience: float = PATIENCE_SECONDS,
) -> Finding:
    """The same violation with as few and as simple actions as can be found within `patience` seconds.

    Chunks of the history are left out, large ones first, then what is inside flash loans, then amounts are rounded.
    """
    best = finding

    def broken(actions: Sequence[Action]) -> Violation | None:
        return violation_of(
            finding.history.with_actions(actions),
            finding.law,
            probe_seed=finding.probe_seed,
            laws=laws,
            engine=engine,
            strict=finding.strict,
            lenient=True,
            judged_by=finding.judged_by,
            worth_at_least=finding.worth_at_least,
        )

    found = broken(finding.history.actions)
    if found is None:
        return finding  # it needs more than its history: reported as it is
    actions = shortest(finding.history, lambda some: broken(some) is not None, engine, patience)
    final = broken(actions)
    if final is not None:
        best = replace(finding, violation=str(final), history=finding.history.with_actions(actions))
    return best


def shortest(
    history: History,
    still_broken: Callable[[Sequence[Action]], bool],
    engine: Revision | None = None,
    patience: float = PATIENCE_SECONDS,
) -> list[Action]:
    """As few and as simple of a history's actions as still break something, as far as `patience` seconds allow."""
    deadline = monotonic() + patience
    actions = _leave_out(list(history.actions), still_broken, deadline)
    actions = _simplify(actions, still_broken, deadline)
    return _sensible(history, actions, engine)


def _sensible(history: History, actions: Sequence[Action], engine: Revision | None) -> list[Action]:
    """The actions that make sense where they stand."""
    stage, kept = history.stage(engine), []
    for action in actions:
        with suppress(ActionError):
            stage.perform(action)
            kept.append(action)
    return kept


def _leave_out(
    actions: list[Action], still_broken: Callable[[Sequence[Action]], bool], deadline: float
) -> list[Action]:
    size = max(1, len(actions) // 2)
    while True:
        at, shorter = 0, False
        while at < len(actions):
            if monotonic() > deadline:
                return actions
            candidate = actions[:at] + actions[at + size :]
            if still_broken(candidate):
                actions, shorter = candidate, True
            else:
                at += size
        if size == 1 and not shorter:
            return actions
        size = max(1, size // 2) if not shorter or size > 1 else 1


def _simplify(actions: list[Action], still_broken: Callable[[Sequence[Action]], bool], deadline: float) -> list[Action]:
    for index in range(len(actions)):
        for simpler in _simpler(actions[index]):
            if monotonic() > deadline:
                return actions
            candidate = [*actions[:index], simpler, *actions[index + 1 :]]
            if still_broken(candidate):
                actions = candidate
                break
    return actions


def _simpler(action: Action) -> list[Action]:
    """The same action with less inside, or a rounder number."""
    found = []
    if action.inside:
        found.append(replace(action, inside=()))
        found += [replace(action, inside=(part,)) for part in action.inside if len(action.inside) > 1]
    for place, value in enumerate(action.arguments):
        if type(value) is int and 10 < value < 2**200:
            digits = len(str(value)) - 1
            for kept in (
                10**digits,
                value // 10**digits * 10**digits,
                value // 10 ** (digits // 2) * 10 ** (digits // 2),
            ):
                if kept != value:
                    arguments = (*action.arguments[:place], kept, *action.arguments[place + 1 :])
                    found.append(replace(action, arguments=arguments))
    return found
