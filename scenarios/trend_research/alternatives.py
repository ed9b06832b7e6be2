"""The same replay with what other sources say: where they disagree, a verdict must not hang on one of them unsaid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ..units import BPS
from .assumed import seized_weth
from .parameters import ReplayParameters
from .result import Alternative, ReplayResult
from .timeline import Timeline
from .verdict import closest_step, verdict

FEB_06 = date(2026, 2, 6)


def with_alternatives(
    result: ReplayResult, timeline: Timeline, play: Callable[[ReplayParameters], ReplayResult]
) -> ReplayResult:
    """Play the other readings of a result's parameters, and put them and a sentence about each into the result."""
    alternatives = tuple(
        _alternative(words, play(result.parameters.model_copy(update=changes)))
        for words, changes in _readings(result.parameters, timeline)
    )
    told = result.model_copy(update={"alternatives": alternatives})
    return told.model_copy(update={"verdict": verdict(told)})


def _readings(parameters: ReplayParameters, timeline: Timeline) -> Iterator[tuple[str, dict[str, Any]]]:
    """List what else sources allow: the other tracker's trigger, an oracle that never printed a wick, and both."""
    tracker = _other_tracker(parameters, timeline)
    wicks: tuple[str, dict[str, Any]] = ("if the oracle printed no wicks", {"oracle_wick_bps": 0})
    if parameters.oracle_wick_bps < BPS:
        wicks = ("if the oracle printed all of the wicks", {"oracle_wick_bps": BPS})
    if tracker:
        yield tracker
    yield wicks
    if tracker:
        yield f"{tracker[0]} and {wicks[0]}", tracker[1] | wicks[1]


def _other_tracker(parameters: ReplayParameters, timeline: Timeline) -> tuple[str, dict[str, Any]] | None:
    """Find what another tracker says of the highest trigger of Feb 06; nothing where the owner owes as at the start."""
    if not parameters.sell:
        return None
    others = [reported for reported in timeline.other_reported_triggers if reported.date == FEB_06]
    ours = [point for point in timeline.milestones if point.time.date() == FEB_06 and point.liquidation_high_usd]
    if not others or not ours:
        return None
    other, usual = max(others[0].triggers_usd), ours[-1].liquidation_high_usd or Decimal(0)
    if parameters.highest_trigger_02_06_usd is None:
        who = timeline.sources[others[0].source].who.split(" via ")[0].split(",")[0]
        return f"with {who}'s {other:,} for the highest trigger of Feb 06", {"highest_trigger_02_06_usd": other}
    who = timeline.sources[ours[-1].source].who.split(" via ")[0].split(",")[0]
    return f"with {who}'s {usual:,} for the highest trigger of Feb 06", {"highest_trigger_02_06_usd": None}


def _alternative(words: str, result: ReplayResult) -> Alternative:
    closest = closest_step(result)
    return Alternative(
        words=words,
        changed=result.changed,
        liquidation_count=len(result.liquidations),
        liquidated=tuple(dict.fromkeys(call.account for call in result.liquidations)),
        seized_weth=seized_weth(result),
        worst_health_factor_at_print=closest.worst_health_factor_at_print if closest else None,
        lenders_lost=result.lenders_lost,
        state_digest=result.state_digest,
    )
