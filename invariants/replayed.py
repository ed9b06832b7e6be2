"""The laws over histories and saved states: what a file of the user's own comes to, judged as recordings are.

A history is performed with every law watching from when its setting is done. A saved state is judged by itself: what
laws say of its reserves when a second passes, what they say of its users, and the laws that try alternatives on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pooltwin.protocol.address import Address
from pooltwin.protocol.market import Market
from pooltwin.protocol.revisions import Revision

from .bytecode_law import laws_of_code
from .campaigns.probing import run_probes
from .choice import with_own
from .histories.unfit import ActionError
from .history import HistoryError, Opening, read_history, saved_market
from .law import Law
from .monitor import Monitor
from .recorded import READINGS, Judgement, Progress, ReadOuts, judged, read

PROBE_EVERY = 250
"""How many actions lie between two rounds of the laws that try alternatives; there is one at the end too."""


def judge_history(
    path: Path,
    *,
    judged_by: str = "",
    laws: Sequence[Law] | None = None,
    worth_at_least: int = 0,
    engine: Revision | None = None,
    progress: Progress = lambda _: None,
) -> Judgement:
    """Perform a history with the laws of its release, or of `judged_by`, watching, and those of its own.

    The rest as `judge_recording`; `engine` stands in for the history's own. Raises HistoryError for what is no history
    and for an action that makes no sense on its market, ImportPathError and SetupError for code of its own.
    """
    history = read_history(path)
    own = with_own(history.laws) if laws is None else [*laws, *_own_laws(history.laws, laws)]
    stage = history.stage(engine)
    if engine is None:
        own = [*own, *_own_laws(laws_of_code(stage.market.chain.revision), own)]
    monitor = _watching(stage.market, own, judged_by, worth_at_least, stage.names)
    called = succeeded = 0
    with monitor:
        for number, action in enumerate(history.actions, 1):
            try:
                receipt = stage.perform(action)
                monitor.settle()
            except ActionError as error:
                raise HistoryError(f"{path}: action {number}: {error}") from None
            called += receipt is not None
            succeeded += receipt is not None and receipt.ok
            if number % PROBE_EVERY == 0:
                run_probes(monitor, f"{path.name}/{number}")
            progress(number)
        found = _read(monitor, [stage.book[name] for name in history.actors])
        run_probes(monitor, f"{path.name}/end")
    judgement = judged(path, monitor, found, judged_by)
    judgement.in_vain = called > 0 and not succeeded
    return judgement


def judge_state(
    path: Path,
    *,
    judged_by: str = "",
    laws: Sequence[Law] | None = None,
    worth_at_least: int = 0,
    engine: Revision | None = None,
) -> Judgement:
    """Judge the market in a saved state by itself; a copy of it lives a second longer, and nothing else happens.

    The rest as `judge_recording`. Raises SavedStateError for what is no state, and HistoryError for one of several
    markets.
    """
    on_bytecode = engine is not None and engine.machine is not None
    market = Opening.of_state(path, "", engine).market(engine) if on_bytecode else saved_market(path, "", engine)
    return judge_market(market, path, judged_by=judged_by, laws=laws, worth_at_least=worth_at_least)


def judge_market(
    market: Market,
    source: Path,
    *,
    judged_by: str = "",
    laws: Sequence[Law] | None = None,
    worth_at_least: int = 0,
) -> Judgement:
    """Judge a market as it stands by itself, as `judge_state`, on a copy; `source` says where it comes from."""
    market = market.fork()
    monitor = _watching(market, with_own(()) if laws is None else laws, judged_by, worth_at_least, {})
    with monitor:
        found = _read(monitor, _holders(market))
        run_probes(monitor, source.name)
        market.chain.advance(1, 1)
        monitor.settle()
    judgement = judged(source, monitor, found, judged_by)
    for count in judgement.laws:  # what no step touched is known by what was read alone
        failures = found.failures.get(count.law.id, 0)
        if not count.violations and count.law.claimed_for(judgement.judged_by):
            count.violations = failures
            count.deviations = failures if count.law.deviates.get(judgement.revision) else 0
    return judgement


def _watching(
    market: Market, laws: Sequence[Law], judged_by: str, worth_at_least: int, names: dict[Address, str]
) -> Monitor:
    """Make a monitor that stops at nothing and counts known deviations with the rest, as over recordings."""
    return Monitor(
        market, laws, stop=False, strict=True, names=names, judged_by=judged_by, worth_at_least=worth_at_least
    )


def _own_laws(paths: Sequence[str], known: Sequence[Law]) -> list[Law]:
    """The laws of a history's own that are not among those that are asked anyway."""
    ids = {law.id for law in known} | {law.id for law in with_own(())}
    return [law for law in with_own(paths) if law.id not in ids]


def _read(monitor: Monitor, users: list[Address]) -> ReadOuts:
    found = ReadOuts(failures=dict.fromkeys(READINGS, 0))
    read(found, monitor, users)
    return found


def _holders(market: Market) -> list[Address]:
    """Everybody who has supplied or owes something."""
    found: dict[Address, None] = {}
    for symbol in market.assets:
        for token in (market.a_token(symbol), market.debt_token(symbol)):
            found.update(dict.fromkeys(user for user, shares in token.scaled_balances.items() if shares))
    return list(found)
