"""Verdict of a run in plain English: every sentence is chosen by the figures it states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..formatting import amount, day_time, dollars, percent, plural
from ..units import WAD
from .result import ScenarioResult

TIGHT_WAD = WAD // 10
"""Below this part of what lenders are owed a reserve counts as one that they cannot leave at will."""


def verdict(result: ScenarioResult) -> tuple[str, ...]:
    """Tell whether lenders lost and could leave, what stood uncovered, who was liquidated, what was refused."""
    return tuple(
        sentence
        for part in (_losses, _uncovered, _access, _liquidations, _refusals, _laws)
        for sentence in part(result)
    )


def _losses(result: ScenarioResult) -> Iterator[str]:
    last, deficits = result.last, result.new_deficits
    written_off = ", ".join(f"{amount(units, result.decimals[key], 2)} {key}" for key, units in deficits.items())
    if result.lenders_lost:
        how = f"bad debt of {written_off} was written off" if deficits else "debts are left that nothing stands behind"
        yield (f"Lenders lost {dollars(last.lenders_loss_base)}: {how}. It is a loss until somebody pays it in.")
    else:
        yield f"No lender lost anything: no bad debt was written off in {plural(len(last.reserves), 'reserve')}."
    coming = last.uncovered_base - (0 if deficits else last.lenders_loss_base)
    if coming > 0:
        yield (
            f"At the end {dollars(coming)} of debt have no collateral behind them: a loss that is coming"
            " unless prices recover."
        )


def _uncovered(result: ScenarioResult) -> Iterator[str]:
    worst = result.worst_at_print
    who = f"{plural(worst.liquidatable_at_print, 'account')} could be liquidated"
    when = day_time(worst.time)
    if worst.uncovered_at_print_base:
        yield (
            f"Before anyone acted, {dollars(worst.uncovered_at_print_base)} of debt had no collateral behind them at"
            f" the worst print, and {who} ({when})."
        )
    elif worst.liquidatable_at_print:
        yield f"At every print all debts were covered by their collateral; at the worst, {who} ({when})."
    else:
        yield "At every print all debts were covered, and nobody could be liquidated."


def _access(result: ScenarioResult) -> Iterator[str]:
    tightest = result.tightest
    if tightest is None:
        return
    decimals = result.decimals[tightest.asset]
    figures = (
        f"at the tightest, {amount(tightest.withdrawable, decimals, 0)} of the"
        f" {amount(tightest.owed, decimals, 0)} {tightest.asset} owed to lenders could be withdrawn at once"
        f" ({percent(tightest.share_wad)}, {day_time(tightest.time)})."
    )
    if tightest.share_wad >= TIGHT_WAD:
        yield f"Lenders could leave: {figures}"
    elif result.lenders_lost:
        yield f"Nor could all leave at once: {figures}"
    else:
        yield f"Being whole was not being liquid: {figures}"


def _liquidations(result: ScenarioResult) -> Iterator[str]:
    calls = result.liquidations
    if not calls:
        yield "Nothing was liquidated."
        return
    repaid, received = sum(call.repaid_base for call in calls), sum(call.received_base for call in calls)
    borrowers = plural(len({call.borrower for call in calls}), "account")
    liquidators = plural(len({call.liquidator for call in calls}), "liquidator")
    more = percent((received - repaid) * WAD // repaid) if repaid else "0.00%"
    yield (
        f"{plural(len(calls), 'liquidation')} of {borrowers} by {liquidators}: {dollars(repaid)} repaid for collateral"
        f" worth {dollars(received)} at the pool's prices ({more} more)."
    )


def _refusals(result: ScenarioResult) -> Iterator[str]:
    refused = result.record.refusals
    if not refused:
        return
    most, count = Counter((call.agent, call.function) for call in refused).most_common(1)[0]
    example = next(call for call in refused if (call.agent, call.function) == most)
    yield (
        f"{plural(len(refused), 'call')} of {len(result.record.calls):,} were refused; most often {most[0]}'s {most[1]}"
        f" ({count:,}), as with: {example.words}."
    )


def _laws(result: ScenarioResult) -> Iterator[str]:
    laws = result.laws
    if laws.when == "off":
        return
    where = f"every one of {laws.steps:,} steps" if laws.when == "every step" else "the state at the end"
    asked = f"{laws.tested} of {laws.asked} laws had something to say of {where}"
    if not laws.broken:
        yield f"No law of lender protection broke: {asked}."
        return
    broken = ", ".join(f"{law.id} ({law.count:,})" for law in laws.broken)
    yield f"{plural(len(laws.broken), 'law')} of lender protection broke: {broken}; {asked}."
